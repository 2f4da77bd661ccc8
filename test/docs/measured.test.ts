import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fidelityMarkdown } from '../../scripts/docs/fidelity.ts';
import {
  contradicted,
  documentsAt,
  fidelityWith,
  keptMeasurements,
  measuredMarkdown,
  merged,
  readMeasured,
  statusMarkdown,
  unsettled,
} from '../../scripts/docs/measured.ts';
import { each } from '../support/each.ts';
import { newFolder } from '../support/temporary-lab.ts';
import { labImage, type Measured, type MeasuredRow } from '../windows/suites/document.ts';
import type { facts } from '../windows/suites/facts.ts';
import { otherwise } from '../windows/suites/measurement.ts';
import { allMeasurements, positionsOf } from '../windows/suites/measurements.ts';

type Answers = Readonly<Record<string, string | null>>;

/** A run that nobody made: nothing like it is kept. */
function measured(build: number, answers: Answers, { suite = 'core', at = '2026-12-01T00:00:00.000Z' } = {}): Measured {
  const results = Object.entries(answers).map(
    ([row, position]): MeasuredRow => ({
      row,
      measured: position,
      how: `asked on ${at}`,
      evidence: [],
      file: 'a.measure.ts',
    }),
  );
  return {
    schema: 'certrebind/measured/1',
    windows: { build, iis: '10.0', image: null },
    program: { version: '0.1.0', commit: null },
    run: { suite, at, url: null },
    results,
    files: [],
  };
}

function support(osBuild: number, kind = 'windows') {
  return {
    ...{
      schema: 'certrebind/support/1',
      at: '2026-12-09T00:00:00.000Z',
      program: { version: '0.1.0' },
      engine: { way: 'file' },
    },
    capture: {
      server: { name: 'server-1', kind, osBuild, iis: '10.0' },
      netsh: { update: true, options: null },
    },
  };
}

/** What the page of facts says of a row beside its source. */
const shownOf = (documents: readonly Measured[], row: string) =>
  /; ((?:measured on|contradicted by) [0-9, ]+)\*? \|/.exec(
    fidelityMarkdown(documents)
      .split('\n')
      .find((line) => line.startsWith(`| \`${row}\` `)) ?? '',
  )?.[1];

const problemsOf = (documents: readonly Measured[]) => [...contradicted(documents), ...unsettled(documents)];

