import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noPersistentFiles, persistentFiles } from '../../../src/engine/state/persistent-files.ts';
import { proofFiles } from '../../../src/engine/state/proof-files.ts';
import { newFolder } from '../../support/temporary-lab.ts';

describe('a name that becomes part of a path', () => {
  it('is refused where it could lead out of the state folder, and nothing is made', async () => {
    const home = join(newFolder(), 'state');
    const [proofs, files] = [proofFiles(home), persistentFiles(home)];
    for (const name of ['../../outside', '..', 'a/b', '']) {
      for (const work of [
        async () => proofs.ask(name),
        async () => proofs.isAsked(name),
        async () => proofs.readAnswer(name),
        async () => files.readTrigger(name),
        async () => files.removeTrigger(name),
        async () => files.triggerFile(name),
      ])
        await assert.rejects(work, TypeError, `${work} ${name}`);
    }
    assert.deepEqual(readdirSync(join(home, '..')), []);
  });
});

describe('a server on which nothing is remembered', () => {
  it('has nothing set up, and refuses to remember anything', async () => {
    const files = noPersistentFiles();
    assert.deepEqual(
      [await files.listTriggers(), await files.findDamage(), await files.readTriggerRuns('a')],
      [[], [], []],
    );
    assert.deepEqual(
      [await files.hasTrigger('a'), await files.readTrigger('a'), files.triggerFile('a')],
      [false, null, ''],
    );
    assert.deepEqual((await files.readAdoption()).disabled, []);
    assert.deepEqual((await files.readSetup()).unfinished, null);
    for (const refused of [files.writeSetup(null), files.removeTrigger('a'), files.temporaryFolder()])
      await assert.rejects(refused, { code: 'read-only-server' });
  });
});

describe('the question of a proof', () => {
  it('is asked until it is cleared, and cleared where none was asked; what cannot be looked at is not taken for none', async () => {
    const home = newFolder();
    const proofs = proofFiles(home);
    const nonce = '0123456789abcdef';
    await proofs.clear();
    assert.equal(await proofs.isAsked(nonce), false);
    await proofs.ask(nonce);
    assert.equal(await proofs.isAsked(nonce), true);
    await proofs.clear();
    writeFileSync(join(home, 'proofs'), '');
    await assert.rejects(proofs.isAsked(nonce), { code: 'ENOTDIR' });
  });
});
