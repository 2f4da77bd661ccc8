import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyLedger } from '../src/documents/runs/ledger.ts';
import { fileState } from '../src/engine/state/file-state.ts';
import { plantIndexedRuns } from '../test/engine/state/planted-runs.ts';
import { bundles } from './artefacts.ts';
import { type Row, row } from './row.ts';

const runs = 10_000;
const turns = 9;
const commands = [['reconcile'], ['status'], ['history'], ['doctor']] as const;

/**
 * What the most runs that a configuration may keep cost at a start: each command without any runs and with all of them,
 * in turn. The time is processor time, because other work on the machine distorts starts of some hundred milliseconds
 * most.
 */
export async function measureHistory(): Promise<readonly Row[]> {
  const root = await mkdtemp(join(tmpdir(), 'certrebind-bench-'));
  try {
    const [none, many] = [await labWith(join(root, 'none'), 0), await labWith(join(root, 'many'), runs)];
    const measured = commands.flatMap((words) => {
      const samples = Array.from({ length: turns }, () => ({ none: start(none, words), many: start(many, words) }));
      const least = row(
        words.join(' '),
        'no run',
        samples.map((turn) => turn.none.ms),
      );
      const more = row(
        '',
        '',
        samples.map((turn) => turn.many.ms - turn.none.ms),
      );
      const memory = row(
        '',
        '',
        samples.map((turn) => turn.many.megabytes - turn.none.megabytes),
      );
      const compared = `${more.median.toFixed(0)} ms and ${memory.median.toFixed(0)} MB more than without a run`;
      return [
        least,
        row(
          words.join(' '),
          `${runs} runs`,
          samples.map((turn) => turn.many.ms),
          { compared },
        ),
      ];
    });
    await rm(join(many, 'certrebind/ledger.json'));
    return [
      ...measured,
      row('reconcile that makes a lost ledger again', `${runs} runs`, [start(many, ['reconcile']).ms]),
    ];
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function labWith(folder: string, count: number): Promise<string> {
  spawnSync(process.execPath, [bundles.lab, 'lab', 'create', folder], { stdio: 'ignore' });
  const home = join(folder, 'certrebind');
  await mkdir(home, { mode: 0o700 });
  await writeFile(join(home, 'config.json'), JSON.stringify({ schema: 'certrebind/configuration/1', keepRuns: runs }), {
    mode: 0o600,
  });
  await plantIndexedRuns(home, count);
  await fileState(home).writeLedger(emptyLedger);
  return folder;
}

const told = "process.on('exit', () => process.stderr.write(JSON.stringify(process.resourceUsage())))";

function start(lab: string, words: readonly string[]): { readonly ms: number; readonly megabytes: number } {
  const { stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(told)}`, bundles.lab, ...words, '--lab', lab, '--json'],
    { maxBuffer: 2 ** 28, encoding: 'utf8' },
  );
  const used: NodeJS.ResourceUsage = JSON.parse(stderr);
  return { ms: (used.userCPUTime + used.systemCPUTime) / 1000, megabytes: used.maxRSS / 1024 };
}
