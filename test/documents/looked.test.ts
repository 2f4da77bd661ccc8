import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Looked, lookedAt, parseLooked, waitIsOver, withWaiting } from '../../src/documents/looked.ts';

const hour = 3600_000;
const day = 24 * hour;
const begin = Date.parse('2026-06-01T00:20:00.000Z');
const jumps = [40, -40, 3 * 365, -3 * 365];

/** Hour by hour, from a clock that may be wrong by some days at each hour. */
function looks(hours: number, wrongBy: (hour: number) => number, what = 'it', before?: Looked): Looked {
  let looked = before;
  for (let at = 0; at < hours; at += 1)
    looked = withWaiting(lookedAt(looked, begin + at * hour + wrongBy(at) * day), [what]);
  assert(looked !== undefined);
  return parseLooked(JSON.stringify(looked), 'test');
}

const isOver = (looked: Looked | undefined, from: number, days: number, now: number) =>
  waitIsOver(looked, 'it', { from, days, now }) <= now;

describe('what waits for days', () => {
  it('is over when they have passed by the clock, and the hourly run looked on as many', () => {
    const now = begin + 14 * day;
    const looked = looks(14 * 24 + 1, () => 0);
    assert.equal(isOver(looked, begin, 14, now), true);
    assert.equal(isOver(looked, begin + hour, 14, now), false, 'an hour too early by the clock');
    assert.equal(
      isOver(
        looks(13 * 24 + 1, () => 0),
        begin - 30 * day,
        14,
        now,
      ),
      false,
      'seen for thirteen days only',
    );
    assert.equal(isOver({ ...looked, since: {} }, begin - 30 * day, 14, now), false, 'never seen');
  });

  it('has the clock alone where no hourly run looks, and no wait where none is asked for', () => {
    assert.equal(isOver(undefined, begin - 14 * day, 14, begin), true);
    assert.equal(isOver(undefined, begin - 14 * day + 1, 14, begin), false);
    assert.equal(
      isOver(
        looks(1, () => 0),
        begin,
        0,
        begin,
      ),
      true,
    );
  });

  it('is said to be over on the first day on which it may be', () => {
    const looked = looks(3 * 24 + 1, () => 0);
    const said = (from: number) =>
      new Date(waitIsOver(looked, 'it', { from, days: 14, now: begin + 3 * day })).toISOString();
    assert.equal(said(begin), '2026-06-15T00:20:00.000Z');
    assert.equal(said(begin - 40 * day), '2026-06-15T00:00:00.000Z');
  });

  it('begins again where it was not waiting for a look', () => {
    const other = looks(
      1,
      () => 0,
      'other',
      looks(5 * 24, () => 0),
    );
    assert.deepEqual(Object.keys(other.since), ['other']);
  });

  for (const by of jumps)
    it(`goes on waiting when the clock goes by ${by} days for two looks, and when it stays so`, () => {
      for (const [why, wrongBy] of [
        ['for two looks', (at: number) => (at === 30 || at === 31 ? by : 0)],
        ['from then on', (at: number) => (at >= 30 ? by : 0)],
        ['every day', (at: number) => (at % 24 === 10 ? by : 0)],
        ['every hour', (at: number) => (at % 2 === 0 ? by : 0)],
      ] as const)
        for (const hours of [31, 32, 33, 34, 60, 5 * 24, 13 * 24]) {
          const now = begin + (hours - 1) * hour + wrongBy(hours - 1) * day;
          for (const from of [begin, begin + by * day, begin - 9 * 365 * day])
            assert.equal(isOver(looks(hours, wrongBy), from, 14, now), false, `${why}, ${hours} hours`);
        }
    });

  it('is over some days later where the clock jumped and is right since', () => {
    const looked = looks(17 * 24, (at) => (at === 30 || at === 31 ? 1200 : 0));
    assert.equal(isOver(looked, begin, 14, begin + 17 * day), true);
  });

  it('never is over before as many whole days, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 0, 0, 0, ...jumps), { minLength: 1, maxLength: 200 }), (steps) => {
        let sum = 0;
        const wrong = steps.map((step) => (sum += step));
        const looked = looks(steps.length, (at) => wrong[at] ?? 0);
        const days = Math.ceil(steps.length / 24);
        assert.ok(!isOver(looked, begin - 9 * 365 * day, days + 1, begin + 9 * 365 * day));
      }),
    );
  });

  it('knows the day to which the clock jumped, and not a clock that is corrected at midnight', () => {
    const jumpedFrom = (...moments: readonly number[]) =>
      moments.reduce<Looked | undefined>((looked, at) => lookedAt(looked, begin + at), undefined)?.jumpedFrom;
    assert.equal(jumpedFrom(0, day, 2 * day), null);
    assert.equal(jumpedFrom(0, 2 * day), '2026-06-01');
    assert.equal(jumpedFrom(0, 2 * day, 2 * day + hour), '2026-06-01', 'all that day');
    assert.equal(jumpedFrom(0, 2 * day, 3 * day), null);
    assert.equal(jumpedFrom(0, -2 * day), '2026-06-01');
    for (const moments of [[-hour], [-hour, 0]]) assert.equal(jumpedFrom(0, ...moments), null);
  });

  it('has no whole day where the clock jumped shortly before midnight', () => {
    const moments = Array.from(
      { length: 50 },
      (_, at) => begin + (Math.floor(at / 2) * 40 + 1) * day - (1 - (at % 2)) * hour,
    );
    assert.equal(moments.reduce<Looked | undefined>((looked, at) => lookedAt(looked, at), undefined)?.days, 1);
  });

  it('is remembered of some thousand', () => {
    const many = Array.from({ length: 6000 }, (_, at) => String(at));
    const looked = withWaiting(lookedAt(undefined, begin), many);
    assert.equal(Object.keys(parseLooked(JSON.stringify(looked), 'test').since).length, 5000);
  });

  it('is not counted twice where the clock is corrected at midnight', () => {
    const moments = Array.from({ length: 50 }, (_, at) => begin - (at % 2) * hour);
    assert.equal(moments.reduce<Looked | undefined>((looked, at) => lookedAt(looked, at), undefined)?.days, 0);
  });
});
