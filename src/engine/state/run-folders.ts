import { lstatSync } from 'node:fs';
import { appendFile, open, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asResult, CertRebindError, orNull } from '../../base/errors.ts';
import { fileErrorCode, unlessMissing } from '../../base/file-error.ts';
import { compareText } from '../../base/order.ts';
import type { Outcome } from '../../documents/runs/outcome.ts';
import { type IndexLine, parseIndexLine, summaryOf } from '../../documents/runs/run-summary.ts';
import {
  flushFolder,
  isFolder,
  listIfThere,
  readDocument,
  readIfThere,
  writeFileAtomically,
  writing,
} from './files.ts';
import { outcomeName } from './run-journal.ts';
import type { RunHead } from './state.ts';

/**
 * The index of closed runs: a line for each, so that ten thousand can be listed without opening ten thousand files. It
 * only repeats what outcomes say. A line is added after its outcome has been flushed, so a run in the index is closed;
 * a missing or unreadable line only means that the outcome has to be opened.
 */
export const indexName = 'index.ndjson';

/** By the name of the run; the last line about a run counts. */
type RunIndex = ReadonlyMap<string, IndexLine>;

interface ReadIndex {
  readonly index: RunIndex;
  /** How many lines it has, including those that no longer count. */
  readonly lines: number;
}

/** About a second of work. */
const mostRemovedAtOnce = 5000;

/** In the state folder. */
export const runsFolderName = 'runs';

export type RunFolders = ReturnType<typeof runFolders>;

/**
 * The folders of the runs: one each, closed by its outcome. Nothing here opens a file of a run that is in the index.
 */
