import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, lstat, open, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { CertRebindError } from '../../base/errors.ts';
import { isMissing, unlessMissing } from '../../base/file-error.ts';
import {
  type Installed,
  type InstalledFile,
  installedFileName,
  parseInstalled,
  replacedEnding,
} from '../../documents/installation.ts';
import { isScript, withoutSignature } from '../../model/windows/signed-script.ts';
import {
  flushFolder,
  isInUse,
  isTemporary,
  makeFolders,
  readIfThere,
  temporaryEnding,
  writeFileAtomically,
  writing,
} from './files.ts';

/** A file to be put in place: a copy of another, or a text. */
export type ProgramFile = { readonly name: string; readonly executable?: boolean } & (
  | {
      readonly from: string;
      /** Where it was read before: a program has 90 MB. */
      readonly sha256?: string;
      /** The same file in the folder already: this becomes a second name of it if the file system allows that. */
      readonly sameAs?: string;
    }
  | { readonly text: string }
);

type HashedFile = ProgramFile & { readonly sha256: string };

/** What moves and removes files; replaced in tests, because only Windows refuses to change a running program. */
export interface FileSystem {
  rename(from: string, to: string): Promise<void>;
  rm(path: string): Promise<void>;
}

/** A program has 90 MB: reading the usual 64 KB at a time, half the time for a hash is spent on the requests. */
const inLargeParts = { highWaterMark: 1024 * 1024 };

/** The folder where the program is installed. The server creates the folder itself, with its rights. */
export function programFiles(folder: string, system: FileSystem = { rename, rm }) {
  const listFile = join(folder, installedFileName);

  /** What was put in place last; `null` when nothing was. */
  async function readInstalled(): Promise<Installed | null> {
    const text = await readIfThere(listFile);
    return text === null ? null : parseInstalled(text, listFile);
  }

  async function removeFiles(names: readonly string[]): Promise<readonly string[]> {
    const removed: string[] = [];
    for (const name of names) if (await removeFile(join(folder, name), system)) removed.push(name);
    await removeTemporaryFiles(folder, system);
    for (const below of foldersOf(names)) await rmdir(join(folder, below)).catch(() => {});
    return removed;
  }

  async function writeList(before: Installed | null, list: Installed): Promise<void> {
    if (before === null || !isSameList(before, list))
      await writeFileAtomically(listFile, `${JSON.stringify(list, null, 1)}\n`);
  }

  /**
   * Everything that a kill may leave is in the list before it exists, so that it can be removed.
   * @returns `list`: these files; `meanwhile`: what is in place now, with those of before
   */
  async function addFiles(version: string, files: readonly ProgramFile[], at: string, program?: string) {
    // All of them before anything is changed: a file that cannot be read leaves everything as it was.
    const hashed: HashedFile[] = [];
    for (const file of files) hashed.push({ ...file, sha256: await hashOfSource(file) });
    const list: Installed = {
      schema: 'certrebind/installed/1',
      version,
      at,
      files: hashed.map(({ name, sha256 }) => ({ name, sha256 })),
      ...(program === undefined ? {} : { program }),
    };
    await removeTemporaryFiles(folder, system);
    const before = await readInstalled();
    const meanwhile = before === null ? list : { ...before, files: [...before.files, ...notIn(before, list)] };
    await writeList(before, meanwhile);
    const changed: string[] = [];
    for (const file of hashed) {
      const target = join(folder, file.name);
      if ((await hashOf(target)) === file.sha256) continue;
      await makeFolders(dirname(target), 0o755);
      await replaceFile(target, file, system);
      changed.push(file.name);
    }
    return { list, changed, meanwhile };
  }

  return {
    readInstalled,

    /** Names of files that are not as they were put in place. */
    async findChanged({ files }: Installed): Promise<readonly string[]> {
      const changed = await Promise.all(
        files.map(async ({ name, sha256 }) => ((await hashOf(join(folder, name))) === sha256 ? [] : [name])),
      );
      return changed.flat();
    },

    /**
     * Puts files in place one by one, each wholly or not at all, and checks what was written against what was read; then
     * removes what was put in place before and is not among them.
     * @param program of these files the one that tasks start
     * @returns `changed`: those that were not as they should be already; `removed`: those that this version no longer has
     */
    put: (version: string, files: readonly ProgramFile[], at: string, program?: string) =>
      writing(folder, async () => {
        const { list, changed, meanwhile } = await addFiles(version, files, at, program);
        const removed = await removeFiles(notIn(list, meanwhile).map(({ name }) => name));
        await writeList(meanwhile, list);
        return { changed, removed };
      }),

    /** Adds files beside those in place; the version and program in use stay the same. */
    add: (version: string, files: readonly ProgramFile[], at: string) =>
      writing(folder, async () => {
        const { list, changed, meanwhile } = await addFiles(version, files, at);
        // An existing file with this name may have been replaced since.
        const news = new Map(list.files.map(({ name, sha256 }) => [name, sha256]));
        await writeList(meanwhile, {
          ...meanwhile,
          files: meanwhile.files.map(({ name, sha256 }) => ({ name, sha256: news.get(name) ?? sha256 })),
        });
        return { changed };
      }),

    /** Removes files that were added, and the folder if nothing else was ever put in it. */
    withdraw: (names: readonly string[]) =>
      writing(folder, async () => {
        const before = await readInstalled();
        await removeFiles(names);
        if (before === null) return;
        const files = before.files.filter(({ name }) => !names.includes(name));
        if (files.length > 0) return writeList(before, { ...before, files });
        await removeFiles([installedFileName]);
        await rmdir(folder).catch(() => {});
      }),

    /** Removes what was put in place, and the folder if nothing else is in it. */
    remove: (installed: Installed | null) =>
      writing(folder, async () => {
        // The list is removed last, so that an interrupted removal can be repeated.
        const names = [...(installed?.files ?? []).map(({ name }) => name), installedFileName];
        const removed = await removeFiles(names);
        await rmdir(folder).catch(() => {});
        return { removed, left: await filesBelow(folder) };
      }),
  };
}

