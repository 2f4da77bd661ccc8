import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { assertNone } from '../support/each.ts';
import { isThere, namedTests } from './named-tests.ts';
import { root, textOf } from './pages.ts';

const page = textOf('docs/evidence/mission.md');
const rows = page.split('\n').filter((line) => /^\| (?!---)/.test(line) && !line.endsWith('| shown by |'));

describe('docs/evidence/mission.md', () => {
  it('names a test for every row', () => {
    assert.ok(rows.length >= 25, `${rows.length} rows`);
    assert.equal(namedTests(page).length, rows.length);
  });

  it('says of every complaint whether it is solved', () => {
    const complaints = (page.split('## What people complain about')[1] ?? '')
      .split('\n')
      .filter((line) => /^\| .*\]\(https:/.test(line));
    assert.ok(complaints.length >= 20, `${complaints.length} complaints`);
    assertNone(complaints, (line) => !/ \| (?:yes|partly|not)[:,] [^|]+ \| `test\//.test(line));
  });

  it('names files and folders that are there', () => {
    const named = Array.from(
      page.matchAll(/`((?:src|module|scripts|packaging|schemas)\/[\w./-]+)`/g),
      ([, path = '']) => path,
    );
    assert.ok(named.length >= 10);
    assertNone(named, (path) => !existsSync(join(root, path)));
  });

  for (const test of namedTests(page)) it(`${test.file} has ${test.name}`, () => assert.ok(isThere(test)));
});
