import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { otherVersion, readRegularFile } from '../../../src/engine/state/files.ts';
import { newFolder } from '../../support/temporary-lab.ts';

describe('reading a file', () => {
  it('takes one as long as it may be, and none that is longer', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '1234');
    assert.equal((await readRegularFile(file, 4)).toString(), '1234');
    await assert.rejects(readRegularFile(file, 3), { code: 'too-large' });
  });

  it('refuses what is no file', async function () {
    if (process.platform !== 'linux') this.skip();
    await assert.rejects(readRegularFile('/dev/null'), { code: 'not-a-file' });
    await assert.rejects(readRegularFile(newFolder()), { code: 'EISDIR' });
  });
});

describe('whether only another version can read a file', () => {
  it('is known of one that begins as ours without reading the rest, and is asked of its parser otherwise', async () => {
    const asked: string[] = [];
    const parse = Object.assign((text: string) => asked.push(text), { schema: 'certrebind/seen/1' });
    const file = join(newFolder(), 'seen.json');
    const others = ['{"schema":"certrebind/seen/12"}', '{"at":1,"schema":"certrebind/seen/1"}', '{'];
    for (const text of ['{\n "schema": "certrebind/seen/1",', ...others]) {
      writeFileSync(file, text);
      assert.equal(await otherVersion(file, parse), null);
    }
    assert.deepEqual(asked, others);
  });
});
