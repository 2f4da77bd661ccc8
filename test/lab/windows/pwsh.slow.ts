import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findEngine } from '../../engine.ts';
import { ofEach } from '../../support/of-each.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

const root = join(import.meta.dirname, '../../..');

(findEngine() === null ? describe.skip : describe)('npm run pwsh', () => {
  const lab = ofEach(() => temporaryLab({ sites: 1 }));

  it('runs a script without arguments and with them, and the module is found by its name there', () => {
    const script = join(lab.folder, 'script.ps1');
    writeFileSync(
      script,
      "Import-Module -Name CertRebind\n'{0}|{1}|{2}' -f $args.Count, ($args -join '+'), (Get-Module CertRebind).Name\n",
    );
    const run = (...words: readonly string[]) =>
      execFileSync(
        process.execPath,
        ['--import', './scripts/dev/register.mjs', 'scripts/pwsh.mjs', '--lab', lab.folder, '-File', script, ...words],
        { cwd: root, encoding: 'utf8' },
      ).trim();
    assert.equal(run(), '0||CertRebind');
    assert.equal(run('a', 'b c'), '2|a+b c|CertRebind');
  });
});
