import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { lstat, open, opendir, readlink, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { messageFrom } from '../base/errors.ts';
import { FileRefusal, isMissing, whyRefused } from '../base/file-error.ts';
import { compareText } from '../base/order.ts';
import { leadsElsewhere } from '../base/paths-in-words.ts';
import { longestFile } from '../model/certificates/certificate-with-key.ts';
import { isSourceFile, isSourceFolder, type SourceFile, type Trouble } from '../model/certificates/source-folder.ts';

const mostFiles = 500;
const mostEntries = 20_000;
const mostBytes = 16 * 2 ** 20;
const timeLimitMs = 10_000;

/** What lies in a folder, before anything of it is opened. */
export interface Listing {
  /** The folder, without links. */
  readonly root: string;
  readonly files: readonly ListedFile[];
}

export type ListedFile = Pick<SourceFile, 'path' | 'modified'> &
  (
    | Trouble
    | { /** What is opened: where a link leads, else the file itself. */ readonly at: string; readonly size: number }
  );

/**
 * The certificate files of a folder and of those below it. Nothing is opened, and links are looked at, not followed.
 * @throws the error of the system for a folder that cannot be read, or Error for one that holds too much
 */
export async function listSource(folder: string): Promise<Listing> {
  const root = await realpath(folder);
  const files: ListedFile[] = [];
  const folders = [''];
  let entries = 0;
  for (const below of folders) {
    try {
      for await (const entry of await opendir(join(root, below))) {
        const path = below === '' ? entry.name : `${below}/${entry.name}`;
        assertAtMost(++entries, mostEntries, 'files and folders');
        if (entry.isDirectory() && isSourceFolder(entry.name)) folders.push(path);
        if (entry.isDirectory() || !isSourceFile(path)) continue;
        files.push(...(await lookAt(root, path)));
        assertAtMost(files.length, mostFiles, 'certificate files');
      }
    } catch (thrown) {
      if (below === '' || whyRefused(thrown) === null) throw thrown;
      files.push({ path: below, modified: 0, why: reason(thrown) });
    }
  }
  const bytes = files.reduce((sum, file) => sum + ('at' in file ? file.size : 0), 0);
  assertAtMost(bytes / 2 ** 20, mostBytes / 2 ** 20, 'MB of certificate files');
  return { root, files: files.sort((a, b) => compareText(a.path, b.path)) };
}

function assertAtMost(found: number, most: number, what: string): void {
  if (found > most) throw new Error(`it contains more than ${most} ${what}`);
}

const system = process.platform === 'win32' ? 'windows' : 'posix';

/** Nothing for a file that has gone meanwhile. */
async function lookAt(root: string, path: string): Promise<readonly ListedFile[]> {
  let at = join(root, path);
  try {
    let about = await lstat(at);
    const isLink = about.isSymbolicLink();
    const modified = about.mtimeMs;
    if (isLink) {
      at = resolve(dirname(at), await readlink(at));
      // Nothing is asked of another computer because a link says so.
      if (leadsElsewhere(at, system) && !isInside(root, at))
        return [{ path, modified, why: 'it is a link to another computer', final: true }];
      about = await lstat(at);
      if (about.isSymbolicLink()) return [{ path, modified, why: `it is a link to a link, ${at}`, final: true }];
    }
    if (!about.isFile()) throw new FileRefusal('not-a-file', path);
    if (about.size > longestFile) throw new FileRefusal('too-large', path);
    return [{ path, modified: about.mtimeMs, at, size: about.size }];
  } catch (thrown) {
    if (!isMissing(thrown)) return [trouble(path, thrown)];
    return at === join(root, path) ? [] : [{ path, modified: 0, why: `it is a link to ${at}, which is not there` }];
  }
}

export function isInside(root: string, path: string): boolean {
  const below = relative(root, path);
  return !/^\.\.(?:[\\/]|$)/.test(below) && !isAbsolute(below);
}

function trouble(path: string, thrown: unknown): ListedFile & SourceFile {
  return { path, modified: 0, why: reason(thrown), final: thrown instanceof FileRefusal };
}

function reason(thrown: unknown): string {
  return isMissing(thrown) ? 'there is no such folder' : (whyRefused(thrown) ?? messageFrom(thrown));
}

/** Only a regular file, and no more of it than fits. A pipe would wait for its writer without the flag; Windows has neither. */
async function readOne(file: ListedFile): Promise<readonly SourceFile[]> {
  if (!('at' in file)) return [file];
  const { path, modified, at } = file;
  try {
    const handle = await open(at, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0));
    try {
      if (!(await handle.stat()).isFile()) throw new FileRefusal('not-a-file', path);
      const bytes = Buffer.concat(await handle.createReadStream({ end: longestFile }).toArray());
      if (bytes.length > longestFile) throw new FileRefusal('too-large', path);
      return [{ path, modified, bytes }];
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    return isMissing(thrown) ? [] : [trouble(path, thrown)];
  }
}

/** Why these files are not opened, by their paths. @throws for a folder of which nothing is read */
export type Judge = (listing: Listing) => Promise<ReadonlyMap<string, string>>;

/** How this program is started once more. */
export interface OwnProgram {
  readonly file: string;
  readonly words: readonly string[];
}

/**
 * The files of a folder, opened where `judge` does not say no, by a process of its own: a share may hang in the system, and
 * a process with such a read cannot end.
 * @throws Error saying why the folder could not be read; each answer of the process has ten seconds
 */
export async function readSourceApart(
  { file, words }: OwnProgram,
  folder: string,
  judge: Judge,
  limitMs = timeLimitMs,
): Promise<readonly SourceFile[]> {
  const child = spawn(file, [...words, 'read-source', folder], {
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
  });
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  // Without a reader the pipe breaks; why is told by what it answers, or does not.
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  try {
    const listing = parseAnswer<Listing>(await within(limitMs, Promise.race([lines.next(), failed])));
    child.stdin.end(JSON.stringify([...(await judge(listing))]));
    const files = parseAnswer<readonly AnsweredFile[]>(await within(limitMs, Promise.race([lines.next(), failed])));
    return files.map(({ base64, ...about }) =>
      base64 === undefined ? { why: '', ...about } : { ...about, bytes: Buffer.from(base64, 'base64') },
    );
  } finally {
    child.kill('SIGKILL');
    child.stdout.destroy();
    child.unref();
  }
}

type AnsweredFile = Pick<SourceFile, 'path' | 'modified'> & Partial<Trouble> & { readonly base64?: string };
type Line = IteratorResult<string>;

async function within(limitMs: number, line: Promise<Line>): Promise<Line> {
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    limit = setTimeout(() => reject(new Error(`it did not answer within ${limitMs / 1000} s`)), limitMs);
  });
  return Promise.race([line, late]).finally(() => clearTimeout(limit));
}

function parseAnswer<Answer>({ value, done }: Line): Answer {
  if (done === true) throw new Error('it could not be read: the reading process ended without an answer');
  const { why, answer } = JSON.parse(value) as { readonly why?: string; readonly answer: Answer };
  if (why !== undefined) throw new Error(why);
  return answer;
}

/** What that process answers, one line each: what lies there, and, once it is told what not to open, what it read. */
export async function answerSource(folder: string, judged: Readable, write: (answer: object) => void): Promise<void> {
  try {
    const listing = await listSource(folder);
    write({ answer: listing });
    const refused = new Map(JSON.parse(Buffer.concat(await judged.toArray()).toString()) as [string, string][]);
    const files: AnsweredFile[] = [];
    for (const listed of listing.files) {
      const why = refused.get(listed.path);
      const { path, modified } = listed;
      const read = await readOne(why === undefined ? listed : { path, modified, why, final: true });
      files.push(
        ...read.map((file) =>
          'bytes' in file ? { ...file, bytes: undefined, base64: Buffer.from(file.bytes).toString('base64') } : file,
        ),
      );
    }
    write({ answer: files });
  } catch (thrown) {
    write({ why: reason(thrown) });
  }
}
