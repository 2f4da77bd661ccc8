import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMeasured } from '../../../scripts/docs/measured.ts';
import { suiteNames } from '../../../scripts/lib/suites.mjs';
import { findEngine } from '../../engine.ts';
import { assertNone, each } from '../../support/each.ts';
import { newFolder } from '../../support/temporary-lab.ts';
import { asBelieved } from './measurement.ts';
import { onLab, unlikeALab } from './on-lab.ts';
import { runSuite } from './run-suite.ts';
import { withLab } from './with-lab.ts';

(findEngine() === null ? describe.skip : describe)('the suites for Windows, on our own Windows lab', function () {
  this.timeout(600_000);
  const folder = newFolder();

  const asked: string[] = [];
  for (const suite of suiteNames())
    it(`${suite} finds a new lab as it is, and leaves nothing`, async () => {
      const out = join(folder, suite);
      const { results, files } = await withLab(join(folder, `${suite}-lab`), (lab) =>
        runSuite({ folder: join(import.meta.dirname, suite), lab, out, say: () => undefined }),
      );
      const ends = files.map(({ file, outcome, why, leftovers }) => [file, outcome, why, leftovers]);
      const wanted = files.map(({ file }) => [file, 'done', null, []]);
      assert.deepEqual(
        ends,
        wanted,
        JSON.stringify(ends.filter(([, , why, leftovers]) => why !== null || leftovers?.length !== 0)),
      );
      assert.deepEqual(
        results.flatMap((result) => unlikeALab(result) ?? []),
        [],
      );
      asked.push(...results.map(({ row }) => row));
      assert.deepEqual(readMeasured(readFileSync(join(out, 'measured.json'), 'utf8'), suite).results, results);
    });

  it('excuse no row that there is not', () => assertNone(Object.keys(onLab), (row) => !asked.includes(row)));

  it('lose nothing but a file that throws, hangs, exits or leaves a site behind, and count what it had to ask', async () => {
    const suite = join(folder, 'faults');
    mkdirSync(suite);
    const files = {
      'a-throws.measure.ts': `export const measurement = { safe: 'yes', seconds: 60, rows: { 'ssl-flags': {} }, async collect() { throw new Error('as it wants'); } };`,
      'b-exits.measure.ts': `export const measurement = { safe: 'yes', seconds: 60, rows: {}, async collect() { process.exit(0); } };`,
      'c-hangs.measure.ts': `export const measurement = { safe: 'yes', seconds: 4, rows: {}, collect: () => new Promise(() => setInterval(() => {}, 1000)) };`,
      'd-is-broken.measure.ts': 'export const measurement = {',
      'e-leaves.measure.ts': `export const measurement = { safe: 'mark', seconds: 60, rows: {}, async collect(stage) { await stage.bench(); process.exit(0); } };`,
      'g-leaves-open.measure.ts': `export const measurement = { safe: 'mark', seconds: 60, rows: { 'netsh-zero': { how: 'asked', from: ['a'], decide: () => '${asBelieved}' } }, collect: async () => ({ a: { refused: 'why' } }) };`,
      'h-has-no-role.story.ts': `import { NotMeasured } from '${join(import.meta.dirname, 'measurement.ts')}'; export const story = { safe: 'mark', seconds: 60, tell: async () => { throw new NotMeasured('no such role'); } };`,
      'f-answers.measure.ts': `export const measurement = { safe: 'mark', seconds: 60, rows: { 'netsh-texts': { how: 'asked', from: ['a'], decide: () => '${asBelieved}' } }, collect: async () => ({ a: ['b'] }) };`,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(suite, name), text);
    const measured = await withLab(join(folder, 'faults-lab'), (lab) =>
      runSuite({ folder: suite, lab, out: join(folder, 'out'), say: () => undefined }),
    );
    assert.deepEqual(
      measured.files.map(({ file, outcome, why, leftovers }) => [file[0], outcome, why, leftovers.length]),
      [
        ['a', 'failed', 'Error: as it wants', 0],
        ['b', 'failed', 'ended with 0 and told nothing', 0],
        ['c', 'timed-out', 'no answer within 4 s', 0],
        ['e', 'failed', 'ended with 0 and told nothing', 3],
        ['f', 'done', null, 0],
        ['g', 'done', null, 0],
        ['h', 'not-asked', 'no such role', 0],
        ['d', 'failed', measured.files.at(-1)?.why ?? null, 0],
      ],
    );
    assert.match(measured.files.at(-1)?.why ?? '', /Error.*d-is-broken\.measure\.ts:1/s);
    assert.deepEqual(each(measured.results, 'row', 'measured', 'how'), [
      ['ssl-flags', null, 'a-throws.measure.ts: Error: as it wants'],
      ['netsh-texts', asBelieved, 'asked'],
      ['netsh-zero', null, 'a: why'],
    ]);
    assert.deepEqual(readMeasured(readFileSync(join(folder, 'out', 'measured.json'), 'utf8'), 'faults'), measured);
  });
});
