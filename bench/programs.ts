import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificate, record, site, snapshot, sni, thumbprintOf } from '../test/builders/snapshot.ts';
import { bundles } from './artefacts.ts';
import { type Row, row } from './row.ts';
import { measureStarts } from './starts.ts';

/** What the programs cost before they do anything, and what they hold at most. */
export async function measurePrograms(): Promise<readonly Row[]> {
  return [...(await measureStarts()), ...(await memory())];
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
      const args = [
        '--import',
        `data:text/javascript,${encodeURIComponent(told)}`,
        bundles.server,
        'plan',
        '--replay',
        file,
      ];
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
