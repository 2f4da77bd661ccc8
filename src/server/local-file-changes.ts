import { CertRebindError, messageFrom } from '../base/errors.ts';
import type { Change, ChangeReport } from './server.ts';

export type FolderChange = Extract<Change, { do: 'create-folder' }>;
export type ImportChange = Extract<Change, { do: 'import-certificate' }>;

/**
 * Changes that are carried out alone and without the lock on changes: a folder may have to exist before the lock can, a
 * task that is started may use the same server, and a file with its password is sent in its own way.
 */
const apart = [
  'create-folder',
  'start-task',
  'stop-task',
  'import-certificate',
] as const satisfies readonly Change['do'][];

export type LocalFileChange = Extract<Change, { do: (typeof apart)[number] }>;

export type OtherChange = Exclude<Change, LocalFileChange>;

/** Carries out these changes one by one, in order, and passes all others on in as few calls as that order allows. */
export async function withApart(
  changes: readonly Change[],
  carryOut: (change: LocalFileChange) => Promise<unknown>,
  others: (changes: readonly OtherChange[]) => Promise<readonly ChangeReport[]>,
): Promise<readonly ChangeReport[]> {
  const reports: ChangeReport[] = [];
  let waiting: OtherChange[] = [];
  const flush = async () => {
    if (waiting.length > 0) reports.push(...(await others(waiting)));
    waiting = [];
  };
  for (const change of changes) {
    if (isApart(change)) {
      await flush();
      reports.push(await report(change, carryOut));
    } else waiting.push(change);
  }
  await flush();
  return reports;
}

function isApart(change: Change): change is LocalFileChange {
  return apart.some((kind) => kind === change.do);
}

async function report(
  change: LocalFileChange,
  carryOut: (change: LocalFileChange) => Promise<unknown>,
): Promise<ChangeReport> {
  try {
    await carryOut(change);
    return { do: change.do, error: null, now: null };
  } catch (thrown) {
    // Nothing was sent, for a reason that has nothing to do with this change.
    if (thrown instanceof CertRebindError && thrown.code === 'secret-withheld') throw thrown;
    return { do: change.do, error: { code: 'refused', message: messageFrom(thrown) }, now: null };
  }
}
