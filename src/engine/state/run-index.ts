import { lstatSync } from 'node:fs';
import { appendFile, open } from 'node:fs/promises';
import { join } from 'node:path';
import { asResult, CertRebindError } from '../../base/errors.ts';
import { type IndexLine, parseIndexLine, type RunSummary } from '../../documents/runs/run-summary.ts';
import { readIfThere, writeFileAtomically } from './files.ts';

/**
 * The index of closed runs: a line for each, so that ten thousand can be listed without opening ten thousand files. It
 * only repeats what outcomes say. A line is added after its outcome has been flushed, so a run in the index is closed;
 * a missing or unreadable line only means that the outcome has to be opened.
 */
export const indexName = 'index.ndjson';

/** By the name of the run; the last line about a run counts. */
export type RunIndex = ReadonlyMap<string, IndexLine>;

export interface ReadIndex {
  readonly index: RunIndex;
  /** How many lines it has, including those that no longer count. */
  readonly lines: number;
}

/** Reads the index of a folder; one start asks several times, even while the first answer is still being read. */
export function indexReader(runsFolder: string): () => Promise<ReadIndex> {
  const file = join(runsFolder, indexName);
  let last: { readonly look: FileLook; readonly read: Promise<ReadIndex> } | null = null;
  return async () => {
    const look = lookOf(file);
    if (look === null) return { index: new Map(), lines: 0 };
    if (last === null || !isUnchanged(last.look, look)) last = { look, read: readFrom(file) };
    return last.read;
  };
}

/** An unreadable index counts as absent, and the next run replaces it. */
async function readFrom(file: string): Promise<ReadIndex> {
  const text = await asResult(() => readIfThere(file));
  return text instanceof CertRebindError ? unreadable : parseIndex(text ?? '');
}

const unreadable: ReadIndex = { index: new Map(), lines: Number.POSITIVE_INFINITY };

function parseIndex(text: string): ReadIndex {
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

/** Not flushed: a line that is lost in a power cut is written again. */
export async function addToIndex(runsFolder: string, lines: readonly IndexLine[]): Promise<void> {
  const file = join(runsFolder, indexName);
  if (lookOf(file)?.isFile === false) return;
  // A line end first: half a line left by a killed process must not spoil the next one.
  await appendFile(file, `\n${lines.map(lineText).join('')}`, { mode: 0o600 });
}

export function replaceIndex(runsFolder: string, lines: readonly IndexLine[]): Promise<void> {
  return writeFileAtomically(join(runsFolder, indexName), lines.map(lineText).join(''));
}

/** The state of a file (size, times) without opening it. */
export interface FileLook extends Pick<IndexLine, 'size' | 'modifiedMs'> {
  readonly isFile: boolean;
}

/** One after the other and without a promise for each: for ten thousand files that is ten times as fast. */
export function lookOf(path: string): FileLook | null {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found === undefined ? null : { size: found.size, modifiedMs: found.mtimeMs, isFile: found.isFile() };
}

export function indexLine(summary: RunSummary, { size, modifiedMs }: FileLook): IndexLine {
  return { schema: 'certrebind/run-summary/1', ...summary, size, modifiedMs };
}

export function isUnchanged(line: Omit<FileLook, 'isFile'>, now: FileLook): boolean {
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

/** The runs in the order in which they were begun. Those of an earlier version come first, by the time in their names. */
export async function inOrder(runsFolder: string, runs: readonly string[]): Promise<string[]> {
  const places = await placesIn(runsFolder);
  const placeOf = (run: string) => places.get(run) ?? -1;
  return runs.toSorted((a, b) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1));
}

/** Forgets removed runs once there are many. @param runs those that are left, in order */
export async function trimOrder(runsFolder: string, runs: readonly string[]): Promise<void> {
  const places = await placesIn(runsFolder);
  const left = runs.filter((run) => places.has(run));
  if (!isMostlyDead(places.size - left.length, left.length)) return;
  await writeFileAtomically(join(runsFolder, orderName), left.map((run) => `${run}\n`).join(''));
}

async function placesIn(runsFolder: string): Promise<ReadonlyMap<string, number>> {
  const text = await asResult(() => readIfThere(join(runsFolder, orderName)));
  if (text === null || text instanceof CertRebindError) return new Map();
  return new Map(text.split('\n').map((run, place) => [run, place]));
}

/** A file with a line for each run is rewritten when more of its lines are of removed runs than of others, and not a few. */
export function isMostlyDead(dead: number, alive: number): boolean {
  return dead > Math.max(100, alive);
}
