import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hosted } from '../../scripts/docs/measured.ts';
import { suiteNames } from '../../scripts/lib/suites.mjs';
import type { Measured } from '../windows/suites/document.ts';
import { whyRed } from '../windows/suites/ends.ts';
import { allMeasurements, believed } from '../windows/suites/measurements.ts';
import { copyTree, type TreeCopy } from './page-changes.ts';

const measurements = await allMeasurements();
const rowsOf = (suite: string) =>
  measurements.flatMap((one) => (one.suite === suite ? Object.keys(one.measurement.rows) : []));

/** What each job of a run kept that nobody made: all as believed, but for one contradiction and ten rows without an answer. */
const jobs: readonly (readonly [folder: string, Measured])[] = Object.entries(hosted).flatMap(([image, build]) =>
  suiteNames().map((suite: string) => {
    const odd = build === 20348 && suite === 'core';
    const rows = rowsOf(suite);
    const open = new Set(odd ? rows.filter((row) => row !== 'http-sys-tables').slice(0, 10) : []);
    const positionOf = (row: string) => {
      if (open.has(row)) return null;
      return odd && row === 'http-sys-tables' ? 'otherwise' : (believed(row) ?? null);
    };
    const results = rows.map((row) => ({
      ...{ row, measured: positionOf(row), how: open.has(row) ? 'no role here' : 'asked', evidence: [] },
      file: `${suite}/a.measure.ts`,
    }));
    const files = [{ file: `${suite}/a.measure.ts`, outcome: 'done', why: null, leftovers: [], ms: 1 } as const];
    return [
      `${image}-${suite}`,
      {
        schema: 'certrebind/measured/1',
        windows: { build, iis: '10.0', image: `${image} 1` },
        program: { version: '0.9.0', commit: null },
        run: { suite, at: '2026-12-08T01:00:00.000Z', url: 'https://host/runs/1' },
        results,
        files,
      },
    ];
  }),
);

describe('a run with one contradiction and ten rows without an answer', function () {
  this.timeout(120_000);
  let copy: TreeCopy;
  before(() => {
    copy = copyTree([
      'biome.json',
      '.gitignore',
      'docs',
      'README.md',
      'CHANGELOG.md',
      'package.json',
      'tsconfig.json',
      'scripts',
      'src',
      'test',
      'module',
      'schemas',
      'assets',
      'bench',
      'packaging',
      'types',
    ]);
    for (const [folder, document] of jobs) {
      mkdirSync(join(copy.folder, 'parts', folder, folder.slice('windows-2022-'.length)), { recursive: true });
      writeFileSync(
        join(copy.folder, 'parts', folder, folder.slice('windows-2022-'.length), 'measured.json'),
        JSON.stringify(document),
      );
    }
  });
  after(() => copy.remove());

  const measured = (...words: readonly string[]) =>
    copy.node('--import', './scripts/dev/register.mjs', 'scripts/measured.ts', 'parts', ...words);
  const read = (file: string) => readFileSync(join(copy.folder, file), 'utf8');

  it('has one red job, and ends with a table and what accepts it', () => {
    const red = jobs.filter(([, document]) => whyRed([document], { isLab: false }).length > 0);
    assert.deepEqual(
      red.map(([folder]) => folder),
      ['windows-2022-core'],
    );
    const all = suiteNames().flatMap(rowsOf).length;
    const { status, told } = measured();
    assert.equal(status, 0, told);
    assert.match(told, /^# Seen on Windows Server 2022 and Windows Server 2025$/m);
    assert.ok(told.includes(`**${all - 10} and ${all} of ${all} rows answered**`), told.slice(0, 500));
    assert.match(told, /^\| contradicts what the product relies on \| 1 \| 0 \|$/m);
    assert.match(told, /^\| not answered \| 10 \| 0 \|$/m);
    assert.doesNotMatch(told, /The pages were not written/);
    assert.match(
      read('README.md'),
      /\*\*Seen on Windows Server 2022 and Windows Server 2025\*\*, last on \[2026-12-08\]/,
    );
    assert.equal(JSON.parse(read('docs/evidence/measured/20348.json')).windows.build, 20348);
    const style = copy.node('node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', 'docs');
    assert.equal(style.status, 0, style.told);
  });

  it('ends with a table where a job brought half a document, and where a measurement cannot be loaded', () => {
    writeFileSync(join(copy.folder, 'parts/windows-2025-sql/sql/measured.json'), '{"schema":');
    writeFileSync(join(copy.folder, 'test/windows/suites/core/zz.measure.ts'), 'export const nothing = 0;\n');
    rmSync(join(copy.folder, 'parts/windows-2025-ca'), { recursive: true });
    const { told } = measured('--suites', 'core', '--fetched', 'failure');
    assert.match(told, /^\| what the jobs kept: the step that fetches it ended with failure, /m);
    assert.match(told, /^# Seen on Windows Server 2022 and Windows Server 2025$/m);
    assert.match(told, /^\| parts\/windows-2025-sql\/sql\/measured\.json: .*JSON/m);
    assert.match(told, /^\| core\/zz\.measure\.ts: Error: it exports no measurement \|$/m);
    assert.match(told, /^\| the list of suites, core: it is no JSON list/m);
    assert.match(told, /Windows Server 2025 \| the suite ca brought no answer \|$/m);
  });

  it('is refused by the floor of a release where nobody can tell what is asked or was answered', () => {
    const unloaded = measured('--floor');
    assert.equal(unloaded.status, 1, unloaded.told);
    assert.match(unloaded.told, /^nobody can tell what was answered before: core\/zz\.measure\.ts: /m);
    rmSync(join(copy.folder, 'test/windows/suites/core/zz.measure.ts'));
    const whole = measured('--floor');
    assert.equal(whole.status, 0, whole.told);
    writeFileSync(join(copy.folder, 'docs/evidence/measured/17763.json'), '{"schema":');
    const unread = measured('--floor');
    assert.equal(unread.status, 1, unread.told);
    assert.match(unread.told, /^\| what was accepted before: .*JSON/m);
    assert.equal(measured().status, 0);
    rmSync(join(copy.folder, 'docs/evidence/measured/17763.json'));
  });

  it('keeps nothing of a Windows that answered nothing', () => {
    const [, document] = jobs[0] ?? assert.fail('no job');
    const silent = { ...document, windows: { ...document.windows, build: 14393 } };
    const results = silent.results.map((result) => ({ ...result, measured: null, how: 'no role here' }));
    writeFileSync(join(copy.folder, 'parts/measured.json'), JSON.stringify({ ...silent, results }));
    const { status, told } = measured();
    assert.equal(status, 0, told);
    assert.match(told, /Windows Server 2016 \| no role here \|$/m);
    assert.deepEqual(readdirSync(join(copy.folder, 'docs/evidence/measured')), ['20348.json', '26100.json']);
    assert.doesNotMatch(read('README.md'), /Seen on .*2016/);
  });
});
