import { type FoundSet, namesOf, newestByNames, type Source } from '../certificates/source-folder.ts';
import type { IncompleteFile, WatchedFolder } from '../documents/watched.ts';

/** A file that is being written gets whole within this many looks, or people are told. */
export const silentLooks = 2;

/**
 * What a look makes of what is known of a folder, and what may be taken: the newest of each set of names, unless it was
 * taken before. Nothing is taken beside a file that may be half written. An older one that comes back is never taken:
 * it is a restored backup, or a mistake.
 */
export function judgeSource(
  known: WatchedFolder,
  { sets, incomplete }: Source,
  at: string,
): { readonly folder: WatchedFolder; readonly fresh: readonly FoundSet[] } {
  const looks = new Map(known.incomplete.map((file) => [file.path, file.looks]));
  const broken = incomplete.map((file): IncompleteFile => ({ ...file, looks: (looks.get(file.path) ?? 0) + 1 }));
  const isWhole = broken.every((file) => file.looks > silentLooks);
  const newest = new Map(known.newest.map((set) => [set.names, set]));
  const found = newestByNames(sets);
  for (const [names, { certificate }] of found) {
    const { thumbprint, sha256, notBefore, notAfter } = certificate;
    const before = newest.get(names);
    if (before?.sha256 === sha256) newest.set(names, { ...before, wentBackTo: null });
    else if (before === undefined || before.notBefore < notBefore)
      newest.set(names, {
        names,
        thumbprint,
        sha256,
        notBefore,
        notAfter,
        seenAt: at,
        state: 'found',
        why: null,
        wentBackTo: null,
      });
    else if (broken.length === 0 && notBefore < before.notBefore)
      newest.set(names, { ...before, wentBackTo: thumbprint });
  }
  const fresh = [...found.values()].filter(({ certificate }) => {
    const set = newest.get(namesOf(certificate));
    return isWhole && set?.sha256 === certificate.sha256 && set.state !== 'taken';
  });
  return { folder: { lookedAt: at, unreachable: null, incomplete: broken, newest: [...newest.values()] }, fresh };
}
