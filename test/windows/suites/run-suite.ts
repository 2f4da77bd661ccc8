import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import packageJson from '../../../package.json' with { type: 'json' };
import { differencesBetween } from '../../../src/commands/rehearse/rehearse.ts';
import { leftoversIn, sweep } from '../../../src/engine/run/rehearsal-leftovers.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { openLabServer } from '../../../src/lab/client/lab-server.ts';
import type { Server } from '../../../src/server/server.ts';
import { bundledIn, bundleInto } from './bundle.ts';
import { labImage, type Measured, type MeasuredFile, type MeasuredRow } from './document.ts';
import { type Asked, type Measurement, unanswered } from './measurement.ts';
import { checkout, type MachineKind } from './programs.ts';
import type { FileResult } from './run-file.ts';
import { openServer } from './stage.ts';

const runFile = join(import.meta.dirname, 'run-file.ts');
const order = ['yes', 'mark', 'vm'] as const;

export interface SuiteRequest {
  /** The folder with its files, which has its name. */
  readonly folder: string;
  /** Of a served lab; `null` for this Windows. */
  readonly lab: string | null;
  /** What that lab is played as; a hosted machine when absent. */
  readonly kind?: MachineKind;
  /** Where measured.json goes, once after every file. */
  readonly out: string;
  readonly say: (line: string) => void;
}

/** Runs the files of a suite one after the other, what may spoil the machine last. */
export async function runSuite(request: SuiteRequest): Promise<Measured> {
  const { folder, lab, kind = 'runner', out, say } = request;
  await mkdir(out, { recursive: true });
  const server = lab === null ? await openServer({ lab, kind, env: process.env }) : (await openLabServer(lab)).server;
  const programs = await mkdtemp(join(tmpdir(), 'certrebind-suite-'));
  try {
    const found = await filesOf(folder);
    // Only what reads can be asked without elevation.
    const files = kind === 'filtered' ? found.filter(({ safe }) => safe === 'yes') : found;
    const sound = files.filter(({ broken }) => broken === null).map(({ file }) => join(folder, file));
    await bundleInto(programs, [runFile, ...sound]);
    let before = await sweep(server, await server.snapshot());
    let document = begun(before, basename(folder), lab !== null);
    for (const { file, seconds, rows, broken } of files) {
      const result = join(out, `${file}.json`);
      const started = Date.now();
      const ended: Ended =
        broken === null
          ? await runOne({ programs, file, result, lab, kind, seconds })
          : { outcome: 'failed', why: broken };
      const told: FileResult | null = ended.outcome === 'done' ? JSON.parse(await readFile(result, 'utf8')) : null;
      // What a file that broke was to ask is counted too.
      const answers = told?.answers ?? unanswered(rows, `${file}: ${ended.why}`);
      const { outcome, why }: Ended =
        told === null || told.notAsked === null ? ended : { outcome: 'not-asked', why: told.notAsked };
      await rm(result, { force: true });
      const left = await leftBy(server, before);
      before = left.now;
      const entry: MeasuredFile = { file, outcome, why, leftovers: left.what, ms: Date.now() - started };
      document = {
        ...document,
        results: [...document.results, ...answers.map((answer): MeasuredRow => ({ ...answer, file }))],
        files: [...document.files, entry],
      };
      await writeWhole(join(out, 'measured.json'), document);
      say(`${file}: ${outcome}${why === null ? '' : `, ${why}`} (${(entry.ms / 1000).toFixed(1)} s)`);
      for (const { row, measured, how } of answers)
        say(`  ${row}: ${measured ?? `not measured, ${how.slice(0, 160)}`}`);
      for (const what of left.what) say(`  left behind: ${what}`);
    }
    return document;
  } finally {
    await server.close();
    await rm(programs, { recursive: true, force: true });
  }
}

