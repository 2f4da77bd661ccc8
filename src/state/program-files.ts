import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CertRebindError } from '../model/errors.ts';
import { fileErrorCode, isMissing } from '../model/file-error.ts';
import { type Installed, type InstalledFile, installedFileName, parseInstalled } from '../model/installation.ts';
import { flushFolder, temporaryEnding, writeFileAtomically } from './atomic-file.ts';
import { writing } from './writing.ts';

/** A file to be put in place: a copy of another, or a text. */
export type ProgramFile = { readonly name: string; readonly executable?: boolean } & (
  | { readonly from: string }
  | { readonly text: string }
);

/** The folder in which the program lies for good. The folder itself is made by the server, with its rights. */
export interface ProgramFiles {
  /** What was put in place last; `null` when nothing was. */
  readInstalled(): Promise<Installed | null>;
  /** Names of files that are not as they were put in place. */
  findChanged(installed: Installed): Promise<readonly string[]>;
  /**
   * Puts files in place one by one, each wholly or not at all, and checks what was written against what was read.
   * Returns the names of those that were not as they should be already.
   */
  put(version: string, files: readonly ProgramFile[], at: string): Promise<readonly string[]>;
  /** Removes what was put in place, and the folder if nothing else is in it. */
  remove(installed: Installed): Promise<{ readonly removed: readonly string[]; readonly left: readonly string[] }>;
}

/** What renames files; replaced in tests, since only Windows refuses to replace a program that runs. */
export type Rename = (from: string, to: string) => Promise<void>;

/** A program that ran while it was replaced; removed when it runs no longer. */
const replacedEnding = '.replaced';

export function programFiles(folder: string, renameFile: Rename = rename): ProgramFiles {
  const listFile = join(folder, installedFileName);
  return {
    async readInstalled() {
      const text = await readFile(listFile, 'utf8').catch(absent);
      return text === null ? null : parseInstalled(text, listFile);
    },

    async findChanged({ files }) {
      const changed = await Promise.all(
        files.map(async ({ name, sha256 }) => ((await hashOf(join(folder, name))) === sha256 ? [] : [name])),
      );
      return changed.flat();
    },

    put: (version, files, at) =>
      writing(folder, async () => {
        await sweep(folder);
        const changed: string[] = [];
        const installed: InstalledFile[] = [];
        for (const file of files) {
          const target = join(folder, file.name);
          const sha256 = 'text' in file ? hashOfText(file.text) : await demandHash(file.from);
          installed.push({ name: file.name, sha256 });
          if ((await hashOf(target)) === sha256) continue;
          await mkdir(dirname(target), { recursive: true, mode: 0o755 });
          await replaceFile(target, file, sha256, renameFile);
          changed.push(file.name);
        }
        const list: Installed = { schema: 'certrebind/installed/1', version, at, files: installed };
        if (changed.length > 0 || !(await isListed(listFile, list))) {
          await writeFileAtomically(listFile, `${JSON.stringify(list, null, 1)}\n`);
        }
        return changed;
      }),

    remove: ({ files }) =>
      writing(folder, async () => {
        const removed: string[] = [];
        // The list goes last, so that a removal that was interrupted can be done again.
        for (const name of [...files.map((file) => file.name), installedFileName]) {
          if (await removeFile(join(folder, name), renameFile)) removed.push(name);
        }
        await sweep(folder);
        for (const below of foldersOf(files)) await rmdir(join(folder, below)).catch(() => {});
        await rmdir(folder).catch(() => {});
        return { removed, left: await readdir(folder).catch(() => []) };
      }),
  };
}

async function replaceFile(target: string, file: ProgramFile, sha256: string, renameFile: Rename): Promise<void> {
  const temporary = `${target}.${randomBytes(6).toString('hex')}${temporaryEnding}`;
  try {
    await writeCopy(temporary, file);
    // Read back from the disk: a copy that was cut short or changed on its way must never be started.
    if ((await hashOf(temporary)) !== sha256) throw notTheSame(target);
    await moveInto(temporary, target, renameFile);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await flushFolder(dirname(target));
}

async function writeCopy(path: string, file: ProgramFile): Promise<void> {
  const handle = await open(path, 'wx', file.executable === true ? 0o755 : 0o644);
  try {
    if ('text' in file) await handle.writeFile(file.text);
    else await copyInto(handle, file.from);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function copyInto(handle: FileHandle, from: string): Promise<void> {
  for await (const chunk of createReadStream(from)) await handle.writeFile(chunk);
}

/** Windows lets nobody replace a program that runs, but rename it; it is then removed by the next installation. */
async function moveInto(temporary: string, target: string, renameFile: Rename): Promise<void> {
  try {
    return await renameFile(temporary, target);
  } catch (error) {
    if (!isInUse(error)) throw error;
  }
  const aside = `${target}.${randomBytes(6).toString('hex')}${replacedEnding}`;
  await renameFile(target, aside);
  try {
    await renameFile(temporary, target);
  } catch (error) {
    await renameFile(aside, target);
    throw error;
  }
  await rm(aside, { force: true }).catch(() => {});
}

async function removeFile(path: string, renameFile: Rename): Promise<boolean> {
  try {
    await rm(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    if (!isInUse(error)) throw error;
  }
  await renameFile(path, `${path}.${randomBytes(6).toString('hex')}${replacedEnding}`);
  return true;
}

/** Takes away what interrupted installations and programs that no longer run have left. */
async function sweep(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const leftovers = names.filter((name) => /\.[0-9a-f]{12}\.(?:tmp|replaced)$/.test(name));
  await Promise.all(leftovers.map((name) => rm(join(folder, name), { force: true }).catch(() => {})));
}

async function isListed(listFile: string, { version, files }: Installed): Promise<boolean> {
  const text = await readFile(listFile, 'utf8').catch(absent);
  if (text === null) return false;
  const found = parseInstalled(text, listFile);
  return found.version === version && JSON.stringify(found.files) === JSON.stringify(files);
}

/** Deepest first. */
function foldersOf(files: readonly InstalledFile[]): readonly string[] {
  const all = files.flatMap(({ name }) => {
    const parts = name.split('/').slice(0, -1);
    return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
  });
  return [...new Set(all)].sort((a, b) => b.length - a.length);
}

/** `null` when there is no such file; a link is none. */
async function hashOf(path: string): Promise<string | null> {
  const found = await lstat(path).catch(absent);
  if (found === null || !found.isFile()) return null;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

async function demandHash(path: string): Promise<string> {
  const hash = await hashOf(path);
  if (hash !== null) return hash;
  throw new CertRebindError('bad-input', { message: `${path} is not a file.`, where: path });
}

function hashOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function notTheSame(target: string): CertRebindError {
  return new CertRebindError('not-writable', {
    message: `What was written for ${target} is not what was read. The file in place was not touched.`,
    where: target,
  });
}

function isInUse(error: unknown): boolean {
  return ['EPERM', 'EACCES', 'EBUSY'].includes(fileErrorCode(error) ?? '');
}

function absent(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}
