import type { Count } from '../base/document.ts';
import { dayMs } from '../model/certificates/deadline.ts';
import { validateLooked } from './generated/validate-looked.js';
import { parserOf } from './parser-of.ts';

/**
 * The days on which the hourly run looked. What waits for days waits for as many of these too: a clock that is set makes
 * days pass on which nothing could be noticed.
 */
export interface Looked {
  readonly schema: 'certrebind/looked/1';
  /**
   * The last one, as the clock said (UTC).
   * @format date
   */
  readonly day: string;
  /** How many whole ones in a row there were, over all rows. */
  readonly days: Count;
  /**
   * The day before, where the clock went further than to the next one; `null` otherwise.
   * @format date
   */
  readonly jumpedFrom: string | null;
  /**
   * What waits, with `days` as it was when that was first seen.
   * @maxProperties 5000
   */
  readonly since: Readonly<Record<string, Count>>;
}

export const parseLooked = parserOf<Looked>('certrebind/looked/1', validateLooked);

/** Many more than a server renews in the longest wait that is usual. */
const mostWaiting = 5000;

/** After a look at this moment. The day to which a clock jumped is not a whole one. */
export function lookedAt(before: Looked | undefined, now: number): Looked {
  const day = new Date(now).toISOString().slice(0, 10);
  if (before === undefined) return { schema: 'certrebind/looked/1', day, days: 0, jumpedFrom: null, since: {} };
  const passed = (Date.parse(day) - Date.parse(before.day)) / dayMs;
  // A clock that is corrected at midnight has not jumped.
  if (passed === 0 || passed === -1) return before;
  if (passed !== 1) return { ...before, day, jumpedFrom: before.day };
  return { ...before, day, days: before.days + (before.jumpedFrom === null ? 1 : 0), jumpedFrom: null };
}

/** With what waits now, instead of what did. */
export function withWaiting(looked: Looked, waiting: readonly string[]): Looked {
  const since = waiting.slice(0, mostWaiting).map((what) => [what, looked.since[what] ?? looked.days]);
  return { ...looked, since: Object.fromEntries(since) };
}

/**
 * When something that waits for days may happen: when they have passed by the clock, and the hourly run looked on as many
 * since it first saw that. Where no hourly run looks, the clock alone decides.
 */
export function waitIsOver(
  looked: Looked | undefined,
  what: string,
  { from, days, now }: { readonly from: number; readonly days: number; readonly now: number },
): number {
  const due = from + days * dayMs;
  const seen = looked === undefined ? days : looked.days - (looked.since[what] ?? looked.days);
  return seen >= days ? due : Math.max(due, (Math.floor(now / dayMs) + days - seen) * dayMs);
}
