import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeSchemas } from '../../scripts/docs/printed-schemas.ts';
import { allCodes } from '../../src/commands/explain/command.ts';

describe('the schemas of what is printed', () => {
  // What `npm run package` hands out.
  const folder = join(import.meta.dirname, '../../dist/packaging/schemas');

  it('are handed out, one for each document that no lab prints', async () => {
    await makeSchemas();
    const all = readdirSync(join(folder, '../../../schemas/printed')).sort();
    const handedOut = all.filter((name) => name !== 'demo.json' && !name.startsWith('lab'));
    assert.deepEqual(readdirSync(folder).sort(), handedOut);
    assert.ok(handedOut.includes('status.json') && handedOut.length < all.length);
  });

  it('are those of the program: the findings of doctor have every code', () => {
    const { properties } = JSON.parse(readFileSync(join(folder, 'doctor.json'), 'utf8'));
    const codes = allCodes().flatMap(({ code, kind }) => (kind === 'finding' ? code : []));
    assert.deepEqual(properties.findings.items.properties.code.enum.toSorted(), codes.toSorted());
  });
});
