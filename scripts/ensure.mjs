// ensure.mjs [--rebuild] [--packages-only]: installs the locked packages and builds, each only if something changed.
// Anything that needs the project ready runs this first. It needs no package itself, prints on stderr only, and may be
// started by several processes at once: one works, the others wait and find it done.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { packagesFingerprint, sourcesFingerprint } from './lib/fingerprint.mjs';
import { withLock } from './lib/lock.mjs';
import { DIST, GENERATED, NODE_MODULES, ROOT, readOrEmpty } from './lib/paths.mjs';

const PACKAGES_STAMP = join(NODE_MODULES, '.certrebind-packages');
const BUILD_STAMP = join(DIST, '.build-stamp');

const QUIET = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];

const rebuild = process.argv.includes('--rebuild');
const packagesOnly = process.argv.includes('--packages-only');

if (rebuild || !packagesAreInstalled() || !(packagesOnly || buildIsFresh())) {
  mkdirSync(DIST, { recursive: true });
  await withLock(join(DIST, '.ensure-lock'), makeReady, { onWait: () => say('another process is preparing; waiting') });
}

async function makeReady() {
  if (!packagesAreInstalled()) installPackages();
  if (packagesOnly || (buildIsFresh() && !rebuild)) return;
  // Taken before the build: a file saved while it runs then leads to another build, not to a stale one.
  const sources = sourcesFingerprint();
  const { build } = await import('./build.mjs');
  await build({ say });
  writeFileSync(BUILD_STAMP, sources);
}

function packagesAreInstalled() {
  return readOrEmpty(PACKAGES_STAMP) === packagesFingerprint();
}

function buildIsFresh() {
  const views = ['Format', 'Types'].map((name) => join(ROOT, `module/CertRebind/CertRebind.${name}.ps1xml`));
  const isThere = [join(GENERATED, 'validate-plan.js'), ...views].every((file) => existsSync(file));
  return isThere && readOrEmpty(BUILD_STAMP) === sourcesFingerprint();
}

function installPackages() {
  say('installing packages (npm ci; about 10 seconds)');
  const started = Date.now();
  // Development packages are asked for by name, since NODE_ENV=production would leave them out. No package here needs
  // its install script, so none is run.
  const args = ['ci', '--include=dev', '--ignore-scripts', ...QUIET];
  const [command, ...before] = npmCommand();
  const install = () =>
    spawnSync(command, [...before, ...args], {
      cwd: ROOT,
      // npm's output goes to stderr, because stdout belongs to the caller.
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32' && before.length === 0,
    });
  let { status, error } = install();
  // A registry that has a bad minute must not cost a job that takes hours.
  if (status !== 0 && process.env.CI !== undefined) {
    say('npm ci failed; trying once more');
    ({ status, error } = install());
  }
  if (status !== 0) {
    say(`npm ci failed${error === undefined ? '' : `: ${error.message}`}`);
    process.exit(1);
  }
  writeFileSync(PACKAGES_STAMP, packagesFingerprint());
  say(`packages installed in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

// Inside `npm test` the npm that is already running is taken, otherwise the one on the path.
function npmCommand() {
  const running = process.env.npm_execpath;
  return running !== undefined && basename(running) === 'npm-cli.js' ? [process.execPath, running] : ['npm'];
}

function say(text) {
  process.stderr.write(`certrebind: ${text}\n`);
}
