import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BASES, NODE_VERSION } from '../../scripts/package/bases.mjs';
import { SILENCED, SILENCED_IN_JAVASCRIPT } from '../../scripts/package/harden-base.mjs';
import { billOfMaterials, bundledPackages, licenceNotices } from '../../scripts/package/third-parties.mjs';
import { each } from '../support/each.ts';
import { newFolder } from '../support/temporary-lab.ts';

interface Bundled {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly text: string;
  readonly integrity: string | undefined;
}

const root = join(import.meta.dirname, '../..');
const ofPackage = (name: string) => JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
const licenceOf = (name: string) => readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8');

describe("other people's packages in the executable", () => {
  const folder = newFolder();
  let packages: readonly Bundled[];
  before(async () => {
    const inputs = [
      ...['src/cli.ts', 'node_modules/saxes/saxes.js', 'node_modules/@peculiar/x509/build/x509.cjs.js'],
      ...['node_modules/ajv/dist/core.js', 'node_modules/ajv/dist/ajv.js', 'node_modules/node-forge/lib/forge.js'],
    ];
    const metafile = join(folder, 'meta.json');
    writeFileSync(metafile, JSON.stringify({ inputs: Object.fromEntries(inputs.map((name) => [name, {}])) }));
    packages = bundledPackages(metafile);
  });

  it('are those of the bundle, each once, by name, with version, licence and hash', () => {
    const names = ['@peculiar/x509', 'ajv', 'node-forge', 'saxes'];
    const { packages: locked } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
    assert.deepEqual(
      each(packages, 'name', 'version', 'licence', 'integrity'),
      names.map((name) => {
        const { version, license } = ofPackage(name);
        return [name, version, license, locked[`node_modules/${name}`].integrity];
      }),
    );
  });

  it('come with their licence, or with the standard text in the name of the author', () => {
    const [, ajv, , saxes] = packages;
    assert.equal(ajv?.text, licenceOf('ajv'));
    const standard = readFileSync(join(root, 'scripts/package/licences/ISC.txt'), 'utf8');
    assert.equal(saxes?.text, `Copyright (c) ${ofPackage('saxes').author}\n\n${standard}`);
  });

  it('are named in one text, that of Node behind them', () => {
    const node = join(folder, 'LICENSE');
    writeFileSync(node, '\nNode is licensed.\n\n');
    const notices: string = licenceNotices(packages.slice(1, 2), node);
    assert.deepEqual(notices.split(`\n${'='.repeat(80)}\n\n`), [
      'CertRebind contains the following works of others.\n',
      `ajv ${ofPackage('ajv').version} (MIT)\n\n${licenceOf('ajv').trim()}\n`,
      `Node.js ${NODE_VERSION}\n\nNode is licensed.\n`,
    ]);
  });

  it('are in the bill of materials, which is the same for the same commit', () => {
    const bill = billOfMaterials('1.2.3', [packages[0], packages[2]], '86400');
    const [{ version: x509 }, { version: forge }] = [ofPackage('@peculiar/x509'), ofPackage('node-forge')];
    const refs = [`pkg:npm/%40peculiar/x509@${x509}`, `pkg:npm/node-forge@${forge}`];
    const node = `pkg:generic/node@${NODE_VERSION}`;
    const own = 'pkg:generic/certrebind@1.2.3';
    const sha512 = (integrity = '') => Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
    const notes: string = JSON.parse(JSON.stringify(bill)).components[0].pedigree.notes;
    assert.match(bill.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.deepEqual(bill, billOfMaterials('1.2.3', [packages[0], packages[2]], '86400'));
    assert.notEqual(bill.serialNumber, billOfMaterials('1.2.4', [packages[0], packages[2]], '86400').serialNumber);
    assert.deepEqual(bill, {
      bomFormat: 'CycloneDX',
      serialNumber: bill.serialNumber,
      specVersion: '1.5',
      version: 1,
      metadata: {
        timestamp: '1970-01-02T00:00:00.000Z',
        component: {
          ...{ type: 'application', 'bom-ref': own, name: 'certrebind', version: '1.2.3', purl: own },
          licenses: [{ license: { id: 'MIT' } }],
        },
        supplier: { name: 'CertRebind contributors' },
      },
      components: [
        {
          ...{ type: 'platform', 'bom-ref': node, name: 'node', version: NODE_VERSION, purl: node },
          licenses: [{ license: { id: 'MIT' } }],
          hashes: [{ alg: 'SHA-256', content: BASES.win.sha256 }],
          pedigree: { notes },
        },
        {
          ...{ type: 'library', name: '@peculiar/x509', version: x509, 'bom-ref': refs[0], purl: refs[0] },
          licenses: [{ license: { id: 'MIT' } }],
          hashes: [{ alg: 'SHA-512', content: sha512(packages[0]?.integrity) }],
        },
        {
          ...{ type: 'library', name: 'node-forge', version: forge, 'bom-ref': refs[1], purl: refs[1] },
          licenses: [{ expression: '(BSD-3-Clause OR GPL-2.0)' }],
          hashes: [{ alg: 'SHA-512', content: sha512(packages[2]?.integrity) }],
        },
      ],
      dependencies: [{ ref: own, dependsOn: [node, ...refs] }],
    });
    const page = readFileSync(join(root, 'SECURITY.md'), 'utf8');
    assert.ok(page.includes(`Node.js ${NODE_VERSION} `));
    const settings = ['NODE_OPTIONS', 'OPENSSL_CONF', '--heap-growing-percent=30'];
    for (const name of [...SILENCED, ...SILENCED_IN_JAVASCRIPT, ...settings])
      for (const text of [notes, page]) assert.ok(text.includes(name), name);
    assert.equal(
      'hashes' in billOfMaterials('1.2.3', [{ ...packages[0], integrity: undefined }], '0').components[1],
      false,
    );
  });
});
