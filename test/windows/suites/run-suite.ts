import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runOf } from '../../../scripts/lib/suites.mjs';
import { differencesBetween } from '../../../src/commands/rehearse/rehearse.ts';
import { leftoversIn, removeLeftovers } from '../../../src/engine/run/rehearsal-leftovers.ts';
import { writeFileAtomically } from '../../../src/engine/state/files.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { openLabServer } from '../../../src/lab/client/lab-server.ts';
import type { Server } from '../../../src/server/server.ts';
import { killTree } from '../../../src/server/windows/process-tree.ts';
import { bundledIn, bundleInto } from './bundle.ts';
import { isBroken, labImage, type Measured, type MeasuredFile } from './document.ts';
import { type Answer, type Asked, type Measurement, unanswered } from './measurement.ts';
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
  /** Where measured.json goes: before the first file, and after each. */
  readonly out: string;
  readonly say: (line: string) => void;
}

/**
 * Runs the files of a suite one after the other, what may spoil the machine last. Whatever happens, and wherever it is ended, its
 * document names every row: what could not be asked has the reason.
 */
export async function runSuite({ folder, lab, kind = 'runner', out, say }: SuiteRequest): Promise<Measured> {
  const found = await filesOf(folder);
  // Only what reads can be asked without elevation.
  const files = kind === 'filtered' ? found.filter(({ safe }) => safe === 'yes') : found;
  const kept = await keepIn(out, basename(folder), files, lab !== null);
  const programs = await mkdtemp(join(tmpdir(), 'certrebind-suite-'));
  let server: Server | null = null;
  try {
    server = lab === null ? await openServer({ lab, kind, env: process.env }) : (await openLabServer(lab)).server;
    const sound = files.filter(({ broken }) => broken === null).map(({ file }) => join(folder, file));
    await bundleInto(programs, [runFile, ...sound]);
    const first = await lookAt(server, null);
    // Scripts of the suite may tell why the program sees nothing.
    if (first.why !== null) say(first.why);
    let before = kept.see(first.now);
    for (const one of files) {
      const { file, seconds, rows, broken } = one;
      const started = Date.now();
      await kept.tell(one, { ...unreached, why: 'the run ended in the middle of it' });
      const result = join(programs, `${file}.json`);
      const ended: Ended =
        broken === null
          ? await runOne({ programs, file, result, lab, kind, seconds })
          : { outcome: 'failed', why: broken };
      const told = resultIn(result);
      // What a file that broke was to ask is counted too.
      const answers = told?.answers ?? unanswered(rows, `${file}: ${ended.why}`);
      const notAsked = ended.outcome === 'done' ? (told?.notAsked ?? null) : null;
      const end: Ended = notAsked === null ? ended : { outcome: 'not-asked', why: notAsked };
      // Before another look, which may fail or hang.
      await kept.tell(one, { ...end, ms: Date.now() - started }, answers);
      const after = await lookAt(server, before);
      before = kept.see(after.now) ?? before;
      const { outcome, why }: Ended = after.why === null || isBroken(end) ? end : { outcome: 'failed', why: after.why };
      const ms = Date.now() - started;
      await kept.tell(one, { outcome, why, leftovers: after.what, ms }, answers);
      say(`${file}: ${outcome}${why === null ? '' : `, ${why}`} (${(ms / 1000).toFixed(1)} s)`);
      for (const { row, measured, how } of answers)
        say(`  ${row}: ${measured ?? `not measured, ${how.slice(0, 160)}`}`);
      for (const what of after.what) say(`  left behind: ${what}`);
    }
  } catch (error) {
    const why = `${error}`.slice(0, 500);
    say(why);
    for (const one of files.filter(({ file }) => kept.isUnreached(file)))
      await kept.tell(one, { outcome: 'failed', why }, unanswered(one.rows, why));
  } finally {
    await server?.close().catch((error) => say(`${error}`));
    // What still runs there keeps its files.
    await rm(programs, { recursive: true, force: true }).catch((error) => say(`${error}`));
  }
  return kept.document();
}

/** The document of a suite that cannot run on this Windows, with that reason at each of its rows. */
export async function keepUnasked({ folder, out, why }: { folder: string; out: string; why: string }): Promise<void> {
  const files = await filesOf(folder);
  const kept = await keepIn(out, basename(folder), files, false);
  for (const one of files) await kept.tell(one, { outcome: 'not-asked', why }, unanswered(one.rows, why));
}