describe('what was measured on real Windows', () => {
  it('is kept as valid documents, and nothing here contradicts it', () =>
    assert.deepEqual(contradicted(keptMeasurements()), []));

  it('shows the builds of each row, and those that contradict', () => {
    const documents = [
      measured(20348, { 'netsh-texts': 'as-believed', 'ssl-flags': null }),
      measured(26100, { 'netsh-texts': 'otherwise' }),
    ];
    assert.equal(shownOf(documents.slice(0, 1), 'netsh-texts'), 'measured on 20348');
    assert.equal(shownOf(documents, 'netsh-texts'), 'contradicted by 26100');
    assert.equal(shownOf(documents, 'ssl-flags'), undefined);
    assert.equal(shownOf([measured(20348, { 'rebind-orphaned': 'refuses' })], 'rebind-orphaned'), 'measured on 20348');
  });

  it('counts by build, the newest run first, and a support file only where no run has an answer', async () => {
    const older = measured(20348, { 'rebind-options': 'kept', 'late-keys': 'late', 'netsh-update-presence': 'absent' });
    const newer = measured(
      20348,
      { 'rebind-options': 'all-lost', 'late-keys': null },
      { suite: 'holders', at: '2026-12-02T00:00:00.000Z' },
    );
    const asked = readMeasured(JSON.stringify(support(20348)), 'support.json');
    const other = measured(26100, { 'rebind-options': 'kept' });
    for (const given of [
      [older, newer, asked, other],
      [other, asked, newer, older],
    ]) {
      const [first, second] = merged(given);
      const answers = Object.fromEntries(first?.results.map((result) => [result.row, result.measured]) ?? []);
      assert.deepEqual(answers, {
        'rebind-options': 'all-lost',
        'late-keys': 'late',
        'netsh-update-presence': 'absent',
        'adapter-on-stdin': 'file',
        'netsh-options': null,
        'iis-version': 'as-believed',
      });
      assert.deepEqual([first?.windows.build, second?.windows.build], [20348, 26100]);
    }
    assert.doesNotMatch(JSON.stringify(asked), /server-1/);
    assert.match(await measuredMarkdown(merged([older, other])), /^\| `rebind-options` \| kept \| kept \|$/m);
  });

  it('is found in the parts of a run, and in what its collecting job made of them', () => {
    const folder = newFolder();
    for (const name of [
      'windows-2022-core/measured.json',
      'measured/20348.json',
      'fidelity.json',
      'evidence/state.json',
    ]) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), '{}');
    }
    const found = ['measured/20348.json', 'windows-2022-core/measured.json'].map((name) => join(folder, name));
    assert.deepEqual(documentsAt(folder), found);
    assert.deepEqual(documentsAt(join(folder, 'fidelity.json')), [join(folder, 'fidelity.json')]);
  });

  it('is read out of a support file, as far as it tells', () => {
    const { windows, results } = readMeasured(JSON.stringify(support(17763)), 'support.json');
    assert.equal(windows.build, 17763);
    assert.deepEqual(each(results, 'row', 'measured'), [
      ['adapter-on-stdin', 'file'],
      ['netsh-update-presence', 'present'],
      ['netsh-options', null],
      ['iis-version', 'as-believed'],
    ]);
    assert.throws(
      () => readMeasured(JSON.stringify({ ...support(17763), capture: null }), 'support.json'),
      /support file with a capture/,
    );
  });

  it('is merged with what was merged before as if all came at once', () => {
    const runs = [
      measured(20348, { 'late-keys': 'late' }),
      measured(20348, { 'ssl-flags': 'as-believed' }, { suite: 'holders', at: '2026-12-02T00:00:00.000Z' }),
    ];
    const rows = (documents: readonly Measured[]) =>
      documents.flatMap(({ results }) => results.map(({ row, measured: position }) => [row, position]));
    assert.deepEqual(rows(merged([...merged(runs.slice(0, 1)), ...runs.slice(1)])), rows(merged(runs)));
  });

  it('keeps of each file what the newest run says', () => {
    const run = (at: string, why: string | null): Measured => ({
      ...measured(20348, {}, { at }),
      files: [{ file: 'core/a.measure.ts', outcome: why === null ? 'done' : 'failed', why, leftovers: [], ms: 1 }],
    });
    const runs = [run('2026-12-01T00:00:00.000Z', 'it broke'), run('2026-12-02T00:00:00.000Z', null)];
    assert.deepEqual(
      merged(runs).flatMap(({ files }) => files),
      runs[1]?.files,
    );
  });

  const cases: readonly (readonly [what: string, documents: readonly Measured[], problem: RegExp | null])[] = [
    ['what the code believes', [measured(26100, { 'netsh-texts': 'as-believed' })], null],
    [
      'what a switch has otherwise for Server 2016 alone',
      [measured(26100, { 'netsh-update-presence': 'present' })],
      null,
    ],
    ['what is otherwise and safe, without a switch', [measured(26100, { 'event-query': 'otherwise' })], null],
    ['the first position of a switch', [measured(26100, { 'ftp-site-state': 'fails' })], null],
    [
      'another position on the newest build',
      [measured(26100, { 'ftp-site-state': 'told' })],
      /ftp-site-state: 26100 is "told", so that position of its switch should be the first/,
    ],
    [
      'another position on an older build',
      [measured(20348, { 'ftp-site-state': 'told' }), measured(26100, { 'ftp-site-state': 'fails' })],
      null,
    ],
    [
      'another position of what differs from server to server',
      [measured(26100, { 'listen-list': 'one-address' })],
      null,
    ],
    [
      'a position that nobody foresaw',
      [measured(26100, { 'ftp-site-state': 'other' })],
      /ftp-site-state: 26100 contradicts what the code believes \(other\)/,
    ],
    [
      'a contradiction of a fact without a switch',
      [measured(26100, { 'http-sys-tables': 'otherwise' })],
      /http-sys-tables: 26100 contradicts/,
    ],
    [
      'one on an older build',
      [measured(20348, { 'ssl-flags': 'otherwise' }), measured(26100, { 'ssl-flags': 'as-believed' })],
      /ssl-flags: 20348 contradicts/,
    ],
    ['what could not be asked', [measured(26100, { 'http-sys-tables': null })], null],
    [
      'a row that there is not',
      [measured(26100, { 'no-such-row': 'as-believed' })],
      /no-such-row: measured on 26100, and there is no such fact/,
    ],
  ];
  for (const [what, documents, problem] of cases)
    it(`${problem === null ? 'lets' : 'does not let'} stand ${what}`, () => {
      const found = problemsOf(documents);
      assert.equal(found.length, problem === null ? 0 : 1, found.join('\n'));
      if (problem !== null) assert.match(found[0] ?? '', problem);
    });

  it('is not what a lab answered', () => {
    const found = measured(26100, { 'netsh-texts': 'as-believed' });
    const ofLab = { ...found, windows: { ...found.windows, image: labImage } };
    const told = (kind: string) => readMeasured(JSON.stringify(support(26100, kind)), 'support.json');
    for (const one of [ofLab, told('lab')])
      assert.throws(() => merged([found, one]), /ran on a lab; only results of a real Windows count/);
    assert.equal(merged([found, told('windows')]).length, 1);
  });

  it('is open no longer once it is kept', () => {
    assert.match(
      unsettled([measured(26100, { 'rebind-orphaned': 'replaces' })], {
        'rebind-orphaned': { known: 'open', from: 'nobody' },
      }).join(),
      /rebind-orphaned: measured on 26100, and it still counts as open/,
    );
  });

  it('changes of the list of facts what it confirms, and nothing else', () => {
    const kept = readFileSync('docs/evidence/fidelity.json', 'utf8');
    const text = kept.replaceAll('"known": "measured"', '"known": "open"');
    const before: { readonly facts: typeof facts } = JSON.parse(text);
    const documents = [
      measured(20348, {
        'blank-address': 'as-believed',
        'archived-setter': 'otherwise',
        'rebind-orphaned': 'replaces',
      }),
      measured(26100, { 'blank-address': 'as-believed', 'rebind-orphaned': 'refuses', 'listen-list': 'empty' }),
    ];
    const changed: { readonly facts: typeof facts } = JSON.parse(fidelityWith(text, documents));
    const knowns = (from: typeof facts) => Object.entries(from).map(([row, { known }]) => [row, known]);
    assert.deepEqual(
      knowns(changed.facts).filter(([row, known]) => known !== before.facts[row ?? '']?.known),
      [['blank-address', 'measured']],
    );
    assert.deepEqual(unsettled(documents, changed.facts), [
      'rebind-orphaned: 26100 is "refuses", so that position of its switch should be the first',
      'archived-setter: measured on 20348, and it still counts as open',
      'rebind-orphaned: measured on 20348, and it still counts as open',
      'rebind-orphaned: measured on 26100, and it still counts as open',
    ]);
    assert.deepEqual(unsettled(documents.slice(0, 0), changed.facts), []);
  });

  it('is what README says of a real Windows', () => {
    assert.match(statusMarkdown([]), /^\*\*Nobody has run it on a real Windows yet\*\*: /);
    const runs = [measured(20348, { 'ssl-flags': 'as-believed' }), measured(26100, { 'ssl-flags': null })];
    assert.match(
      statusMarkdown(runs),
      /^\*\*Seen on Windows Server 2022 and Windows Server 2025\*\*, last on 2026-12-01: 1 of \d+ \[facts\]/,
    );
    assert.equal(statusMarkdown([readMeasured(JSON.stringify(support(20348)), 'support.json')]), statusMarkdown([]));
  });

  it('lets a first run on hosted machines be green, whichever of its positions each Windows has', async () => {
    const rows = (await allMeasurements()).flatMap(({ measurement }) => Object.keys(measurement.rows));
    for (const at of [0, -1]) {
      const answers = rows.flatMap((row) => {
        const position = positionsOf(row).at(at) ?? otherwise;
        return position === otherwise ? [] : [[row, position]];
      });
      assert.deepEqual(contradicted([measured(26100, Object.fromEntries(answers))]), []);
    }
  });

  it('is refused when it is something else', () => {
    for (const text of [
      '{}',
      '{"schema":"certrebind/snapshot/1"}',
      JSON.stringify({ ...measured(26100, {}), windows: { build: 'new' } }),
    ])
      assert.throws(() => readMeasured(text, 'a.json'), /a.json is no document of a suite, and no support file/);
  });
});
