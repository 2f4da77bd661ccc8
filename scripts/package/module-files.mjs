// The module as text: what is one function a file in the repository becomes one script, since an import then reads and
// parses one file instead of forty. The program holds these files and installs them; the zip brings them too.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../lib/paths.mjs';

const SOURCE = inRoot('module');
// The address in the sources: the project has no public home yet.
export const NOWHERE = 'https://example.com/certrebind';
const LOADER = /^foreach \(\$folder in ([^)]*)\) \{\n[\s\S]*?^\}\n/m;

/**
 * Texts by name, with forward slashes, of the modules `CertRebind` and `CertRebindDsc`, each below a folder of its name.
 * @param version of package.json
 * @param homepage where the project is published, for the links of the module; the builder sets it by
 * CERTREBIND_HOMEPAGE
 */
export function moduleFiles(version, homepage = process.env.CERTREBIND_HOMEPAGE ?? NOWHERE) {
  const main = {
    'CertRebind.Types.ps1xml': read('CertRebind/CertRebind.Types.ps1xml'),
    'CertRebind.Format.ps1xml': read('CertRebind/CertRebind.Format.ps1xml'),
    'CertRebind.psm1': inlined(read('CertRebind/CertRebind.psm1'), homepage),
    'CertRebind.pssc': read('CertRebind/CertRebind.pssc'),
    ...folder('en-US'),
    ...folder('RoleCapabilities'),
  };
  const dsc = { 'CertRebindDsc.psm1': read('CertRebindDsc/CertRebindDsc.psm1') };
  const texts = {
    ...below('CertRebind', { 'CertRebind.psd1': manifest('CertRebind', version, main), ...main }),
    ...below('CertRebindDsc', { 'CertRebindDsc.psd1': manifest('CertRebindDsc', version, dsc), ...dsc }),
  };
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, text.replaceAll(NOWHERE, homepage.replace(/\/$/, ''))]),
  );
}

function folder(name) {
  return Object.fromEntries(
    namesIn(`CertRebind/${name}`).map((file) => [`${name}/${file}`, read(`CertRebind/${name}/${file}`)]),
  );
}

function below(folder, texts) {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${folder}/${name}`, text]));
}

function inlined(script, homepage) {
  const [loader, folders] = LOADER.exec(script) ?? [];
  if (loader === undefined) throw new Error('CertRebind.psm1 has no loop that loads its files');
  const parts = [...folders.matchAll(/'(\w+)'/g)].flatMap(([, folder]) =>
    scriptsIn(folder).map((name) => withHelpLink(folder, read(`CertRebind/${folder}/${name}`).trim(), homepage)),
  );
  return script.replace(loader, () => `${parts.join('\n\n')}\n`);
}

/** A link that leads nowhere would be worse than none. */
function withHelpLink(folder, script, homepage) {
  if (folder !== 'Public' || homepage === NOWHERE) return script;
  const link = `HelpUri = '${NOWHERE}/blob/HEAD/docs/powershell.md#what-there-is'`;
  return script.replace(/\[CmdletBinding\((?=(.))/, (head, next) => `${head}${link}${next === ')' ? '' : ', '}`);
}

function manifest(module, version, texts) {
  const text = read(`${module}/${module}.psd1`);
  const exported = listed(text, 'FunctionsToExport');
  const functions = module === 'CertRebind' ? scriptsIn('Public').map((name) => name.replace(/\.ps1$/, '')) : [];
  if (exported.join() !== functions.join())
    throw new Error(`${module}.psd1 exports ${exported.join(', ')}, and Public has ${functions.join(', ')}`);
  const files = [`${module}.psd1`, ...Object.keys(texts)].sort();
  const fileList = `    FileList             = @(\n${files.map((file) => `        '${file}'\n`).join('')}    )\n`;
  return withVersion(text, version)
    .replace(
      /^( *ReleaseNotes *= )'([^']*)'/m,
      (_line, key, link) => `${key}'${releaseNotes(version).replaceAll("'", "''")} ${link}'`,
    )
    .replace(/^ *PrivateData *= @\{$/m, (line) => `${fileList}${line}`);
}

/** A manifest of one of the modules with this version in place of the one that it has. */
export function withVersion(text, version) {
  const [number, prerelease] = version.split('-', 2);
  // The gallery allows no dot in it, and the module compares its own version with the program's letter by letter.
  if (prerelease !== undefined && !/^[0-9A-Za-z]+$/.test(prerelease))
    throw new Error(`${version} cannot be the version of a module: only letters and digits after the hyphen`);
  return text
    .replace(/^( *ModuleVersion *= ).*$/m, `$1'${number}'`)
    .replace(
      /(?<=ModuleName = 'CertRebind'; )[^}]*(?= \})/,
      prerelease === undefined ? `RequiredVersion = '${number}'` : upTo(number),
    )
    .replace(/^ *Prerelease *= .*\n/m, '')
    .replace(/^( *)PSData = @\{$/m, (line, indent) =>
      prerelease === undefined ? line : `${line}\n${indent}    Prerelease   = '${prerelease}'`,
    );
}

/**
 * What a prerelease of a number requires: no manifest can name one, and the number alone is none that is published yet, so
 * everything behind the release before it.
 */
function upTo(number) {
  const before = number.replace(/([1-9]\d*)(?:\.0)*$/, (_last, part) => `${part - 1}.99999`);
  return `ModuleVersion = '${before}'; MaximumVersion = '${number}'`;
}

/** What the changelog says first of this version, or of the newest where it has no section yet. */
function releaseNotes(version) {
  const [, ...sections] = readFileSync(inRoot('CHANGELOG.md'), 'utf8').split(/^## /m);
  const section = sections.find((text) => text.startsWith(`[${version.split('-')[0]}]`)) ?? sections[0];
  const [, first] = section?.split(/\n\n/) ?? [];
  if (first === undefined) throw new Error(`CHANGELOG.md says nothing of ${version}`);
  return first.replaceAll('\n', ' ');
}

function listed(text, key) {
  const list = new RegExp(`^ *${key} *= @\\(([^)]*)\\)`, 'm').exec(text)?.[1] ?? '';
  return [...list.matchAll(/'([^']+)'/g)].map(([, name]) => name);
}

function scriptsIn(folder) {
  return namesIn(`CertRebind/${folder}`).filter((name) => name.endsWith('.ps1'));
}

function namesIn(folder) {
  return readdirSync(join(SOURCE, folder)).sort();
}

function read(name) {
  return readFileSync(join(SOURCE, name), 'utf8');
}