export function runFolders(runsFolder: string) {
  const indexFile = join(runsFolder, indexName);
  const outcomeFile = (run: string) => join(runsFolder, run, outcomeName);

  let lastRead: { readonly look: FileLook; readonly read: Promise<ReadIndex> } | null = null;

  /** One start asks several times, even while the first answer is still being read. */
  async function readIndex(): Promise<ReadIndex> {
    const look = lookOf(indexFile);
    if (look === null) return { index: new Map(), lines: 0 };
    if (lastRead === null || !isUnchanged(lastRead.look, look)) lastRead = { look, read: readFrom(indexFile) };
    return lastRead.read;
  }

  /** Not flushed: a line that is lost in a power cut is written again. */
  async function addToIndex(lines: readonly IndexLine[]): Promise<void> {
    if (lookOf(indexFile)?.isFile === false) return;
    // A line end first: half a line left by a killed process must not spoil the next one.
    await appendFile(indexFile, `\n${lines.map(lineText).join('')}`, { mode: 0o600 });
  }

  /** Oldest first. */
  async function names(): Promise<readonly string[]> {
    const entries = await listIfThere(runsFolder);
    return inOrder(runsFolder, entries.filter(isRunName));
  }

  /** `null` when the run is unfinished. @throws CertRebindError why it cannot be read */
  async function readOutcome(run: string): Promise<Outcome | null> {
    // Loaded late because it is large, and the index answers most questions.
    const { parseOutcome } = await import('../../documents/runs/outcome-document.ts');
    return readDocument(outcomeFile(run), parseOutcome, outcomeHint);
  }

  const isClosed = (run: string, index: RunIndex) => index.has(run) || lookOf(outcomeFile(run)) !== null;

  async function head(run: string, line: IndexLine | undefined): Promise<RunHead> {
    const look = lookOf(outcomeFile(run));
    if (look === null)
      return { run, summary: null, unreadable: line === undefined ? null : outcomeLost(outcomeFile(run)) };
    if (line !== undefined && isUnchanged(line, look)) return { run, summary: line, unreadable: null };
    const outcome = await asResult(() => readOutcome(run));
    if (outcome instanceof CertRebindError) return { run, summary: null, unreadable: outcome };
    return { run, summary: outcome === null ? null : summaryOf(outcome), unreadable: null };
  }

  async function remove(run: string): Promise<void> {
    const folder = join(runsFolder, run);
    await writing(runsFolder, async () => {
      // The target of a link is not ours to remove; and a run has no folders inside it, so none is entered.
      const entries = isFolder(folder) ? await readdir(folder, { withFileTypes: true }) : [];
      if (entries.some((entry) => entry.isDirectory())) return;
      // The outcome is removed last: a half-removed run must not look like one that waits for recovery.
      const files = entries.map(({ name }) => name).filter((name) => name !== outcomeName);
      for (const name of [...files, outcomeName]) await rm(join(folder, name), { force: true });
      await rmdir(folder).catch(unlessMissing);
    });
  }

  /** Adds runs to the index that the next start would otherwise have to open. */
  async function mendIndex(closed: readonly string[], { index, lines }: ReadIndex): Promise<void> {
    const found: IndexLine[] = [];
    for (const run of closed) {
      if (index.has(run)) continue;
      const look = lookOf(outcomeFile(run));
      const outcome = await orNull(() => readOutcome(run));
      if (look === null || outcome === null) continue;
      found.push(indexLine(outcome, look));
    }
    const known = closed.flatMap((run) => index.get(run) ?? []);
    if (isMostlyDead(lines - known.length, known.length))
      await writeFileAtomically(indexFile, [...known, ...found].map(lineText).join(''));
    else if (found.length > 0) await writing(runsFolder, () => addToIndex(found));
  }

  return {
    /** Looks at one folder: whoever goes through ten thousand runs asks ten thousand times. */
    has: (run: string) => isRunName(run) && isFolder(join(runsFolder, run)),
    readOutcome,
    remove: async (run: string) => {
      await remove(run);
      await flushFolder(runsFolder);
    },

    /** Oldest first. */
    async list(): Promise<readonly RunHead[]> {
      const { index } = await readIndex();
      const heads: RunHead[] = [];
      for (const run of await names()) heads.push(await head(run, index.get(run)));
      return heads;
    },

    /** Oldest first. */
    async unfinished() {
      const { index } = await readIndex();
      return (await names()).filter((run) => !isClosed(run, index));
    },

    /** `run-order-unknown` if the file with the order is damaged, and times do not make up for it. */
    async unclearOrder(now: Date): Promise<CertRebindError | null> {
      // The folders first: a run that begins in between has its line before its folder.
      const runs = await names();
      const why = whyUnclear(await orderLines(runsFolder), runs, now);
      if (why === null) return null;
      const message = `${join(runsFolder, orderName)} is damaged, so it is not known which run is the newest. ${why}`;
      return new CertRebindError('run-order-unknown', { message });
    },

    /** Adds a run to the index whose outcome has been written. */
    async noteClosed(outcome: Outcome) {
      const look = lookOf(outcomeFile(outcome.run));
      if (look === null) return;
      try {
        await addToIndex([indexLine(outcome, look)]);
      } catch (error) {
        // The outcome is what counts; a later run adds the missing line.
        if (fileErrorCode(error) === null) throw error;
      }
    },

    /** Removes the oldest closed runs until `keep` are left, or as many as can be removed without making others wait longer. */
    async prune(keep: number, spared: ReadonlySet<string> = new Set()) {
      const found = await readIndex();
      const all = await names();
      const closed = all.filter((run) => !spared.has(run) && isClosed(run, found.index));
      const surplus = Math.max(0, closed.length - keep);
      const gone = new Set(closed.slice(0, Math.min(surplus, mostRemovedAtOnce)));
      for (const run of gone) await remove(run);
      const left = all.filter((run) => !gone.has(run));
      if (gone.size > 0) {
        await writing(runsFolder, () => flushFolder(runsFolder));
        await trimOrder(runsFolder, left);
      }
      if (gone.size === surplus) {
        const stillClosed = left.filter((run) => isClosed(run, found.index));
        await mendIndex(stillClosed, found);
      }
    },

    /** What is in the folder of runs but not in the index, oldest first; everything but closed runs is in `others`. */
    async notInIndex() {
      const { index } = await readIndex();
      const found = (await listIfThere(runsFolder)).filter((name) => name !== indexName && !index.has(name)).sort();
      const isDone = (name: string) => isRunName(name) && lookOf(outcomeFile(name)) !== null;
      const closed = await inOrder(runsFolder, found.filter(isDone));
      return { closed, others: found.filter((name) => !isDone(name)) };
    },
  };
}

/** Names of runs can only lead into the folder of the runs. */
export function isRunName(name: string): boolean {
  return /^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$/.test(name);
}

const outcomeHint =
  'Other runs are not affected. Restore the file from a backup, or delete the folder of the run to remove it from the history.';

function outcomeLost(where: string): CertRebindError {
  const message = `${where} is missing, although its run had finished.`;
  return new CertRebindError('damaged-file', { message, where, hint: outcomeHint });
}

/** An unreadable index counts as absent, and the next run replaces it. */
async function readFrom(file: string): Promise<ReadIndex> {
  const found = await asResult(() => readIfThere(file));
  if (found instanceof CertRebindError) return { index: new Map(), lines: Number.POSITIVE_INFINITY };
  const text = found ?? '';
  const index = new Map<string, IndexLine>();
  let lines = 0;
  for (let start = 0, end = text.indexOf('\n'); end >= 0; start = end + 1, end = text.indexOf('\n', start)) {
    if (end === start) continue;
    lines++;
    const line = parseIndexLine(text.slice(start, end));
    if (line !== null) index.set(line.run, line);
  }
  return { index, lines };
}

/** The state of a file (size, times) without opening it. */
interface FileLook extends Pick<IndexLine, 'size' | 'modifiedMs'> {
  readonly isFile: boolean;
}

/** One after the other and without a promise for each: for ten thousand files that is ten times as fast. */
function lookOf(path: string): FileLook | null {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found === undefined ? null : { size: found.size, modifiedMs: found.mtimeMs, isFile: found.isFile() };
}

