import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workingSchemas } from '../documents/frozen.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** Properties that the module lets an object of the type have, whether its document has them or not. */
function completedIn(type: string): readonly string[] {
  const [, members = ''] = read('module/CertRebind/CertRebind.Types.ps1xml').split(`<Name>CertRebind.${type}</Name>`);
  const [own = ''] = members.split('</Type>');
  return [...own.matchAll(/<Name>(\w+)<\/Name><GetScriptBlock>\$null/g)].map(([, name = '']) => name);
}

const documents = { Snapshot: 'snapshot', Plan: 'plan', Outcome: 'outcome', Configuration: 'configuration' };

describe('a document that went through PowerShell', () => {
  it('lacks what it lacked, and has no null that its schema refuses', () => {
    const optional = Object.entries(documents).flatMap(([type, name]) => {
      const { properties, required } = Object(workingSchemas().get(`${name}/1`));
      const completed = completedIn(type);
      assert.ok(completed.length > 5, name);
      assert.deepEqual(
        completed.filter((property) => !(property in properties)),
        [],
        `${type} has what no ${name} has`,
      );
      // No command reads an outcome, and a configuration is printed whole.
      return type === 'Outcome' || type === 'Configuration'
        ? []
        : completed.filter((property) => !required.includes(property));
    });
    const [, listed = ''] =
      /absentOrValue = (.*)/.exec(read('module/CertRebind/Private/ConvertTo-CertRebindJson.ps1')) ?? [];
    assert.deepEqual(
      [...listed.matchAll(/'(\w+)'/g)].map(([, name]) => name),
      [...new Set(optional)].sort(),
    );
  });
});
