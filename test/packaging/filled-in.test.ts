import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFilledIn } from '../../scripts/package/deployment-files.mjs';
import { filesBelow } from '../../scripts/package/zip.mjs';
import { newFolder } from '../support/temporary-lab.ts';

const folder = join(import.meta.dirname, '../..', 'packaging');

describe('files for deployment that are handed out', () => {
  it('are filled in by a build, nothing is left open, and no executable is among them', () => {
    const made = newFolder();
    const work = join(made, 'packaging');
    const exe = 'ab'.repeat(32);
    mkdirSync(work);
    writeFileSync(join(work, 'of-the-build-before.txt'), '');
    writeFilledIn(work, { version: '9.8.7', exe, homepage: 'https://git.example.org/x', licences: 'MIT' });
    const there = filesBelow(work);
    const besides = there.filter((name: string) => !filesBelow(folder).includes(name));
    assert.deepEqual(besides, ['chocolatey/tools/LICENSE.txt']);
    const installer = readFileSync(join(work, 'winget', 'CertRebind.CertRebind.installer.yaml'), 'utf8');
    assert.match(installer, /PackageVersion: 9\.8\.7\n/);
    const address = 'https://git.example.org/x/releases/download/v9.8.7/certrebind.exe\n';
    assert.ok(installer.includes(`InstallerUrl: ${address}`), installer);
    assert.ok(readFileSync(join(work, 'chocolatey/tools/VERIFICATION.txt'), 'utf8').includes(`\n${address}`));
    assert.match(installer, new RegExp(`InstallerSha256: "${exe.toUpperCase()}"`));
    for (const name of filesBelow(work)) {
      const text = readFileSync(join(work, name), 'utf8');
      assert.doesNotMatch(text, /example\.com\/certrebind|0{64}|(?<![\d.])0\.0\.0(?![\d.])/, name);
    }
  });
});
