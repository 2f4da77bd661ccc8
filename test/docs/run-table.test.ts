import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { hosted, lost } from '../../scripts/docs/measured.ts';
import { runTable } from '../../scripts/docs/run-table.ts';
import { suiteNames } from '../../scripts/lib/suites.mjs';
import { readPlainYaml } from '../packaging/plain-yaml.ts';
import type { Measured, MeasuredFile } from '../windows/suites/document.ts';
import { allMeasurements, believed } from '../windows/suites/measurements.ts';

const asked = (await allMeasurements()).filter(({ suite }) => suite === 'core');
const core = asked.flatMap(({ measurement }) => Object.keys(measurement.rows));
const broken: MeasuredFile = {
  file: 'core/b.measure.ts',
  outcome: 'failed',
  why: 'Error: x | y',
  leftovers: [],
  ms: 1,
};

/** A run of the suite core that nobody made: as believed, but for these. */
function ran(
  build: number,
  otherwise: Readonly<Record<string, string | null>>,
  files: readonly MeasuredFile[] = [],
): Measured {
  return {
    schema: 'certrebind/measured/1',
    windows: { build, iis: '10.0', image: null },
    program: { version: '0.9.0', commit: null },
    run: { suite: 'core', at: '2026-12-08T01:00:00.000Z', url: 'https://host/runs/1' },
    results: core.map((row) => {
      const measured = row in otherwise ? (otherwise[row] ?? null) : (believed(row) ?? null);
      return { row, measured, how: measured === null ? `no ${row} here` : 'asked', evidence: [], file: 'a.measure.ts' };
    }),
    files,
  };
}

const tableOf = (
  found: readonly Measured[],
  { kept = [] as readonly Measured[], unread = [] as readonly string[] } = {},
) => runTable({ found, kept, asked, unread });

