// Other people's packages in an executable: found in the bundler's own list of what it included, never in a list kept
// by hand.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot, ROOT } from '../lib/paths.mjs';
import { BASES, NODE_VERSION } from './bases.mjs';
import { SMALL_HEAP } from './executable.mjs';
import { SILENCED, SILENCED_IN_JAVASCRIPT } from './harden-base.mjs';

/** How the runtime in the executable differs from what Node publishes. */
const DIFFERENCES = [
  `It knows nothing of ${[...SILENCED, ...SILENCED_IN_JAVASCRIPT].join(', ')}, whose names are blanked in it.`,
  'It takes no options from NODE_OPTIONS and no configuration of OpenSSL from OPENSSL_CONF or a file.',
  `It has the version resource and the icon of CertRebind, starts with ${SMALL_HEAP}, and holds the program.`,
].join(' ');

/** @returns the packages of a bundle, sorted: { name, version, licence, text, integrity } */
export function bundledPackages(metafile) {
  const { inputs } = JSON.parse(readFileSync(metafile, 'utf8'));
  const folders = new Set(
    Object.keys(inputs).flatMap((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []),
  );
  const lock = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8'));
  return [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(inRoot(`${folder}/package.json`), 'utf8'));
    return {
      name,
      version,
      licence: license,
      text: licenceText(inRoot(folder)),
      integrity: lock.packages[folder]?.integrity,
    };
  });
}

/** One text with every licence, Node's own included. */
export function licenceNotices(packages, nodeLicence) {
  const parts = packages.map(
    ({ name, version, licence, text }) => `${name} ${version} (${licence})\n\n${text.trim()}\n`,
  );
  const node = `Node.js ${NODE_VERSION}\n\n${readFileSync(nodeLicence, 'utf8').trim()}\n`;
  return ['CertRebind contains the following works of others.\n', ...parts, node].join(`\n${'='.repeat(80)}\n\n`);
}

/**
 * A CycloneDX 1.5 bill of materials; without serial number, and with the time of SOURCE_DATE_EPOCH or else of the commit, so that
 * equal builds are equal bytes. Format: cyclonedx.org, JSON reference 1.5.
 */
export function billOfMaterials(version, packages, epoch = process.env.SOURCE_DATE_EPOCH ?? timeOfCommit()) {
  const own = `pkg:generic/certrebind@${version}`;
  const components = packages.map(({ name, version: of, licence, integrity }) => ({
    type: 'library',
    name,
    version: of,
    'bom-ref': npmUrl(name, of),
    purl: npmUrl(name, of),
    licenses: [licence.includes(' ') ? { expression: licence } : { license: { id: licence } }],
    ...(integrity === undefined ? {} : { hashes: [hashOf(integrity)] }),
  }));
  const node = `pkg:generic/node@${NODE_VERSION}`;
  const runtime = {
    type: 'platform',
    'bom-ref': node,
    name: 'node',
    version: NODE_VERSION,
    purl: node,
    licenses: [{ license: { id: 'MIT' } }],
    // Of the executable as Node publishes it, which is then prepared and filled.
    hashes: [{ alg: 'SHA-256', content: BASES.win.sha256 }],
    pedigree: { notes: DIFFERENCES },
  };
  const bill = {
    specVersion: '1.5',
    version: 1,
    metadata: {
      ...(epoch === undefined ? {} : { timestamp: new Date(Number(epoch) * 1000).toISOString() }),
      component: {
        type: 'application',
        'bom-ref': own,
        name: 'certrebind',
        version,
        purl: own,
        licenses: [{ license: { id: 'MIT' } }],
      },
      supplier: { name: 'CertRebind contributors' },
    },
    components: [runtime, ...components],
    dependencies: [{ ref: own, dependsOn: [runtime, ...components].map((each) => each['bom-ref']) }],
  };
  return { bomFormat: 'CycloneDX', serialNumber: uuidOf(bill), ...bill };
}

/** An attestation takes no bill of materials without a serial number. Out of its content, so that the same sources give the same. */
function uuidOf(bill) {
  const digits = createHash('sha256').update(JSON.stringify(bill)).digest('hex');
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/, 'urn:uuid:$1-$2-8$3-8$4-$5');
}

/** In seconds; `undefined` outside a repository. */
function timeOfCommit() {
  const { status, stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

function npmUrl(name, version) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

// Some packages name their licence and leave its text out; then the standard text stands with the author's name.
function licenceText(folder) {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
  if (file !== undefined) return readFileSync(join(folder, file), 'utf8');
  const { name, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const standard = new URL(`licences/${license}.txt`, import.meta.url);
  if (!existsSync(standard))
    throw new Error(`${name} has no licence text, and there is no standard one for ${license}`);
  return `Copyright (c) ${author?.name ?? author ?? `the authors of ${name}`}\n\n${readFileSync(standard, 'utf8')}`;
}

function hashOf(integrity) {
  const [algorithm, base64] = integrity.split('-');
  return { alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(base64, 'base64').toString('hex') };
}
