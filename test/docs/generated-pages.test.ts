import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generatedPages } from '../../scripts/docs/pages.ts';

describe('generated pages', () => {
  for (const { file, write } of generatedPages) {
    it(`${file} says what the program's tables say (npm run docs writes it)`, async () => {
      assert.equal(readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8'), await write());
    });
  }
});
