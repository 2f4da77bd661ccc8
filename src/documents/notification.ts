import type { Count, Integer, Positive, Time } from '../base/document.ts';
import { escapeControls } from '../base/safe-text.ts';
import type { KeyText } from '../kinds/record-key.ts';
import { eventOfResult, type LogEvent, type NoNews } from './log-events.ts';
import type { RunResult } from './runs/step-states.ts';

/**
 * What CertRebind can report outside this server: findings that begin, stay or are over, that it works, each newsworthy
 * result of a run, and a proof that failed.
 */
export type NotificationKind = Exclude<RunResult, NoNews> | 'problem' | 'solved' | 'heartbeat' | 'proof-failed';

const eventOfKind: Readonly<Record<NotificationKind, LogEvent | null>> = {
  ...eventOfResult,
  problem: 140,
  solved: 141,
  heartbeat: null,
  'proof-failed': 160,
};

export const notificationKinds: readonly NotificationKind[] = Object.keys(eventOfKind).filter(isNotificationKind);

/** The default: what a person may have to act on. What a run could not do is a problem afterwards, and told as one. */
export const usualNotifications: readonly NotificationKind[] = ['problem', 'solved', 'proof-failed'];

export function isNotificationKind(word: string): word is NotificationKind {
  return Object.hasOwn(eventOfKind, word);
}

/** The content of a message, the same for every channel. Made when it happens; nothing is looked up when it is sent. */
export interface Notification {
  /** `test`: sent by notify test; nothing has happened. */
  readonly kind: NotificationKind | 'test';
  /** Of the entry in the Application log; `null` for none. */
  readonly eventId: Integer | null;
  readonly at: Time;
  readonly server: { readonly id: string; readonly name: string };
  readonly run: string | null;
  /** Hosts of the certificates that it is about; a hundred at most. */
  readonly names: readonly string[];
  /** Server, place, what, the days left, and how many more there are; the subject of a mail. */
  readonly headline: string;
  /** What to type, or that there is nothing to do: one line. */
  readonly advice: string;
  /** A paragraph for each cause; at most `linesKept`. */
  readonly lines: readonly string[];
  /** How many lines more there were. */
  readonly more: Count;
  /** How many holders a person has to change; absent for none. */
  readonly leftByHand?: Positive;
}

/** A card of Teams takes about 28 KB. */
export const linesKept = 20;

export const namesKept = 100;

/** One whose texts no name can break, and that is short enough for every channel. */
export function makeNotification(
  kind: Notification['kind'],
  { id, name }: Notification['server'],
  told: Omit<Notification, 'kind' | 'eventId' | 'server' | 'more'>,
): Notification {
  const server = escapeControls(name);
  return {
    kind,
    eventId: kind === 'test' ? null : eventOfKind[kind],
    server: { id, name: server },
    ...told,
    headline: `${server}: ${escapeControls(told.headline)}`,
    advice: escapeControls(told.advice),
    lines: told.lines.slice(0, linesKept).map(escapeControls),
    more: Math.max(0, told.lines.length - linesKept),
  };
}

/** A place as people call it: `shop.example.com` for `shop.example.com:443`. */
export function placeWords(key: KeyText): string {
  return key.replace(/^((?![\d.]+:|\[)[^/]*):443$/, '$1');
}

/** `ends in 12 days`, `ends in 16 hours`, `ended 2 days ago` */
export function endsWords(notAfter: string, now: string): string {
  const left = spanLeft(notAfter, now);
  return left === null ? `ended ${spanFrom(notAfter, now)} ago` : `ends in ${left}`;
}

/** From now until that moment, in words; `null` once it has passed. */
export function spanLeft(until: string, now: string): string | null {
  return Date.parse(until) < Date.parse(now) ? null : spanFrom(now, until);
}

/** From an earlier moment to a later one, in words. */
export function spanFrom(from: string, to: string): string {
  return spanOf(Date.parse(to) - Date.parse(from));
}

/** How old what is known of endpoints is, as part of a sentence. @param at when they were dialled; `null` for never */
export function dialledText(at: string | null, now: string): string {
  if (at === null) return 'no endpoint was dialled yet';
  return at < now ? `endpoints last dialled ${spanFrom(at, now)} ago` : 'endpoints dialled now';
}

/** Milliseconds as `12 days` or `16 hours`: whole days hide most of what a short certificate has left. */
export function spanOf(ms: number): string {
  const hours = Math.floor(ms / 3600_000);
  if (hours === 0) return 'less than an hour';
  const [number, unit] = hours < 48 ? [hours, 'hour'] : [Math.floor(hours / 24), 'day'];
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}

/** The ways out of this server that the configuration describes. */
export const channels = ['mail', 'webhook'] as const;
/** One of them, or a trigger by its id. */
export type Channel = (typeof channels)[number] | `trigger:${string}`;

/** At most this many messages wait: if nothing can be sent for long, newer messages are dropped. */
export const mostMessages = 500;

/** One message on its way to one receiver: a file in the outbox until it is accepted. */
export interface Message {
  readonly schema: 'certrebind/message/1';
  /**
   * The same on every attempt, so that a receiver can recognise a repetition.
   * @pattern ^[0-9a-f]{32}$
   */
  readonly id: string;
  /** @pattern ^(?:mail|webhook|trigger:[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?)$ */
  readonly channel: Channel;
  readonly attempts: Count;
  /** Not before this moment; a refusal moves it. */
  readonly notBefore: Time;
  readonly lastError: string | null;
  readonly news: Notification;
}
