import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseThumbprint } from '../src/model/certificates/thumbprint.ts';
import { searchFiles } from '../src/server/search-files.ts';
import { type Row, row } from './row.ts';

const thumbprint = parseThumbprint('A1B2C3D4E5F60718293A4B5C6D7E8F9001122334', 'bench');
const repeats = 5;

/** The search for thumbprints in files, beside what grep takes for the same. */
export async function measureSearch(): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'certrebind-bench-'));
  try {
    const settings = JSON.stringify(
      Array.from({ length: 60 }, (_, at) => ({ key: `k${at}`, id: '6f9619ff-8b86-d011-b42d-00c04fc964ff', on: true })),
      null,
      2,
    );
    const fill = (name: string, folders: number) => {
      for (let at = 0; at < folders * 100; at++) {
        const path = join(folder, name, `${Math.floor(at / 100)}`);
        if (at % 100 === 0) mkdirSync(path, { recursive: true });
        writeFileSync(join(path, `${at % 100}.json`), settings);
      }
      return join(folder, name);
    };
    return [...(await besideGrep(fill('many', 200))), ...(await bounds(fill('more', 1000)))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function besideGrep(folder: string): Promise<readonly Row[]> {
  const [own, grep]: [number[], number[]] = [[], []];
  let found = 0;
  for (let round = 0; round <= repeats; round++) {
    const started = performance.now();
    found += (await searchFiles([folder], [thumbprint])).found.length;
    const ended = performance.now();
    spawnSync('grep', ['-r', thumbprint, folder]);
    // The first round fills the cache of the system.
    if (round === 0) continue;
    own.push(ended - started);
    grep.push(performance.now() - ended);
  }
  const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
  const size = `20,000 files, ${execFileSync('du', ['-sm', '--apparent-size', folder]).toString().split('\t')[0]} MB`;
  const compared = `${(median(own) / median(grep)).toFixed(1)} times grep -r; ${found} false hits`;
  return [
    row('search files without a thumbprint', size, own, { compared }),
    row('grep -r, for one spelling', size, grep),
  ];
}

/** In a process of its own, whose memory nothing else has used. */
async function bounds(folder: string): Promise<readonly Row[]> {
  symlinkSync('..', join(folder, 'loop'));
  writeFileSync(join(folder, 'huge.json'), '');
  truncateSync(join(folder, 'huge.json'), 2 ** 30);
  const script = `
    const { searchFiles } = await import(${JSON.stringify(join(import.meta.dirname, '../src/server/search-files.ts'))});
    await searchFiles([${JSON.stringify(join(folder, '0'))}], []);
    const before = process.memoryUsage().rss;
    let most = before;
    const timer = setInterval(() => { most = Math.max(most, process.memoryUsage().rss); }, 5);
    const started = performance.now();
    const { files, notRead } = await searchFiles([${JSON.stringify(folder)}], ['${thumbprint}']);
    const ms = performance.now() - started;
    clearInterval(timer);
    most = Math.max(most, process.resourceUsage().maxRSS * 1024);
    console.log(JSON.stringify({ files, notRead, ms, bytes: most - before }));`;
  const words = [
    '--import',
    join(import.meta.dirname, '../scripts/dev/register.mjs'),
    '--input-type=module',
    '-e',
    script,
  ];
  const { files, notRead, ms, bytes } = JSON.parse(execFileSync(process.execPath, words).toString());
  const compared = `${files} files read; not: ${notRead.join('; ')}`;
  const size = '100,000 files, a loop, a file of 1 GB';
  return [
    row('search at its limits', size, [ms], { compared }),
    row('the same, memory', size, [bytes / 2 ** 20], { unit: 'MB' }),
  ];
}
