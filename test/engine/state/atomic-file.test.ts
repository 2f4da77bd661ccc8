import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '../../../src/engine/state/files.ts';
import { newFolder } from '../../support/temporary-lab.ts';

describe('a large text', () => {
  it('is the same in its file wherever a letter of two units is cut', async () => {
    const path = join(newFolder(), 'large.txt');
    for (const begin of ['', '.', '..']) {
      const text = begin + '𝔞'.repeat(2 ** 19 + 3);
      await writeFileAtomically(path, text);
      assert.equal(readFileSync(path, 'utf8') === text, true);
    }
  });
});
