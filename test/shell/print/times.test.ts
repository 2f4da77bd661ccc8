import assert from 'node:assert/strict';
import { wallTime } from '../../../src/engine/plan/change-window.ts';
import { plain } from '../../../src/shell/print/terminal-style.ts';
import { moment, timesInWords, when, zoneOf } from '../../../src/shell/print/times.ts';

/** A reader in this zone, on a day of winter in the north. */
function readerIn(zone: string) {
  const aheadAt = (at: Date) => (wallTime(at.getTime(), zone) - at.getTime()) / 60_000;
  return { ...plain, clock: { aheadNow: aheadAt(new Date('2026-12-01T12:00:00Z')), aheadAt } };
}

describe('times that people read', () => {
  for (const [zone, named, winter, summer, said] of [
    ['UTC', 'UTC', '2026-12-01 23:30', '2026-07-01 23:30', '2026-12-01 23:30 UTC'],
    ['Europe/Berlin', 'UTC+1', '2026-12-02 00:30', '2026-07-02 01:30 (UTC+2)', '2026-12-02 00:30 UTC+1'],
    ['America/St_Johns', 'UTC-3:30', '2026-12-01 20:00', '2026-07-01 21:00 (UTC-2:30)', '2026-12-01 20:00 UTC-3:30'],
    ['Asia/Kolkata', 'UTC+5:30', '2026-12-02 05:00', '2026-07-02 05:00', '2026-12-02 05:00 UTC+5:30'],
  ] as const)
    it(`go by the clock of the reader, and name another zone than that of today: ${zone}`, () => {
      const look = readerIn(zone);
      assert.equal(zoneOf(look), named);
      assert.equal(when('2026-12-01T23:30:59.999Z', look), winter);
      assert.equal(when('2026-07-01T23:30:00.000Z', look), summer);
      assert.equal(moment('2026-12-01T23:30:00.000Z', look), said);
      assert.equal(timesInWords('It ends at 2026-12-01 23:30 UTC.', look), `It ends at ${said}.`);
      assert.equal(timesInWords('2026-12-01, 22:00-02:00 UTC', look), '2026-12-01, 22:00-02:00 UTC');
    });

  it('are shown as they are where they are none', () => {
    assert.equal(when('\u001B[2J', plain), '\\u001B[2J');
    assert.equal(timesInWords('at 2026-99-99 99:99 UTC', plain), 'at 2026-99-99 99:99 UTC');
  });
});
