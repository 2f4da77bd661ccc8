import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endpointsOfServer, type ServerEndpoint } from '../../src/engine/known/endpoints-of-server.ts';
import { fileState } from '../../src/engine/state/file-state.ts';
import type { State } from '../../src/engine/state/state.ts';
import { isRestarted, kindOf, recordsOf, thumbprintOf } from '../../src/kinds/holder.ts';
import { holdersInUse } from '../../src/kinds/place.ts';
import { isOfCentralStore, type KeyText, toRecordKey } from '../../src/kinds/record-key.ts';
import type { Snapshot } from '../../src/kinds/snapshot.ts';
import { type CertificateBinding, iisAppId } from '../../src/kinds/tls/certificate-binding.ts';
import { decodeHttpSysTables } from '../../src/kinds/tls/http-sys-tables.ts';
import { openLabServer } from '../../src/lab/client/lab-server.ts';
import { openLab } from '../../src/lab/host/channel.ts';
import { parseRegistryExport } from '../../src/lab/host/registry-export.ts';
import type { LabRenewed, RenewOptions } from '../../src/lab/host/renew.ts';
import type { LabResult } from '../../src/lab/kernel/answers.ts';
import type { LabState } from '../../src/lab/kernel/lab-state.ts';
import type { LabRequest } from '../../src/lab/kernel/requests.ts';
import { parseThumbprint, type Thumbprint } from '../../src/model/certificates/thumbprint.ts';
import type { Server } from '../../src/server/server.ts';
import { labProgram } from '../cli/run-program.ts';
import { end, endedTooEarly } from '../cli/serve-lab.ts';
import { openReceiver, type Receiver, toldResults } from './receiver.ts';

/** A certificate with its successors, and what holds one of them. */
export interface Line {
  readonly names: readonly string[];
  /** The records of IIS. */
  readonly keys: readonly KeyText[];
  /** FTP sites, and listeners of Remote Desktop, WinRM and the Web Management Service. */
  readonly others: readonly KeyText[];
  /** The first one and each that followed; the last is the one to be held. */
  readonly chain: Thumbprint[];
  /** Offered by events that nothing vouches for, and never to be held. */
  readonly forged: Thumbprint[];
}

/** Everything that holds a certificate of a line. */
export function keysOf({ keys, others }: Line): readonly KeyText[] {
  return [...keys, ...others];
}

export function lineOf(lines: readonly Line[], key: KeyText): Line | undefined {
  return lines.find((line) => keysOf(line).includes(key));
}

export interface TaskEnd {
  readonly task: string;
  readonly exitCode: number;
}

export interface Ended {
  readonly exitCode: number | null;
  readonly killed: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the process that serves the lab uses, and what is on the disk. `null`: cannot be seen on this system. */
export interface Usage {
  readonly rssMb: number | null;
  readonly handles: number | null;
  readonly stateMb: number;
  readonly runsKept: number;
  /** In all stores of the lab. */
  readonly certificates: number;
}

/** A lab served by a process of its own, worked on by processes of the built program. */
export interface SoakedLab {
  readonly root: string;
  /** The state folder of the program. */
  readonly home: string;
  readonly state: State;
  readonly server: Server;
  readonly lines: readonly Line[];
  readonly endpoints: readonly ServerEndpoint[];
  /** Every record as it was in the beginning, but those that services make from their own settings. */
  readonly original: ReadonlyMap<KeyText, CertificateBinding>;
  /** Covers no name of any record. */
  readonly stranger: Thumbprint;
  /** What is told outside, and who hears it. */
  readonly receiver: Receiver;
  /** The command that puts a configuration with or without a window in force. */
  windowWords(is: 'closed' | 'none'): readonly string[];
  perform(request: LabRequest): Promise<LabResult>;
  renew(options: RenewOptions): Promise<LabRenewed>;
  /** A command of the program; `atEffect`: it is killed there. */
  start(words: readonly string[], atEffect?: number | null): { readonly pid: number; readonly ended: Promise<Ended> };
  /** Processes that the lab's Task Scheduler has started and that run now. */
  taskProcesses(): Promise<readonly number[]>;
  /** Processes of commands that run now. */
  commandProcesses(): readonly number[];
  whole(): Promise<LabState>;
  snapshot(): Promise<Snapshot>;
  /** The records as they stand in the lab's folder, which asks nobody and meets no fault; up to a second old. */
  recordsOnDisk(): Promise<ReadonlyMap<KeyText, CertificateBinding>>;
  usage(): Promise<Usage>;
  /** Ends everything. The folder stays where there is something to look at. */
  close(options: { readonly keepFolder: boolean }): Promise<void>;
}

const dieAt = join(import.meta.dirname, '..', 'crash', 'die-at.cjs');

export async function openSoakedLab(sites: number, taskEnded: (end: TaskEnd) => void): Promise<SoakedLab> {
  const root = await mkdtemp(join(tmpdir(), 'crb-soak-'));
  const folder = join(root, 'lab');
  const home = join(folder, 'certrebind');
  // A copy: whoever builds meanwhile must not exchange the program.
  const program = join(root, 'certrebind-lab.cjs');
  await copyFile(labProgram, program);
  const running = new Set<ChildProcess>();

  function start(words: readonly string[], atEffect: number | null = null, input = '') {
    const preload = atEffect === null ? [] : ['--require', dieAt];
    const child = spawn(process.execPath, [...preload, program, ...words, '--lab', folder, '--json'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '',
        ...(atEffect === null ? {} : { DIE_AT: `${atEffect}`, DIE_FOLDER: home }),
      },
      // Ctrl-C is for the soak, which ends its processes itself.
      detached: true,
    });
    running.add(child);
    // A process that is killed does not read it.
    child.stdin?.on('error', () => {}).end(input);
    return { pid: child.pid ?? 0, ended: endOf(child).finally(() => running.delete(child)) };
  }

