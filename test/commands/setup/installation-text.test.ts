import assert from 'node:assert/strict';
import { installationText, uninstallationText } from '../../../src/commands/setup/installation-text.ts';
import type { Installation, Uninstallation } from '../../../src/documents/installation.ts';
import type { TerminalStyle } from '../../../src/shell/print/terminal-style.ts';

const look: TerminalStyle = { width: null, colour: false };
const installation: Installation = {
  schema: 'certrebind/install/1',
  folder: 'C:\\Program Files\\CertRebind',
  version: '1.1.0',
  previous: null,
  changed: ['certrebind.exe'],
  removed: [],
  modules: [],
  dscManifest: { file: 'certrebind.dsc.resource.json', needsPath: false },
  warnings: [],
};
const uninstallation: Uninstallation = {
  schema: 'certrebind/uninstall/1',
  folder: 'C:\\Program Files\\CertRebind',
  removed: ['certrebind.exe'],
  modules: [],
  restored: [],
  left: [],
  state: null,
  purged: null,
  warnings: [],
};

describe('what a person reads', () => {
  const dsc = 'DSC v3 finds certrebind.dsc.resource.json';
  const installed: readonly (readonly [what: string, change: Partial<Installation>, says: readonly string[]])[] = [
    ['of a first installation', {}, ['CertRebind 1.1.0 was installed: C:\\Program Files\\CertRebind', dsc]],
    [
      'of an upgrade',
      { previous: '1.0.0', removed: ['a.ps1', 'b.ps1'], modules: ['C:\\Modules\\CertRebind'] },
      [
        'CertRebind 1.1.0 was installed and replaced 1.0.0: C:\\Program Files\\CertRebind',
        'Removed, because this version no longer has them: a.ps1, b.ps1',
        'To use the PowerShell module: Import-Module CertRebind',
        dsc,
      ],
    ],
    [
      'of the same version, whose files were damaged',
      { previous: '1.1.0' },
      ['CertRebind 1.1.0 was installed: C:\\Program Files\\CertRebind', dsc],
    ],
    [
      'where all was in place',
      { previous: '1.1.0', changed: [], warnings: ['It was copied from a download.'] },
      ['CertRebind 1.1.0 is already installed: C:\\Program Files\\CertRebind', dsc, 'It was copied from a download.'],
    ],
    [
      'where DSC does not find it',
      { dscManifest: { file: 'a.json', needsPath: true } },
      [
        'CertRebind 1.1.0 was installed: C:\\Program Files\\CertRebind',
        "For DSC v3, add the folder of a.json to PATH; install does not change PATH:\n$env:PATH += ';C:\\Program Files\\CertRebind'",
      ],
    ],
  ];
  for (const [what, change, says] of installed)
    it(what, () => assert.deepEqual(parts(installationText({ ...installation, ...change }, look)), says));

  const uninstalled: readonly (readonly [what: string, change: Partial<Uninstallation>, says: readonly string[]])[] = [
    ['of an uninstallation', {}, ['Removed from C:\\Program Files\\CertRebind.']],
    ['where nothing was installed', { removed: [] }, ['Nothing was installed in C:\\Program Files\\CertRebind.']],
    [
      'where the list of files is gone',
      { removed: [], left: ['a.ps1'] },
      [
        'C:\\Program Files\\CertRebind has no list of installed files, so nothing was removed there.',
        'Left there: a.ps1\nIf CertRebind is installed there, run install to make the list again, then run uninstall.',
      ],
    ],
    [
      'where something stays, and state with it',
      {
        ...{
          modules: ['C:\\Modules\\CertRebind'],
          restored: ['\\IIS-AutoCertRebind'],
          left: ['notes.txt', 'x.replaced'],
        },
        ...{ state: 'C:\\ProgramData\\CertRebind', warnings: ['Look.'] },
      },
      [
        'Removed from C:\\Program Files\\CertRebind.',
        'Removed with its files: C:\\Modules\\CertRebind',
        'Enabled again (enable --replace-native had disabled it): \\IIS-AutoCertRebind',
        'Left there: notes.txt, x.replaced\nFiles that end in .replaced are still running. Delete them later. The next install also removes them.',
        'History and configuration are kept in C:\\ProgramData\\CertRebind. To remove them too: --purge',
        'Look.',
      ],
    ],
    [
      'where state was removed, and a file of somebody stays',
      { left: ['notes.txt'], purged: 'C:\\ProgramData\\CertRebind' },
      [
        'Removed from C:\\Program Files\\CertRebind.',
        'Left there: notes.txt',
        'History and configuration were removed from C:\\ProgramData\\CertRebind.',
      ],
    ],
  ];
  for (const [what, change, says] of uninstalled)
    it(what, () => assert.deepEqual(parts(uninstallationText({ ...uninstallation, ...change }, look)), says));

  it('has no control character of a file name', () => {
    const text = uninstallationText({ ...uninstallation, folder: 'a\u001b[2J', left: ['b\u001b'] }, look);
    assert.ok(!text.includes('\u001b'), text);
  });
});

function parts(text: string): readonly string[] {
  return text.trimEnd().split('\n\n');
}
