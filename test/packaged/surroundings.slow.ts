import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CapturedServer, captureServer, checkout } from './artefacts.ts';
import { everythingIn, inFolder, planted, plantedBeside } from './planted.ts';
import { windowsExe } from './windows-artefacts.ts';
import { findWine, needWine, type Wine } from './wine.ts';

describe('the executable for Windows takes nothing from its surroundings', () => {
  it('nor from those in which it was built: the same sources give the same bytes in every folder', () =>
    assert.equal(readFileSync(windowsExe).indexOf(checkout), -1));

  let server: CapturedServer;
  let words: readonly string[];
  let wine: Wine;
  before(async function () {
    this.timeout(180_000);
    wine = needWine(this, await findWine(), 'the Windows executable under Wine');
    server = captureServer();
    words = ['plan', '--replay', server.snapshot, '--old', server.old, '--new', server.new, '--json'];
  });
  after(() => {
    server?.remove();
    wine?.end();
  });

  for (const { name, plant } of planted) {
    it(`the answer is the same and nothing is written: ${name}`, () => {
      inFolder(server, (folder) => {
        const clean = wine.run(windowsExe, onZ(words));
        const env = Object.fromEntries(Object.entries(plant(folder)).map(([key, value]) => [key, zPath(value)]));
        const before = everythingIn(folder);
        assert.deepEqual(wine.run(windowsExe, onZ(words), { env }), clean);
        assert.equal(clean.status, 0);
        assert.deepEqual(everythingIn(folder), before);
      });
    }).timeout(60_000);
  }

  it('nothing planted beside or above it is read', () => {
    inFolder(server, (folder) => {
      const clean = wine.run(windowsExe, onZ(words));
      const copy = plantedBeside(folder, windowsExe);
      const before = everythingIn(folder);
      assert.deepEqual(wine.run(copy, onZ(words), { cwd: join(folder, 'bin') }), clean);
      assert.equal(clean.status, 0);
      assert.deepEqual(everythingIn(folder), before);
    });
  }).timeout(60_000);
});

function onZ(words: readonly string[]): readonly string[] {
  return words.map(zPath);
}

function zPath(text: string): string {
  return text.replace(/(^| )\/(?=[\w.])/g, '$1Z:/').replace(/Z:[^ ]*/g, (path) => path.replaceAll('/', '\\'));
}
