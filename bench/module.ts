import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { moduleFiles } from '../scripts/package/module-files.mjs';
import { findEngine } from '../test/engine.ts';
import { type Row, row } from './row.ts';

const turns = 15;

/** In milliseconds, by the clock and of the processor. */
interface Took {
  readonly clock: number;
  readonly processor: number;
}

/** What importing the module adds to a session that does nothing: as it is installed, found by its name, and from the sources. */
export async function measureModule(): Promise<readonly Row[]> {
  const engine = findEngine();
  if (engine === null) return [];
  const installed = await mkdtemp(join(tmpdir(), 'certrebind-bench-'));
  try {
    await installInto(installed);
    const sources = join(import.meta.dirname, '..', 'module');
    const imported = 'Import-Module CertRebind -ErrorAction Stop';
    const samples = Array.from({ length: turns }, () => ({
      empty: session(engine, installed, '$null'),
      installed: session(engine, installed, imported),
      sources: session(engine, sources, imported),
    }));
    const rowOf = (what: string, of: 'installed' | 'sources') => {
      const more = (by: keyof Took) =>
        row(
          '',
          '',
          samples.map((turn) => turn[of][by] - turn.empty[by]),
        ).median.toFixed(0);
      const compared = `${more('clock')} ms more, ${more('processor')} ms of the processor`;
      return row(
        what,
        '',
        samples.map((turn) => turn[of].clock),
        { compared },
      );
    };
    return [
      row(
        'PowerShell, nothing done',
        'yardstick',
        samples.map(({ empty }) => empty.clock),
      ),
      rowOf('PowerShell, `Import-Module CertRebind` as it is installed', 'installed'),
      rowOf('PowerShell, `Import-Module CertRebind` from the sources', 'sources'),
    ];
  } finally {
    await rm(installed, { recursive: true, force: true });
  }
}

async function installInto(folder: string): Promise<void> {
  for (const [name, text] of Object.entries<string>(moduleFiles(packageJson.version))) {
    const file = join(folder, name.replace('/', `/${packageJson.version}/`));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

function session(engine: string, modules: string, line: string): Took {
  const spent = '[Console]::Out.Write([Diagnostics.Process]::GetCurrentProcess().TotalProcessorTime.TotalMilliseconds)';
  const from = performance.now();
  const { status, stdout } = spawnSync(engine, ['-NoProfile', '-NonInteractive', '-Command', `${line}; ${spent}`], {
    env: { ...process.env, PSModulePath: modules },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const clock = performance.now() - from;
  if (status !== 0) throw new Error(`${line}: exit ${status}`);
  return { clock, processor: Number(stdout) };
}
