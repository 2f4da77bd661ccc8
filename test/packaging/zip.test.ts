import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { filesBelow, zipOf } from '../../scripts/package/zip.mjs';
import { newFolder } from '../support/temporary-lab.ts';

describe('a zip of a folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });

  function written(names: readonly string[], at: Date): string {
    const made = join(folder, `${at.getTime()}`);
    for (const name of names) {
      mkdirSync(join(made, name, '..'), { recursive: true });
      writeFileSync(join(made, name), `${name} `.repeat(100));
      utimesSync(join(made, name), at, at);
    }
    return made;
  }

  it('has every file by its path, and the same bytes whenever and in whatever order they were written', () => {
    const names = ['b.txt', 'c/d/e.txt', 'a.txt', 'c/a.txt'];
    const [first, second] = [written(names, new Date(1e12)), written(names.toReversed(), new Date(1.5e12))];
    const sorted = ['a.txt', 'b.txt', 'c/a.txt', 'c/d/e.txt'];
    assert.deepEqual(filesBelow(first), sorted);
    const zip: Uint8Array = zipOf(first);
    assert.deepEqual(zip, zipOf(second));
    const found = unzipSync(zip);
    assert.deepEqual(Object.keys(found), sorted);
    for (const name of names) assert.deepEqual(Buffer.from(found[name] ?? []), readFileSync(join(first, name)));
    assert.ok(zip.length < 1000, 'it is compressed');
  });
});
