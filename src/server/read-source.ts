import { spawn } from 'node:child_process';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { longestFile } from '../certificates/certificate-with-key.ts';
import { isSourceFile, type SourceFile } from '../certificates/source-folder.ts';
import { messageFrom } from '../text/errors.ts';
import { FileRefusal, isMissing, whyRefused } from '../text/file-error.ts';

const mostFiles = 500;
const timeLimitMs = 10_000;

/**
 * The certificate files of a folder and of those below it, each read once. Links lead only to what is in the folder too.
 * @throws the error of the system for a folder that cannot be read
 */
export async function readSource(folder: string): Promise<readonly SourceFile[]> {
  const root = await realpath(folder);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)).split(sep).join('/'))
    .filter(isSourceFile);
  if (paths.length > mostFiles)
    throw new Error(`it contains ${paths.length} certificate files, and at most ${mostFiles} are read`);
  const files: SourceFile[] = [];
  for (const path of paths.sort()) files.push(...(await readOne(root, path)));
  return files;
}

/** Nothing for a file that has gone meanwhile, and for a link that leads out of the folder. */
async function readOne(root: string, path: string): Promise<readonly SourceFile[]> {
  let modified = 0;
  try {
    const real = await realpath(join(root, path));
    const below = relative(root, real);
    if (below.startsWith('..') || isAbsolute(below)) return [];
    const about = await stat(real);
    if (!about.isFile()) return [];
    modified = about.mtimeMs;
    if (about.size > longestFile) throw new FileRefusal('too-large', path);
    return [{ path, modified, bytes: await readFile(real) }];
  } catch (thrown) {
    return isMissing(thrown) ? [] : [{ path, modified, why: reason(thrown) }];
  }
}

function reason(thrown: unknown): string {
  return isMissing(thrown) ? 'there is no such folder' : (whyRefused(thrown) ?? messageFrom(thrown));
}

/** How this program is started once more. */
export interface OwnProgram {
  readonly file: string;
  readonly words: readonly string[];
}

/**
 * The same in a process of its own: a share may hang in the system, and a process with such a read cannot end.
 * @throws Error saying why the folder could not be read, within ten seconds
 */
export function readSourceApart(
  { file, words }: OwnProgram,
  folder: string,
  limitMs = timeLimitMs,
): Promise<readonly SourceFile[]> {
  const child = spawn(file, [...words, 'read-source', folder], {
    stdio: ['ignore', 'pipe', 'ignore'],
    windowsHide: true,
  });
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      child.stdout.destroy();
      child.unref();
      reject(new Error(`it did not answer within ${limitMs / 1000} s`));
    }, limitMs);
    let text = '';
    child.stdout.setEncoding('latin1').on('data', (piece: string) => {
      text += piece;
    });
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(limit);
      try {
        resolve(parseAnswer(text));
      } catch (thrown) {
        reject(thrown);
      }
    });
  });
}

interface Answer {
  readonly why?: string;
  readonly files?: readonly (Omit<SourceFile, 'bytes'> & { readonly base64?: string; readonly why?: string })[];
}

/** What the process writes: the reverse of what its parent reads. */
export async function answerOf(folder: string): Promise<string> {
  const answer: Answer = await readSource(folder).then(
    (files) => ({
      files: files.map((file) =>
        'bytes' in file ? { ...file, bytes: undefined, base64: Buffer.from(file.bytes).toString('base64') } : file,
      ),
    }),
    (thrown: unknown) => ({ why: reason(thrown) }),
  );
  return JSON.stringify(answer);
}

function parseAnswer(text: string): readonly SourceFile[] {
  if (text === '') throw new Error('it could not be read: the reading process ended without an answer');
  const { why, files = [] } = JSON.parse(text) as Answer;
  if (why !== undefined) throw new Error(why);
  return files.map(({ path, modified, base64, why: refused }) =>
    base64 === undefined
      ? { path, modified, why: refused ?? '' }
      : { path, modified, bytes: Buffer.from(base64, 'base64') },
  );
}
