import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { moduleFiles, withVersion } from '../../scripts/package/module-files.mjs';
import { stageModule } from '../../scripts/package/module-folder.mjs';
import { filesBelow } from '../../scripts/package/zip.mjs';
import { adapterText, findAdapterScript } from '../../src/server/windows/adapter-script.ts';
import { newFolder } from '../support/temporary-lab.ts';

const root = join(import.meta.dirname, '../..');

describe('the module as it is delivered', () => {
  let made: string;
  let folder: string;
  let exe: string;
  beforeEach(() => {
    made = newFolder();
    folder = join(made, 'CertRebind');
    exe = join(made, 'built');
    writeFileSync(exe, 'a program');
  });

  it('lists exactly the files that it has wherever it is, with or without the program', () => {
    stageModule({ folder, exe, version: '1.2.3' });
    const own = (name: string) => !/^(?:bin|CertRebindDsc)\//.test(name);
    assert.deepEqual(listed(read('CertRebind.psd1'), 'FileList'), filesBelow(folder).filter(own).sort());
  });

  it('bears the version of the program', () => {
    stageModule({ folder, exe, version: '1.2.3-beta1' });
    assert.match(read('CertRebind.psd1'), /ModuleVersion *= '1\.2\.3'/);
    assert.match(read('CertRebind.psd1'), /Prerelease *= 'beta1'/);
    assert.throws(() => stageModule({ folder, exe, version: '1.2.3-beta.1' }), /only letters and digits/);
  });

  it('bears what is new, and an icon that the gallery can show', () => {
    stageModule({ folder, exe, version: '1.2.3' });
    const [, notes = ''] = /ReleaseNotes = '([^']*)'/.exec(read('CertRebind.psd1')) ?? [];
    const [, first = ''] = readFileSync(join(root, 'CHANGELOG.md'), 'utf8').split(/^## \[.*\n\n/m);
    assert.equal(notes, `${first.split('\n\n')[0]} https://example.com/certrebind/blob/HEAD/CHANGELOG.md`);
    const [, icon = ''] = /IconUri *= '[^']*\/HEAD\/([^']*)'/.exec(read('CertRebind.psd1')) ?? [];
    assert.equal(readFileSync(join(root, icon)).toString('latin1', 1, 4), 'PNG');
  });

  it('has its functions in one script that reads no other', () => {
    stageModule({ folder, exe, version: '1.2.3' });
    const script = read('CertRebind.psm1');
    for (const name of listed(read('CertRebind.psd1'), 'FunctionsToExport'))
      assert.match(script, new RegExp(`^function ${name} \\{$`, 'm'));
    assert.doesNotMatch(script, /^ *\. \$\w+\.FullName$/m);
  });

  it('brings the class for DSC as a module of its own, bound to this version', () => {
    const required = (version: string) => {
      stageModule({ folder, exe, version });
      return /ModuleName = 'CertRebind'; ([^}]*) \}/.exec(read('CertRebindDsc/CertRebindDsc.psd1'))?.[1];
    };
    assert.equal(required('1.2.3'), "RequiredVersion = '1.2.3'");
    assert.equal(required('0.3.0-rc1'), "ModuleVersion = '0.2.99999'; MaximumVersion = '0.3.0'");
    assert.equal(required('1.0.0-rc1'), "ModuleVersion = '0.99999'; MaximumVersion = '1.0.0'");
    assert.equal(required('1.2.3-beta1'), "ModuleVersion = '1.2.2.99999'; MaximumVersion = '1.2.3'");
    const manifest = read('CertRebindDsc/CertRebindDsc.psd1');
    assert.match(manifest, /^ *ModuleVersion *= '1\.2\.3'$/m);
    assert.match(manifest, /Prerelease *= 'beta1'/);
    assert.match(read('CertRebindDsc/CertRebindDsc.psm1'), /^\[DscResource\(\)\]$/m);
    // A class keeps a whole script from being loaded in constrained language.
    assert.doesNotMatch(read('CertRebind.psm1'), /^ *class |^enum /m);
  });

  it('links to where it is published, where that is said', () => {
    const files: Readonly<Record<string, string>> = moduleFiles('1.2.3', 'https://git.example.org/x/');
    assert.match(files['CertRebind/CertRebind.psd1'] ?? '', /ProjectUri *= 'https:\/\/git\.example\.org\/x'/);
    for (const text of Object.values(files)) assert.doesNotMatch(text, /https:\/\/example\.com\/certrebind/);
    const helpLinks = (text = '') => [...text.matchAll(/HelpUri = '(.*?)'/g)].map(([, link]) => link);
    const functions = listed(files['CertRebind/CertRebind.psd1'] ?? '', 'FunctionsToExport');
    const page = 'https://git.example.org/x/blob/HEAD/docs/powershell.md#what-there-is';
    assert.deepEqual(
      helpLinks(files['CertRebind/CertRebind.psm1']),
      functions.map(() => page),
    );
    assert.deepEqual(helpLinks(moduleFiles('1.2.3')['CertRebind/CertRebind.psm1']), []);
  });

  it('brings the adapter script that this program accepts', () => {
    stageModule({ folder, exe, version: '1.2.3' });
    assert.equal(findAdapterScript(join(folder, 'bin')).file, join(folder, 'bin', 'certrebind-adapter.ps1'));
    assert.equal(read('bin/certrebind-adapter.ps1'), adapterText);
  });

  it('leaves nothing of an earlier version in the folder', () => {
    stageModule({ folder, exe, version: '1.2.2' });
    const first = filesBelow(folder);
    writeFileSync(join(folder, 'Old.ps1'), '');
    stageModule({ folder, exe, version: '1.2.3' });
    assert.deepEqual(filesBelow(folder), first);
  });

  it('brings the program, which can be started, under the ending of its name', () => {
    stageModule({ folder, exe, version: '1.2.3' });
    assert.equal(read('bin/certrebind'), 'a program');
    assert.equal(statSync(join(folder, 'bin', 'certrebind')).mode & 0o777, 0o755);
    writeFileSync(`${exe}.exe`, 'one of Windows');
    stageModule({ folder, exe: `${exe}.exe`, version: '1.2.3', adapterSignature: '# signed\n' });
    assert.equal(read('bin/certrebind.exe'), 'one of Windows');
    assert.equal(existsSync(join(folder, 'bin', 'certrebind')), false);
    assert.equal(read('bin/certrebind-adapter.ps1'), `${adapterText}# signed\n`);
  });

  it('is developed under the version of package.json', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const name of ['CertRebind', 'CertRebindDsc']) {
      const manifest = readFileSync(join(root, 'module', name, `${name}.psd1`), 'utf8');
      assert.equal(withVersion(manifest, version), manifest, `run: npm version ${version} --allow-same-version`);
      const between = withVersion(manifest, '1.2.3-beta1');
      assert.match(between, /Prerelease *= 'beta1'/);
      assert.equal(withVersion(between, version), manifest, 'nothing of a prerelease stays');
    }
  });

  function read(name: string): string {
    return readFileSync(join(folder, name), 'utf8');
  }
});

function listed(manifest: string, key: string): readonly string[] {
  const list = new RegExp(`^ *${key} *= @\\(([^)]*)\\)`, 'm').exec(manifest)?.[1] ?? '';
  return Array.from(list.matchAll(/'([^']+)'/g), ([, name = '']) => name);
}