function begun({ server }: Snapshot, suite: string, isLab: boolean): Measured {
  const { ImageOS, ImageVersion, GITHUB_SHA, GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = process.env;
  return {
    schema: 'certrebind/measured/1',
    windows: {
      build: server.osBuild,
      iis: server.iis,
      image: isLab ? labImage : ImageOS === undefined ? null : `${ImageOS} ${ImageVersion ?? ''}`.trim(),
    },
    program: { version: packageJson.version, commit: GITHUB_SHA ?? null },
    run: {
      suite,
      at: new Date().toISOString(),
      url:
        GITHUB_RUN_ID === undefined ? null : `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`,
    },
    results: [],
    files: [],
  };
}

interface Found {
  readonly file: string;
  readonly seconds: number;
  readonly safe: Measurement['safe'] | null;
  /** What it asks. */
  readonly rows: readonly string[];
  /** Why it cannot even be loaded. */
  readonly broken: string | null;
}

/** In their order, with what each says of itself. */
async function filesOf(folder: string): Promise<readonly Found[]> {
  const names = (await readdir(folder)).filter((name) => /\.(?:measure|story)\.ts$/.test(name)).sort();
  const found = await Promise.all(
    names.map(async (file): Promise<Found> => {
      try {
        const { measurement, story }: Asked = await import(pathToFileURL(join(folder, file)).href);
        const asked = measurement ?? story;
        const rows = Object.keys(measurement?.rows ?? {});
        return { file, seconds: asked?.seconds ?? 60, safe: asked?.safe ?? 'vm', rows, broken: null };
      } catch (error) {
        return { file, seconds: 0, safe: null, rows: [], broken: `${error}`.slice(0, 500) };
      }
    }),
  );
  return found.sort((a, b) => rank(a) - rank(b));
}

function rank({ safe }: Found): number {
  return safe === null ? order.length : order.indexOf(safe);
}

type Ended = Pick<MeasuredFile, 'outcome' | 'why'>;

interface One {
  /** Where the file and what runs it are bundled. */
  readonly programs: string;
  readonly file: string;
  readonly result: string;
  readonly lab: string | null;
  readonly kind: MachineKind;
  readonly seconds: number;
}

/** What PowerShell 7, from which a step of a workflow starts everything, leaves behind for a Windows PowerShell below it. */
const belowPowerShell7 = { PSModulePath: ['Documents/PowerShell/Modules', 'PowerShell/7/Modules'].join(delimiter) };

async function runOne({ programs, file, result, lab, kind, seconds }: One): Promise<Ended> {
  const scripts = [runFile, file].map((script) => bundledIn(programs, script));
  const words = ['--enable-source-maps', ...scripts, result, kind, ...(lab === null ? [] : [lab])];
  // A group of its own, so that what it started ends with it.
  const isPosix = process.platform !== 'win32';
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'inherit', 'pipe'],
    detached: isPosix,
    // The modules of a lab are not found from where the bundle lies.
    env: { ...process.env, ...(lab === null ? {} : belowPowerShell7), CERTREBIND_CHECKOUT: checkout },
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  let isLate = false;
  const end = () => {
    if (child.pid === undefined) return;
    if (isPosix) process.kill(-child.pid, 'SIGKILL');
    else spawn('taskkill', ['/PID', `${child.pid}`, '/T', '/F'], { stdio: 'ignore' });
  };
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, seconds * 1000);
  const [code]: [number | null] = (await once(child, 'exit')) as [number | null];
  clearTimeout(timer);
  if (isLate) return { outcome: 'timed-out', why: `no answer within ${seconds} s` };
  const hasResult = await readFile(result).then(
    () => true,
    () => false,
  );
  if (code === 0 && hasResult) return { outcome: 'done', why: null };
  const [error = stderr.trim().slice(-500)] = /^\w*Error.*$/m.exec(stderr) ?? [];
  return { outcome: 'failed', why: error === '' ? `ended with ${code} and told nothing` : error };
}

/** What is there now and was not before, taken away where it bears the mark; the rest only told. */
async function leftBy(server: Server, before: Snapshot) {
  const found = await server.snapshot();
  const what = leftoversIn(found).map((leftover) => leftover.what);
  const now = what.length === 0 ? found : await sweep(server, found);
  return { what: [...what, ...differencesBetween(before, now)], now };
}

/** A run that is ended in the middle leaves the document of the file before. */
async function writeWhole(file: string, document: Measured): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(document, null, 1)}\n`);
  await rename(`${file}.new`, file);
}
