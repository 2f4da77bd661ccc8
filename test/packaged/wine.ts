import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from '../../scripts/lib/lock.mjs';

/** Windows programs on another system. `null` where Wine is not installed. */
export interface Wine {
  /** Its `C:` as a folder of this system. */
  readonly drive: string;
  /** Runs a Windows program. Paths of this system are reached as `Z:\…`. */
  run(exe: string, args: readonly string[], options?: WineOptions): WineResult;
  /** Starts one that runs beside the test. */
  start(exe: string, args: readonly string[]): RunningOnWine;
  /** Ends every program that was started here. */
  end(): void;
}

export interface WineOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  /** It only reads, so it is started once more if it does not end: a PowerShell under Wine hangs now and then. */
  readonly onlyReads?: true | undefined;
}

export interface RunningOnWine {
  readonly ended: Promise<WineResult>;
  hasEnded(): boolean;
  /** What it has written to standard output so far. */
  output(): string;
  kill(): Promise<void>;
}

export interface WineResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const plainPrefix = fileURLToPath(new URL('../../.cache/wine', import.meta.url));

/** The folder of a Windows program's file of this system. */
export function zPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}

export async function findWine(): Promise<Wine | null> {
  if (spawnSync('wine', ['--version']).status !== 0) return null;
  await preparePrefix();
  return openWine(plainPrefix);
}

/** The names of `winecfg -v`. */
type WindowsName = 'win81' | 'win10';

/** A Wine of its own in an empty folder, playing this Windows. `null` where Wine is not installed. */
export function makeWineOf(windows: WindowsName, prefix: string): Wine | null {
  if (spawnSync('wine', ['--version']).status !== 0) return null;
  makePrefix(prefix, windows);
  return openWine(prefix);
}

export function openWine(prefix: string): Wine {
  const work = mkdtempSync(join(tmpdir(), 'certrebind-wine-'));
  return {
    drive: join(prefix, 'drive_c'),
    run: (exe, args, options = {}) => runIn(work, environment(prefix, options.env), [exe, ...args], options),
    start: (exe, args) => startIn(work, environment(prefix), [exe, ...args]),
    end: () => {
      killStartedIn(work);
      rmSync(work, { recursive: true, force: true });
    },
  };
}

function environment(prefix: string, more: WineOptions['env'] = {}): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    WINEPREFIX: prefix,
    // Wine takes arguments in the encoding of the locale.
    LC_ALL: 'C.UTF-8',
    WINEDEBUG: '-all',
    // mshtml asks about a browser; mscoree must stay, or .NET cannot load its libraries.
    WINEDLLOVERRIDES: 'mshtml=',
    ...more,
  };
}

/**
 * One at a time: of two Wines that meet an empty folder at the same moment, each chooses a folder for its server, and only
 * one of them finds the server there.
 */
async function preparePrefix(): Promise<void> {
  const mark = join(plainPrefix, '.certrebind-ready');
  mkdirSync(plainPrefix, { recursive: true });
  await withLock(`${plainPrefix}.lock`, () => {
    if (existsSync(mark)) return;
    makePrefix(plainPrefix, 'win10');
    writeFileSync(mark, '');
  });
}

/** Wine 8 calls itself Windows 7, which Node 22 refuses, unless it is told which Windows to be. */
function makePrefix(prefix: string, windows: WindowsName): void {
  const work = mkdtempSync(join(tmpdir(), 'certrebind-wine-'));
  try {
    const env = environment(prefix, { WINEDLLOVERRIDES: 'mscoree,mshtml=' });
    const { status, stderr } = runIn(work, env, ['winecfg', '-v', windows], {});
    if (status !== 0) throw new Error(`Wine could not make its folder: ${stderr}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function runIn(work: string, env: Record<string, string>, words: readonly string[], options: WineOptions): WineResult {
  const { folder, streams, texts } = openStreams(work);
  const timeout = options.timeoutMs ?? 60_000;
  const { status, error } = spawnSync('wine', words, {
    env: { ...env, [marking]: folder },
    stdio: streams,
    timeout,
    killSignal: 'SIGKILL',
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  for (const stream of streams) closeSync(stream);
  if (error !== undefined) {
    killStartedIn(folder);
    if (options.onlyReads === true) return runIn(work, env, words, { ...options, onlyReads: undefined });
    throw new Error(`${words.join(' ')}: ${error.message} (${timeout} ms)\n${texts.out()}\n${texts.err()}`);
  }
  return { status, stdout: texts.out(), stderr: texts.err() };
}

function startIn(work: string, env: Record<string, string>, words: readonly string[]): RunningOnWine {
  const { folder, streams, texts } = openStreams(work);
  const child = spawn('wine', words, { env: { ...env, [marking]: folder }, stdio: streams });
  const ended = once(child, 'exit').then(([status]: (number | null)[]) => {
    for (const stream of streams) closeSync(stream);
    return { status: status ?? null, stdout: texts.out(), stderr: texts.err() };
  });
  return {
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    output: texts.out,
    async kill() {
      child.kill('SIGKILL');
      await ended;
      killStartedIn(folder);
    },
  };
}

/** Node under Wine cannot open Unix pipes (EBADF), so its streams are files. */
function openStreams(work: string) {
  const folder = mkdtempSync(join(work, 'run-'));
  const path = (name: string) => join(folder, name);
  writeFileSync(path('in'), '');
  return {
    folder,
    streams: [openSync(path('in'), 'r'), openSync(path('out'), 'w'), openSync(path('err'), 'w')],
    texts: { out: () => readFileSync(path('out'), 'utf8'), err: () => readFileSync(path('err'), 'utf8') },
  };
}

/** Wine wants it set, and whatever a program of a run starts has it from there: so one run's processes are told apart. */
const marking = 'XDG_RUNTIME_DIR';

/**
 * What a killed program has started outlives it: no process of Wine is the child of another. Wine's own services serve
 * every run in the prefix and end by themselves soon after the last.
 */
function killStartedIn(folder: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const mark = `${marking}=${folder}`;
    const isOfRun = readProcess(pid, 'environ').some((entry) => entry === mark || entry.startsWith(`${mark}/`));
    const [program = ''] = readProcess(pid, 'cmdline');
    if (!isOfRun || /wineserver\d*$|^C:\\windows\\system32\\\w+\.exe/.test(program)) continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

function readProcess(pid: string, what: 'environ' | 'cmdline'): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'latin1').split('\0');
  } catch {
    return [];
  }
}

/** Skips tests where there is no Wine, after one loud line; in CI that is an error. */
export function needWine(context: Mocha.Context, found: Wine | null, untested: string): Wine {
  if (found !== null) return found;
  if (process.env.CI !== undefined) throw new Error('Wine is not installed');
  console.error(`NOT RUN: ${untested}, because Wine is not installed`);
  return context.skip();
}