async function replaceFile(target: string, file: HashedFile, system: FileSystem): Promise<void> {
  const temporary = `${target}.${randomBytes(6).toString('hex')}${temporaryEnding}`;
  try {
    await writeCopy(temporary, file);
    // Read back from the disk: a copy that was cut short or altered must never be started.
    if ((await hashOf(temporary, file.name)) !== file.sha256)
      throw new CertRebindError('not-writable', {
        message: `The new file for ${target} differs from its source after writing. The existing file was not changed.`,
        where: target,
      });
    await moveInto(temporary, target, system);
  } catch (error) {
    await rm(temporary).catch(() => {});
    throw error;
  }
  await flushFolder(dirname(target));
}

async function writeCopy(path: string, file: ProgramFile): Promise<void> {
  if ('from' in file && file.sameAs !== undefined && (await isLinked(file.sameAs, path))) return;
  const handle = await open(path, 'wx', file.executable === true ? 0o755 : 0o644);
  try {
    if ('text' in file) await handle.writeFile(file.text);
    else for await (const chunk of createReadStream(file.from, inLargeParts)) await handle.writeFile(chunk);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Not every file system has second names; a copy does as well. */
async function isLinked(existing: string, path: string): Promise<boolean> {
  return link(existing, path).then(
    () => true,
    () => false,
  );
}

/**
 * Windows does not allow a running program to be replaced, but to be renamed; the next installation then removes it.
 */
async function moveInto(temporary: string, target: string, system: FileSystem): Promise<void> {
  try {
    return await system.rename(temporary, target);
  } catch (error) {
    if (!isInUse(error)) throw error;
  }
  const aside = `${target}.${randomBytes(6).toString('hex')}${replacedEnding}`;
  await system.rename(target, aside);
  try {
    await system.rename(temporary, target);
  } catch (error) {
    await system.rename(aside, target);
    throw error;
  }
  await system.rm(aside).catch(() => {});
}

/** A running program cannot even be removed, so it is moved aside too. */
async function removeFile(path: string, system: FileSystem): Promise<boolean> {
  try {
    await system.rm(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    if (!isInUse(error)) throw error;
  }
  await system.rename(path, `${path}.${randomBytes(6).toString('hex')}${replacedEnding}`);
  return true;
}

/** Removes what interrupted installations and programs that no longer run have left. */
async function removeTemporaryFiles(folder: string, system: FileSystem): Promise<void> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const leftovers = names.filter((name) => isTemporary(name) || /\.[0-9a-f]{12}\.replaced$/.test(name));
  await Promise.all(leftovers.map((name) => system.rm(join(folder, name)).catch(() => {})));
}

function isSameList(a: Installed, b: Installed): boolean {
  return a.version === b.version && a.program === b.program && JSON.stringify(a.files) === JSON.stringify(b.files);
}

/** The files of the second list whose names are not in the first. Windows ignores the case of file names. */
function notIn(first: Installed, second: Installed): readonly InstalledFile[] {
  const known = new Set(first.files.map(({ name }) => name.toLowerCase()));
  return second.files.filter(({ name }) => !known.has(name.toLowerCase()));
}

/** Deepest first. */
function foldersOf(names: readonly string[]): readonly string[] {
  const all = names.flatMap((name) => {
    const parts = name.split('/').slice(0, -1);
    return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
  });
  return [...new Set(all)].sort((a, b) => b.length - a.length);
}

/** Names with `/` between their parts. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join('/'));
}

async function hashOfSource(file: ProgramFile): Promise<string> {
  if ('text' in file) return hashOfContent(file.name, Buffer.from(file.text));
  return file.sha256 ?? hashOfFile(file.from, file.name);
}

/** Of a script, only the part that does not depend on who signed it. */
function hashOfContent(name: string, content: Buffer): string {
  const counted = isScript(name) ? Buffer.from(withoutSignature(name, content.toString('latin1')), 'latin1') : content;
  return createHash('sha256').update(counted).digest('hex');
}

/** `null` if there is no such file; a link does not count as one. */
async function hashOf(path: string, name = path): Promise<string | null> {
  const found = await lstat(path).catch(unlessMissing);
  if (found === null || !found.isFile()) return null;
  if (isScript(name)) return hashOfContent(name, await readFile(path));
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, inLargeParts)) hash.update(chunk);
  return hash.digest('hex');
}

/**
 * SHA-256 in lower-case hexadecimal digits.
 * @throws CertRebindError `bad-input` when it is not a file
 */
export async function hashOfFile(path: string, name = path): Promise<string> {
  const hash = await hashOf(path, name);
  if (hash !== null) return hash;
  throw new CertRebindError('bad-input', { message: `${path} is not a file.`, where: path });
}
