import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificate, record, site, snapshot, sni, thumbprintOf } from '../test/builders/snapshot.ts';
import { findEngine } from '../test/engine.ts';
import { type Row, row } from './row.ts';

const root = join(import.meta.dirname, '..');
const server = join(root, 'dist', 'certrebind.cjs');
const binary = join(root, 'dist', 'certrebind-0.1.0-linux-x64');
const times = 11;

/** What starting costs: the programs against the emptiest Node, and the PowerShell module. */
export async function measurePrograms(): Promise<readonly Row[]> {
  const bare = row('start: `node -e 0`', 'yardstick', starts(process.execPath, ['-e', '0']));
  const against = (what: string, command: string, args: readonly string[]): Row => {
    const measured = row(what, '', starts(command, args));
    return { ...measured, compared: `${(measured.median / bare.median).toFixed(2)} of node -e 0` };
  };
  const rows = [
    bare,
    against('start: bundle, `explain expired`', process.execPath, [server, 'explain', 'expired']),
    against('start: bundle, `--help`', process.execPath, [server, '--help']),
    ...(process.platform === 'linux' && existsSync(binary)
      ? [against('start: packaged binary, `explain expired`', binary, ['explain', 'expired'])]
      : []),
  ];
  return [...rows, ...(await memory()), ...moduleImport()];
}

function starts(command: string, args: readonly string[]): readonly number[] {
  return Array.from({ length: times }, () => {
    const started = performance.now();
    const { status } = spawnSync(command, args, { stdio: 'ignore' });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}`);
    return performance.now() - started;
  });
}

/** The most that the process ever held, as the system counted it. */
async function memory(): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'certrebind-bench-'));
  try {
    const rows: Row[] = [];
    for (const size of [100, 10_000]) {
      const hosts = Array.from({ length: size }, (_, at) => `host${at}.example.com`);
      const file = join(folder, `${size}.json`);
      const names = { names: ['*.example.com'] };
      await writeFile(
        file,
        JSON.stringify(
          snapshot({
            sites: hosts.map((host) => site(host, [sni(host)])),
            records: hosts.map((host) => record(`${host}:443`, 'old')),
            certificates: [certificate('old', names), certificate('new', names)],
          }),
        ),
      );
      const told = "process.on('exit', () => process.stderr.write(String(process.resourceUsage().maxRSS)))";
      const args = ['--import', `data:text/javascript,${encodeURIComponent(told)}`, server, 'plan', '--replay', file];
      const pair = ['--old', thumbprintOf('old'), '--new', thumbprintOf('new'), '--json'];
      const peaks = Array.from({ length: 3 }, () => {
        const { status, stderr } = spawnSync(process.execPath, [...args, ...pair], { maxBuffer: 2 ** 28 });
        if (status !== 0) throw new Error(`plan: exit ${status}: ${stderr}`);
        return Number(stderr) / 1024;
      });
      rows.push(row('memory at most: plan of a capture', `${size} bindings`, peaks, { unit: 'MB' }));
    }
    return rows;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function moduleImport(): readonly Row[] {
  const engine = findEngine();
  if (engine === null) return [];
  const manifest = join(root, 'module', 'CertRebind', 'CertRebind.psd1').replaceAll("'", "''");
  const script = `1..5 | ForEach-Object { (Measure-Command { Import-Module '${manifest}' -Force }).TotalMilliseconds }`;
  const { stdout, status } = spawnSync(engine, ['-NoProfile', '-NonInteractive', '-Command', script]);
  if (status !== 0) return [];
  const samples = `${stdout}`.trim().split(/\s+/).map(Number);
  return [row('import of the PowerShell module', 'as in the sources, first and again', samples)];
}
