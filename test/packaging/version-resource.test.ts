import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { versionTexts, withVersionResource } from '../../scripts/package/version-resource.mjs';

// Its types would change those of Node for the whole program.
const library = 'resedit';
const resedit = await import(library);
const icon = join(import.meta.dirname, '../..', 'assets', 'certrebind.ico');

interface Group {
  readonly id: number;
  readonly lang: number;
  readonly icons: readonly unknown[];
}

describe('what Windows shows of the executable', () => {
  it('is its own version, names and icon, in place of those of Node', () => {
    const exe: Buffer = withVersionResource(executableOf('1.0.0'), {
      ...{ version: '4.5.6', name: 'CertRebind', company: 'CertRebind contributors', icon },
    });
    assert.deepEqual(versionTexts(exe), {
      ProductName: 'CertRebind',
      FileDescription: 'CertRebind',
      CompanyName: 'CertRebind contributors',
      LegalCopyright: 'MIT licence',
      OriginalFilename: 'certrebind.exe',
      InternalName: 'certrebind',
      FileVersion: '4.5.6',
      ProductVersion: '4.5.6',
      Comments: 'of Node',
    });
    const { entries } = resourcesOf(exe);
    const [info] = resedit.Resource.VersionInfo.fromEntries(entries);
    const { fileVersionMS, fileVersionLS, productVersionMS, productVersionLS } = info?.fixedInfo ?? {};
    const [high, low] = [(4 << 16) | 5, 6 << 16];
    assert.deepEqual([fileVersionMS, fileVersionLS, productVersionMS, productVersionLS], [high, low, high, low]);
    const groups = resedit.Resource.IconGroupEntry.fromEntries(entries);
    assert.deepEqual(
      groups.map(({ id, lang, icons }: Group) => [id, lang, icons.length]),
      [[7, 1033, resedit.Data.IconFile.from(readFileSync(icon)).icons.length]],
    );
  });
});

function resourcesOf(exe: Buffer) {
  return resedit.NtExecutableResource.from(resedit.NtExecutable.from(exe));
}

/** As Node publishes one: with a version, another text, and an icon. */
function executableOf(version: string): Buffer {
  const executable = resedit.NtExecutable.createEmpty();
  const resources = resedit.NtExecutableResource.from(executable);
  const info = resedit.Resource.VersionInfo.createEmpty();
  info.lang = 1033;
  info.setFileVersion(version, 1033);
  info.setStringValues({ lang: 1033, codepage: 1200 }, { ProductName: 'Node.js', Comments: 'of Node' });
  info.outputToResourceEntries(resources.entries);
  const [first] = resedit.Data.IconFile.from(readFileSync(icon)).icons;
  if (first === undefined) throw new Error(`${icon} has no picture`);
  resedit.Resource.IconGroupEntry.replaceIconsForResource(resources.entries, 7, 1033, [first.data]);
  resources.outputResource(executable);
  return Buffer.from(executable.generate());
}
