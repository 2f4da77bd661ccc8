import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SMALL_HEAP } from '../scripts/package/executable.mjs';
import { reachLab } from '../src/lab/windows/open.ts';
import { runJson } from '../test/cli/run-program.ts';
import { findEngine } from '../test/engine.ts';
import { type Row, row, withGrowth } from './row.ts';
import { onLab, type ServedLab, sitesFor } from './served-lab.ts';

const root = join(import.meta.dirname, '..');
const pwsh = ['--import', join(root, 'scripts/dev/register.mjs'), join(root, 'scripts/pwsh.mjs')];

const sizes = [9, 100, 1000, 10_000] as const;
/** In turn with the plainest loop: other work on the machine meets both. */
const pairs = 3;

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
      await stopWebService(lab.folder);
      const [ours, loops]: [Swap[], Took[]] = [[], []];
      for (let turn = 0; turn < (size > 1000 ? 1 : pairs); turn++) {
        const swap = await swapAll(lab);
        ours.push(swap);
        if (size <= 1000) loops.push(await plainestLoop(lab, swap.held, size));
      }
      const changed = `${size} records`;
      const what = 'replacement through PowerShell, nothing dialled';
      swaps.push(row(what, changed, wallsOf(ours), { compared: [ours[0]?.trips, ...against(ours, loops)].join('; ') }));
      if (loops.length > 0) others.push(row('the plainest loop, its session included', changed, wallsOf(loops)));
      if (size < 1000) return;
      const memory = ours.map(({ memory }) => memory);
      others.push(row('memory at most: that replacement, without PowerShell', changed, memory, { unit: 'MB' }));
      others.push(await oneByOne(lab, size));
    });
  }
  return [...withGrowth(swaps, sizes), ...others];
}

/** In milliseconds: by the clock, and of the processor in all programs that were started and have ended. */
interface Took {
  readonly wall: number;
  readonly processor: number;
}

interface Swap extends Took {
  readonly held: string;
  readonly trips: string;
  readonly memory: number;
}

/** Of the program with the settings of the executable, from its start to its end: reading, planning, journal, replaces, read-back, event log. */
async function swapAll(lab: ServedLab): Promise<Swap> {
  const old = lab.certificates[0]?.thumbprint ?? '';
  const renewed = await lab.json(['lab', 'renew', old, '--no-event', '--keep-old']);
  const words = ['rebind', '--old', old, '--new', renewed.new, '--server', 'windows', '--lab', lab.folder];
  const { result, ...took } = await timed(() => runJson(words, { env: tellsItsMemory, nodeOptions: [SMALL_HEAP] }));
  const { exitCode, document, stderr } = result;
  if (exitCode !== 0)
    throw new Error(`${words.join(' ')}: exit ${exitCode}: ${JSON.stringify(document).slice(0, 2000)}`);
  const { sessions, roundTrips } = document.cost;
  const trips = `${sessions} ${sessions === 1 ? 'session' : 'sessions'}, ${roundTrips} round trips`;
  return { ...took, held: renewed.new, trips, memory: Number(stderr) / 1024 };
}

async function timed<Result>(work: () => Promise<Result>): Promise<Took & { readonly result: Result }> {
  const [from, before] = [performance.now(), processorOfEnded()];
  const result = await work();
  return { result, wall: performance.now() - from, processor: processorOfEnded() - before };
}

/** Linux counts them in hundredths of a second (proc(5): cutime, cstime). */
function processorOfEnded(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) * 10;
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
async function plainestLoop(lab: ServedLab, held: string, size: number): Promise<Took> {
  const loop = `
    $moved = 0
    foreach ($binding in Get-WebBinding -Protocol https) {
      if ($binding.certificateHash -ne '${held}') { continue }
      $binding.RebindSslCertificate('${lab.certificates[0]?.thumbprint}', 'My'); $moved++
    }
    $moved`;
  const { result, ...took } = await timed(() => typed(lab, loop));
  if (Number(result) < size) throw new Error(`the plainest loop replaced ${result} of ${size}`);
  return took;
}

/** What a session of its own prints. */
async function typed({ folder }: ServedLab, script: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [...pwsh, '--lab', folder, '-Command', script]);
  return stdout.trim();
}

function wallsOf(all: readonly Took[]): readonly number[] {
  return all.map(({ wall }) => wall);
}

function against(ours: readonly Took[], loops: readonly Took[]): readonly string[] {
  if (loops.length === 0) return [];
  const ratio = (of: (took: Took) => number) => (median(ours.map(of)) / median(loops.map(of))).toFixed(1);
  const [wall, processor] = [ratio((took) => took.wall), ratio((took) => took.processor)];
  return [`${wall} times the plainest loop, ${processor} times its processor time`];
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

async function stopWebService(folder: string): Promise<void> {
  const { lab, close } = await reachLab(folder);
  await lab.ask({ ask: 'lab', request: { kind: 'set-web-service', state: 'stopped' } });
  await close();
}

/** By `--require`: with `--import`, Node would load the program as a module, which takes a tenth of a second more. */
const tellsItsMemory = { NODE_OPTIONS: `--require=${join(import.meta.dirname, 'tells-memory.cjs')}` };
