import { lstatSync, realpathSync, type Stats } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { nullIfThrown } from '../../base/errors.ts';
import { type Administrators, administratorsFrom, parseTrustedAccounts } from '../../model/windows/administrators.ts';
import {
  type Flaw,
  flawsOf,
  type PathDanger,
  type PathJudgement,
  type PathSafety,
  type WindowsRights,
  whyOf,
} from '../../model/windows/path-safety.ts';
import type { FolderChange } from '../../server/local-file-changes.ts';
import type { Switches } from '../kernel/switches.ts';
import { labSettings } from './folder.ts';

/**
 * Judges paths of the lab's machine like those of Windows: owner and mode are converted to Windows rights, and root and
 * the user that runs the lab are its administrators. The root of the volume also has Windows rights, set by the lab's
 * switches. A lab on Windows trusts its own machine.
 * @param lab its folder
 */
export function inspectPaths(lab: string, paths: readonly string[]): PathJudgement {
  const rights = rightsInLab(labSettings(lab).switches);
  return {
    paths: paths.map((path) => inspect(path, rights)),
    trusted: rights.administrators.trusted,
  };
}

function inspect(path: string, rights: LabRights): PathSafety {
  const asWritten = resolve(path);
  const { real, found } = realOf(asWritten);
  const is = found === null ? 'missing' : found.isDirectory() ? 'folder' : 'file';
  if (process.platform === 'win32') return { path, is, dangers: [] };
  if (asWritten === real) return { path, is, dangers: dangersOn(real, rights) };
  // A link depends on two paths, and anybody who can change either decides where it leads.
  const isLink = statsOf(asWritten)?.isSymbolicLink() === true;
  return {
    path,
    is,
    dangers: [
      ...dangersOn(asWritten, rights),
      ...dangersOn(real, rights).map((danger) => (isLink ? ofLink(asWritten, real, danger) : danger)),
    ],
  };
}

/** The link is the problem, and not its target. */
function ofLink(link: string, real: string, { where, why, trust }: PathDanger): PathDanger {
  const there = where === real ? `${real}, which ${why}` : `${real}, and ${where} ${why}`;
  return { where: link, why: `is a link to ${there}`, mend: `rm ${quoted(link)}`, trust };
}

/** For a path that does not exist, the folders that would contain it count as well. */
function realOf(path: string): { readonly real: string; readonly found: Stats | null } {
  const real = nullIfThrown(() => realpathSync.native(path));
  if (real !== null) return { real, found: statsOf(real) };
  if (dirname(path) === path) return { real: path, found: null };
  return { real: join(realOf(dirname(path)).real, basename(path)), found: null };
}

function statsOf(path: string): Stats | null {
  return nullIfThrown(() => lstatSync(path));
}

function dangersOn(path: string, { administrators, root }: LabRights): readonly PathDanger[] {
  const chain = [path];
  for (let at = path; dirname(at) !== at; at = dirname(at)) chain.push(dirname(at));
  const flaws = flawsOf(
    chain.map((each) => rightsAt(each, root)),
    administrators,
  );
  return flaws.map((flaw) => ({
    where: flaw.path,
    why: whyOf(flaw, administrators),
    mend: mendingLine(flaw),
    trust: concerns(flaw, labAgent) ? 'certrebind lab switch agent-rights trusted' : null,
  }));
}

function rightsAt(path: string, root: string): WindowsRights {
  const found = statsOf(path);
  if (found === null) return { path, is: 'missing', reparsePoint: false, owner: '', sddl: '' };
  const isOwn = found.uid === 0 || found.uid === process.getuid?.();
  return {
    path,
    is: found.isDirectory() ? 'folder' : 'file',
    reparsePoint: false,
    owner: isOwn ? 'BA' : `S-1-22-1-${found.uid}`,
    sddl: `D:P${entriesOf(found).join('')}${dirname(path) === path ? root : ''}`,
  };
}

/** A link has no rights of its own, and nobody can move another user's files out of a sticky folder. */
function entriesOf(found: Stats): readonly string[] {
  if (found.isSymbolicLink()) return [];
  const rights = found.isDirectory() && (found.mode & 0o1000) === 0 ? '0x46' : '0x6';
  if ((found.mode & 0o002) !== 0) return [`(A;;${rights};;;WD)`];
  return (found.mode & 0o020) === 0 ? [] : [`(A;;${rights};;;S-1-22-2-${found.gid})`];
}

/** Rights of Windows are the lab's own, and go by its switches. */
function mendingLine(flaw: Flaw): string {
  if (concerns(flaw, labAgent)) return 'certrebind lab switch agent-rights none';
  if (concerns(flaw, labDomainAdmins)) return 'certrebind lab switch domain-letters told';
  return flaw.kind === 'owner' ? `chown root ${quoted(flaw.path)}` : `chmod go-w ${quoted(flaw.path)}`;
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

function concerns(flaw: Flaw, sid: string): boolean {
  return flaw.kind === 'writable' && flaw.by.some(({ who }) => who === sid);
}

/** The mode of a folder stands for its rights on Windows, as in `inspectPaths`; it has them from its first moment. */
export async function makeProtectedFolder({ path, readableBy }: FolderChange): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await mkdir(path, { mode: readableBy === 'everyone' ? 0o755 : 0o700 });
}

/** Accounts with rights on a lab besides those given by owner and mode of its machine's files. */
export interface LabRights {
  readonly administrators: Administrators;
  /** Entries of the root of the volume, as text of Windows. */
  readonly root: string;
}

const domain = 'S-1-5-21-1004336348-1177238915-682003330';
export const labDomainAdmins = `${domain}-512`;
export const labAgent = `${domain}-1105`;

/**
 * A member of a domain, whose administrators have full rights in the root (fidelity: volume-root-rights,
 * domain-letters).
 */
export function rightsInLab(switches: Switches): LabRights {
  const isTold = switches['domain-letters'] === 'told';
  const hasAgent = switches['agent-rights'] !== 'none';
  return {
    administrators: administratorsFrom(
      isTold
        ? { local: 'S-1-5-21-1-2-3-500', domain: labDomainAdmins, forest: `${domain}-519` }
        : { local: '', domain: '', forest: '' },
      parseTrustedAccounts(switches['agent-rights'] === 'trusted' ? [labAgent] : []),
    ),
    root: [
      `(A;OICI;FA;;;${labDomainAdmins})`,
      switches['volume-root'] === 'modify' ? '(A;OICI;0x1301bf;;;AU)' : '',
      hasAgent ? `(A;OICI;FA;;;${labAgent})` : '',
    ].join(''),
  };
}
