// The module as it is installed: what is one function a file in the repository becomes one script, since an import then
// reads and parses one file instead of forty.

import '../dev/register.mjs';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRoot } from '../lib/paths.mjs';
import { filesBelow } from './zip.mjs';

const { adapterFileName, adapterText } = await import('../../src/server/windows/adapter-script.ts');
const { dscManifestName, dscManifestText } = await import('../../src/model/dsc-manifest.ts');

const SOURCE = inRoot('module/CertRebind');
const DSC = 'CertRebindDsc';
const LOADER = /^foreach \(\$folder in ([^)]*)\) \{\n[\s\S]*?^\}\n/m;

/**
 * Writes the module into a folder, replacing what is there: manifest, one script, views, help, in `bin` the program
 * once with its adapter script and its manifest for DSC beside it, and in `CertRebindDsc` the module with the class for
 * DSC, which the program installs beside this one.
 * @param exe the program; keeps the ending of its name, so that the one for Linux is staged for tests as well
 * @param version of package.json
 * @param papers files that the caller puts beside the manifest
 * @param adapterSignature the block behind the adapter's text where that was signed
 */
export function stageModule({ folder, exe, version, papers = [], adapterSignature = '' }) {
  rmSync(folder, { recursive: true, force: true });
  const put = (name, text) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  put('CertRebind.psm1', inlined(read('CertRebind.psm1')));
  put('CertRebind.Format.ps1xml', read('CertRebind.Format.ps1xml'));
  for (const name of filesBelow(join(SOURCE, 'en-US'))) put(`en-US/${name}`, read(`en-US/${name}`));

  put(`${DSC}/${DSC}.psm1`, readFileSync(inRoot(`module/${DSC}/${DSC}.psm1`), 'utf8'));
  put(`${DSC}/${DSC}.psd1`, dscModuleManifest(version));

  const program = exe.endsWith('.exe') ? 'bin/certrebind.exe' : 'bin/certrebind';
  put(`bin/${adapterFileName}`, adapterText + adapterSignature);
  put(`bin/${dscManifestName}`, dscManifestText(version));
  copyFileSync(exe, join(folder, program));
  chmodSync(join(folder, program), 0o755);

  const files = ['CertRebind.psd1', ...filesBelow(folder), ...papers].sort();
  put('CertRebind.psd1', manifest(read('CertRebind.psd1'), version, files));
}

function inlined(script) {
  const [loader, folders] = LOADER.exec(script) ?? [];
  if (loader === undefined) throw new Error('CertRebind.psm1 has no loop that loads its files');
  const parts = [...folders.matchAll(/'(\w+)'/g)].flatMap(([, folder]) =>
    scriptsIn(folder).map((name) => read(`${folder}/${name}`).trim()),
  );
  return script.replace(loader, () => `${parts.join('\n\n')}\n`);
}

function manifest(text, version, files) {
  const exported = listed(text, 'FunctionsToExport');
  const functions = scriptsIn('Public').map((name) => name.replace(/\.ps1$/, ''));
  if (exported.join() !== functions.join())
    throw new Error(`CertRebind.psd1 exports ${exported.join(', ')}, and Public has ${functions.join(', ')}`);
  const fileList = `    FileList             = @(\n${files.map((file) => `        '${file}'\n`).join('')}    )\n`;
  return withVersion(text, version).replace(/^ *PrivateData *= @\{$/m, (line) => `${fileList}${line}`);
}

function dscModuleManifest(version) {
  const text = readFileSync(inRoot(`module/${DSC}/${DSC}.psd1`), 'utf8');
  return withVersion(text, version).replace(/(RequiredVersion = )'[^']*'/, `$1'${version.split('-', 1)[0]}'`);
}

function withVersion(text, version) {
  const [number, prerelease] = version.split('-', 2);
  // The gallery allows no dot in it, and the module compares its own version with the program's letter by letter.
  if (prerelease !== undefined && !/^[0-9A-Za-z]+$/.test(prerelease))
    throw new Error(`${version} cannot be the version of a module: only letters and digits after the hyphen`);
  return text
    .replace(/^( *ModuleVersion *= ).*$/m, `$1'${number}'`)
    .replace(/^( *)PSData = @\{$/m, (line, indent) =>
      prerelease === undefined ? line : `${line}\n${indent}    Prerelease = '${prerelease}'`,
    );
}

function listed(text, key) {
  const list = new RegExp(`^ *${key} *= @\\(([^)]*)\\)`, 'm').exec(text)?.[1] ?? '';
  return [...list.matchAll(/'([^']+)'/g)].map(([, name]) => name);
}

function scriptsIn(folder) {
  return readdirSync(join(SOURCE, folder))
    .filter((name) => name.endsWith('.ps1'))
    .sort();
}

function read(name) {
  return readFileSync(join(SOURCE, name), 'utf8');
}
