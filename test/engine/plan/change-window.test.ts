import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type ChangeWindow,
  lengthOf,
  minutesOf,
  type Weekday,
  weekdays,
  windowFlaw,
} from '../../../src/documents/change-window.ts';
import { hourlyMinute } from '../../../src/documents/scheduled-tasks.ts';
import { momentOf, nextScheduledStart, waits, wallTime } from '../../../src/engine/plan/change-window.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { met } from '../../builders/met.ts';
import { certificate, policy, record, renewal, site, snapshot, sni } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Some with a jump at midnight, of half an hour, over a whole day, of other directions, and without any. */
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'America/Havana',
  'Africa/Casablanca',
  'Asia/Kathmandu',
  'Asia/Tehran',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Auckland',
] as const;

const zone = fc.constantFrom(...zones);
const moment = fc.integer({ min: Date.UTC(2011, 0, 1), max: Date.UTC(2036, 0, 1) });
const timeOfDay = fc
  .integer({ min: 0, max: 24 * 60 - 1 })
  .map((at) => `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`);
const window: fc.Arbitrary<ChangeWindow> = fc
  .record({
    days: fc.uniqueArray(fc.constantFrom<Weekday>(...weekdays), { minLength: 1, maxLength: 7 }),
    from: timeOfDay,
    to: timeOfDay,
    timeZone: zone,
  })
  .filter((one) => windowFlaw(one) === null);
const serverId = fc.stringMatching(/^[a-z0-9]{1,20}$/);

function scheduledStart(one: ChangeWindow, at: number, id = 'server-1'): number | null {
  const { server, timeZone } = snapshot({ timeZone: 'UTC' });
  const found = nextScheduledStart(
    { server: { ...server, id }, takenAt: new Date(at).toISOString(), ...(timeZone === undefined ? {} : { timeZone }) },
    { window: one },
  );
  return found === null ? null : Date.parse(found.notBefore);
}

const clockOf = (timeZone: string) =>
  new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'long', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const clocks = new Map<string, Intl.DateTimeFormat>(zones.map((name) => [name, clockOf(name)]));

/** Another way to ask: what the clock of the zone shows, looked at as text. */
function isInWindow({ days = weekdays, from, to, timeZone = 'UTC' }: ChangeWindow, at: number): boolean {
  const parts = new Map(
    (clocks.get(timeZone) ?? clockOf('UTC')).formatToParts(at).map(({ type, value }) => [type, value]),
  );
  const time = `${parts.get('hour')}:${parts.get('minute')}`;
  const today = weekdays.map(String).indexOf(parts.get('weekday') ?? '');
  const begins = (place: number) => days.includes(weekdays[(place + 7) % 7] ?? 'Sunday');
  if (from < to) return begins(today) && time >= from && time < to;
  return (begins(today) && time >= from) || (begins(today - 1) && time < to);
}

/** Whether the clock of a zone is set near a moment. */
function clockIsSet(timeZone: string, at: number): boolean {
  const offset = (when: number) => wallTime(when, timeZone) - when;
  return offset(at - 2 * day) !== offset(at + 2 * day);
}

describe('the wall clock of a zone', () => {
  it('is UTC and back again, but for what it shows twice or never', () => {
    fc.assert(
      fc.property(zone, moment, (timeZone, at) => {
        const again = momentOf(wallTime(at, timeZone), timeZone);
        assert.equal(wallTime(again, timeZone), wallTime(at, timeZone));
        assert.ok(again <= at);
        if (!clockIsSet(timeZone, at)) assert.equal(again, at);
      }),
    );
  });

  for (const [what, timeZone, wall, at] of [
    ['a plain time', 'Europe/Berlin', '2026-06-01T12:00Z', '2026-06-01T10:00:00.000Z'],
    ['a time that is jumped over', 'Europe/Berlin', '2026-03-29T02:30Z', '2026-03-29T01:30:00.000Z'],
    ['a time that is shown twice: the first', 'Europe/Berlin', '2026-10-25T02:30Z', '2026-10-25T00:30:00.000Z'],
    ['a midnight that is jumped over', 'America/Santiago', '2026-09-06T00:00Z', '2026-09-06T04:00:00.000Z'],
    ['a time soon after the clock was set back', 'America/New_York', '2026-11-01T03:00Z', '2026-11-01T08:00:00.000Z'],
    ['half an hour', 'Australia/Lord_Howe', '2026-10-04T02:15Z', '2026-10-03T15:45:00.000Z'],
  ] as const)
    it(`knows ${what}`, () => assert.equal(new Date(momentOf(Date.parse(wall), timeZone)).toISOString(), at));
});

