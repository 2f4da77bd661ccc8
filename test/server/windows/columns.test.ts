import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../../src/kinds');
const namesIn = (table: string) => [...table.matchAll(/(?:^|[;{\n])\s*(\w+) = /g)].map(([, name]) => name);

/** The columns that a script tells, by the first word of their rows. */
function told(script: string): readonly string[] {
  const [shared = ''] = [...script.matchAll(/^\s*(?:if .* )?(?:\{ )?\[ordered\]@\{([^}]*)\}/gm)].map(
    ([, table]) => table,
  );
  return [...script.matchAll(/Add-Record '([\w-]+)' (?:\$\w+|\(?(?:\[ordered\])?@\{([^}]*)\})/g)].map(
    ([, kind, table = shared]) => [kind, ...namesIn(table)].join(' '),
  );
}

const read = (module: string) => [...module.matchAll(/records\(\s*'([^']+)'/g)].map(([, columns = '']) => columns);

describe('the columns of rows that the adapter tells', () => {
  const kinds = readdirSync(folder).filter((kind) => existsSync(join(folder, kind, 'windows.ps1')));
  for (const kind of kinds)
    it(`are those that are read: ${kind}`, () => {
      const [script, module] = ['windows.ps1', 'windows.ts'].map((file) =>
        readFileSync(join(folder, kind, file), 'utf8'),
      );
      assert.deepEqual([...new Set(told(script ?? ''))].sort(), [...new Set(read(module ?? ''))].sort());
      assert.equal(read(module ?? '').length > 0, kind !== 'ftp');
    });
});
