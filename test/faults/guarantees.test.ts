import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guarantees } from './guarantees.ts';

const root = join(import.meta.dirname, '../..');

describe('docs/evidence/reliability.md', () => {
  for (const { fault, file, test } of guarantees.flatMap(({ rows }) => rows)) {
    it(`names a test that there is: ${fault}`, () =>
      assert(readFileSync(join(root, file), 'utf8').includes(test), `${file} has no test "${test}"`));
  }
});