/** What the program reads there; where it reads no build, what Windows said of itself stays. */
export function windowsSeen(
  before: Measured['windows'],
  { osBuild, iis }: Pick<Snapshot['server'], 'osBuild' | 'iis'>,
): Measured['windows'] {
  return { ...before, build: osBuild === 0 ? before.build : osBuild, iis };
}

const unreached = { outcome: 'not-reached', why: 'the run ended before it' } as const;

/** The document of a suite, which is a file at any moment. */
async function keepIn(out: string, suite: string, files: readonly Found[], isLab: boolean) {
  const { run, program, ...where } = runOf(suite);
  const image = isLab ? labImage : where.windows.image;
  let windows: Measured['windows'] = { ...where.windows, image };
  const told = new Map<string, { readonly entry: MeasuredFile; readonly answers: readonly Answer[] }>();
  const named = (file: string) => `${suite}/${file}`;
  const document = (): Measured => ({
    schema: 'certrebind/measured/1',
    windows,
    program,
    run,
    results: [...told.values()].flatMap(({ entry: { file }, answers }) =>
      answers.map((answer) => ({ ...answer, file })),
    ),
    files: [...told.values()].map(({ entry }) => entry),
  });
  const tell = ({ file, rows }: Found, end: Ended & Partial<MeasuredFile>, answers?: readonly Answer[]) => {
    told.set(file, {
      entry: { leftovers: [], ms: 0, ...end, file: named(file) },
      answers: answers ?? unanswered(rows, `${named(file)}: ${end.why}`),
    });
    return writeFileAtomically(join(out, 'measured.json'), `${JSON.stringify(document(), null, 1)}\n`);
  };
  await mkdir(out, { recursive: true });
  for (const one of files) await tell(one, unreached);
  return {
    document,
    tell,
    isUnreached: (file: string) => told.get(file)?.entry.outcome === 'not-reached',
    see: (snapshot: Snapshot | null) => {
      if (snapshot !== null) windows = windowsSeen(windows, snapshot.server);
      return snapshot;
    },
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
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'inherit', 'pipe'],
    // The modules of a lab are not found from where the bundle lies.
    env: { ...process.env, ...(lab === null ? {} : belowPowerShell7), CERTREBIND_CHECKOUT: checkout },
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  let isLate = false;
  const end = async () => {
    isLate = true;
    // What it started ends with it. Where that is refused, itself at least.
    if (child.pid !== undefined) await killTree(child.pid, join(process.env.SystemRoot ?? 'C:\\Windows', 'System32'));
    child.kill('SIGKILL');
  };
  const timer = setTimeout(end, seconds * 1000);
  child.once('exit', () => clearTimeout(timer));
  let code: number | null;
  try {
    code = await codeOf(child);
  } catch (error) {
    return { outcome: 'failed', why: `${error}` };
  }
  if (isLate) return { outcome: 'timed-out', why: `no answer within ${seconds} s` };
  if (code === 0 && resultIn(result) !== null) return { outcome: 'done', why: null };
  const [error = stderr.trim().slice(-500)] = /^\w*Error.*$/m.exec(stderr) ?? [];
  return { outcome: 'failed', why: error === '' ? `ended with ${code} and told nothing` : error };
}

const lastWordsMs = 5000;

/** Its exit code, once it has said everything; what it started may keep its output open for ever. */
function codeOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
    child.once('exit', (code) => setTimeout(resolve, lastWordsMs, code).unref());
  });
}

/** What the file has told, whatever became of it afterwards; `null` where it told nothing. */
function resultIn(file: string): FileResult | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** What is there now and was not before, taken away where it bears the mark; the rest only told. */
async function lookAt(server: Server, before: Snapshot | null) {
  try {
    const found = await server.snapshot();
    const what = leftoversIn(found).map((leftover) => leftover.what);
    const now = what.length === 0 ? found : await removeLeftovers(server, found);
    return { what: before === null ? [] : [...what, ...differencesBetween(before, now)], now, why: null };
  } catch (error) {
    return { what: [], now: null, why: `the server could not be looked at: ${error}`.slice(0, 500) };
  }
}
