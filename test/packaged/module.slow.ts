import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { versionTexts } from '../../scripts/package/version-resource.mjs';
import { version } from './artefacts.ts';
import { windowsExe, windowsZip } from './windows-artefacts.ts';

describe('the zip, unpacked in an empty folder', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'certrebind-zip-'));
    unpack(windowsZip, folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('names every file of it with its hash', () => {
    const sums = readFileSync(join(folder, 'CertRebind', 'SHA256SUMS'), 'utf8')
      .trim()
      .split('\n');
    const named = sums.map((line) => `CertRebind/${line.slice(66)}`);
    const zipped = Object.keys(unzipSync(readFileSync(windowsZip)));
    assert.deepEqual(named.sort(), zipped.filter((name) => !name.endsWith('/SHA256SUMS')).sort());
  });

  it('has a page for administrators whose links lead to files that are there', () => {
    const zipped = Object.keys(unzipSync(readFileSync(windowsZip)));
    const page = readFileSync(join(folder, 'CertRebind', 'README.md'), 'utf8');
    const links = Array.from(page.matchAll(/\]\(([^)]+)\)/g), ([, target = '']) => target);
    assert.ok(links.length > 2);
    for (const link of links) assert.ok(zipped.includes(`CertRebind/${link}`), link);
    assert.doesNotMatch(page, /npm |package\.json|src\//);
  });

  it('is told of with the place of its program, from the folder in which it was unpacked', () => {
    const root = join(import.meta.dirname, '../..');
    const row = /^\| by hand, zip \|.*$/m.exec(readFileSync(join(root, 'docs', 'deploy.md'), 'utf8'))?.[0] ?? '';
    const page = readFileSync(join(folder, 'CertRebind', 'README.md'), 'utf8').replace(/"C:\\[^"]*"/g, '');
    const typed = [...`${page}\n${row}`.matchAll(/(?<=^|`)[.\\\w]*certrebind\.exe(?= [a-z-])/gm)].map(([path]) => path);
    assert.ok(typed.length > 4, typed.join());
    for (const path of typed) assert.ok(existsSync(join(folder, path.replaceAll('\\', '/'))), path);
  });

  it('has its sums and its bill of materials beside it too', () => {
    const sums = readFileSync(join(windowsZip, '..', 'SHA256SUMS'), 'utf8')
      .trim()
      .split('\n');
    for (const line of sums) {
      const [hash, name = ''] = line.split('  ');
      const bytes = readFileSync(join(windowsZip, '..', name));
      assert.equal(createHash('sha256').update(bytes).digest('hex'), hash, name);
    }
    const bill = sums.find((line) => line.endsWith('.sbom.cdx.json'))?.slice(66) ?? '';
    const text = readFileSync(join(windowsZip, '..', bill), 'utf8');
    assert.equal(text, readFileSync(join(folder, 'CertRebind', 'sbom.cdx.json'), 'utf8'));
    const { metadata, components, dependencies } = JSON.parse(text);
    assert.equal(metadata.supplier.name, 'CertRebind contributors');
    const refs = components.map((one: Record<string, string>) => one['bom-ref']);
    assert.deepEqual(dependencies, [{ ref: metadata.component['bom-ref'], dependsOn: refs }]);
    const node = components.find(({ name }: { name: string }) => name === 'node');
    assert.match(node.hashes[0].content, /^[0-9a-f]{64}$/);
    assert.ok(Date.parse(metadata.timestamp) > Date.parse('2026-01-01'), metadata.timestamp);
    for (const { name, licenses } of components) assert.ok(licenses?.length > 0, name);
  });
});

it('the executable for Windows is named as people know it, where Task Manager and inventories look', () => {
  const { FileDescription, ProductName, ProductVersion } = versionTexts(readFileSync(windowsExe));
  assert.deepEqual([FileDescription, ProductName, ProductVersion], ['CertRebind', 'CertRebind', version]);
});

function unpack(zip: string, folder: string): void {
  for (const [name, bytes] of Object.entries(unzipSync(readFileSync(zip)))) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
}
