// The story of test/module/fleet-story.txt, from nothing installed to everything put back, through real sshd on addresses of the loop.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findEngine } from '../../test/engine.ts';
import { inRoot } from '../lib/paths.mjs';
import { runProgram } from '../lib/program.mjs';
import { startSshServers } from '../lib/ssh-servers.mjs';
import { findPester } from '../lib/test-packages.mjs';

export const shows = 'That three servers behind real sshd print what test/module/fleet-story.txt says';
export const needs = [
  "Debian's packages by apt-get",
  'an ssh client, and root or an account with a shell',
  'the PowerShell of the tests',
];

export async function run({ folder, say }) {
  const engine = findEngine('published');
  const pester = findPester();
  if (engine === null || pester === null)
    throw new Error('the PowerShell of the tests is not there: run npm test once');
  const servers = await startSshServers({ folder, engine, count: 3 });
  try {
    const [list, counts] = ['files.txt', 'counts.json'].map((name) => join(folder, name));
    writeFileSync(list, inRoot('test/module/FleetStory.Slow.Tests.ps1'));
    const script = ['-NoProfile', '-NonInteractive', '-File', inRoot('test/powershell/run.ps1'), pester, list, counts];
    const env = {
      ...process.env,
      FLEET_SSH: servers.folder,
      POWERSHELL_TELEMETRY_OPTOUT: '1',
      TERM: 'dumb',
      NO_COLOR: '1',
    };
    const { code, output, seconds } = await runProgram(engine, script, { cwd: inRoot('.'), env });
    if (code !== 0) say(output);
    const { passed } = existsSync(counts)
      ? JSON.parse(readFileSync(counts, 'utf8').replace(/^\uFEFF/, ''))
      : { passed: 0 };
    const line = `Server: ${servers.version}. Nothing is installed at first; then all lines of the transcript are typed, in ${seconds.toFixed(0)} s.`;
    return { passed: code === 0 && passed > 0, lines: [line] };
  } finally {
    await servers.stop();
  }
}
