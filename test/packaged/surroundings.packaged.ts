import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, type CapturedServer, captureServer, checkout, linuxBinary, stockNode } from './artefacts.ts';
import { everythingIn, inFolder, planted, plantedBeside } from './planted.ts';

describe('the executable for Linux takes nothing from its surroundings', () => {
  it('nor from those in which it was built: the same sources give the same bytes in every folder', () =>
    assert.equal(readFileSync(linuxBinary).indexOf(checkout), -1));

  let server: CapturedServer;
  let words: readonly string[];
  let clean: Ended;
  let cleanOfStock: Ended;
  before(function () {
    this.timeout(60_000);
    server = captureServer();
    words = ['plan', '--replay', server.snapshot, '--old', server.old, '--new', server.new, '--json'];
    clean = answer(spawnSync(linuxBinary, words, { env: {}, encoding: 'utf8' }));
    cleanOfStock = answer(spawnSync(stockNode, [bundle, ...words], { env: {}, encoding: 'utf8' }));
  });
  after(() => server.remove());

  for (const { name, plant } of planted) {
    it(`the answer is the same and nothing is written: ${name}`, () => {
      inFolder(server, (folder) => {
        const env = plant(folder);
        const before = everythingIn(folder);
        assert.deepEqual(answer(spawnSync(linuxBinary, words, { env, encoding: 'utf8' })), clean);
        assert.deepEqual(everythingIn(folder), before);
      });
    }).timeout(20_000);
  }

  for (const { name, plant, control } of planted) {
    if (control === null) continue;
    it(`a stock Node would have ${control === 'writes' ? 'written' : 'answered otherwise'}: ${name}`, () => {
      inFolder(server, (folder) => {
        const env = plant(folder);
        const before = everythingIn(folder);
        const seen = answer(spawnSync(stockNode, [bundle, ...words], { env, encoding: 'utf8' }));
        if (control === 'writes') assert.notDeepEqual(everythingIn(folder), before);
        else assert.notDeepEqual(seen, cleanOfStock);
      });
    }).timeout(20_000);
  }

  it('nothing planted beside or above it is read', () => {
    inFolder(server, (folder) => {
      const copy = plantedBeside(folder, linuxBinary);
      const before = everythingIn(folder);
      assert.deepEqual(answer(spawnSync(copy, words, { env: {}, encoding: 'utf8', cwd: join(folder, 'bin') })), clean);
      assert.deepEqual(everythingIn(folder), before);
    });
  }).timeout(20_000);
});

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Everything a caller sees. */
function answer({ status, stdout, stderr }: Ended): Ended {
  return { status, stdout, stderr };
}
