import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Windows programs on another system. `null` where Wine is not installed. */
export interface Wine {
  /** Runs a Windows program. Paths of this system are reached as `Z:\…`. */
  run(exe: string, args: readonly string[], options?: WineOptions): WineResult;
  /** Ends every process of the prefix. */
  end(): void;
}

export interface WineOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
}

export interface WineResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const prefix = fileURLToPath(new URL('../../.cache/wine', import.meta.url));

export function findWine(): Wine | null {
  if (spawnSync('wine', ['--version']).status !== 0) return null;
  const work = mkdtempSync(join(tmpdir(), 'certrebind-wine-'));
  const base = {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    WINEPREFIX: prefix,
    // Wine takes arguments in the encoding of the locale.
    LC_ALL: 'C.UTF-8',
    WINEDEBUG: '-all',
    // mshtml asks about a browser; mscoree must stay, or .NET cannot load its libraries.
    WINEDLLOVERRIDES: 'mshtml=',
    XDG_RUNTIME_DIR: work,
  };
  preparePrefix(base, work);
  return {
    run: (exe, args, options = {}) => runIn(work, { ...base, ...options.env }, [exe, ...args], options),
    end: () => {
      spawnSync('wineserver', ['-k'], { env: base });
      rmSync(work, { recursive: true, force: true });
    },
  };
}

/** Wine 8 calls itself Windows 7, which Node 22 refuses. */
function preparePrefix(env: Record<string, string>, work: string): void {
  const mark = join(prefix, '.certrebind-ready');
  if (existsSync(mark)) return;
  mkdirSync(prefix, { recursive: true });
  const { status, stderr } = runIn(
    work,
    { ...env, WINEDLLOVERRIDES: 'mscoree,mshtml=' },
    ['winecfg', '-v', 'win10'],
    {},
  );
  if (status !== 0) throw new Error(`Wine could not make its folder: ${stderr}`);
  writeFileSync(mark, '');
}

/** Node under Wine cannot open Unix pipes (EBADF), so its streams are files. */
function runIn(work: string, env: Record<string, string>, words: readonly string[], options: WineOptions): WineResult {
  const folder = mkdtempSync(join(work, 'run-'));
  const path = (name: string) => join(folder, name);
  writeFileSync(path('in'), '');
  const streams = [openSync(path('in'), 'r'), openSync(path('out'), 'w'), openSync(path('err'), 'w')];
  const { status } = spawnSync('wine', words, {
    env,
    stdio: streams,
    timeout: options.timeoutMs ?? 60_000,
    killSignal: 'SIGKILL',
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  for (const stream of streams) closeSync(stream);
  return { status, stdout: readFileSync(path('out'), 'utf8'), stderr: readFileSync(path('err'), 'utf8') };
}
