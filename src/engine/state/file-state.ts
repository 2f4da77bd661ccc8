import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asResult, CertRebindError } from '../../base/errors.ts';
import { emptyLedger, type Ledger, parseLedger } from '../../documents/runs/ledger.ts';
import { nothingSeen } from '../../documents/seen.ts';
import {
  ensureFolder,
  flushFolder,
  isTemporary,
  otherVersion,
  readBytesIfThere,
  readDocument,
  writeFileAtomically,
  writeNewFile,
  writing,
} from './files.ts';
import { lastErrorFile, lookedFile, ofOtherVersion, seenFile } from './found-files.ts';
import { acquireLock } from './lock.ts';
import type { LockOwner } from './lock-owner.ts';
import { addToOrder, isRunName, type RunFolders, runFolders, runsFolderName } from './run-folders.ts';
import { openJournal, readJournal } from './run-journal.ts';
import type { RunJournal, State } from './state.ts';

export interface Keeping {
  /**
   * Holds the lock if it is not in the folder itself: a command with another state folder must still not work on the
   * server at the same time as one without.
   */
  readonly lockFolder?: string;
  readonly makeFolder?: (folder: string) => Promise<void>;
  /** Gets the runs of the folder, of which it need not read the index again. */
  readonly assertSafe?: (runs: RunFolders) => Promise<void>;
  readonly assertSafeRun?: State['assertSafeRun'];
  /** Called for each process whose lock is waited for. */
  readonly waiting?: (owner: LockOwner) => void;
}

/** For what is written in a moment, and seen again where it is lost. */
const briefly = { waitMs: 5000, takeoverMs: 5000 };

/** The state of a server in a folder, which is created with the first write. */
export function fileState(
  folder: string,
  {
    lockFolder = folder,
    makeFolder = ensureFolder,
    assertSafe = async () => {},
    assertSafeRun = async () => {},
    waiting,
  }: Keeping = {},
): State {
  const ledgerFile = join(folder, 'ledger.json');
  const lookedDays = lookedFile(folder);
  const lastError = lastErrorFile(folder);
  const seen = seenFile(folder);
  const runsFolder = join(folder, runsFolderName);
  const runs = runFolders(runsFolder);
  const runFolder = (run: string) => join(runsFolder, run);
  /** Once it is known that others can write here, nothing is written any more. */
  let isRefused = false;

  const readLedger = () => readDocument(ledgerFile, parseLedger, ledgerHint);

  async function ledgerDamage(): Promise<CertRebindError | null> {
    const found = await asResult(readLedger);
    if (found === null) return (await runs.list()).some(({ summary }) => summary !== null) ? missingLedger() : null;
    return found instanceof CertRebindError && found.code === 'damaged-file' ? found : null;
  }

  /** Every run that changed something wrote it before it was closed. */
  function missingLedger(): CertRebindError {
    const message = `${ledgerFile} is missing, although this server has a history of runs.`;
    return new CertRebindError('damaged-file', { message, where: ledgerFile, hint: ledgerHint });
  }

  async function writeLedger({ looked: _looked, ...ledger }: Ledger): Promise<void> {
    await makeFolder(folder);
    await writeFileAtomically(ledgerFile, `${JSON.stringify(ledger, null, 1)}\n`);
  }

  async function continueJournal(run: string): Promise<RunJournal> {
    const journal = await openJournal(runFolder(run), run);
    return {
      ...journal,
      async close(outcome) {
        await journal.close(outcome);
        await runs.noteClosed(outcome);
      },
    };
  }

  return {
    folder,

    async lock(options) {
      await makeFolder(lockFolder);
      return acquireLock(lockFolder, { ...options, waiting });
    },
    assertSafeRun,
    async assertSafe() {
      try {
        await assertSafe(runs);
      } catch (error) {
        // A failure to ask says nothing about the folder, and has to be remembered in it.
        isRefused = error instanceof CertRebindError && error.code === 'unsafe-folder';
        throw error;
      }
      const [first] = [await otherVersion(ledgerFile, parseLedger), ...(await ofOtherVersion(folder))].filter(
        (one) => one !== null,
      );
      if (first !== undefined) throw first;
    },

    async readLedger() {
      const found = await asResult(readLedger);
      if (found instanceof CertRebindError && found.code !== 'damaged-file') throw found;
      const ledger = found === null || found instanceof CertRebindError ? emptyLedger : found;
      const looked = await lookedDays.read();
      return looked === undefined ? ledger : { ...ledger, looked };
    },
    writeLedger,
    async writeLooked(looked) {
      await makeFolder(folder);
      await lookedDays.write(looked);
    },
    readSeen: seen.read,
    async changeSeen(change) {
      await makeFolder(folder);
      const { signal } = new AbortController();
      const lock = await acquireLock(folder, { wait: true, signal, name: 'seen.lock', patience: briefly });
      try {
        await seen.write(change(await seen.read()));
      } finally {
        await lock.release();
      }
    },
    ledgerDamage,
    async replaceLedger(ledger, at) {
      const aside = `${ledgerFile}.damaged-${at.toISOString().replace(/\D/g, '')}`;
      // A copy first: after a kill in between, the next run finds the damaged file again.
      const damaged = await readBytesIfThere(ledgerFile);
      if (damaged !== null) await writing(folder, () => writeNewFile(aside, damaged));
      await writeLedger(ledger);
      return damaged === null ? null : aside;
    },

    listRuns: runs.list,
    unclearOrder: runs.unclearOrder,
    unfinishedRuns: runs.unfinished,
    async readRun(run) {
      if (!runs.has(run)) throw noSuchRun(run);
      const outcome = await runs.readOutcome(run);
      const { journal, damagedLines } = await readJournal(runFolder(run));
      return { run, outcome, journal, damagedLines };
    },
    readOutcome: runs.readOutcome,
    async openRun(run) {
      if (!isRunName(run)) throw noSuchRun(run);
      await makeFolder(folder);
      await ensureFolder(runsFolder);
      await writing(runsFolder, async () => {
        await addToOrder(runsFolder, run);
        await mkdir(runFolder(run), { mode: 0o700 });
        await flushFolder(runsFolder);
      });
      const journal = await continueJournal(run);
      await flushFolder(runFolder(run));
      return journal;
    },
    async reopenRun(run) {
      if (!runs.has(run)) throw noSuchRun(run);
      return continueJournal(run);
    },
    discardRun: runs.remove,
    pruneRuns: runs.prune,

    async removeTemporaryFiles(before) {
      const { closed, others } = await runs.notInIndex();
      await sweepTemporaryFiles(folder, before, [...closed, ...others]);
    },

    readLastError: lastError.read,
    async writeLastError(document) {
      // `status` finds a folder that belongs to others by itself.
      if (isRefused) return;
      if (document === null) return lastError.remove();
      await makeFolder(folder);
      await lastError.write(document);
    },
  };
}

