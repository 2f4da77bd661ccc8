import { win32 } from 'node:path';
import {
  type Administrators,
  administratorsFrom,
  builtInOnly,
  parseTrustedAccounts,
  trustedKey,
} from '../../model/windows/administrators.ts';
import {
  type PathJudgement,
  registryDanger,
  type WindowsRights,
  windowsDangers,
} from '../../model/windows/path-safety.ts';
import type { Parts } from '../../model/windows/rows.ts';
import type { FolderChange } from '../local-file-changes.ts';

/**
 * SYSTEM and Administrators may do everything, nothing is inherited, and the owner is Administrators: an owner can always
 * give himself every right. Programs are readable by everyone, since people ask for the status too.
 */
const administratorsOnly = 'O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)';
export const folderRights: Readonly<Record<FolderChange['readableBy'], string>> = {
  administrators: administratorsOnly,
  everyone: `${administratorsOnly}(A;OICI;FRFX;;;BU)`,
};

/** The paths to ask for, so that each path can be judged: itself and the folders that contain it, each once. */
export function withAllParents(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.flatMap(withParents))];
}

/** How safe each path is by what was read of it, of its parents and of the administrators; in the order of the paths. */
export function judgementFrom(parts: Parts, paths: readonly string[]): PathJudgement {
  const rights = new Map(
    parts.rows('path').map(([path = '', is, reparsePoint, owner = '', sddl = '']): [string, WindowsRights] => {
      const kind = is === 'file' || is === 'folder' ? is : 'missing';
      return [path, { path, is: kind, reparsePoint: reparsePoint === 'True', owner, sddl }];
    }),
  );
  const administrators = administratorsIn(parts);
  return {
    paths: paths.map((path) => {
      const chain = withParents(path).flatMap((each) => rights.get(each) ?? []);
      return { path, is: chain[0]?.is ?? 'missing', dangers: windowsDangers(chain, administrators) };
    }),
    trusted: administrators.trusted,
  };
}

/** Trusted accounts only count if the key that names them is safe itself. */
function administratorsIn(parts: Parts): Administrators {
  const [local = '', domain = '', forest = ''] = parts.first('administrators') ?? [];
  const certain = administratorsFrom({ local, domain, forest }, builtInOnly.trusted);
  const [owner = '', sddl = '', ...written] = parts.first('trusted') ?? [];
  if (written.length === 0) return certain;
  const trusted = parseTrustedAccounts(written);
  const danger = registryDanger({ owner, sddl }, certain);
  if (danger === null) return { ...certain, trusted };
  const why = `is ignored, because ${trustedKey} ${danger}`;
  const refused = written.map((account) => ({ account, why }));
  return { ...certain, trusted: { accounts: [], refused } };
}

/** The path and the folders above it, up to the root. */
function withParents(path: string): readonly string[] {
  const parent = win32.dirname(path);
  return parent === path ? [path] : [path, ...withParents(parent)];
}
