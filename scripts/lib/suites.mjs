// The suites for Windows: the folders of test/windows/suites.

import { readdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { inRoot } from './paths.mjs';

export function suiteNames() {
  return readdirSync(inRoot('test/windows/suites'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** What the document of a suite says of where and by whom it was run, before the program has looked there. */
export function runOf(suite) {
  const { ImageOS, ImageVersion, GITHUB_SHA, GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = process.env;
  const [, build = '0'] = /^10\.0\.(\d+)/.exec(release()) ?? [];
  const image = ImageOS === undefined ? null : `${ImageOS} ${ImageVersion ?? ''}`.trim();
  const url =
    GITHUB_RUN_ID === undefined ? null : `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
  const { version } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
  return {
    windows: { build: Number(build), iis: '', image },
    program: { version, commit: GITHUB_SHA ?? null },
    run: { suite, at: new Date().toISOString(), url },
  };
}
