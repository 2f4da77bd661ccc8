// Invoke-CertRebindFleet against real sshd on addresses of the loop, each address a lab of its own: a server whose key is
// another and one that nobody answers for, then 1, 20 and 200 servers, with what the console costs.

import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { findEngine } from '../../test/engine.ts';
import { checklist } from '../lib/checklist.mjs';
import { inRoot } from '../lib/paths.mjs';
import { demand, runProgram } from '../lib/program.mjs';
import { startSshServers } from '../lib/ssh-servers.mjs';

export const shows = 'What 1, 20 and 200 servers behind real sshd cost the console';
export const needs = [
  "Debian's packages by apt-get",
  'an ssh client, and root or an account with a shell',
  'the PowerShell of the tests',
  '8 GB of memory for 200 servers, 50 of them at once',
];

const SIZES = [1, 20, 200];
const ALL = SIZES.reduce((sum, size) => sum + size, 0);
const PROGRAM = inRoot('dist/certrebind-lab.cjs');

export async function run({ folder, say }) {
  const engine = findEngine('published');
  if (engine === null) throw new Error('the PowerShell of the tests is not there: run npm test once');
  const servers = await startSshServers({ folder, engine, count: ALL });
  try {
    say(`${ALL} addresses listen, by ${servers.version}`);
    await makeLabs(folder, servers);
    const results = join(folder, 'results.json');
    const measured = await runProgram(
      engine,
      [
        ...['-NoProfile', '-NonInteractive', '-File', inRoot('scripts/evidence/fleet/measure.ps1')],
        ...[inRoot('module/CertRebind/CertRebind.psd1'), servers.folder, results, SIZES.join(',')],
      ],
      { env: { ...process.env, POWERSHELL_TELEMETRY_OPTOUT: '1', POWERSHELL_UPDATECHECK: 'Off', TERM: 'dumb' } },
    );
    if (measured.code !== 0) throw new Error(`measuring ended with ${measured.code}:\n${measured.output}`);
    const { trouble, rows } = JSON.parse(readFileSync(results, 'utf8'));
    const { check, result } = checklist(say);
    for (const { what, is, wanted } of trouble) check(`${what}: ${wanted}`, is === wanted, `${is}`);
    for (const row of rows)
      check(`${row.servers} servers, ${row.action}: ${row.states}`, row.done === row.servers, `${row.done} are done`);
    return result(...page({ servers, rows, load: loadavg() }));
  } finally {
    await servers.stop();
  }
}

/** Labs that nobody serves: the program works on their files, and costs little. Each with a renewal that is pending. */
async function makeLabs(folder, { names, place }) {
  const first = join(folder, 'lab');
  const ask = async (...words) => JSON.parse(await demand(process.execPath, [PROGRAM, ...words, '--json']));
  const { certificates } = await ask('lab', 'create', first);
  await ask('lab', 'renew', certificates[0].thumbprint, '--no-event', '--lab', first);
  mkdirSync(join(folder, 'labs'));
  for (const name of names) {
    const lab = join(folder, 'labs', name);
    cpSync(first, lab, { recursive: true });
    place(name, { lab, program: PROGRAM, modules: inRoot('module') });
  }
}

function page({ servers, rows, load }) {
  return [
    `Server: ${servers.version}. Each server is an address of the loop with an engine of its own (PowerShell 7) and a lab that`,
    'nobody serves, so that what is measured is the way there and the console, not Windows. Sessions are opened wave by wave,',
    '`-Wave 1,10,25%`, with the default `-ThrottleLimit` of 32. Servers and console share the cores of one machine.',
    '',
    `Load of the machine at the end, over 1, 5 and 15 minutes: ${load.map((one) => one.toFixed(0)).join(', ')}.`,
    '',
    '| servers | action | all in | console: processor | share of one core | most memory of the console | of all its ssh clients |',
    '|---|---|---|---|---|---|---|',
    ...rows.map(
      ({ servers: count, action, seconds, cpuSeconds, peakMb, sshMb }) =>
        `| ${count} | ${action} | ${seconds} s | ${cpuSeconds} s | ${Math.round((100 * cpuSeconds) / seconds)} % | ${peakMb} MB | ${sshMb} MB |`,
    ),
  ];
}
