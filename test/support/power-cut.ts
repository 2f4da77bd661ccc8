import { mkdirSync, promises, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname, join, relative, sep } from 'node:path';

/**
 * What a disk holds of a folder when the power fails, from the recorded calls of a program. A disk may keep less than the
 * program was told: of a file what it had at its last flush, of a folder the names it had at its last flush. It may also
 * keep more, so each cut leaves several disks.
 */
const survivors = ['what was flushed', 'names too', 'contents too', 'torn contents', 'everything'] as const;
type Survivor = (typeof survivors)[number];

type Call =
  | { readonly do: 'open'; readonly handle: number; readonly path: string; readonly writes: boolean }
  | { readonly do: 'append'; readonly handle: number; readonly bytes: Buffer }
  | { readonly do: 'truncate'; readonly handle: number; readonly size: number }
  | { readonly do: 'flush'; readonly handle: number }
  | { readonly do: 'mkdir' | 'remove'; readonly path: string }
  | { readonly do: 'rename' | 'link'; readonly from: string; readonly to: string };

/** A moment between two calls, and one of the disks that it leaves. */
interface Cut {
  readonly calls: number;
  readonly survivor: Survivor;
  /** Writes what is on the disk into another folder, and returns that. */
  readonly restore: (into: string) => string;
}

/** The calls of a program on one folder, with what lay there before. */
export interface Recording {
  readonly calls: number;
  /** Every disk that differs from the one before, and at the end all of them. */
  cuts(from?: number, until?: number): Generator<Cut>;
}

/**
 * Runs work, and records what it does through `node:fs/promises` in a folder, which must exist.
 * @param parts what of the folder is looked at; all of it when absent
 */
export async function recorded(
  folder: string,
  work: (soFar: () => number) => Promise<unknown>,
  parts?: readonly string[],
): Promise<Recording> {
  const isPart = (path: string) => parts === undefined || path === '' || parts.includes(path.split(sep)[0] ?? '');
  const before = loaded(folder, isPart);
  const calls: Call[] = [];
  const release = watch(folder, calls, isPart);
  try {
    await work(() => calls.length);
  } finally {
    release();
  }
  return {
    calls: calls.length,
    *cuts(from = 0, until = calls.length) {
      const disk = copied(before);
      const handles = new Map<number, Node>();
      const seen = new Set<string>();
      for (let count = 0; count <= until; count++) {
        const call = calls[count - 1];
        if (call !== undefined) carryOut(call, disk, handles);
        if (count < from) continue;
        for (const survivor of survivors) {
          const files = filesOf(disk, survivor);
          const text = JSON.stringify([...files]);
          if (seen.has(text) && count < calls.length) continue;
          seen.add(text);
          yield { calls: count, survivor, restore: (into) => write(files, into) };
        }
      }
    },
  };
}

interface File {
  readonly is: 'file';
  now: Buffer;
  flushed: Buffer;
}
interface Folder {
  readonly is: 'folder';
  readonly now: Map<string, Node>;
  flushed: ReadonlyMap<string, Node>;
}
type Node = File | Folder;

function loaded(path: string, isPart: (name: string) => boolean = () => true): Folder {
  const entries = readdirSync(path, { withFileTypes: true }).filter(({ name }) => isPart(name));
  const names = entries.map((entry): [string, Node] => {
    if (entry.isDirectory()) return [entry.name, loaded(join(path, entry.name))];
    const content = readFileSync(join(path, entry.name));
    return [entry.name, { is: 'file', now: content, flushed: content }];
  });
  return { is: 'folder', now: new Map(names), flushed: new Map(names) };
}

function copied(node: Folder): Folder {
  const names = [...node.now].map(([name, each]): [string, Node] => [
    name,
    each.is === 'folder' ? copied(each) : { ...each },
  ]);
  return { is: 'folder', now: new Map(names), flushed: new Map(names) };
}

function carryOut(call: Call, disk: Folder, handles: Map<number, Node>): void {
  switch (call.do) {
    case 'open': {
      const { names, name } = placeOf(disk, call.path);
      const found = name === '' ? disk : names.get(name);
      const opened = found ?? { is: 'file', now: Buffer.alloc(0), flushed: Buffer.alloc(0) };
      if (found === undefined) names.set(name, opened);
      handles.set(call.handle, opened);
      return;
    }
    case 'append':
    case 'truncate':
    case 'flush': {
      const node = handles.get(call.handle);
      if (node === undefined) throw new Error('a file was not opened');
      if (call.do === 'flush' && node.is === 'folder') node.flushed = new Map(node.now);
      else if (node.is === 'folder') throw new Error('a folder was written to');
      else if (call.do === 'flush') node.flushed = node.now;
      else if (call.do === 'append') node.now = Buffer.concat([node.now, call.bytes]);
      else node.now = node.now.subarray(0, call.size);
      return;
    }
    case 'mkdir': {
      const { names, name } = placeOf(disk, call.path);
      if (!names.has(name)) names.set(name, { is: 'folder', now: new Map(), flushed: new Map() });
      return;
    }
    case 'remove': {
      const { names, name } = placeOf(disk, call.path);
      names.delete(name);
      return;
    }
    default: {
      const [from, to] = [placeOf(disk, call.from), placeOf(disk, call.to)];
      const node = from.names.get(from.name);
      if (node === undefined) throw new Error(`${call.from} is not there`);
      to.names.set(to.name, node);
      if (call.do === 'rename') from.names.delete(from.name);
    }
  }
}

