// set-version.mjs: what `npm version <version>` starts before it writes package.json and package-lock.json. Everything else
// reads the version there, but for the manifests of the modules, which PowerShell reads as they are, and the changelog.
// Where one of them cannot have the version, it ends before anything is written.

import { readFileSync, writeFileSync } from 'node:fs';
import { inRoot } from './lib/paths.mjs';
import { withVersion } from './package/module-files.mjs';

try {
  setVersion(process.env.npm_new_version ?? '');
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function setVersion(version) {
  if (version === '') throw new Error('Type npm version <version>, for example: npm version 1.2.3');
  const read = (file) => readFileSync(inRoot(file), 'utf8');
  const manifests = ['CertRebind', 'CertRebindDsc'].map((name) => `module/${name}/${name}.psd1`);
  const texts = manifests.map((file) => [file, withVersion(read(file), version)]);
  texts.push(['CHANGELOG.md', withSection(read('CHANGELOG.md'), version.split('-')[0])]);
  for (const [file, text] of texts) writeFileSync(inRoot(file), text);
}

/** What is unreleased becomes the section of the version. A release has the section of its prereleases. */
function withSection(changelog, number) {
  const first = /^## \[(.+)\]$/m.exec(changelog)?.[1];
  if (first !== 'Unreleased' && first !== number)
    throw new Error(
      `CHANGELOG.md begins with [${first}]. Write what is new in ${number} above it, under the heading ## [Unreleased], and type the command again.`,
    );
  return changelog.replace(/^## \[Unreleased\]$/m, `## [${number}]`);
}