  async function succeed(words: readonly string[], input = '') {
    const { exitCode, stdout, stderr } = await start(words, null, input).ended;
    if (exitCode !== 0) throw new Error(`certrebind ${words.join(' ')}: exit ${exitCode}\n${stdout}${stderr}`);
    return JSON.parse(stdout);
  }

  const created = await succeed(['lab', 'create', folder, '--sites', `${sites}`, '--holders']);
  const serving = spawn(process.execPath, [program, 'lab', 'serve', folder, '--print'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH ?? '', NO_COLOR: '1' },
    detached: true,
  });
  // Nothing of this outlives the soak, however that ends; what its Task Scheduler started the lab ends itself.
  const endAll = () => {
    serving.kill('SIGTERM');
    for (const child of running) child.kill('SIGKILL');
  };
  process.once('exit', endAll);
  await ready(serving, join(root, 'lab-serve.log'), taskEnded);
  const channel = await openLab(folder);
  const { server } = await openLabServer(folder);
  const perform = async (request: LabRequest) => (await channel.send(request)).result;
  const snapshot = () => server.snapshot();
  await giveOptions(perform, await snapshot());
  const state = fileState(home);
  const { new: stranger } = await channel.ask({
    ask: 'renew',
    options: { thumbprint: created.certificates[0].thumbprint, names: ['stranger.example.com'], ...inSilence },
  });
  const receiver = await openReceiver(home);
  for (const [name, value] of Object.entries(receiver.secrets)) await succeed(['secret', 'set', name], `${value}\n`);
  const files = { none: join(root, 'no-window.json'), closed: join(root, 'window.json') };
  await writeFile(files.none, JSON.stringify(configuration(receiver)));
  await writeFile(files.closed, JSON.stringify({ ...configuration(receiver), window: hoursFromNow(4, 8) }));
  const windowWords = (is: keyof typeof files) => ['config', 'set', files[is]];
  await succeed(windowWords('none'));
  await succeed(['enable', '--no-proof']);
  const seen = await snapshot();
  // What has to be restarted is only reported here: no change window is set.
  const begun = { ...seen, holders: seen.holders.filter(({ key }) => !isRestarted(kindOf(key))) };

  return {
    root,
    home,
    state,
    server,
    lines: linesOf(begun, created.certificates),
    endpoints: endpointsOfServer(begun).filter(
      // Files of the central certificate store are nobody's to renew here.
      ({ key, skipped, endpoint }) => skipped === null && !isOfCentralStore(key) && server.dial(endpoint).reachable,
    ),
    original: new Map(recordsOfNoService(begun).map((record) => [record.key, record])),
    stranger: parseThumbprint(stranger, 'lab'),
    receiver,
    windowWords,
    perform,
    renew: (options) => channel.ask({ ask: 'renew', options }),
    start,
    taskProcesses: () => childrenOf(serving.pid ?? 0),
    commandProcesses: () => [...running].flatMap(({ pid }) => pid ?? []),
    async whole() {
      const result = await perform({ kind: 'read' });
      if (result.kind !== 'state') throw new Error(`the lab answered ${result.kind}`);
      return result.state;
    },
    snapshot,
    async recordsOnDisk() {
      const exported = parseRegistryExport(await readFile(join(folder, 'http-sys.reg')));
      return new Map(decodeHttpSysTables(exported).records.map((record) => [record.key, record]));
    },
    async usage() {
      return {
        ...(await processUsage(serving.pid ?? 0)),
        stateMb: megabytes(await sizeOf(home)),
        runsKept: (await state.listRuns()).length,
        certificates: (await snapshot()).certificates.length,
      };
    },
    async close({ keepFolder }) {
      for (const child of running) child.kill('SIGKILL');
      await server.close();
      await channel.close();
      await receiver.close();
      await end(serving);
      process.off('exit', endAll);
      if (!keepFolder) await rm(root, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Everything that a server can be told to do by itself. */
function configuration({ ca, url, signingSecret }: Receiver) {
  const swap = { policy: 'replace' };
  return {
    holders: { ftp: swap, ldaps: swap, rdp: swap, winrm: swap, wmsvc: swap },
    keyAccess: 'copy',
    // Of another product; a person would be asked for it again and again.
    exclude: { records: ['0.0.0.0:10443'] },
    notify: { webhook: { url, signingSecret, ca, on: toldResults } },
  };
}

function hoursFromNow(from: number, to: number) {
  const clock = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
  return { from: clock(from), to: clock(to), timeZone: 'Etc/UTC' };
}

const inSilence = { event: false, renewalProperty: false, archiveOld: false } as const;

/** Lines of `lab serve`; handshakes are among them, many a second. All are kept in a file, for whoever looks for a reason. */
async function ready(serving: ChildProcess, log: string, taskEnded: (end: TaskEnd) => void): Promise<void> {
  if (serving.stdout === null) throw new TypeError('the lab has no output');
  serving.stdout.pipe(createWriteStream(log));
  const lines = createInterface({ input: serving.stdout });
  lines.on('line', (line) => {
    const [, task = '', exitCode] = /^task (\S+) ended with exit code (\d+)$/.exec(line) ?? [];
    if (exitCode !== undefined) taskEnded({ task, exitCode: Number(exitCode) });
    if (line.startsWith('trouble: ')) process.stderr.write(`soak: the lab says: ${line}\n`);
  });
  await Promise.race([once(lines, 'line'), endedTooEarly(serving)]);
}

async function endOf(child: ChildProcess): Promise<Ended> {
  const [out, err] = [textOf(child.stdout), textOf(child.stderr)];
  const [exitCode, signal] = await once(child, 'close');
  return { exitCode, killed: signal === 'SIGKILL', stdout: out(), stderr: err() };
}

function textOf(stream: ChildProcess['stdout']): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (more) => {
    text += more;
  });
  return () => text;
}

/** Options that a careless change would cost, on every third record that IIS bindings stand on. */
async function giveOptions(perform: SoakedLab['perform'], begun: Snapshot): Promise<void> {
  const options = ['verifyclientcertrevocation=disable', 'clientcertnegotiation=enable', 'revocationfreshnesstime=60'];
  const some = recordsOf(begun).filter(
    ({ thumbprint, appId }, at) => thumbprint !== null && appId === iisAppId && at % 3 === 0,
  );
  for (const { key, thumbprint, appId, store } of some) {
    const place = /^[\d.:[\]a-f]+$/.test(key) ? `ipport=${key}` : `hostnameport=${key}`;
    const words = ['http', 'update', 'sslcert', place, `certhash=${thumbprint}`, `appid=${appId}`];
    const said = await perform({ kind: 'netsh', args: [...words, `certstorename=${store}`, ...options] });
    if (said.kind !== 'netsh' || said.exitCode !== 0) throw new Error(`${key}: ${JSON.stringify(said)}`);
  }
}

/** WinRM and the Web Management Service change theirs with their listener. */
function recordsOfNoService(begun: Snapshot): readonly CertificateBinding[] {
  const ports = new Set(
    holdersInUse(begun).flatMap(({ endpoints }) => endpoints.flatMap(({ endpoint }) => endpoint?.port ?? [])),
  );
  return recordsOf(begun).filter(({ key, appId }) => appId === iisAppId || !ports.has(toRecordKey(key)?.port ?? 0));
}

function linesOf(
  begun: Snapshot,
  certificates: readonly { readonly thumbprint: string; readonly names: readonly string[] }[],
): readonly Line[] {
  return certificates.map(({ thumbprint, names }) => ({
    names,
    keys: recordsOf(begun)
      .filter((record) => record.thumbprint === thumbprint && record.appId === iisAppId)
      .map(({ key }) => key),
    others: holdersInUse(begun).flatMap(({ holder }) => (thumbprintOf(holder) === thumbprint ? [holder.key] : [])),
    chain: [parseThumbprint(thumbprint, 'lab')],
    forged: [],
  }));
}

async function childrenOf(parent: number): Promise<readonly number[]> {
  const children: number[] = [];
  for (const entry of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(entry)) continue;
    const line = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    // The name of the program, in parentheses, may itself have blanks in it.
    const [state, of] = line.slice(line.lastIndexOf(')') + 2).split(' ');
    if (Number(of) === parent && state !== 'Z') children.push(Number(entry));
  }
  return children;
}

async function processUsage(pid: number): Promise<Pick<Usage, 'rssMb' | 'handles'>> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
    return { rssMb: Math.round(kilobytes / 1024), handles: (await readdir(`/proc/${pid}/fd`)).length };
  } catch {
    return { rssMb: null, handles: null };
  }
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        stat(join(entry.parentPath, entry.name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function megabytes(bytes: number): number {
  return Math.round((bytes / 2 ** 20) * 10) / 10;
}
