import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asResult, CertRebindError } from '../../base/errors.ts';
import { fileErrorCode, unlessMissing } from '../../base/file-error.ts';
import type { Outcome } from '../../documents/runs/outcome.ts';
import { type IndexLine, summaryOf } from '../../documents/runs/run-summary.ts';
import { flushFolder, isFolder, listIfThere, readDocument, writing } from './files.ts';
import {
  addToIndex,
  indexLine,
  indexName,
  indexReader,
  inOrder,
  isMostlyDead,
  isUnchanged,
  lookOf,
  type ReadIndex,
  type RunIndex,
  replaceIndex,
  trimOrder,
} from './run-index.ts';
import { outcomeName } from './run-journal.ts';
import type { RunHead } from './state.ts';

/** About a second of work. */
const mostRemovedAtOnce = 5000;

/** In the state folder. */
export const runsFolderName = 'runs';

export type RunFolders = ReturnType<typeof runFolders>;

/**
 * The folders of the runs: one each, closed by its outcome. Nothing here opens a file of a run that is in the index.
 */
export function runFolders(runsFolder: string) {
  const readIndex = indexReader(runsFolder);
  const outcomeFile = (run: string) => join(runsFolder, run, outcomeName);

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
      const outcome = await asResult(() => readOutcome(run));
      if (look === null || outcome === null || outcome instanceof CertRebindError) continue;
      found.push(indexLine(summaryOf(outcome), look));
    }
    const known = closed.flatMap((run) => index.get(run) ?? []);
    const dead = lines - known.length;
    if (isMostlyDead(dead, known.length)) await replaceIndex(runsFolder, [...known, ...found]);
    else if (found.length > 0) await writing(runsFolder, () => addToIndex(runsFolder, found));
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

    /** Adds a run to the index whose outcome has been written. */
    async noteClosed(outcome: Outcome) {
      const look = lookOf(outcomeFile(outcome.run));
      if (look === null) return;
      try {
        await addToIndex(runsFolder, [indexLine(summaryOf(outcome), look)]);
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
