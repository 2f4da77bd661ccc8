import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { printedSchemas } from '../../scripts/docs/printed-schemas.ts';

describe('schemas/printed', () => {
  const root = join(import.meta.dirname, '..', '..');

  it('says what the types of the program say (npm run docs writes it)', function () {
    // TypeScript reads the whole program for it.
    this.timeout(60_000);
    const written = printedSchemas();
    assert.deepEqual(
      readdirSync(join(root, 'schemas', 'printed'))
        .map((name) => `schemas/printed/${name}`)
        .sort(),
      written.map(({ file }) => file).sort(),
    );
    for (const { file, text } of written) assert.equal(readFileSync(join(root, file), 'utf8'), text, file);
  });
});
