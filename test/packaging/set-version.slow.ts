import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../../scripts/package/zip.mjs';
import { copyTree, type TreeCopy } from '../docs/page-changes.ts';

const changelog = (heading: string) => `# Changelog\n\n## [${heading}]\n\nWhat is new.\n`;

describe('npm version', function () {
  this.timeout(60_000);
  let copy: TreeCopy;
  beforeEach(() => {
    copy = copyTree(['.npmrc', 'package.json', 'package-lock.json', 'module', 'scripts']);
    write('CHANGELOG.md', changelog('Unreleased'));
  });
  afterEach(() => copy.remove());

  function npmVersion(version: string): { readonly status: number | null; readonly stderr: string } {
    return spawnSync('npm', ['version', version], { cwd: copy.folder, encoding: 'utf8' });
  }
  const read = (name: string) => readFileSync(join(copy.folder, name), 'utf8');
  const write = (name: string, text: string) => writeFileSync(join(copy.folder, name), text);
  const all = () =>
    filesBelow(copy.folder)
      .filter((name: string) => !name.startsWith('node_modules'))
      .map(read);
  const places = () => [
    JSON.parse(read('package.json')).version,
    JSON.parse(read('package-lock.json')).version,
    ...['CertRebind', 'CertRebindDsc'].map((name) => {
      const manifest = read(`module/${name}/${name}.psd1`);
      const [, number] = /ModuleVersion *= '(.*)'/.exec(manifest) ?? [];
      const [, prerelease] = /Prerelease *= '(.*)'/.exec(manifest) ?? [];
      return prerelease === undefined ? number : `${number}-${prerelease}`;
    }),
  ];

  it('sets every place, first of a prerelease and then of its release', () => {
    for (const version of ['98.0.0-beta1', '98.0.0']) {
      const { status, stderr } = npmVersion(version);
      assert.equal(status, 0, stderr);
      assert.deepEqual(places(), Array(4).fill(version));
      assert.equal(read('CHANGELOG.md'), changelog('98.0.0'));
    }
  });

  it('changes nothing where the changelog says nothing of it, or a module cannot have it', () => {
    write('CHANGELOG.md', changelog('98.0.0'));
    const before = all();
    for (const [version, says] of [
      ['98.1.0', /^CHANGELOG\.md begins with \[98\.0\.0\]\. .*## \[Unreleased\]/m],
      ['98.0.0-beta.1', /^98\.0\.0-beta\.1 cannot be the version of a module: only letters and digits/m],
    ] as const) {
      const { status, stderr } = npmVersion(version);
      assert.equal(status, 1);
      assert.match(stderr, says);
      assert.deepEqual(all(), before, version);
    }
  });
});
