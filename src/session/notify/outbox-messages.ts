import { canonicalDigest } from '../../base/canonical-json.ts';
import type { Configuration } from '../../documents/configuration.ts';
import { notifiedAs } from '../../documents/log-events.ts';
import {
  type Channel,
  channels,
  type Message,
  type Notification,
  usualNotifications,
} from '../../documents/notification.ts';
import type { Trigger } from '../../documents/trigger.ts';
import { dayMs } from '../../model/certificates/deadline.ts';
import { hasOneOf } from './match-trigger.ts';

/**
 * A message for each channel that wants this kind of news. Ids are derived from the content: a recovered run, and the
 * daily repetition of unchanged news, produce the same ones.
 */
export function messagesOf(
  news: Notification,
  configuration: Pick<Configuration, 'notify'>,
  triggers: readonly Trigger[] = [],
): readonly Message[] {
  const told = channels.flatMap((channel): readonly Message[] => {
    const settings = configuration.notify[channel];
    const wanted = settings?.on ?? usualNotifications;
    // A run that did all it could is reported like a partial one if a person has to do the rest.
    const kinds = news.kind === 'test' ? [] : [news.kind, notifiedAs(news.kind, news.leftByHand ?? 0)];
    const isWanted = news.kind === 'heartbeat' || kinds.some((kind) => wanted.includes(kind));
    if (settings === undefined || !isWanted) return [];
    return [messageOf(news, channel)];
  });
  const started = triggers.filter(
    (trigger) => trigger.on === news.kind && (trigger.names.length === 0 || hasOneOf(news.names, trigger.names)),
  );
  return [...told, ...started.map(({ id }) => messageOf(news, `trigger:${id}`))];
}

export function messageOf(news: Notification, channel: Channel): Message {
  return {
    schema: 'certrebind/message/1',
    id: idOf(news, channel),
    channel,
    attempts: 0,
    notBefore: news.at,
    lastError: null,
    news,
  };
}

const idLength = 32;

/**
 * A run is reported once, but a finding that names the run that left it again while it stays; news without a run counts as the same on the same day with the same text. A receiver must not
 * take a second test for a repetition of the first.
 */
function idOf({ kind, server, run, at, headline, lines }: Notification, channel: Channel): string {
  const isOfRun = run !== null && kind !== 'problem';
  const told = isOfRun ? { run } : { day: kind === 'test' ? at : at.slice(0, 10), headline, lines };
  return canonicalDigest({ channel, kind, server: server.id, ...told }).slice(0, idLength);
}

/** What one conversation may take, whatever the other side does. */
export interface ConversationLimits {
  readonly timeMs: number;
  /** Of what the other side sends, TLS included. */
  readonly bytes: number;
}

/** Mail servers may wait before they greet and while they scan a message; the largest thing to read is a chain of certificates. */
export const usualLimits: ConversationLimits = { timeMs: 20_000, bytes: 256 * 1024 };

/** Pauses after the first refusals; after them this long each time, until a message is too old to be useful. */
const pausesMinutes = [1, 5, 15, 60];
const longestPauseMinutes = 240;
const daysOfUse = 7;

/** The message after a failed attempt; `null` if it is given up. */
export function afterRefusal(message: Message, error: string, now: Date): Message | null {
  const age = now.getTime() - Date.parse(message.news.at);
  if (age > daysOfUse * dayMs) return null;
  const pause = pausesMinutes[message.attempts] ?? longestPauseMinutes;
  return {
    ...message,
    attempts: message.attempts + 1,
    notBefore: new Date(now.getTime() + pause * 60_000).toISOString(),
    lastError: error.slice(0, 500),
  };
}

/** Whether a message is due; a time further ahead than any pause comes from a clock that was wrong. */
export function isDue({ notBefore }: Message, now: Date): boolean {
  const wait = Date.parse(notBefore) - now.getTime();
  return wait <= 0 || wait > longestPauseMinutes * 60_000;
}
