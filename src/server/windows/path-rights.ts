import { win32 } from 'node:path';
import { type PathSafety, type WindowsRights, windowsDangers } from '../../model/path-safety.ts';
import type { FolderChange } from '../changes-apart.ts';
import type { Parts } from './parts.ts';

/**
 * SYSTEM and Administrators may do everything, nothing is inherited, and the owner is Administrators: an owner can always
 * give himself every right. Programs are readable by everyone, since people ask for the status too.
 */
const administratorsOnly = 'O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)';
export const folderRights: Readonly<Record<FolderChange['readableBy'], string>> = {
  administrators: administratorsOnly,
  everyone: `${administratorsOnly}(A;OICI;FRFX;;;BU)`,
};

/** What to ask for, so that each path can be judged: itself and the folders it lies in, each once. */
export function withAllParents(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.flatMap(withParents))];
}

/** How safe each path is by what was read of it and of its parents; in the order of the paths. */
export function pathsFrom(parts: Parts, paths: readonly string[]): readonly PathSafety[] {
  const rights = new Map(rightsFrom(parts).map((entry) => [entry.path, entry]));
  return paths.map((path) => {
    const chain = withParents(path).flatMap((each) => rights.get(each) ?? []);
    return { path, exists: chain[0]?.exists === true, dangers: windowsDangers(chain) };
  });
}

function rightsFrom(parts: Parts): readonly WindowsRights[] {
  return parts.rows('path').map(([path = '', exists, reparsePoint, owner = '', sddl = '']) => {
    return { path, exists: exists === 'True', reparsePoint: reparsePoint === 'True', owner, sddl };
  });
}

/** The path and the folders it lies in, up to the root. */
function withParents(path: string): readonly string[] {
  const parent = win32.dirname(path);
  return parent === path ? [path] : [path, ...withParents(parent)];
}
