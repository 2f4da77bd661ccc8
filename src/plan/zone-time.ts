const hour = 3600_000;

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

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Cached, because making one costs a millisecond. */
function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(zone, made);
  return made;
}
