import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { asResult, CertRebindError } from '../../base/errors.ts';
import { readIfThere, writeFileAtomically } from './files.ts';
import { lookOf } from './run-index.ts';

/**
 * The order in which runs were begun: the name of each in a line, written before its folder is created. A name contains
 * a time, and clocks can be wrong or set back; the order of lines cannot. No run has a name with a dot, so no run can
 * take this file's name.
 */
export const orderName = 'order.txt';

/**
 * The file is rewritten when more of its lines are of removed runs than of others, and there are more than this many.
 */
const deadLinesAllowed = 100;

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
  if (places.size - left.length <= Math.max(deadLinesAllowed, left.length)) return;
  await writeFileAtomically(join(runsFolder, orderName), left.map((run) => `${run}\n`).join(''));
}

async function placesIn(runsFolder: string): Promise<ReadonlyMap<string, number>> {
  const text = await asResult(() => readIfThere(join(runsFolder, orderName)));
  if (text === null || text instanceof CertRebindError) return new Map();
  return new Map(text.split('\n').map((run, place) => [run, place]));
}
