import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { assertNone, each } from '../../support/each.ts';
import { newFolder } from '../../support/temporary-lab.ts';
import { facts } from './facts.ts';
import { answersOf, otherwise, type Told } from './measurement.ts';
import { allMeasurements, positionsOf } from './measurements.ts';
import { onLab } from './on-lab.ts';
import { install } from './programs.ts';

const measurements = await allMeasurements();

describe('the measurements of the suites', () => {
  for (const { suite, file, measurement } of measurements) {
    describe(`${suite}/${file}`, () => {
      const answer = (told: Told, row: string) => answersOf(measurement, told).find((each) => each.row === row);

      it('is about facts of the list', () => {
        for (const row of Object.keys(measurement.rows)) assert.ok(row in facts, row);
      });

      for (const [row, { from, examples }] of Object.entries(measurement.rows)) {
        it(`${row} is decided in each of its positions, and in no other way`, () => {
          const positions = positionsOf(row);
          for (const [position, told] of Object.entries(examples)) {
            assert.equal(answer(told, row)?.measured, position, position);
            assert.ok(position === 'other' || positions.includes(position), position);
          }
          const left = positions.filter((position) => !(position in examples));
          assert.deepEqual(left, leftOf(row), 'positions without an example');
        });

        it(`${row} is not decided without what it rests on, and says what is missing`, () => {
          const complete = Object.values(examples)[0] ?? {};
          for (const part of from) {
            const refused = answer({ ...complete, [part]: { refused: 'access denied' } }, row);
            assert.deepEqual([refused?.measured, refused?.how], [null, `${part}: access denied`]);
            const { [part]: _, ...without } = complete;
            assert.equal(answer(without, row)?.measured, null);
          }
        });

        it(`${row} takes rubbish without an error`, () => {
          for (const rubbish of [[], [''], ['\u0000', '-1', '{'], Array(50).fill('x')])
            assert.notEqual(answer(Object.fromEntries(from.map((part) => [part, rubbish])), row), undefined);
        });
      }
    });
  }

  it('ask what no other file asks, and leave out no fact without saying why', () => {
    const all = measurements.flatMap(({ measurement }) => Object.keys(measurement.rows));
    assertNone(all, (row, at) => all.indexOf(row) !== at);
    for (const [row, { notHosted }] of Object.entries(facts))
      assert.ok((notHosted === undefined) === all.includes(row), row);
    const mayBeOpen = Object.keys(facts).filter((row) => facts[row]?.mayBeOpen !== undefined);
    for (const row of [...Object.keys(onLab), ...mayBeOpen]) assert.ok(all.includes(row), row);
  });

  it('are told without a file that cannot be loaded, which is named', async () => {
    const suites = newFolder();
    mkdirSync(join(suites, 'core'));
    writeFileSync(join(suites, 'core', 'a.measure.ts'), 'export const nothing = 0;');
    writeFileSync(join(suites, 'core', 'b.measure.ts'), 'export const measurement = { rows: {} };');
    const broken: string[] = [];
    const found = await allMeasurements((line) => broken.push(line), suites);
    assert.deepEqual(each(found, 'suite', 'file'), [['core', 'b.measure.ts']]);
    assert.deepEqual(broken, ['core/a.measure.ts: Error: it exports no measurement']);
    await assert.rejects(allMeasurements(undefined, suites), /core\/a\.measure\.ts/);
  });

  it('need no file that only a Linux packs, which no hosted Windows has', async () => {
    const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' });
    const { metafile } = await build({
      entryPoints: files
        .filter((path) => /(?<!\.test|\.slow)\.ts$/.test(path))
        .map((path) => join(import.meta.dirname, path)),
      outdir: import.meta.dirname,
      write: false,
      metafile: true,
      bundle: true,
      platform: 'node',
      format: 'esm',
      loader: { '.ps1': 'text' },
    });
    const needed = Object.keys(metafile.inputs);
    assert.ok(needed.includes('test/packaged/ways/versions.ts'));
    assert.ok(!needed.includes('test/packaged/artefacts.ts'));
  });

  it('say why the program could not be installed', () =>
    assert.rejects(
      install({ lab: join(tmpdir(), 'certrebind-no-lab'), kind: 'runner', env: process.env }),
      /^Error: the program could not be installed: \{.*"code":"not-a-lab".*\}$/,
    ));

  it('have scripts that only ask, part by part', () => {
    for (const path of readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })) {
      if (!/[/\\].*\.ps1$/.test(path)) continue;
      const text = readFileSync(join(import.meta.dirname, path), 'utf8');
      assert.match(text, /\. "\$PSScriptRoot\/\.\.\/parts\.ps1"/, path);
      assert.match(text, /Write-Told \$File\n$/, path);
    }
  });
});

/** Positions that nothing here can tell from another: by a rehearsal in memory, or not at all. */
function leftOf(row: string): readonly string[] {
  return (
    {
      'late-keys': ['too-slow'],
      'policy-outranks-bypass': ['RemoteSigned'],
      'netsh-localised': ['invented'],
      'netsh-options': [otherwise],
    }[row] ?? []
  );
}