function placeOf(disk: Folder, path: string): { readonly names: Map<string, Node>; readonly name: string } {
  let folder = disk;
  for (const part of dirname(path).split(sep)) {
    const next = part === '.' ? folder : folder.now.get(part);
    if (next?.is !== 'folder') throw new Error(`there is no folder ${dirname(path)}`);
    folder = next;
  }
  return { names: folder.now, name: path === '' ? '' : basename(path) };
}

/** By path; a folder has `null`. */
function filesOf(folder: Folder, survivor: Survivor, below = ''): ReadonlyMap<string, string | null> {
  const keepsNames = survivor !== 'what was flushed' && survivor !== 'contents too';
  const found = [...(keepsNames ? folder.now : folder.flushed)].flatMap(([name, node]): [string, string | null][] => {
    const path = join(below, name);
    if (node.is === 'file') return [[path, contentOf(node, survivor).toString('latin1')]];
    return [[path, null], ...filesOf(node, survivor, path)];
  });
  return new Map(found);
}

function write(files: ReadonlyMap<string, string | null>, into: string): string {
  for (const [path, content] of files) {
    if (content === null) mkdirSync(join(into, path), { mode: 0o700 });
    else writeFileSync(join(into, path), content, { encoding: 'latin1', mode: 0o600 });
  }
  return into;
}

function contentOf({ now, flushed }: File, survivor: Survivor): Buffer {
  if (survivor === 'what was flushed' || survivor === 'names too') return flushed;
  if (survivor !== 'torn contents') return now;
  const common = now.subarray(0, flushed.length).equals(flushed) ? flushed.length : 0;
  return now.subarray(0, common + Math.floor((now.length - common) / 2));
}

/** Notes each call that has succeeded. */
function watch(folder: string, calls: Call[], isPart: (path: string) => boolean): () => void {
  const originals = { ...promises };
  let handles = 0;
  const inside = (path: unknown) => {
    if (typeof path !== 'string') return null;
    const found = relative(folder, path);
    return found.startsWith('..') || !isPart(found) ? null : found;
  };
  const replace = (name: keyof typeof promises, note: (args: readonly unknown[], result: unknown) => void) => {
    const whole = originals[name];
    Object.assign(promises, {
      [name]: async (...args: readonly unknown[]) => {
        const result = await Reflect.apply(whole as (...all: unknown[]) => unknown, promises, args);
        note(args, result);
        return result;
      },
    });
  };
  const removes = ([path]: readonly unknown[]) => {
    const gone = inside(path);
    if (gone !== null) calls.push({ do: 'remove', path: gone });
  };
  for (const name of ['rm', 'rmdir', 'unlink'] as const) replace(name, removes);
  for (const name of ['rename', 'link'] as const)
    replace(name, ([from, to]) => {
      const [a, b] = [inside(from), inside(to)];
      if (a !== null && b !== null) calls.push({ do: name, from: a, to: b });
    });
  replace('mkdir', ([path]) => {
    const made = inside(path);
    if (made === null || made === '') return;
    const parts = made.split(sep);
    for (const at of parts.keys()) calls.push({ do: 'mkdir', path: parts.slice(0, at + 1).join(sep) });
  });
  replace('appendFile', ([path, text]) => {
    const file = inside(path);
    if (file === null) return;
    calls.push({ do: 'open', handle: ++handles, path: file, writes: true });
    calls.push({ do: 'append', handle: handles, bytes: Buffer.from(text as string) });
  });
  replace('open', ([path, flags], result) => {
    const file = inside(path);
    if (file === null) return;
    const handle = ++handles;
    calls.push({ do: 'open', handle, path: file, writes: flags !== 'r' });
    noteHandle(result as FileHandle, handle, calls);
  });
  syncBuiltinESMExports();
  return () => {
    Object.assign(promises, originals);
    syncBuiltinESMExports();
  };
}

function noteHandle(file: FileHandle, handle: number, calls: Call[]): void {
  const { appendFile, writeFile, truncate, sync, datasync } = file;
  const appending = (whole: typeof writeFile) => async (content: string | Uint8Array) => {
    await whole.call(file, content);
    calls.push({ do: 'append', handle, bytes: Buffer.from(content) });
  };
  const flushing = (whole: typeof sync) => async () => {
    await whole.call(file);
    calls.push({ do: 'flush', handle });
  };
  Object.assign(file, {
    appendFile: appending(appendFile),
    writeFile: appending(writeFile),
    sync: flushing(sync),
    datasync: flushing(datasync),
    async truncate(size = 0) {
      await truncate.call(file, size);
      calls.push({ do: 'truncate', handle, size });
    },
  });
}
