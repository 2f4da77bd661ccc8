import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMeasured } from '../../../scripts/docs/measured.ts';
import { each } from '../../support/each.ts';
import { newFolder } from '../../support/temporary-lab.ts';
import { whyRed } from './ends.ts';
import { allMeasurements } from './measurements.ts';
import { keepUnasked, runSuite, windowsSeen } from './run-suite.ts';

const folder = join(import.meta.dirname, 'rights');
const rows = (await allMeasurements())
  .filter(({ suite }) => suite === 'rights')
  .flatMap(({ measurement }) => Object.keys(measurement.rows))
  .sort();

describe('a suite that cannot begin', () => {
  const keptIn = (out: string) => readMeasured(readFileSync(join(out, 'measured.json'), 'utf8'), out);

  it('keeps each of its rows, with the error, where the server cannot be opened', async () => {
    const out = newFolder();
    const said: string[] = [];
    const lab = join(out, 'no-lab');
    const measured = await runSuite({ folder, lab, out, say: (line) => said.push(line) });
    assert.deepEqual(keptIn(out), measured);
    assert.deepEqual(each(measured.results, 'row').flat().sort(), rows);
    for (const { measured: position, how, file } of measured.results) {
      assert.equal(position, null);
      assert.match(how, /no-lab/);
      assert.match(file, /^rights\/[\w-]+\.measure\.ts$/);
    }
    assert.ok(measured.files.length > 0);
    for (const { outcome, why } of measured.files) assert.deepEqual([outcome, why], ['failed', said[0]]);
    assert.equal(whyRed([measured], { isLab: false }).length, measured.files.length);
  });

  it('stays with the build that Windows said where the program reads none', () => {
    const said = { build: 20348, iis: '', image: null };
    assert.deepEqual(windowsSeen(said, { osBuild: 0, iis: '10.0' }), { ...said, iis: '10.0' });
    assert.deepEqual(windowsSeen(said, { osBuild: 26100, iis: '10.0' }), { build: 26100, iis: '10.0', image: null });
  });

  it('keeps them with what is missing on a Windows without IIS', async () => {
    const out = newFolder();
    await keepUnasked({ folder, out, why: 'IIS is not installed here' });
    const { results, files } = keptIn(out);
    assert.deepEqual(each(results, 'row').flat().sort(), rows);
    assert.ok(results.every(({ measured, how }) => measured === null && how === 'IIS is not installed here'));
    assert.ok(files.every(({ outcome }) => outcome === 'not-asked'));
  });
});