function indexLine(outcome: Outcome, { size, modifiedMs }: FileLook): IndexLine {
  return { schema: 'certrebind/run-summary/1', ...summaryOf(outcome), size, modifiedMs };
}

function isUnchanged(line: Omit<FileLook, 'isFile'>, now: FileLook): boolean {
  return now.isFile && line.size === now.size && line.modifiedMs === now.modifiedMs;
}

function lineText(line: IndexLine): string {
  return `${JSON.stringify(line)}\n`;
}

/**
 * The order in which runs were begun: the name of each in a line, written before its folder is created. A name contains
 * a time, and clocks can be wrong or set back; the order of lines cannot. No run has a name with a dot, so no run can
 * take this file's name.
 */
export const orderName = 'order.txt';

/**
 * Notes that a run begins; flushed. Anything at this path that is not a file is replaced: the times in the names give
 * the order of earlier runs.
 */
export async function addToOrder(runsFolder: string, run: string): Promise<void> {
  const path = join(runsFolder, orderName);
  if (lookOf(path)?.isFile === false) return writeFileAtomically(path, `${run}\n`);
  const file = await open(path, 'a', 0o600);
  try {
    // A line end first: half a line left by a killed process must not spoil this one.
    await file.appendFile(`\n${run}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** The runs in the order in which they were begun. */
export async function inOrder(runsFolder: string, runs: readonly string[]): Promise<readonly string[]> {
  return orderRuns(await orderLines(runsFolder), runs);
}

/**
 * The lines keep their order. A run without a line stands behind the last line with an earlier time: where clocks were set
 * back, times of the same clock are compared.
 */
export function orderRuns(lines: readonly string[], runs: readonly string[]): readonly string[] {
  const places = new Map(lines.map((run, place) => [run, place]));
  const placeOf = (run: string) => places.get(run) ?? Number.POSITIVE_INFINITY;
  const ordered = runs.toSorted((a, b) => placeOf(a) - placeOf(b) || 0);
  const earliest = new Map<string, string>();
  let least: string | null = null;
  for (const run of ordered.toReversed()) {
    if (!places.has(run)) continue;
    if (least === null || run < least) least = run;
    earliest.set(run, least);
  }
  const keyOf = (run: string) => earliest.get(run) ?? run;
  return ordered.toSorted((a, b) => compareText(keyOf(a), keyOf(b)));
}

/**
 * Why it is not known which run is the newest; `null` if it is. Times that go back are no damage where each run has its
 * line. Where one lacks, its time is all that is known of it, and counts only if no other time is wrong.
 */
export function whyUnclear(lines: readonly string[], all: readonly string[], now: Date): string | null {
  const runs = all.filter((run) => /^\d{8}-\d{9}-/.test(run));
  const known = new Set(runs);
  const found = lines.filter((run) => known.has(run));
  const distinct = new Set(found);
  if (distinct.size === runs.length && found.length === runs.length) return null;
  const damage =
    distinct.size < runs.length
      ? `It has ${distinct.size} of the ${runs.length} runs`
      : `It has ${found.length} lines for ${runs.length} runs`;
  const at = found.findIndex((run, place) => timeIn(run) < timeIn(found[place - 1] ?? ''));
  if (at > 0) return `${damage}, and ${found[at]} stands after ${found[at - 1]}, whose time is later.`;
  const ahead = runs.find((run) => timeIn(run) > runTime(now));
  return ahead === undefined ? null : `${damage}, and the time of ${ahead} is in the future.`;
}

/** The beginning of the name of a run: when it was begun, in UTC to the millisecond. */
export function runTime(at: Date): string {
  const [date = '', time = ''] = at.toISOString().split('T');
  return `${date.replaceAll('-', '')}-${time.replace(/[:.Z]/g, '')}`;
}

function timeIn(run: string): string {
  return run.slice(0, 18);
}

/** Forgets removed runs once there are many. @param runs those that are left */
export async function trimOrder(runsFolder: string, runs: readonly string[]): Promise<void> {
  const lines = await orderLines(runsFolder);
  const known = new Set(runs);
  const left = lines.filter((run) => known.has(run));
  if (!isMostlyDead(lines.length - left.length, left.length)) return;
  await writeFileAtomically(join(runsFolder, orderName), left.map((run) => `${run}\n`).join(''));
}

/** None where the file is missing or cannot be read. */
async function orderLines(runsFolder: string): Promise<readonly string[]> {
  const text = await orNull(() => readIfThere(join(runsFolder, orderName)));
  // A person may have edited it, with other line ends.
  return text?.split(/\s+/).filter((line) => line !== '') ?? [];
}

/** A file with a line for each run is rewritten when more of its lines are of removed runs than of others, and not a few. */
function isMostlyDead(dead: number, alive: number): boolean {
  return dead > Math.max(100, alive);
}
