import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { PathDanger, PathSafety } from '../../../model/path-safety.ts';

/**
 * Judges paths of the machine that the lab runs on by owner and mode, which stand for Windows' owner and rights: root and
 * whoever runs the lab are its administrators. A lab on Windows has no modes to read, and trusts its own machine.
 */
export function inspectPaths(paths: readonly string[]): Promise<readonly PathSafety[]> {
  return Promise.all(paths.map(inspect));
}

async function inspect(path: string): Promise<PathSafety> {
  const asWritten = resolve(path);
  const { real, exists } = await realOf(asWritten);
  if (process.platform === 'win32') return { path, exists, dangers: [] };
  // Through a link leads two ways, and whoever can change either decides where it ends.
  const ways = asWritten === real ? [real] : [asWritten, real];
  return { path, exists, dangers: (await Promise.all(ways.map(dangersOn))).flat() };
}

/** Of a path that is not there, the folders it would lie in count all the same. */
async function realOf(path: string): Promise<{ readonly real: string; readonly exists: boolean }> {
  const real = await realpath(path).catch(() => null);
  if (real !== null) return { real, exists: true };
  if (dirname(path) === path) return { real: path, exists: false };
  return { real: join((await realOf(dirname(path))).real, basename(path)), exists: false };
}

async function dangersOn(path: string): Promise<readonly PathDanger[]> {
  const chain = [path];
  for (let at = path; dirname(at) !== at; at = dirname(at)) chain.push(dirname(at));
  const dangers = await Promise.all(chain.map((where, level) => dangersAt(where, level)));
  return dangers.flat();
}

async function dangersAt(where: string, level: number): Promise<readonly PathDanger[]> {
  const found = await lstat(where).catch(() => null);
  if (found === null) return [];
  const self = process.getuid?.() ?? 0;
  const dangers: PathDanger[] = [];
  if (found.uid !== 0 && found.uid !== self) dangers.push({ where, why: `belongs to user ${found.uid}` });
  // A link has no rights of its own, and in a sticky folder above nobody can exchange what is another's.
  const harmless = found.isSymbolicLink() || (level > 1 && (found.mode & 0o1000) !== 0);
  if (!harmless && (found.mode & 0o022) !== 0) {
    dangers.push({ where, why: `can be written by ${(found.mode & 0o002) === 0 ? 'its group' : 'everybody'}` });
  }
  return dangers;
}
