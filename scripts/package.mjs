// package.mjs: makes everything that is handed out, in dist/: the executable for Windows and the zip with the module; and, for
// the tests, the executable for Linux with the lab. The same sources give the same bytes. `--linux-only` makes nothing but the one for
// Linux, `--windows-only` leaves that out; `--out` names another folder. See package/sign.mjs for how files are signed.
// Ends with 3 where files wait to be signed elsewhere: the same command then goes on.
// With `--if-stale`, for the tests, the one for Linux stays where the same sources have made it before.

import './dev/register.mjs';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { programForServers } from './build.mjs';
import { sourcesFingerprint } from './lib/fingerprint.mjs';
import { DIST, inRoot } from './lib/paths.mjs';
import { CACHE, fetchBase } from './package/bases.mjs';
import { filledIn, writeFilledIn } from './package/deployment-files.mjs';
import { makeExecutable } from './package/executable.mjs';
import { silenceEnvironment } from './package/harden-base.mjs';
import { moduleFiles, NOWHERE } from './package/module-files.mjs';
import { findSigner, signatureOf, signExecutable } from './package/sign.mjs';
import { billOfMaterials, bundledPackages, licenceNotices } from './package/third-parties.mjs';
import { withChecksum, withVersionResource } from './package/version-resource.mjs';
import { filesBelow, zipOf } from './package/zip.mjs';

const { readArguments } = await import('./lib/arguments.ts');
const given = readArguments('package [--linux-only] [--windows-only] [--if-stale] [--out <folder>]');
const out = resolve(given.texts('--out').at(-1) ?? DIST);
const { version } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
const META = join(DIST, 'meta', 'certrebind.json');

const forLinux = { linux: join(out, `certrebind-${version}-linux-x64`) };
const forWindows = {
  exe: join(out, 'certrebind.exe'),
  zip: join(out, `certrebind-${version}-win-x64.zip`),
  sbom: join(out, `certrebind-${version}.sbom.cdx.json`),
  packaging: join(out, `certrebind-${version}-packaging.zip`),
};
const LAB_BUNDLE = join(DIST, 'certrebind-lab.cjs');
const LINUX_STAMP = join(DIST, 'meta', 'linux-stamp');
const sources = sourcesFingerprint();
const artefacts = {
  ...(given.has('--windows-only') || (given.has('--if-stale') && linuxIsFresh()) ? {} : forLinux),
  ...(given.has('--linux-only') ? {} : forWindows),
};

// A NODE_ENV of the builder's environment must not change what is built.
mkdirSync(CACHE, { recursive: true });
mkdirSync(out, { recursive: true });
const work = mkdtempSync(join(CACHE, 'package-'));
let notices = '';
try {
  const from = step('bases', () => ({ linux: fetchBase('linux'), win: artefacts.exe && fetchBase('win') }));
  notices = licenceNotices(bundledPackages(META), from.linux.licence);
  const bases = step('harden', () => prepareBases(from));
  if (artefacts.linux !== undefined) packForLinux(bases);
  if (artefacts.exe !== undefined) await packForWindows(bases);
} finally {
  rmSync(work, { recursive: true, force: true });
}
for (const path of Object.values(artefacts)) {
  const megabytes = (readFileSync(path).length / 1e6).toFixed(1).padStart(6);
  console.log(`${sha256(path)}  ${megabytes} MB  ${basename(path)}`);
}

function packForLinux(bases) {
  const program = readFileSync(LAB_BUNDLE, 'utf8');
  step('linux', () => makeExecutable({ program, platform: 'linux', bases, outfile: artefacts.linux }));
  mustAnswer(artefacts.linux);
  writeFileSync(LINUX_STAMP, linuxStamp());
}

function linuxIsFresh() {
  return (
    [forLinux.linux, LAB_BUNDLE, LINUX_STAMP].every(existsSync) && readFileSync(LINUX_STAMP, 'utf8') === linuxStamp()
  );
}

/** What the executable was made of and by, and what it is. */
function linuxStamp() {
  return [sources, sha256(LAB_BUNDLE), sha256(forLinux.linux)].join('\n');
}

async function packForWindows(bases) {
  mustHoldNoLab(META);
  // Scripts are signed before the program takes them in and before they are hashed: what is installed is what was signed.
  const signer = findSigner();
  if (process.env.CERTREBIND_HOMEPAGE === undefined)
    process.stderr.write(`certrebind: NO ADDRESS: ${NOWHERE} stands for it, since CERTREBIND_HOMEPAGE is not set\n`);
  const scripts = await step('scripts', () => signScripts(signer));
  endWhereFilesWait(signer);
  const program = await programForServers(scripts);
  step('windows', () => makeExecutable({ program, platform: 'win', bases, outfile: artefacts.exe }));
  writeFileSync(artefacts.exe, withChecksum(readFileSync(artefacts.exe)));
  if (signer !== null) signExecutable(signer, artefacts.exe);
  endWhereFilesWait(signer);
  await step('zip', async () => writeFileSync(artefacts.zip, zipOf(await stageZip(scripts))));
  await step('packaging', async () =>
    writeFileSync(artefacts.packaging, zipOf(await stagePackaging(scripts), 'packaging/')),
  );
  const lines = Object.values(forWindows).map((path) => `${sha256(path)}  ${basename(path)}\n`);
  writeFileSync(join(out, 'SHA256SUMS'), lines.join(''));
}

