import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rehearsal } from '../../src/documents/rehearsal.ts';
import { rehearsalFiles } from '../../src/rehearse/files.ts';
import { proofFiles } from '../../src/state/proof-files.ts';
import { noStandingFiles, standingFiles } from '../../src/state/standing-files.ts';
import { temporaryFolders } from './temporary-folder.ts';

describe('a name that becomes part of a path', () => {
  const newFolder = temporaryFolders();

  it('is refused where it could lead out of the state folder, and nothing is made', async () => {
    const home = join(newFolder(), 'state');
    const [proofs, rehearsals, standing] = [proofFiles(home), rehearsalFiles(home), standingFiles(home)];
    for (const name of ['../../outside', '..', 'a/b', '']) {
      for (const work of [
        async () => proofs.ask(name),
        async () => proofs.isAsked(name),
        async () => proofs.readAnswer(name),
        async () => rehearsals.begin(name),
        async () => rehearsals.isUnderWay(name),
        async () => rehearsals.addStart(name, { at: '2030-01-01T12:00:00.000Z', words: [] }),
        async () => rehearsals.end(name, null),
        async () => standing.readTrigger(name),
        async () => standing.removeTrigger(name),
        async () => standing.triggerFile(name),
      ])
        await assert.rejects(work, TypeError, `${work} ${name}`);
    }
    assert.deepEqual(readdirSync(join(home, '..')), []);
  });
});

describe('the documents of rehearsals', () => {
  const newFolder = temporaryFolders();

  it('are the twenty newest, and their starts are gone; what else lies there stays', async () => {
    const home = newFolder();
    const files = rehearsalFiles(home);
    const ids = Array.from({ length: 22 }, (_, at) => `20300101-${String(at).padStart(2, '0')}`);
    for (const id of ids.toReversed()) await files.begin(id);
    for (const id of ids) writeFileSync(join(home, 'rehearsals', `${id}.json`), '{}');
    writeFileSync(join(home, 'rehearsals', 'a note.txt'), '');
    const id = ids.at(-1) ?? '';
    await files.addStart(id, { at: '2030-01-01T12:00:02.000Z', words: ['second'] });
    await files.addStart(id, { at: '2030-01-01T12:00:01.000Z', words: ['first'] });
    writeFileSync(join(home, 'rehearsals', id, 'old-start-1-1.json'), 'no start');
    assert.deepEqual(
      (await files.readStarts(id)).map(({ words }) => words),
      [['first'], ['second']],
    );
    assert.equal(await files.end(id, {} as Rehearsal), join(home, 'rehearsals', `${id}.json`));
    assert.equal(await files.isUnderWay(id), false);
    const left = readdirSync(join(home, 'rehearsals'));
    assert.deepEqual(
      left.filter((name) => name.endsWith('.json')).sort(),
      ids.slice(2).map((each) => `${each}.json`),
    );
    assert.ok(left.includes('a note.txt'));
  });
});

describe('a server on which nothing is remembered', () => {
  it('has nothing set up, and refuses to remember anything', async () => {
    const standing = noStandingFiles();
    assert.deepEqual(
      [await standing.listTriggers(), await standing.findDamage(), await standing.readTriggerRuns('a')],
      [[], [], []],
    );
    assert.deepEqual(
      [await standing.hasTrigger('a'), await standing.readTrigger('a'), standing.triggerFile('a')],
      [false, null, ''],
    );
    assert.deepEqual((await standing.readAdoption()).disabled, []);
    assert.deepEqual((await standing.readSetup()).unfinished, null);
    for (const refused of [standing.writeSetup(null), standing.removeTrigger('a'), standing.temporaryFolder()])
      await assert.rejects(refused, { code: 'read-only-server' });
  });
});

describe('the question of a proof', () => {
  const newFolder = temporaryFolders();

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