describe('the turn of a server in a window', () => {
  it('comes within the window, at a whole minute, and then lets changes through', () => {
    fc.assert(
      fc.property(window, moment, serverId, (one, now, id) => {
        const at = scheduledStart(one, now, id);
        if (at === null) {
          if (!clockIsSet(one.timeZone ?? 'UTC', now)) assert.ok(isInWindow(one, now));
          return;
        }
        assert.ok(at > now && at % minute === 0);
        assert.ok(at - now < 16 * day);
        assert.equal(scheduledStart(one, at, id), null);
        if (!clockIsSet(one.timeZone ?? 'UTC', at)) {
          assert.ok(isInWindow(one, at) && isInWindow(one, at - minute));
          // An hour of it is left for the change itself.
          assert.ok(isInWindow(one, at + 59 * minute));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is open from then to the end of the window, to the minute', () => {
    fc.assert(
      fc.property(window, moment, fc.double({ min: 0, max: 0.999, noNaN: true }), (one, now, share) => {
        const at = scheduledStart(one, now);
        if (at === null || clockIsSet(one.timeZone ?? 'UTC', at)) return;
        let end = at;
        while (isInWindow(one, end) && end - at < day) end += minute;
        // Windows of neighbouring days may touch, and the whole week be open.
        if (end - at === day) return;
        const during = at + Math.floor((share * (end - at)) / minute) * minute;
        assert.equal(scheduledStart(one, during), null);
        const next = scheduledStart(one, end);
        assert.ok(next !== null && next > end);
      }),
      { numRuns: 100 },
    );
  });

  it('never comes earlier by waiting, whatever the clocks do', () => {
    fc.assert(
      fc.property(window, moment, fc.integer({ min: 1, max: 3 * 24 * 60 }), (one, now, later) => {
        const [first, second] = [scheduledStart(one, now), scheduledStart(one, now + later * minute)];
        if (first !== null && second !== null) assert.ok(second >= first);
        if (first !== null && now + later * minute < first - minute) assert.equal(second, first);
      }),
      { numRuns: 200 },
    );
  });

  it('is spread over the window by what servers are called, the same for each at every look', () => {
    const one: ChangeWindow = { days: ['Saturday'], from: '22:00', to: '04:00', timeZone: 'Europe/Berlin' };
    const now = Date.parse('2026-06-01T12:00:00Z');
    const opens = Date.parse('2026-06-06T20:00:00Z');
    const turns = Array.from({ length: 500 }, (_, number) => scheduledStart(one, now, `server-${number}`) ?? 0);
    const minutes = turns.map((at) => (at - opens) / minute);
    assert.ok(Math.min(...minutes) >= 1 && Math.max(...minutes) <= 300);
    for (const quarter of [0, 1, 2, 3]) {
      const within = minutes.filter((at) => at > quarter * 75 && at <= (quarter + 1) * 75).length;
      assert.ok(within > 75 && within < 175, `${within} servers in quarter ${quarter}`);
    }
    assert.equal(scheduledStart(one, now + day, 'server-7'), turns[7]);
  });

  it('is a start of the hourly task, of which a fleet has one a minute', () => {
    const one: ChangeWindow = { from: '22:00', to: '01:00' };
    const now = Date.parse('2026-06-01T12:00:00Z');
    const perMinute = new Map<number, number>();
    for (let number = 0; number < 1500; number++) {
      const id = `server-${number}`;
      const at = scheduledStart(one, now, id) ?? 0;
      assert.equal(new Date(at).getUTCMinutes(), hourlyMinute(id));
      perMinute.set(at, (perMinute.get(at) ?? 0) + 1);
    }
    // Two hours of three: 12 servers a minute.
    assert.equal(perMinute.size, 120);
    assert.ok(Math.max(...perMinute.values()) < 27, `${Math.max(...perMinute.values())} at once`);
  });

  it('is at the beginning where the clock leaves hardly anything of the window', () => {
    // 02:00 to 03:00 does not exist on this day in Berlin, and only one hour is left of two.
    const one: ChangeWindow = { from: '02:00', to: '04:00', timeZone: 'Europe/Berlin' };
    assert.equal(scheduledStart(one, Date.parse('2026-03-28T23:00:00Z')), Date.parse('2026-03-29T01:01:00Z'));
  });

  it('goes by the zone of the server, and by UTC where that is not known', () => {
    const { server } = snapshot();
    const facts = { server, takenAt: '2026-06-01T12:00:00.000Z' };
    for (const [timeZone, from] of [
      ['Europe/Berlin', '2026-06-01T20:'],
      ['America/New_York', '2026-06-02T02:'],
      [undefined, '2026-06-01T22:'],
    ] as const) {
      const at = nextScheduledStart(
        { ...facts, ...(timeZone === undefined ? {} : { timeZone }) },
        { window: { from: '22:00', to: '00:00' } },
      );
      assert.ok(at?.notBefore.startsWith(from), `${timeZone}: ${at?.notBefore}`);
      assert.ok(at?.window.endsWith(timeZone ?? 'UTC'));
    }
  });
});

describe('a window', () => {
  it('ends on the next day where it does not end later than it begins', () => {
    fc.assert(
      fc.property(timeOfDay, timeOfDay, (from, to) => {
        const length = lengthOf({ from, to });
        assert.ok(length > 0 && length <= 24 * 60);
        assert.equal((minutesOf(from) + length) % (24 * 60), minutesOf(to));
      }),
    );
  });

  for (const [what, one, flaw] of [
    ['two hours over midnight', { from: '23:00', to: '01:00' }, null],
    ['a minute less', { from: '23:00', to: '00:59' }, /shorter than 2 hours/],
    ['a whole day', { from: '00:00', to: '00:00' }, null],
    [
      'a zone of Windows',
      { from: '22:00', to: '04:00', timeZone: 'W. Europe Standard Time' },
      /is not a known time zone/,
    ],
    ['a zone', { from: '22:00', to: '04:00', timeZone: 'Asia/Kathmandu' }, null],
    ['the zone of the server', { from: '22:00', to: '04:00', timeZone: 'local' }, null],
  ] as const)
    it(`${what}: ${flaw === null ? 'taken' : 'refused'}`, () => {
      const found = windowFlaw(one);
      if (flaw === null) assert.equal(found, null);
      else assert.match(found ?? '', flaw);
    });
});

describe('a plan outside of the window', () => {
  // The snapshot is of 12:00; the window opens at 22:00, and the turn of this server comes before 00:00.
  const window: ChangeWindow = { from: '22:00', to: '01:00' };
  const server = (ends: string, names: readonly string[] = ['shop.example.com']) =>
    snapshot({
      sites: [site('Shop', [sni('shop.example.com')])],
      records: [record('shop.example.com:443', 'old')],
      certificates: [certificate('old', { notAfter: ends }), certificate('new', { names })],
    });
  const planOf = (facts: ReturnType<typeof server>, purpose: 'rebind' | 'rehearsal' = 'rebind') =>
    planRebind({ snapshot: facts, renewals: [renewal('old', 'new')], configuration: { ...policy(), window }, purpose });

  it('names the minute of this server, also while the window is open', () => {
    const facts = server('2027-01-01T00:00:00.000Z');
    const opened = { ...policy(), window: { ...window, from: '11:45', to: '18:00' } };
    const plan = planRebind({ snapshot: facts, renewals: [renewal('old', 'new')], configuration: opened });
    const { detail } = met(plan.blocked[0]);
    assert.match(
      detail,
      /^It waits for the turn of this server in the window 11:45-18:00 UTC, at 2026-06-01 1\d:\d\d UTC\./,
    );
    assert.doesNotMatch(detail, /opens/);
  });

  it('checks a renewal in full and lets it wait, with its moment', () => {
    const plan = planOf(server('2027-01-01T00:00:00.000Z'));
    assert.deepEqual(plan.steps, []);
    assert.deepEqual(each(plan.blocked.map(met), 'reason'), ['outside-window']);
    assert.match(plan.notBefore ?? '', /^2026-06-01T2[23]:\d\d:00\.000Z$/);
    assert.match(
      met(plan.blocked[0]).detail,
      /^It waits for the turn of this server in the window 22:00-01:00 UTC, at 2026-06-01 2[23]:\d\d UTC\./,
    );
  });

  it('says at once what a guard has against it', () => {
    const plan = planOf(server('2027-01-01T00:00:00.000Z', ['other.example.com']));
    assert.deepEqual(each(plan.blocked.map(met), 'reason'), ['names-lost']);
    assert.equal(plan.notBefore, undefined);
  });

  it('does not wait where the certificate ends too soon after it, and says so', () => {
    // Seven days of the policy before the end, the server's turn has not come.
    const plan = planOf(server('2026-06-08T12:00:00.000Z'));
    assert.equal(plan.steps.length, 1);
    assert.deepEqual(each(plan.steps[0]?.notes, 'code'), ['window-not-kept']);
  });

  it('lets no rehearsal wait', () => {
    assert.equal(planOf(server('2027-01-01T00:00:00.000Z'), 'rehearsal').steps.length, 1);
  });

  for (const [what, ends, expected] of [
    ['lets one wait that ends days after the warning', '2026-06-20T00:00:00.000Z', true],
    ['to the millisecond', '2026-06-09T22:30:00.000Z', true],
    ['and not a millisecond before', '2026-06-09T22:29:59.999Z', false],
  ] as const)
    it(`${what}`, () => {
      const at = { notBefore: '2026-06-02T22:30:00.000Z', window: '' };
      assert.equal(waits(at, certificate('old', { notAfter: ends }), policy()), expected);
      const warnedEarly = policy({ deadline: { action: 'alert', days: 30, names: {} } });
      assert.equal(waits(at, certificate('old', { notAfter: ends }), warnedEarly), expected);
    });

  it('lets one wait whose end is not known', () => {
    assert.equal(waits({ notBefore: '2026-06-02T22:30:00.000Z', window: '' }, null, policy()), true);
  });
});
