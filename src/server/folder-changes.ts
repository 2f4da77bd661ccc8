import type { Change, ChangeReport } from './server.ts';

export type FolderChange = Extract<Change, { do: 'create-folder' }>;

/** Makes the folders among changes, in order, and hands everything else on in as few calls as that order allows. */
export async function withFolders(
  changes: readonly Change[],
  makeFolder: (change: FolderChange) => Promise<void>,
  others: (changes: readonly Exclude<Change, FolderChange>[]) => Promise<readonly ChangeReport[]>,
): Promise<readonly ChangeReport[]> {
  const reports: ChangeReport[] = [];
  let waiting: Exclude<Change, FolderChange>[] = [];
  const flush = async () => {
    if (waiting.length > 0) reports.push(...(await others(waiting)));
    waiting = [];
  };
  for (const change of changes) {
    if (change.do !== 'create-folder') {
      waiting.push(change);
      continue;
    }
    await flush();
    reports.push(await report(change, makeFolder));
  }
  await flush();
  return reports;
}

async function report(
  change: FolderChange,
  makeFolder: (change: FolderChange) => Promise<void>,
): Promise<ChangeReport> {
  try {
    await makeFolder(change);
    return { do: change.do, error: null, now: null };
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return { do: change.do, error: { code: 'refused', message }, now: null };
  }
}
