// npm run test:windows [-- --suite <name>...] [--lab] [--out <folder>]: the suites of test/windows/suites on this Windows, or
// with --lab each on a new Windows lab of our own. What they found lies in <folder>/<suite>/measured.json after every file.
// Elsewhere: one line that says why not, and exit 7.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DIST, inRoot } from './lib/paths.mjs';
import { suiteNames } from './lib/suites.mjs';

const NOT_HERE = 7;
const built = spawnSync(process.execPath, [inRoot('scripts/ensure.mjs')], { stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);
await import('./dev/register.mjs');
const { among, readArguments } = await import('./lib/arguments.ts');
const { suites, onLab, out } = readArguments('test:windows [--suite <name>] [--lab] [--out <folder>]', () => {
  const { values } = parseArgs({
    options: {
      suite: { type: 'string', multiple: true, default: suiteNames() },
      lab: { type: 'boolean', default: false },
      out: { type: 'string', default: join(DIST, 'windows') },
    },
  });
  return { suites: among(suiteNames(), values.suite), onLab: values.lab, out: resolve(values.out) };
});
const why = onLab ? null : whyNotHere();
if (why !== null) {
  console.log(`test:windows: not run, ${why}`);
  process.exit(NOT_HERE);
}

const { runSuite } = await import('../test/windows/suites/run-suite.ts');
let failed = 0;
for (const suite of suites) {
  console.log(`== ${suite}`);
  const { files } = await (onLab ? onNewLab(suite) : run(suite, null));
  failed += files.filter(({ outcome }) => outcome !== 'done').length;
}
if (failed > 0) console.log(`FAILED: ${failed} files`);
process.exit(failed > 0 ? 1 : 0);

function run(suite, lab) {
  const say = (line) => console.log(line);
  return runSuite({ folder: inRoot(`test/windows/suites/${suite}`), lab, out: join(out, suite), say });
}

async function onNewLab(suite) {
  const { withLab } = await import('../test/windows/suites/with-lab.ts');
  const folder = mkdtempSync(join(tmpdir(), 'certrebind-suite-'));
  try {
    return await withLab(join(folder, 'lab'), (lab) => run(suite, lab));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asked in the order in which a person would put it right. */
function whyNotHere() {
  if (process.platform !== 'win32') return `since it needs a Windows with IIS and this is ${process.platform}.`;
  const system32 = join(process.env.SystemRoot ?? 'C:\\Windows', 'System32');
  if (!existsSync(join(system32, 'inetsrv', 'appcmd.exe'))) return 'since IIS is not installed here.';
  const powershell = join(system32, 'WindowsPowerShell', 'v1.0', 'powershell.exe');
  const isAdministrator =
    '([Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()).IsInRole(544)';
  const said = spawnSync(powershell, ['-NoProfile', '-Command', isAdministrator], { encoding: 'utf8' });
  if (said.stdout?.trim() !== 'True') return 'since this prompt is not elevated.';
  return null;
}
