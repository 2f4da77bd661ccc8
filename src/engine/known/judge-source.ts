import type { IncompleteFile, KnownSet, WatchedFolder } from '../../documents/watched.ts';
import { type FoundSet, isOfLine, lineOf, newestOfEach, type Source } from '../../model/certificates/source-folder.ts';

/** A file that is being written gets whole within this many looks, or people are told. */
export const looksBeforeWarning = 2;

/**
 * What a look makes of what is known of a folder, and what may be taken: the newest of each set of names and kind of key,
 * unless it was taken before. Nothing is taken beside a file that may be half written. An older one that comes back is
 * never taken: it is a restored backup, or a mistake.
 */
export function judgeSource(
  known: WatchedFolder,
  { sets, incomplete }: Source,
  at: string,
): { readonly folder: WatchedFolder; readonly fresh: readonly FoundSet[] } {
  const looks = new Map(known.incomplete.map((file) => [file.path, file.looks]));
  const broken = incomplete.map(({ path, why }): IncompleteFile => ({ path, why, looks: (looks.get(path) ?? 0) + 1 }));
  const isWhole = broken.every((file, index) => incomplete[index]?.final === true || file.looks > looksBeforeWarning);
  const newest: KnownSet[] = [];
  const fresh: FoundSet[] = [];
  const left = new Set(known.newest);
  // What is known by its bytes comes first: of twins, the first number of the document tells only one, and not which.
  const isSame = ({ certificate }: FoundSet) => [...left].some(({ sha256 }) => sha256 === certificate.sha256);
  const found = newestOfEach(sets);
  for (const set of [...found.filter(isSame), ...found.filter((one) => !isSame(one))]) {
    const { certificate } = set;
    const before = [...left].find((one) => isOfLine(certificate, one));
    if (before !== undefined) left.delete(before);
    const now = judged(set, before, isWhole, at);
    newest.push(now);
    if (isWhole && now.sha256 === certificate.sha256 && now.state !== 'taken') fresh.push(set);
  }
  const notThere = isWhole ? [...left].map((set): KnownSet => ({ ...set, gone: true, wentBackTo: null })) : left;
  const folder = { lookedAt: at, triedAt: at, unreachable: null, incomplete: broken, newest: [...newest, ...notThere] };
  return { folder, fresh };
}

function judged({ certificate }: FoundSet, before: KnownSet | undefined, isWhole: boolean, at: string): KnownSet {
  const { thumbprint, sha256, notBefore, notAfter } = certificate;
  const line = lineOf(certificate);
  if (before === undefined || (before.sha256 !== sha256 && before.notBefore < notBefore))
    return {
      ...line,
      thumbprint,
      sha256,
      notBefore,
      notAfter,
      seenAt: at,
      state: 'found',
      why: null,
      wentBackTo: null,
    };
  const { gone: _, ...there } = { ...before, ...line };
  if (before.sha256 === sha256) return { ...there, wentBackTo: null };
  return isWhole && notBefore < before.notBefore ? { ...there, wentBackTo: thumbprint } : there;
}