// What brings the executable to servers, to be unpacked beside it.
async function stagePackaging({ packaging }) {
  const folder = join(out, 'packaging');
  const licences = `${readFileSync(inRoot('LICENSE'), 'utf8')}\n${notices}`;
  writeFilledIn(folder, { version, exe: sha256(artefacts.exe), licences });
  for (const [name, text] of Object.entries(packaging)) writeFileSync(join(folder, name), text);
  const { makeSchemas } = await import('./docs/printed-schemas.ts');
  await makeSchemas();
  // A lab is not handed out.
  const isLab = (path) => /^(?:lab|lab-.+|demo)\.json$/.test(basename(path));
  cpSync(inRoot('schemas/printed'), join(folder, 'schemas'), { recursive: true, filter: (path) => !isLab(path) });
  return folder;
}

function prepareBases(from) {
  const bases = { linux: join(work, 'node') };
  writeFileSync(bases.linux, silenceEnvironment(readFileSync(from.linux.binary)), { mode: 0o755 });
  if (from.win === undefined) return bases;
  const about = {
    version,
    name: 'CertRebind',
    company: 'CertRebind contributors',
    icon: inRoot('assets/certrebind.ico'),
  };
  const win = join(work, 'node.exe');
  writeFileSync(win, withVersionResource(silenceEnvironment(readFileSync(from.win.binary)), about), { mode: 0o755 });
  return { ...bases, win };
}

async function signScripts(signer) {
  const files = moduleFiles(version);
  if (signer === null) return { adapterSignature: '', files, packaging: {} };
  const { adapterFileName, adapterText } = await import('../src/server/windows/adapter-script.ts');
  const signed = (name, text) => {
    const script = join(work, basename(name));
    writeFileSync(script, text);
    return signatureOf(signer, script, text);
  };
  const adapterSignature = signed(adapterFileName, adapterText);
  const withSignatures = (texts) =>
    Object.fromEntries(
      Object.entries(texts).flatMap(([name, text]) => (isScript(name) ? [[name, text + signed(name, text)]] : [])),
    );
  // What is handed out beside the executable names its hash in no script.
  const packaging = withSignatures(filledIn({ version, exe: '' }));
  return { adapterSignature, files: { ...files, ...withSignatures(files) }, packaging };
}

// Whoever signs elsewhere needs all that waits at this point, and then this starts again from the same sources.
function endWhereFilesWait(signer) {
  if (signer === null || signer.waiting.length === 0) return;
  const folder = resolve(process.env.CERTREBIND_SIGN_FOLDER);
  console.log(`To be signed in ${folder}, in place; then start this again:`);
  for (const name of signer.waiting) console.log(`  ${name}`);
  rmSync(work, { recursive: true, force: true });
  process.exit(3);
}

function isScript(name) {
  return /\.(?:psm1|psd1|ps1xml|ps1)$/.test(name);
}

// The module folder as it is unpacked and imported: the executable once, its scripts, and the papers.
async function stageZip({ adapterSignature, files }) {
  const root = join(work, 'zip');
  const module = join(root, 'CertRebind');
  const { stageModule } = await import('./package/module-folder.mjs');
  stageModule({ folder: module, exe: artefacts.exe, version, adapterSignature, files });
  writeFileSync(join(module, 'THIRD-PARTY-NOTICES.txt'), notices);
  const materials = `${JSON.stringify(billOfMaterials(version, bundledPackages(META)), null, 2)}\n`;
  for (const file of [join(module, 'sbom.cdx.json'), artefacts.sbom]) writeFileSync(file, materials);
  copyFileSync(inRoot('LICENSE'), join(module, 'LICENSE'));
  copyFileSync(inRoot('packaging/zip/README.md'), join(module, 'README.md'));
  const sums = filesBelow(module).map((file) => `${sha256(join(module, file))}  ${file}\n`);
  writeFileSync(join(module, 'SHA256SUMS'), sums.join(''));
  return root;
}

function mustHoldNoLab(metafile) {
  const lab = Object.keys(JSON.parse(readFileSync(metafile, 'utf8')).inputs).filter((input) =>
    input.startsWith('src/lab/'),
  );
  if (lab.length > 0) throw new Error(`the program for Windows must not hold the lab, and holds ${lab.join(', ')}`);
}

function mustAnswer(executable) {
  const { status, stdout, stderr } = spawnSync(executable, ['--version'], { encoding: 'utf8', env: {} });
  if (status !== 0 || stdout.trim() !== version || stderr !== '')
    throw new Error(`${executable} --version printed ${JSON.stringify(stdout + stderr)}, not ${version}`);
}

function step(name, work) {
  const started = Date.now();
  const done = (result) => {
    process.stderr.write(`certrebind: ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
    return result;
  };
  const result = work();
  return result instanceof Promise ? result.then(done) : done(result);
}

function sha256(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
