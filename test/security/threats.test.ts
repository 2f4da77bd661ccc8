import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/security.md'), 'utf8');
const named = [...page.matchAll(/`(test\/[^`]+)` › ([^|]+?) \|$/gm)].map(([, file = '', name = '']) => ({
  file,
  name,
}));

describe('docs/security.md', () => {
  it('names a test for every threat', () => {
    const section = page.slice(page.indexOf('## Threats'), page.indexOf('## What is not'));
    const rows = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| threat'));
    assert.ok(rows.length >= 25);
    for (const row of rows) assert.match(row, /`test\/[^`]+` › [^|]+ \|$/, row);
    assert.equal(named.length, rows.length);
  });

  for (const { file, name } of named) {
    it(`${file} has ${name}`, () => {
      assert.ok(existsSync(join(root, file)), file);
      const text = readFileSync(join(root, file), 'utf8');
      const titles = [...text.matchAll(/\b(?:it|describe)\(\s*(?:'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`|"([^"]*)")/g)];
      assert.ok(
        titles.some((title) => title.slice(1).some((part) => part?.includes(name))),
        `${file} has no test ${name}`,
      );
    });
  }
});
