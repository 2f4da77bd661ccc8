import assert from 'node:assert/strict';
import { isThere, namedTests } from '../docs/named-tests.ts';
import { textOf } from '../docs/pages.ts';

const page = textOf('test/security/threats.md');
const named = namedTests(page);

describe('test/security/threats.md', () => {
  it('names a test for every threat', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| threat'));
    assert.ok(rows.length >= 25);
    for (const row of rows) assert.match(row, /`test\/[^`]+` › [^|]+ \|$/, row);
    assert.equal(named.length, rows.length);
  });

  for (const test of named) it(`${test.file} has ${test.name}`, () => assert.ok(isThere(test)));
});
