import * as fs from 'node:fs';
import { normalize, sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { isMissing } from '../base/file-error.ts';
import { compareText } from '../base/order.ts';
import type { FoundText, WrittenElsewhere } from '../documents/written.ts';
import type { Thumbprint } from '../model/certificates/thumbprint.ts';
import { programThatReads, thumbprintFinder } from '../model/certificates/written-thumbprints.ts';

/** What a search may cost, and how many lines it tells: those who write in a folder could name any number. */
export const searchLimits = { files: 20_000, bytesOfOne: 2 * 2 ** 20, bytes: 2 ** 30, ms: 20_000, found: 1000 };

/** Why a file or a folder was not read, as what is counted of it. */
const reasons = {
  link: 'links and mounted folders',
  large: 'files of more than 2 MB',
  closed: 'files and folders that could not be opened',
  changed: 'files that changed while they were read',
  deep: 'folders that are nested too deeply',
  limit: 'files beyond the limits of 20,000 files and 1 GB',
  told: 'files with more lines than the first 20 of each and 1,000 of all',
} as const;
type Reason = keyof typeof reasons;

const [mostInOne, nesting] = [20, 100];
const searched = /\.(?:config|json|xml|ya?ml|ini|env|ps1|cmd|rdp)$/i;

/**
 * The files below folders in which a thumbprint stands. Accounts of web applications may write there, so that nothing is followed, a
 * file with a thumbprint is judged once more after it was opened, and nothing of it is believed but that. Reads at once, since most files
 * are small, and gives others their turn in between.
 * @param folders absolute, of local disks; what is not there is passed over
 */
export async function searchFiles(
  folders: readonly string[],
  wanted: Iterable<Thumbprint>,
  { limits = searchLimits, now = () => performance.now(), spentMs = 0 } = {},
): Promise<Pick<WrittenElsewhere, 'files' | 'notRead'> & { readonly found: readonly FoundText[] }> {
  const until = now() + limits.ms - spentMs;
  const find = thumbprintFinder(wanted);
  const buffer = Buffer.allocUnsafe(limits.bytesOfOne + 1);
  const found: FoundText[] = [];
  const counts = new Map<Reason | null, number>();
  const refused: string[] = [];
  let [files, bytes, entries, isLate] = [0, 0, 0, false];
  const leave = (why: Reason | null) => counts.set(why, (counts.get(why) ?? 0) + 1);
  for (const folder of outermost(folders)) await searchFolder(folder);
  const left = [...counts].flatMap(([why, count]) => (why === null ? [] : `${reasons[why]}: ${count}`));
  const late = isLate ? [`what was left after ${limits.ms / 1000} s`] : [];
  const order = found.sort((a, b) => compareText(a.where, b.where) || (a.line ?? 0) - (b.line ?? 0));
  return { found: order, files, notRead: [...refused, ...left, ...late] };

  /** With one open folder a level, so that the number of files in a folder takes no memory. */
  async function searchFolder(root: string): Promise<void> {
    const open: { readonly prefix: string; readonly dir: fs.Dir }[] = [];
    let device: bigint | null = null;
    const why = enter(root);
    if (why !== null) refused.push(`${root} (${why === 'link' ? 'it leads through a link' : 'it cannot be opened'})`);
    try {
      for (let current = open.at(-1); current !== undefined; current = open.at(-1)) {
        isLate ||= now() > until;
        if (isLate) return;
        if (++entries % 500 === 0) await setImmediate();
        const entry = next(current.dir);
        if (entry === null) open.pop()?.dir.closeSync();
        // On Windows that is every reparse point (fidelity: entries-of-folders).
        else if (entry.isSymbolicLink()) leave('link');
        else if (entry.isDirectory()) leave(enter(current.prefix + entry.name));
        else if (searched.test(entry.name))
          leave(entry.isFile() ? searchFile(current.prefix + entry.name, device) : 'closed');
      }
    } finally {
      for (const { dir } of open) dir.closeSync();
    }

    /** Another folder may take its place before it is opened: files with a thumbprint are judged for themselves. */
    function enter(path: string): Reason | null {
      try {
        const about = fs.lstatSync(path, exact);
        device ??= about.dev;
        if (open.length >= nesting) return 'deep';
        if (about.dev !== device || !isAt(path, about)) return 'link';
        open.push({ prefix: withSeparator(path), dir: fs.opendirSync(path, { bufferSize: 256 }) });
        return null;
      } catch (thrown) {
        return isMissing(thrown) ? null : 'closed';
      }
    }

    function next(dir: fs.Dir): fs.Dirent | null {
      try {
        return dir.readSync();
      } catch {
        leave('closed');
        return null;
      }
    }
  }

  /** @returns why it was not read, or not as it is now; `null` where it was */
  function searchFile(path: string, device: bigint | null): Reason | null {
    if (files >= limits.files) return 'limit';
    const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = fs.constants;
    let handle: number | null = null;
    try {
      handle = fs.openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
      const about = fs.fstatSync(handle, exact);
      if (!about.isFile() || about.dev !== device) return 'link';
      if (about.size > limits.bytesOfOne) return 'large';
      const size = Number(about.size);
      if (bytes + size > limits.bytes) return 'limit';
      // One byte more than there is, in one piece: where another number comes, the file has another size by now.
      const length = fs.readSync(handle, buffer, 0, size + 1, null);
      files += 1;
      bytes += length;
      const text = buffer.subarray(0, length);
      const written = find(text, mostInOne);
      if (written.length > 0 && !isAt(path, about)) return 'link';
      for (const { thumbprint, line } of written) {
        if (found.length >= limits.found) return 'told';
        found.push({ kind: 'file', where: path, line, thumbprint, program: programThatReads(path, text, line) });
      }
      if (length !== size) return 'changed';
      return written.length >= mostInOne ? 'told' : null;
    } catch (thrown) {
      return isMissing(thrown) ? null : 'closed';
    } finally {
      if (handle !== null) fs.closeSync(handle);
    }
  }
}

/** Numbers of files on Windows have 64 bits. */
const exact = { bigint: true } as const;

/** A root has one already. */
const withSeparator = (path: string) => (path.endsWith(sep) ? path : path + sep);
const key = (path: string) => (process.platform === 'win32' ? path.toLowerCase() : path);

/** Whether this is what is at the path, and no link on the way: Windows has no way to open without following. */
function isAt(path: string, { ino, dev }: fs.BigIntStats): boolean {
  const there = fs.lstatSync(path, exact);
  return there.ino === ino && there.dev === dev && key(fs.realpathSync.native(path)) === key(path);
}

/** Without those that lie in another one, and each once. */
function outermost(folders: readonly string[]): readonly string[] {
  const plain = folders.map((path) => normalize(path).replace(/(?<=[^:\\/])[\\/]+$/, ''));
  const each = [...new Map(plain.map((path) => [key(path), path])).values()];
  const isIn = (path: string, outer: string) => key(path).startsWith(key(withSeparator(outer)));
  return each.filter((path) => !each.some((outer) => outer !== path && isIn(path, outer))).sort(compareText);
}