const ledgerHint =
  'The next command that changes something makes a new one from the history, and keeps the damaged file.\nDo it now:\n  certrebind reconcile';

function noSuchRun(run: string): CertRebindError {
  return new CertRebindError('no-such-run', {
    message: `There is no run ${JSON.stringify(run.slice(0, 80))} in the history of this server.`,
    where: run.slice(0, 80),
  });
}

/** Another folder, `temp`, belongs to programs of triggers. */
const foldersOfOurs = ['triggers', 'rehearsals'];

/**
 * Removes what processes left below a state folder when they were killed while writing a file.
 * @param before a younger file may be in use right now by a process that needs no lock for it
 * @param runs the folders of runs to look into; runs that were closed normally left nothing
 * @throws CertRebindError `not-writable`
 */
async function sweepTemporaryFiles(folder: string, before: Date, runs: readonly string[]): Promise<void> {
  const listings = await Promise.all([
    entriesOf(folder),
    entriesOf(join(folder, runsFolderName)),
    ...runs.map((run) => entriesOf(join(folder, runsFolderName, run))),
    ...foldersOfOurs.map((name) => entriesOf(join(folder, name), true)),
  ]);
  for (const entry of listings.flat()) {
    if (!entry.isFile() || !isTemporary(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const found = await lstat(path).catch(() => null);
    if (found !== null && found.mtime < before) await writing(folder, () => rm(path, { force: true }));
  }
}

function entriesOf(folder: string, recursive = false) {
  return readdir(folder, { recursive, withFileTypes: true }).catch(() => []);
}

/** The state of a server that is only read (a capture): nothing is remembered, and nothing can be run. */
export function noState(): State {
  const refuse = async (): Promise<never> => {
    throw new CertRebindError('read-only-server', { message: 'A captured server has no state and cannot be changed.' });
  };
  return {
    folder: '',
    lock: refuse,
    assertSafe: async () => {},
    assertSafeRun: async () => {},
    readLedger: async () => emptyLedger,
    writeLedger: refuse,
    writeLooked: refuse,
    readSeen: async () => nothingSeen,
    changeSeen: refuse,
    ledgerDamage: async () => null,
    replaceLedger: refuse,
    listRuns: async () => [],
    unclearOrder: async () => null,
    unfinishedRuns: async () => [],
    readRun: async (run) => {
      throw new CertRebindError('no-such-run', {
        message: `There is no run ${run}: a captured server has no history.`,
      });
    },
    readOutcome: async () => null,
    openRun: refuse,
    reopenRun: refuse,
    discardRun: refuse,
    pruneRuns: refuse,
    removeTemporaryFiles: refuse,
    readLastError: async () => null,
    writeLastError: async () => {},
  };
}
