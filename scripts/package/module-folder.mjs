// The module as it is unpacked and imported, with the program in it.

import '../dev/register.mjs';
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { moduleFiles } from './module-files.mjs';

const { adapterFileName, adapterText } = await import('../../src/server/windows/adapter-script.ts');
const { dscManifestName, dscManifestText } = await import('../../src/documents/dsc-manifest.ts');

/**
 * Writes the module into a folder, replacing what is there: manifest, one script, views, help, in `bin` the program once
 * with its adapter script and its manifest for DSC beside it, and in `CertRebindDsc` the module with the class for DSC.
 * @param exe the program; keeps the ending of its name, so that the one for Linux is staged for tests as well
 * @param version of package.json
 * @param adapterSignature the block behind the adapter's text where that was signed
 * @param files the module's texts, signed where they were
 */
export function stageModule({ folder, exe, version, adapterSignature = '', files = moduleFiles(version) }) {
  rmSync(folder, { recursive: true, force: true });
  const put = (name, text) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  for (const [name, text] of Object.entries(files)) put(name.replace(/^CertRebind\//, ''), text);
  const program = exe.endsWith('.exe') ? 'bin/certrebind.exe' : 'bin/certrebind';
  put(`bin/${adapterFileName}`, adapterText + adapterSignature);
  put(`bin/${dscManifestName}`, dscManifestText(version));
  copyFileSync(exe, join(folder, program));
  chmodSync(join(folder, program), 0o755);
}
