import type { RunResult } from '../runs/step-states.ts';
import { eventOfResult, type LogEvent, type NoNews } from '../windows/log-events.ts';

/**
 * What CertRebind can report outside this server: each newsworthy result of a run, certificates that end soon, and a
 * proof that failed.
 */
export type NewsKind = Exclude<RunResult, NoNews> | 'ends-soon' | 'proof-failed';

const eventOfKind: Readonly<Record<NewsKind, LogEvent>> = { ...eventOfResult, 'ends-soon': 140, 'proof-failed': 160 };

export const newsKinds: readonly NewsKind[] = Object.keys(eventOfKind).filter(isNewsKind);

/** The default: everything that a person may have to act on. */
export const usualNews: readonly NewsKind[] = newsKinds.filter(
  (kind) => !['rebound', 'repaired', 'imported'].includes(kind),
);

export function isNewsKind(word: string): word is NewsKind {
  return Object.hasOwn(eventOfKind, word);
}

/** The number of the entry in the Application log that says the same. */
export function eventOfNews(kind: NewsKind): LogEvent {
  return eventOfKind[kind];
}

/** The content of a message, the same for every channel. Made when it happens; nothing is looked up when it is sent. */
export interface News {
  readonly kind: NewsKind;
  readonly eventId: number;
  readonly at: string;
  readonly server: { readonly id: string; readonly name: string };
  readonly run: string | null;
  /** Hosts of the certificates that it is about; a hundred at most. */
  readonly names: readonly string[];
  /** One sentence. */
  readonly headline: string;
  /** Of renewals, records, and certificates that end; at most `linesKept`. */
  readonly lines: readonly string[];
  /** How many lines more there were. */
  readonly more: number;
  /** How many holders a person has to change; absent for none. */
  readonly leftByHand?: number;
  /** Sent by notify test: nothing has happened. */
  readonly isTest?: boolean;
}

/** What stands in a subject and in the type of a webhook, where people filter by it. */
export function wordOfNews({ kind, isTest = false }: Pick<News, 'kind' | 'isTest'>): NewsKind | 'test' {
  return isTest ? 'test' : kind;
}

/** A card of Teams takes about 28 KB. */
export const linesKept = 20;

/** The ways out of this server that the configuration describes. */
export const channels = ['mail', 'webhook'] as const;
/** One of them, or a trigger by its id. */
export type Channel = (typeof channels)[number] | `trigger:${string}`;

/** At most this many messages wait: if nothing can be sent for long, newer messages are dropped. */
export const mostMessages = 500;

/** One message on its way to one receiver: a file in the outbox until it is accepted. */
export interface Message {
  readonly schema: 'certrebind/message/1';
  /** The same on every attempt, so that a receiver can recognise a repetition. */
  readonly id: string;
  readonly channel: Channel;
  readonly attempts: number;
  /** Not before this moment; a refusal moves it. */
  readonly notBefore: string;
  readonly lastError: string | null;
  readonly news: News;
}
