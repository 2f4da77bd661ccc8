import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineFile } from '../../src/state/engine-file.ts';
import type { FileWayFailure } from '../../src/windows/engine-start.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-lab.ts';

describe('what is remembered of a refused adapter script', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  const refusal: FileWayFailure = { cause: 'execution-policy', said: 'not signed', at: '2030-01-01T12:00:00.000Z' };

  const ages: readonly [now: string, isKnown: boolean][] = [
    ['2030-01-01T12:00:00.000Z', true],
    ['2030-01-02T11:59:59.999Z', true],
    ['2030-01-02T12:00:00.000Z', false],
    // A clock that went back.
    ['2030-01-01T11:59:59.999Z', false],
  ];
  for (const [now, isKnown] of ages) {
    it(`is ${isKnown ? 'known' : 'not known'} at ${now}, a day being its life`, async () => {
      const file = engineFile(folder.path);
      await file.writeRefusal(refusal);
      assert.deepEqual(await file.readRefusal(new Date(now)), isKnown ? refusal : null);
    });
  }

  it('is gone once it is forgotten, and forgetting nothing is fine', async () => {
    const file = engineFile(folder.path);
    await file.writeRefusal(refusal);
    await file.forgetRefusal();
    await file.forgetRefusal();
    assert.deepEqual(readdirSync(folder.path), []);
    assert.equal(await file.readRefusal(new Date(refusal.at)), null);
  });

  const damaged: readonly [what: string, text: string][] = [
    ['half a document', '{"cause":'],
    ['another cause', JSON.stringify({ ...refusal, cause: 'no-answer' })],
    ['no time', JSON.stringify({ ...refusal, at: 'noon' })],
    ['no words', JSON.stringify({ cause: refusal.cause, at: refusal.at })],
    ['no object', 'null'],
    ['a long text', JSON.stringify({ ...refusal, said: 'x'.repeat(5000) })],
  ];
  for (const [what, text] of damaged) {
    it(`is nothing where the file has ${what}`, async () => {
      writeFileSync(join(folder.path, 'engine.json'), text);
      assert.equal(await engineFile(folder.path).readRefusal(new Date(refusal.at)), null);
    });
  }
});
