import { memoize } from '../../base/memoize.ts';
import {
  type ChangeWindow,
  lengthOf,
  minutesOf,
  minutesOfDay,
  weekdays,
  windowText,
} from '../../documents/change-window.ts';
import type { Configuration } from '../../documents/configuration.ts';
import { hourlyMinute, shareOf } from '../../documents/scheduled-tasks.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { mustActMs } from '../../model/certificates/deadline.ts';
import { momentText } from '../../model/certificates/named-certificate.ts';
import type { Policy } from './overrides.ts';

/** When a server may apply what has to wait for its window. */
export interface ScheduledStart {
  /** A whole minute in UTC, ISO 8601. */
  readonly notBefore: string;
  /** The window in words. */
  readonly window: string;
}

/** Within a sentence. The window may be open already: each server has a minute of its own in it. */
export function turnText({ notBefore, window }: ScheduledStart): string {
  return `the turn of this server in the window ${window}, at ${momentText(notBefore)}`;
}

type Server = Pick<Snapshot, 'server' | 'takenAt' | 'timeZone'>;

/** When changes to this server may begin next; `null` if no window is set, or if changes are allowed now. */
export function nextScheduledStart(
  { server, takenAt, timeZone }: Server,
  { window, now }: Pick<Policy, 'window' | 'now'>,
): ScheduledStart | null {
  if (window === undefined || now === true) return null;
  const zone = zoneOf(window, timeZone);
  const at = nextTurn(window, zone, server.id, Date.parse(takenAt));
  return at === null ? null : { notBefore: new Date(at).toISOString(), window: windowText(window, zone) };
}

/** When the window that is open closes, in milliseconds; `null` where none is, or changes are allowed at any time. */
export function windowEnd(
  { takenAt, timeZone }: Pick<Server, 'takenAt' | 'timeZone'>,
  { window, now }: Pick<Policy, 'window' | 'now'>,
): number | null {
  if (window === undefined || now === true) return null;
  const at = Date.parse(takenAt);
  for (const { opens, closes } of openings(window, zoneOf(window, timeZone), at)) return opens <= at ? closes : null;
  return null;
}

/**
 * Whether the replacement of a certificate waits for a scheduled start. It does not if the old certificate must be replaced by
 * then. One whose end is not known waits.
 */
export function waits(
  { notBefore }: ScheduledStart,
  old: Parameters<typeof mustActMs>[0] | null,
  { deadline }: Pick<Configuration, 'deadline'>,
): boolean {
  return old === null || Date.parse(notBefore) <= Date.parse(old.notAfter) - mustActMs(old, deadline);
}

const minute = 60_000;
const hour = 60 * minute;
/** A task may be started a little early. */
const earlyMinutes = 1;
/** The time kept free at the end of the window for the change itself, whenever a server's turn comes. */
const reserveMinutes = 60;
/** More than a week, because a zone may skip a whole day. */
const daysAhead = 15;

/**
 * When a server's turn comes in the window that is open or opens next; `null` if it has come. It is one of the starts of
 * its hourly task that leave enough of the window. Servers are spread over the window by their ids, so that a fleet is
 * not changed all at once.
 */
function nextTurn(window: ChangeWindow, zone: string, serverId: string, now: number): number | null {
  for (const { opens, closes } of openings(window, zone, now)) {
    const turn = turnBetween(opens, closes, serverId);
    return turn - earlyMinutes * minute <= now ? null : turn;
  }
  return null;
}

/** The times at which it is open, from the one that is open or opens next. */
function* openings(window: ChangeWindow, zone: string, now: number) {
  const today = Math.floor(wallTime(now, zone) / (minutesOfDay * minute));
  // A window that began yesterday may still be open.
  for (let day = today - 1; day <= today + daysAhead; day++) {
    if (!beginsOn(window, day)) continue;
    const from = day * minutesOfDay + minutesOf(window.from);
    const opens = momentOf(from * minute, zone);
    const closes = momentOf((from + lengthOf(window)) * minute, zone);
    if (closes > now && closes > opens) yield { opens, closes };
  }
}

function zoneOf({ timeZone = 'local' }: ChangeWindow, ofServer: string | undefined): string {
  return timeZone === 'local' ? (ofServer ?? 'UTC') : timeZone;
}

function turnBetween(opens: number, closes: number, serverId: string): number {
  const earliest = opens + earlyMinutes * minute;
  const first = earliest + ((hourlyMinute(serverId) - (Math.floor(earliest / minute) % 60) + 60) % 60) * minute;
  const starts = Math.floor((closes - reserveMinutes * minute - first) / hour) + 1;
  // Where the clock is set, hardly anything of a window may be left.
  return starts < 1 ? earliest : first + Math.floor(starts * shareOf({ turnOf: serverId })) * hour;
}

/** 1970-01-01 was a Thursday. */
function beginsOn({ days = weekdays }: ChangeWindow, day: number): boolean {
  const name = weekdays[(((day + 4) % 7) + 7) % 7];
  return name !== undefined && days.includes(name);
}

/**
 * What the wall clock of a zone shows at a moment, as if it were UTC.
 * @param at in milliseconds
 * @param zone an IANA name that `Intl` knows
 */
export function wallTime(at: number, zone: string): number {
  const parts = new Map(
    formatterOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return shown + (at - Math.floor(at / 1000) * 1000);
}

/**
 * The moment at which the wall clock of a zone shows a time: the first one if it does so twice; if the clock skips it,
 * the moment as long after the skip as the time is after its beginning.
 */
export function momentOf(wall: number, zone: string): number {
  const [before, behind] = [offsetAt(wall - 24 * hour, zone), offsetAt(wall + 24 * hour, zone)];
  const shows = [wall - before, wall - behind].filter((at) => wallTime(at, zone) === wall);
  return shows.length > 0 ? Math.min(...shows) : wall - before;
}

function offsetAt(at: number, zone: string): number {
  return wallTime(at, zone) - at;
}

const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;

/** Making one costs a millisecond. */
const formatterOf = memoize(
  (timeZone: string) =>
    new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      ...numeric,
      second: 'numeric',
    }),
);
