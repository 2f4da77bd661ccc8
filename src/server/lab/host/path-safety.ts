import type { Stats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { builtInOnly } from '../../../model/administrators.ts';
import { type Flaw, flawsOf, type WindowsRights, whyOf } from '../../../model/path-flaws.ts';
import type { PathDanger, PathJudgement, PathSafety } from '../../../model/path-safety.ts';

/**
 * Judges paths of the machine that the lab runs on as those of Windows are judged: owner and mode are written as rights
 * of Windows, and root and whoever runs the lab are its administrators. A lab on Windows trusts its own machine.
 */
export async function inspectPaths(paths: readonly string[]): Promise<PathJudgement> {
  return { paths: await Promise.all(paths.map(inspect)), trusted: builtInOnly.trusted };
}

async function inspect(path: string): Promise<PathSafety> {
  const asWritten = resolve(path);
  const { real, found } = await realOf(asWritten);
  const is = found === null ? 'missing' : found.isDirectory() ? 'folder' : 'file';
  if (process.platform === 'win32') return { path, is, dangers: [] };
  // Through a link leads two ways, and whoever can change either decides where it ends.
  const ways = asWritten === real ? [real] : [asWritten, real];
  return { path, is, dangers: (await Promise.all(ways.map(dangersOn))).flat() };
}

/** Of a path that is not there, the folders it would lie in count as well. */
async function realOf(path: string): Promise<{ readonly real: string; readonly found: Stats | null }> {
  const real = await realpath(path).catch(() => null);
  if (real !== null) return { real, found: await lstat(real).catch(() => null) };
  if (dirname(path) === path) return { real: path, found: null };
  return { real: join((await realOf(dirname(path))).real, basename(path)), found: null };
}

async function dangersOn(path: string): Promise<readonly PathDanger[]> {
  const chain = [path];
  for (let at = path; dirname(at) !== at; at = dirname(at)) chain.push(dirname(at));
  const flaws = flawsOf(await Promise.all(chain.map(rightsAt)), builtInOnly);
  return flaws.map((flaw) => ({
    where: flaw.path,
    why: whyOf(flaw, builtInOnly),
    mend: mendingLine(flaw),
    trust: null,
  }));
}

async function rightsAt(path: string): Promise<WindowsRights> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return { path, is: 'missing', reparsePoint: false, owner: '', sddl: '' };
  const isOwn = found.uid === 0 || found.uid === process.getuid?.();
  return {
    path,
    is: found.isDirectory() ? 'folder' : 'file',
    reparsePoint: false,
    owner: isOwn ? 'BA' : `S-1-22-1-${found.uid}`,
    sddl: `D:P${entriesOf(found).join('')}`,
  };
}

/** A link has no rights of its own, and out of a sticky folder nobody can take what is another's. */
function entriesOf(found: Stats): readonly string[] {
  if (found.isSymbolicLink()) return [];
  const rights = found.isDirectory() && (found.mode & 0o1000) === 0 ? '0x46' : '0x6';
  if ((found.mode & 0o002) !== 0) return [`(A;;${rights};;;WD)`];
  return (found.mode & 0o020) === 0 ? [] : [`(A;;${rights};;;S-1-22-2-${found.gid})`];
}

function mendingLine({ kind, path }: Flaw): string {
  const quoted = `'${path.replaceAll("'", String.raw`'\''`)}'`;
  return kind === 'owner' ? `chown root ${quoted}` : `chmod go-w ${quoted}`;
}
