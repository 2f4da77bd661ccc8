import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { reachLab } from '../src/lab/windows/reach-lab.ts';
import { runJson } from '../test/cli/run-program.ts';
import { findEngine } from '../test/engine.ts';
import { type Row, row, withGrowth } from './row.ts';
import { onLab, type ServedLab, sitesFor } from './served-lab.ts';

const root = join(import.meta.dirname, '..');
const pwsh = ['--import', join(root, 'scripts/dev/register.mjs'), join(root, 'scripts/pwsh.mjs')];

const sizes = [9, 100, 1000, 10_000] as const;

/**
 * What a replacement costs on the Windows side, in a real PowerShell with the modules of a lab. The web service of these labs is
 * stopped, so nothing is dialled: what handshakes cost is a row of its own.
 */
export async function measurePowerShell(say: (text: string) => void): Promise<readonly Row[]> {
  if (findEngine() === null) return [];
  const swaps: Row[] = [];
  const others: Row[] = [];
  for (const size of sizes) {
    say(`replacing ${size} records through PowerShell`);
    await onLab(sitesFor(size), async (lab) => {
      const { swap, memory, held } = await swapAll(lab);
      const plainest = size > 1000 ? [] : [await plainestLoop(lab, held, size)];
      swaps.push(against(swap, plainest));
      others.push(...plainest);
      if (size >= 1000) others.push(memory, await oneByOne(lab, size));
    });
  }
  return [...withGrowth(swaps, sizes), ...others];
}

/** From the start of the program to its end: reading, planning, journal, replaces, read-back, event log. */
async function swapAll(lab: ServedLab): Promise<{ readonly swap: Row; readonly memory: Row; readonly held: string }> {
  await stopWebService(lab.folder);
  const old = lab.certificates[0]?.thumbprint ?? '';
  const renewed = await lab.json(['lab', 'renew', old, '--no-event', '--keep-old']);
  const words = ['rebind', '--old', old, '--new', renewed.new, '--server', 'windows', '--lab', lab.folder];
  const from = performance.now();
  const { exitCode, document, stderr } = await runJson(words, { env: tellsItsMemory });
  const took = performance.now() - from;
  if (exitCode !== 0)
    throw new Error(`${words.join(' ')}: exit ${exitCode}: ${JSON.stringify(document).slice(0, 2000)}`);
  const { sessions, roundTrips } = document.cost;
  const size = `${document.counts.changed} records`;
  return {
    swap: row('replacement through PowerShell, nothing dialled', size, [took], {
      compared: `${sessions} ${sessions === 1 ? 'session' : 'sessions'}, ${roundTrips} round trips`,
    }),
    held: renewed.new,
    memory: row('memory at most: that replacement, without PowerShell', size, [Number(stderr) / 1024], { unit: 'MB' }),
  };
}

/** Each binding is looked up in an enumeration of its own, as similar tools do, but in one session, which they do not have. */
async function oneByOne(lab: ServedLab, size: number): Promise<Row> {
  const some = `
    $names = @((Get-WebBinding -Protocol https).bindingInformation | Where-Object { $_ -like '*:site-*' })[0..${size > 1000 ? 2 : 9}]
    $times = foreach ($name in $names) {
      $clock = [Diagnostics.Stopwatch]::StartNew()
      $binding = Get-WebBinding -Protocol https | Where-Object { $_.bindingInformation -eq $name }
      $binding.RebindSslCertificate('${lab.certificates[0]?.thumbprint}', 'My')
      $clock.Elapsed.TotalMilliseconds
    }
    ConvertTo-Json -InputObject @($times)`;
  const each = row(
    'one enumeration a binding, as peers do it',
    `1 of ${size} records`,
    JSON.parse(await typed(lab, some)),
  );
  const whole = `${size} enumerations; computed for all: ${((each.median * size) / 60_000).toFixed(0)} min`;
  return { ...each, compared: whole };
}

/** What an administrator would type, from start to end of a session: nothing is read back, verified or remembered. */
async function plainestLoop(lab: ServedLab, held: string, size: number): Promise<Row> {
  const loop = `
    $moved = 0
    foreach ($binding in Get-WebBinding -Protocol https) {
      if ($binding.certificateHash -ne '${held}') { continue }
      $binding.RebindSslCertificate('${lab.certificates[0]?.thumbprint}', 'My'); $moved++
    }
    $moved`;
  const from = performance.now();
  const moved = await typed(lab, loop);
  return row('the plainest loop, its session included', `${moved} of ${size} bindings`, [performance.now() - from]);
}

/** What a session of its own prints. */
async function typed({ folder }: ServedLab, script: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [...pwsh, '--lab', folder, '-Command', script]);
  return stdout.trim();
}

function against(swap: Row, [plainest]: readonly Row[]): Row {
  if (plainest === undefined) return swap;
  return {
    ...swap,
    compared: `${swap.compared}; ${(swap.median / plainest.median).toFixed(1)} times the plainest loop`,
  };
}

async function stopWebService(folder: string): Promise<void> {
  const { lab, close } = await reachLab(folder);
  await lab.ask({ ask: 'lab', request: { kind: 'set-web-service', state: 'stopped' } });
  await close();
}

/** By `--require`: with `--import`, Node would load the program as a module, which takes a tenth of a second more. */
const tellsItsMemory = { NODE_OPTIONS: `--require=${join(import.meta.dirname, 'tells-memory.cjs')}` };