describe('the table of a run on hosted machines', () => {
  it('tells a contradiction from what is otherwise, and names what was not answered', () => {
    const open = Object.fromEntries(core.slice(0, 10).map((row) => [row, null]));
    const found = [
      ran(20348, { ...open, 'http-sys-tables': 'otherwise', 'rebind-options': 'all-lost' }, [broken]),
      ran(26100, {}),
    ];
    const text = tableOf(found);
    const [first] = core;
    assert.match(text, /^# Seen on Windows Server 2022 and Windows Server 2025$/m);
    assert.ok(text.includes(`**${core.length - 10} and ${core.length} of ${core.length} rows answered**`), text);
    assert.match(text, /; \[2026-12-08\]\(https:\/\/host\/runs\/1\), certrebind 0\.9\.0\.$/m);
    assert.match(text, /^\| otherwise, and the product is safe either way \| 1 \| 0 \|$/m);
    assert.match(text, /^\| contradicts what the product relies on \| 1 \| 0 \|$/m);
    assert.match(text, /^\| not answered \| 10 \| 0 \|$/m);
    assert.match(text, /^\| `http-sys-tables` \| Windows Server 2022 \| otherwise \| asked \|$/m);
    assert.ok(text.includes(`| \`${first}\` | Windows Server 2022 | no ${first} here |`), text);
    assert.match(text, /^\| core\/b\.measure\.ts \| Windows Server 2022 \| failed \| Error: x \\\| y \|$/m);
    assert.match(text, /^\| `rebind-options` \| \*\*all-lost\*\* \| kept \|$/m);
  });

  it('is there where one Windows, or none, brought anything', () => {
    const half = tableOf([ran(26100, {})]);
    assert.match(half, /^# Seen on Windows Server 2025$/m);
    assert.ok(half.includes(`**0 and ${core.length} of ${core.length} rows answered**`));
    assert.match(half, /Windows Server 2022 \| the suite core brought no answer \|$/m);
    const none = tableOf([], { unread: ['parts/measured.json: Unexpected end of JSON input'] });
    assert.match(none, /^# No Windows Server answered$/m);
    assert.ok(none.includes(`**0 and 0 of ${core.length} rows answered**`));
    assert.match(none, /^\| parts\/measured\.json: Unexpected end of JSON input \|$/m);
  });

  it('says of a suite that could not be loaded why not', () => {
    const why = 'npm ci failed: the registry is away';
    const unloaded = { ...ran(26100, {}, [{ ...broken, file: 'core', why }]), results: [] };
    const text = tableOf([unloaded]);
    for (const row of core) assert.ok(text.includes(`| \`${row}\` | Windows Server 2025 | ${why} |`), row);
    assert.ok(text.includes(`| core | Windows Server 2025 | failed | ${why} |`), text);
  });

  it('says of a file that could not be loaded why not', () => {
    const [{ file, measurement } = assert.fail('no measurement')] = asked;
    const rows = Object.keys(measurement.rows);
    const unloaded = ran(26100, {}, [{ ...broken, file: `core/${file}`, why: 'SyntaxError: it has no such export' }]);
    const text = tableOf([{ ...unloaded, results: unloaded.results.filter(({ row }) => !rows.includes(row)) }]);
    for (const row of rows)
      assert.ok(text.includes(`| \`${row}\` | Windows Server 2025 | SyntaxError: it has no such export |`), text);
  });

  it('says what moved since the last one that was accepted', () => {
    const kept = [ran(20348, { 'late-keys': null }), ran(26100, { 'rebind-options': 'all-lost' })];
    const text = tableOf([ran(20348, { 'ssl-flags': null }), ran(26100, {})], { kept });
    const moved = /## Moved[^#]*/.exec(text)?.[0] ?? '';
    assert.match(moved, /^\| `rebind-options` \| Windows Server 2025 \| all-lost \| kept \|$/m);
    assert.match(moved, /^\| `ssl-flags` \| Windows Server 2022 \| as-believed \| not answered \|$/m);
    assert.doesNotMatch(moved, /late-keys/);
  });

  it('has a column for each Windows that the workflow starts', () => {
    const { jobs } = readPlainYaml(
      readFileSync('.github/workflows/windows.yml', 'utf8').replaceAll(/ # v[\d.]+$/gm, ''),
    ) as { readonly jobs: { readonly windows: { readonly strategy: { readonly matrix: { readonly os: unknown } } } } };
    assert.deepEqual(jobs.windows.strategy.matrix.os, Object.keys(hosted));
    assert.ok(suiteNames().includes('core'));
  });
});

describe('the floor of a release', () => {
  const rows = new Set(core);

  it('is nothing until a table is accepted', () => assert.deepEqual(lost([], [], rows), []));

  it('is every row of core that was answered on that build', () => {
    const kept = [ran(20348, { 'late-keys': null }), ran(26100, {})];
    assert.deepEqual(lost([ran(20348, { 'late-keys': null }), ran(26100, {})], kept, rows), []);
    assert.deepEqual(lost([ran(20348, { 'ssl-flags': null }), ran(26100, {})], kept, rows), [
      'ssl-flags on Windows Server 2022 (docs/evidence/measured/20348.json)',
    ]);
    assert.equal(lost([ran(20348, {})], kept, rows).length, core.length);
    assert.deepEqual(lost([ran(20348, { 'ssl-flags': null })], kept.slice(0, 1), new Set()), []);
  });

  it('is not what a support file told', () => {
    const kept = ran(20348, {});
    const told = { ...kept, results: kept.results.map((result) => ({ ...result, file: 'support' })) };
    assert.deepEqual(lost([], [told], rows), []);
  });

  it('is held against the build that an image has now, and against none that nobody hosts', () => {
    const of = (image: string, document: Measured) => ({ ...document, windows: { ...document.windows, image } });
    const kept = [ran(17763, {}), of('win22 1', ran(20348, {})), of('win25 1', ran(26100, {}))];
    const now = [of('win22 2', ran(20348, {})), of('win25 2', ran(26200, { 'ssl-flags': null }))];
    assert.deepEqual(lost(now, kept, rows), ['ssl-flags on Windows Server 2025 (docs/evidence/measured/26100.json)']);
    assert.equal(lost(now.slice(0, 1), kept, rows).length, core.length, 'that image brought nothing');
  });
});
