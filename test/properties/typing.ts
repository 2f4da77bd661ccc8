import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sinon from 'sinon';
import { commandGroups } from '../../src/commands/catalogue.ts';
import type { Configuration } from '../../src/documents/configuration.ts';
import {
  rebindTask,
  rebindTaskName,
  reconcileTask,
  reconcileTaskName,
  taskFolder,
} from '../../src/documents/scheduled-tasks.ts';
import type { Status } from '../../src/documents/status.ts';
import { fileState } from '../../src/engine/state/file-state.ts';
import type { State } from '../../src/engine/state/state.ts';
import { labServerFrom } from '../../src/lab/client/server-over-channel.ts';
import type { LabState } from '../../src/lab/kernel/lab-state.ts';
import { toThumbprint } from '../../src/model/certificates/thumbprint.ts';
import { nobodyTrusted } from '../../src/model/windows/administrators.ts';
import { clock } from '../../src/session/session.ts';
import type { Perform, Program } from '../../src/shell/command.ts';
import { parseAndPerform } from '../../src/shell/command-line.ts';
import { defaults, type GlobalArguments } from '../../src/shell/globals.ts';
import { printError, type Streams } from '../../src/shell/output.ts';
import type { OpenedServer, ServerSource } from '../../src/shell/servers.ts';
import { openShell, systemError } from '../../src/shell/shell.ts';
import { createKernel, type Kernel, kernelChannel, kernelHandshaker } from '../support/kernel-server.ts';

/** A server in memory on which lines are typed: a kernel, a state folder and a time of its own. */
export interface Desk {
  readonly kernel: Kernel;
  readonly home: string;
  readonly revoked: ReadonlySet<string>;
  readonly now: () => number;
  later(ms: number): void;
  /** The same once more, from here on its own. */
  fork(): Desk;
  /** All that decides what happens next. */
  text(): string;
}

