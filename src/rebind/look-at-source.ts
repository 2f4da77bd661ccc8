import { createHash } from 'node:crypto';
import { coversHost } from '../certificates/host-name.ts';
import { type FoundSet, type SourceFile, setsOf } from '../certificates/source-folder.ts';
import type { WatchSettings } from '../documents/configuration.ts';
import type { WatchedFolder } from '../documents/watched.ts';
import { judgeSource } from '../plan/judge-source.ts';
import type { Clock } from '../run/context.ts';
import { messageFrom } from '../text/errors.ts';

export interface SourceReading {
  readonly read: (folder: string) => Promise<readonly SourceFile[]>;
  readonly clock: Clock;
  /** Tried in this order. */
  readonly passwords: () => Promise<readonly string[]>;
}

/** A file that did not change in this time is not being written. */
const pauseMs = 5000;

/**
 * Looks at a watched folder by its content, once; and again before anything is taken, which then must be the same byte for
 * byte. Notices of changes are lost on shares, and clients write in place.
 */
export async function lookAtSource(
  { path, names = [], store = 'My' }: WatchSettings,
  known: WatchedFolder,
  { read, clock, passwords }: SourceReading,
): Promise<{ readonly folder: WatchedFolder; readonly fresh: readonly FoundSet[] }> {
  const at = clock.now().toISOString();
  try {
    const files = await read(path);
    const source = await setsOf(files, await passwords(), store);
    const isWanted = ({ certificate }: FoundSet) =>
      names.length === 0 || names.some((name) => coversHost(certificate, name));
    const sets = source.sets.filter(isWanted);
    const judged = judgeSource(known, { ...source, sets }, at);
    if (judged.fresh.length === 0) return judged;
    await clock.sleep(pauseMs);
    const [before, after] = [digests(files), digests(await read(path))];
    const changed = [...before.keys()].filter((file) => before.get(file) !== after.get(file));
    if (changed.length === 0) return judged;
    const incomplete = [...source.incomplete, ...changed.map((file) => ({ path: file, why: 'it is being written' }))];
    return judgeSource(
      known,
      { sets: sets.filter((set) => !set.files.some((file) => changed.includes(file))), incomplete },
      at,
    );
  } catch (thrown) {
    return {
      folder: { ...known, unreachable: { since: known.unreachable?.since ?? at, why: messageFrom(thrown) } },
      fresh: [],
    };
  }
}

function digests(files: readonly SourceFile[]): ReadonlyMap<string, string> {
  return new Map(
    files.map((file) => [
      file.path,
      `${file.modified} ${'bytes' in file ? createHash('sha256').update(file.bytes).digest('hex') : file.why}`,
    ]),
  );
}
