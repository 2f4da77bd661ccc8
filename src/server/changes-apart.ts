import type { Change, ChangeReport } from './server.ts';

export type FolderChange = Extract<Change, { do: 'create-folder' }>;
export type TaskOrder = Extract<Change, { do: 'start-task' | 'stop-task' }>;

/**
 * What is carried out by itself and outside the exclusion of changes: a folder may have to be there before that exclusion
 * can be, and a task that is started may ask the same server.
 */
export type ApartChange = FolderChange | TaskOrder;

export type OtherChange = Exclude<Change, ApartChange>;

/** Carries out the changes that stand apart one by one, in order, and hands everything else on in as few calls as that order allows. */
export async function withApart(
  changes: readonly Change[],
  carryOut: (change: ApartChange) => Promise<void>,
  others: (changes: readonly OtherChange[]) => Promise<readonly ChangeReport[]>,
): Promise<readonly ChangeReport[]> {
  const reports: ChangeReport[] = [];
  let waiting: OtherChange[] = [];
  const flush = async () => {
    if (waiting.length > 0) reports.push(...(await others(waiting)));
    waiting = [];
  };
  for (const change of changes) {
    if (!isApart(change)) {
      waiting.push(change);
      continue;
    }
    await flush();
    reports.push(await report(change, carryOut));
  }
  await flush();
  return reports;
}

function isApart(change: Change): change is ApartChange {
  return change.do === 'create-folder' || change.do === 'start-task' || change.do === 'stop-task';
}

async function report(change: ApartChange, carryOut: (change: ApartChange) => Promise<void>): Promise<ChangeReport> {
  try {
    await carryOut(change);
    return { do: change.do, error: null, now: null };
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return { do: change.do, error: { code: 'refused', message }, now: null };
  }
}
