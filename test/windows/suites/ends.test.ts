import assert from 'node:assert/strict';
import type { Measured, MeasuredFile } from './document.ts';
import { type End, endedAs, endOf, whyRed } from './ends.ts';
import { facts } from './facts.ts';

const end = (row: string, measured: string | null): End => endOf({ row, measured, how: 'asked' });

describe('the end of a row', () => {
  const cases: readonly (readonly [what: string, row: string, measured: string | null, is: End['is']])[] = [
    ['a fact that is so', 'http-sys-tables', 'as-believed', 'as-believed'],
    ['the first position of a switch', 'rebind-options', 'kept', 'as-believed'],
    [
      'a log that goes on with its numbers after it was cleared, as Microsoft shows',
      'record-ids-restart',
      'go-on',
      'as-believed',
    ],
    ['a log that starts again', 'record-ids-restart', 'start-again', 'otherwise'],
    ['the values of the newest event, as Microsoft documents', 'queued-values', 'latest', 'as-believed'],
    ['the values of its own event', 'queued-values', 'own', 'otherwise'],
    ['a name without a value that stays, as Microsoft documents', 'missing-value', 'literal', 'as-believed'],
    ['one that goes', 'missing-value', 'empty', 'otherwise'],
    ['a SQL Server that stops, as Microsoft documents', 'sql-start-refused', 'stops', 'as-believed'],
    ['one with a certificate of its own', 'sql-start-refused', 'self-generated', 'otherwise'],
    ['an event as a wiki shows it', 'event-1001-shape', 'plain', 'as-believed'],
    ['one in another order', 'event-1001-shape', 'reordered', 'otherwise'],
    ['queries with other limits, of which the program needs none', 'event-query', 'otherwise', 'otherwise'],
    ['a key that is served although a plan blocks it', 'servable-keys', 'otherwise', 'contradicts'],
    ['any position of what differs from server to server', 'listen-list', 'one-address', 'as-believed'],
    ['what the switch of Server 2016 has otherwise', 'netsh-update-presence', 'present', 'as-believed'],
    ['another position of a switch, in which everything is tested', 'rebind-options', 'all-lost', 'otherwise'],
    ['an open fact that is not so, and does no harm', 'archived-setter', 'otherwise', 'otherwise'],
    ['a fact that the code relies on, and that is not so', 'http-sys-tables', 'otherwise', 'contradicts'],
    ['a position that nobody foresaw', 'rebind-options', 'other', 'contradicts'],
    ['a fact that there is not', 'no-such-fact', 'as-believed', 'contradicts'],
    ['what could not be asked', 'http-sys-tables', null, 'not-answered'],
  ];
  for (const [what, row, measured, is] of cases)
    it(`is ${is} for ${what}`, () => assert.equal(end(row, measured).is, is));

  it('says why it does no harm, in the words of the fact where it has some', () => {
    assert.deepEqual(end('archived-setter', 'otherwise'), {
      is: 'otherwise',
      position: 'otherwise',
      safe: facts['archived-setter']?.safe,
    });
    assert.deepEqual(end('ftp-site-state', 'told'), {
      is: 'otherwise',
      position: 'told',
      safe: 'each position of its switch is tested',
    });
  });

  it('keeps the reason of what was not answered', () =>
    assert.deepEqual(end('ssl-flags', null), { is: 'not-answered', why: 'asked' }));

  it('is that of those that are asked for', () => {
    const rows = [
      { row: 'rebind-options', measured: 'kept', how: '' },
      { row: 'rebind-options', measured: 'all-lost', how: '' },
    ];
    assert.deepEqual(
      endedAs(rows, 'otherwise').map(({ measured }) => measured),
      ['all-lost'],
    );
  });
});

describe('a job', () => {
  const job = (
    answers: Readonly<Record<string, string | null>>,
    outcome: MeasuredFile['outcome'] = 'done',
  ): Measured => ({
    schema: 'certrebind/measured/1',
    windows: { build: 26100, iis: '10.0', image: null },
    program: { version: '0.1.0', commit: null },
    run: { suite: 'core', at: '2026-12-01T00:00:00.000Z', url: null },
    results: Object.entries(answers).map(([row, measured]) => ({
      row,
      measured,
      how: 'as it was asked',
      evidence: [],
      file: 'core/a.measure.ts',
    })),
    files: [{ file: 'core/a.measure.ts', outcome, why: outcome === 'done' ? null : 'so', leftovers: [], ms: 1 }],
  });
  const tenOpen = Object.fromEntries(
    Object.keys(facts)
      .slice(0, 10)
      .map((row) => [row, null]),
  );

  it('is green for what is otherwise and safe, for ten rows without an answer, and for what has no role there', () => {
    const green = [job({ ...tenOpen, 'rebind-options': 'all-lost' }), job({}, 'not-asked')];
    assert.deepEqual(whyRed(green, { isLab: false }), []);
  });

  it('is red for one contradiction among them, and for a file that breaks, and says which', () => {
    assert.deepEqual(whyRed([job({ ...tenOpen, 'http-sys-tables': 'otherwise' })], { isLab: false }), [
      'contradicts: http-sys-tables is otherwise (as it was asked)',
    ]);
    for (const outcome of ['failed', 'timed-out'] as const)
      assert.deepEqual(whyRed([job(tenOpen, outcome)], { isLab: false }), ['broke: core/a.measure.ts, so']);
  });

  it('on a lab is red for a row that ends for another reason than is known of it, whatever its name', () => {
    const rights = (how: string) => {
      const { results, ...rest } = job({ 'icacls-grants': null });
      return whyRed([{ ...rest, results: results.map((result) => ({ ...result, how })) }], { isLab: true });
    };
    assert.deepEqual(rights("x: does not contain a method named 'GetAccessRules'"), []);
    assert.match(rights('the module Microsoft.PowerShell.Security could not be loaded').join(), /not for that reason/);
    assert.match(whyRed([job({ 'ssl-flags': null })], { isLab: true }).join(), /^not as on a lab: ssl-flags/);
  });
});
