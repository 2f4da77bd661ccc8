import assert from 'node:assert/strict';
import { appendFileSync, closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { nullIfThrown } from '../../src/base/errors.ts';
import { numberOf, whyInvalid } from '../documents/frozen.ts';

interface Where {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

interface Look {
  readonly size: number;
  readonly changed: number;
  readonly file: number;
}

/**
 * Looks at the documents that a command may write: its state folder and every file that it is given. The function that
 * comes back holds what was written since against the schema of its number.
 */
export function watchWritten(args: readonly string[], { cwd = process.cwd(), env = {} }: Where = {}): () => void {
  const option = (name: string) => args[args.indexOf(name) + 1];
  const lab = args.includes('--lab') ? option('--lab') : env.CERTREBIND_LAB;
  const state = args.includes('--state') ? option('--state') : lab === undefined ? undefined : join(lab, 'certrebind');
  const folders = [state, lab === undefined ? undefined : join(lab, 'Program Files', 'CertRebind')];
  const look = () => {
    const files = [
      ...args.filter((word) => word.endsWith('.json')).map((word) => resolve(cwd, word)),
      ...folders.flatMap((folder) => (folder === undefined ? [] : documentsBelow(resolve(cwd, folder)))),
    ];
    return new Map(files.flatMap((file) => (lookAt(file) === null ? [] : [[file, lookAt(file)] as const])));
  };
  const before = look();
  if (process.env.CERTREBIND_SAMPLES !== undefined)
    for (const [file, found] of before) keepGiven(file, found?.size ?? 0);
  return () => {
    for (const [file, now] of look()) {
      const was = before.get(file) ?? null;
      if (now !== null && !(was !== null && was.size === now.size && was.changed === now.changed))
        checkFile(file, was !== null && was.file === now.file && file.endsWith('.ndjson') ? was.size : 0, now.size);
    }
  };
}

/** Bytes. A test that damages a file makes it larger than any document. */
const largestDocument = 64 << 20;

/** More than a story makes is there to measure how long it takes. */
const mostEntries = 1000;

function documentsBelow(folder: string): readonly string[] {
  const names = readIfThere(folder, { recursive: true });
  return names.length > mostEntries
    ? []
    : names.filter((name) => /\.(json|ndjson)$/.test(name)).map((name) => join(folder, name));
}

function readIfThere(folder: string, options: { readonly recursive: true }): readonly string[] {
  try {
    return readdirSync(folder, { ...options, encoding: 'utf8' });
  } catch {
    return [];
  }
}

function lookAt(file: string): Look | null {
  const found = nullIfThrown(() => statSync(file, { throwIfNoEntry: false }));
  return found?.isFile() && found.size <= largestDocument
    ? { size: found.size, changed: found.mtimeMs, file: found.ino }
    : null;
}

/** @param from where the lines begin that are new in a file that only grows */
function checkFile(file: string, from: number, size: number): void {
  const text = textOf(file, from, size);
  // Half a line is what a killed process leaves.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  for (const part of file.endsWith('.ndjson') ? whole.filter(Boolean) : [text])
    checkDocument(part, file, file.endsWith('journal.ndjson') ? 'journal/1' : null);
}

function textOf(file: string, from: number, size: number): string {
  const opened = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, size - from));
    return bytes.toString('utf8', 0, readSync(opened, bytes, 0, bytes.length, from));
  } finally {
    closeSync(opened);
  }
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What is no document of ours is not judged: a test may have planted it meanwhile. */
function checkDocument(text: string, file: string, known: string | null): void {
  const document = parsedOrNull(text);
  const number = document === null ? null : (known ?? numberOf(document));
  if (number === null || unchecked.includes(number)) return;
  const broken = whyInvalid(document, number);
  assert.equal(broken, null, `${file} is not what the schema of certrebind/${number} says: ${broken}`);
  keepSample(number, document);
}

/** What the module writes and the program only reads. */
function keepGiven(file: string, size: number): void {
  const document = parsedOrNull(textOf(file, 0, size));
  const number = numberOf(document) ?? '';
  if (/^(campaign|inventory)\//.test(number) && whyInvalid(document, number) === null) keepSample(number, document);
}

/** For `npm run freeze`, which keeps a few of what all commands of the tests write. */
function keepSample(number: string, document: unknown): void {
  const { CERTREBIND_SAMPLES: folder } = process.env;
  const text = JSON.stringify(document);
  if (folder !== undefined) appendFileSync(join(folder, `${number.replace('/', '-')}.ndjson`), `${text}\n`);
}

/** Printed, with schemas of their own, or what a capture for support is written into. */
const unchecked: readonly string[] = ['error/1', 'lab-folder/1', 'support/1'];
