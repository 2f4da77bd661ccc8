// What Windows shows of an .exe: version, names and icon. Written before the program is put in, because that also takes
// away Node's own signature, which would no longer match.

import { readFileSync } from 'node:fs';
import { calculateCheckSumForPE } from 'pe-library';
import * as resedit from 'resedit';

const ENGLISH = { lang: 1033, codepage: 1200 };

/**
 * @param exe bytes of node.exe
 * @param about { version: 'major.minor.patch', name, company, icon: path of an .ico file }
 * @returns the bytes with the resources replaced and without a signature
 */
export function withVersionResource(exe, about) {
  const executable = resedit.NtExecutable.from(exe, { ignoreCert: true });
  const resources = resedit.NtExecutableResource.from(executable);
  const [info] = resedit.Resource.VersionInfo.fromEntries(resources.entries);
  const [major, minor, patch] = about.version.split(/[.-]/).map(Number);
  info.setFileVersion(major, minor, patch, 0, ENGLISH.lang);
  info.setProductVersion(major, minor, patch, 0, ENGLISH.lang);
  info.setStringValues(ENGLISH, {
    ProductName: about.name,
    // What Task Manager and inventories show as its name.
    FileDescription: about.name,
    CompanyName: about.company,
    LegalCopyright: 'MIT licence',
    OriginalFilename: `${about.name.toLowerCase()}.exe`,
    InternalName: about.name.toLowerCase(),
    FileVersion: about.version,
    ProductVersion: about.version,
  });
  info.outputToResourceEntries(resources.entries);
  replaceIcon(resources, about.icon);
  resources.outputResource(executable);
  return Buffer.from(executable.generate());
}

/**
 * With a right checksum in the header, which is wrong once a program was put in. Some scanners hold a wrong one against a file
 * without a signature; a signer counts anew.
 */
export function withChecksum(exe) {
  const bytes = new Uint8Array(exe);
  calculateCheckSumForPE(bytes.buffer, true);
  return bytes;
}

/** What Windows shows of an .exe, by the names of the resource. */
export function versionTexts(exe) {
  const resources = resedit.NtExecutableResource.from(resedit.NtExecutable.from(exe, { ignoreCert: true }));
  const [info] = resedit.Resource.VersionInfo.fromEntries(resources.entries);
  return info.getStringValues(ENGLISH);
}

function replaceIcon(resources, path) {
  const icon = resedit.Data.IconFile.from(readFileSync(path));
  const [group] = resedit.Resource.IconGroupEntry.fromEntries(resources.entries);
  resedit.Resource.IconGroupEntry.replaceIconsForResource(
    resources.entries,
    group?.id ?? 1,
    group?.lang ?? ENGLISH.lang,
    icon.icons.map((entry) => entry.data),
  );
}