export interface Typed {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const program = 'C:\\Program Files\\CertRebind\\certrebind.exe';
export const tasks = [
  { kind: 'register-task', path: taskFolder, name: rebindTaskName, xml: rebindTask({ command: program }), force: true },
  {
    kind: 'register-task',
    path: taskFolder,
    name: reconcileTaskName,
    xml: reconcileTask({ command: program }, 17),
    force: true,
  },
] as const;

/** In memory where the machine has a file system there. */
const fast = '/dev/shm';
const folders: string[] = [];

export function newFolder(): string {
  const made = mkdtempSync(join(existsSync(fast) ? fast : tmpdir(), 'certrebind-desk-'));
  folders.push(made);
  return made;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Its state folder is a copy of this state. */
export async function deskOf(
  server: LabState,
  time: number,
  state: State,
  configuration: Configuration,
  revoked: ReadonlySet<string>,
): Promise<Desk> {
  const home = newFolder();
  const copy = fileState(home);
  for (const { run } of await state.listRuns()) {
    const { journal, outcome } = await state.readRun(run);
    const opened = await copy.openRun(run);
    await opened.append(...journal);
    await (outcome === null ? opened.abandon() : opened.close(outcome));
  }
  const { looked, ...ledger } = await state.readLedger();
  await copy.writeLedger(ledger);
  if (looked !== undefined) await copy.writeLooked(looked);
  writeFileSync(join(home, 'config.json'), JSON.stringify(configuration));
  const desk = deskAt(server, time, home, revoked);
  for (const task of tasks) desk.kernel.apply(task);
  return desk;
}

function deskAt(server: LabState, from: number, home: string, revoked: ReadonlySet<string>): Desk {
  let time = from;
  const kernel = createKernel(server, { now: () => new Date(time) });
  return {
    kernel,
    home,
    revoked,
    now: () => time,
    later: (ms) => {
      time += ms;
    },
    fork() {
      const copy = newFolder();
      cpSync(home, copy, { recursive: true });
      return deskAt(kernel.state, time, copy, revoked);
    },
    text: () =>
      JSON.stringify([
        kernel.state.httpSys,
        kernel.state.applicationHost,
        kernel.state.others,
        kernel.state.roles,
        remembered(home),
      ]),
  };
}

function remembered(home: string): readonly string[] {
  return ['ledger.json', 'config.json'].map((name) => {
    const file = join(home, name);
    if (!existsSync(file)) return '';
    const { at: _, listing: __, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
    return JSON.stringify(rest);
  });
}

/** What it prints and ends with, typed as it stands. */
export async function type(desk: Desk, line: string): Promise<Typed> {
  const [first, ...words] = wordsOf(line);
  if (first === 'netsh') {
    const { result } = desk.kernel.apply({ kind: 'netsh', args: words });
    return { exitCode: result.kind === 'netsh' ? result.exitCode : 1, stdout: '', stderr: '' };
  }
  if (line.startsWith('certutil -repairstore ')) {
    const thumbprint = toThumbprint(words.at(-1) ?? '');
    if (thumbprint !== null) desk.kernel.apply({ kind: 'set-key', thumbprint, key: 'usable' });
    return { exitCode: thumbprint === null ? 1 : 0, stdout: '', stderr: '' };
  }
  if (first !== 'certrebind') throw new TypeError(`not a line of CertRebind: ${line}`);
  return typeWords(desk, words);
}

export async function typeWords(desk: Desk, words: readonly string[]): Promise<Typed> {
  const stubs = [
    sinon.stub(clock, 'now').callsFake(() => new Date(desk.now())),
    sinon.stub(clock, 'sleep').callsFake(async (ms) => desk.later(ms)),
    sinon.stub(Date, 'now').callsFake(desk.now),
    sinon.stub(performance, 'now').returns(0),
  ];
  const signals = (['SIGINT', 'SIGTERM'] as const).map((signal) => ({ signal, before: process.listeners(signal) }));
  const wasTerminal = process.stdin.isTTY;
  process.stdin.isTTY = false;
  try {
    return await run(desk, words);
  } finally {
    process.stdin.isTTY = wasTerminal;
    for (const { signal, before } of signals)
      for (const listener of process.listeners(signal)) if (!before.includes(listener)) process.off(signal, listener);
    for (const stub of stubs) stub.restore();
  }
}

const parsed = new Map<string, Parameters<Perform>>();

/** As `main` does it; what was parsed once is not parsed again. */
async function run(desk: Desk, words: readonly string[]): Promise<Typed> {
  const [stdout, stderr] = [new Printed(), new Printed()];
  // Nothing but writing is asked of a stream that is no terminal.
  const streams = { stdout, stderr } as unknown as Streams;
  const line = words.join(' ');
  let options: GlobalArguments = { ...defaults, json: words.includes('--json') };
  const ended = (exitCode: number): Typed => ({ exitCode, stdout: stdout.text, stderr: stderr.text });
  try {
    if (!parsed.has(line))
      await parseAndPerform(programOn(desk), words, streams, {}, async (...understood) => {
        parsed.set(line, understood);
      });
    const understood = parsed.get(line);
    if (understood === undefined) return ended(0);
    const [args, perform] = understood;
    if (words[0] !== 'status') parsed.delete(line);
    options = args;
    const shell = openShell(args, streams, { TZ: 'UTC' });
    return ended(await perform({ shell, servers: programOn(desk).servers }));
  } catch (thrown) {
    return ended(printError(systemError(thrown), options, streams, {}));
  }
}

class Printed {
  text = '';
  readonly isTTY = false;
  write(text: string): boolean {
    this.text += text;
    return true;
  }
}

export async function statusOn(desk: Desk): Promise<Status> {
  const { stdout, stderr } = await typeWords(desk, ['status', '--json']);
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`status printed ${stdout}${stderr}`);
  }
}

function programOn(desk: Desk): Program {
  const source: ServerSource = {
    kind: 'lab',
    option: null,
    meant: () => 'default',
    open: async () => opened(desk),
  };
  return { servers: [source], options: {}, groups: commandGroups };
}

function opened({ kernel, home, revoked, now }: Desk): OpenedServer {
  const server = labServerFrom({
    channel: kernelChannel(kernel),
    account: 'system',
    now: () => new Date(now()),
    dial: (endpoint) => ({
      reachable: true,
      host: 'lab.invalid',
      port: endpoint.port,
      answer: () => kernelHandshaker(kernel)(endpoint),
    }),
    inspect: async (paths) => ({
      paths: paths.map((path) => ({ path, is: existsSync(path) ? 'file' : 'missing', dangers: [] })),
      trusted: nobodyTrusted,
    }),
    makeFolder: async ({ path }) => void mkdirSync(path, { recursive: true }),
  });
  const snapshot: typeof server.snapshot = async (...asked) => {
    const read = await server.snapshot(...asked);
    return {
      ...read,
      certificates: read.certificates.map((one) =>
        revoked.has(one.thumbprint) ? { ...one, disallowed: true as const } : one,
      ),
    };
  };
  return {
    server: { ...server, snapshot },
    home,
    executable: program,
    place: null,
    beforeStarts: async () => {},
  };
}

/** The words of a line as a shell hands them over. */
export function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'),
  );
}
