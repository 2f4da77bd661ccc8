// npm run test:windows: the main job on a real Windows with IIS, on a temporary site, and everything removed
// afterwards.
// Elsewhere: one line that says why not, and exit 7.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const NOT_HERE = 7;

const why = whyNotHere();
if (why !== null) {
  console.log(`test:windows: not run, ${why}`);
  process.exit(NOT_HERE);
}

const built = spawnSync(process.execPath, [join(ROOT, 'scripts', 'ensure.mjs')], { cwd: ROOT, stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);
const tested = spawnSync(
  process.execPath,
  [
    join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js'),
    '--import=./scripts/dev/register.mjs',
    'test/windows/**/*.windows.ts',
  ],
  { cwd: ROOT, stdio: 'inherit' },
);
process.exit(tested.status ?? 1);

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
