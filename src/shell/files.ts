import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { InputFile } from '../base/document.ts';
import { CertRebindError, messageFrom } from '../base/errors.ts';
import { fileErrorCode, isMissing, whyRefused } from '../base/file-error.ts';
import { decodeAs, sniffEncoding } from '../base/text-encoding.ts';
import { readRegularFile } from '../engine/state/files.ts';

/**
 * The text of a file that a person named. What Windows PowerShell 5.1 writes with `>` is UTF-16, so that is read too.
 * @throws CertRebindError `no-such-file`, or `bad-input` when it cannot be read or is not text
 */
export async function readText(file: string, where: string): Promise<string> {
  const { bytes } = await readBytes(file, where);
  const text = decodeAs(sniffEncoding(bytes) ?? 'utf-8', bytes);
  if (text !== null) return text;
  throw new CertRebindError('bad-input', { message: `${file} is neither UTF-8 nor UTF-16 text.`, where });
}

/** @throws CertRebindError `no-such-file`, or `bad-input` when it cannot be read */
export async function readBytes(file: string, where: string): Promise<InputFile> {
  try {
    return { where: file, bytes: await readRegularFile(file) };
  } catch (cause) {
    throw unreadable(file, where, cause);
  }
}

/** As `readText`, and `null` when there is no such file. */
export async function readTextIfThere(file: string, where: string): Promise<string | null> {
  try {
    return await readText(file, where);
  } catch (thrown) {
    if (thrown instanceof CertRebindError && isMissing(thrown.cause)) return null;
    throw thrown;
  }
}

/** The document in a file that a person named. @throws CertRebindError as `readText`, and as its parser */
export async function readDocument<Read>(
  name: string,
  where: string,
  parse: (text: string, file: string) => Read,
): Promise<Read> {
  const file = resolve(name);
  return parse(await readText(file, where), file);
}

/** What to throw for a file or folder that a person named and that the system does not let us read. */
export function unreadable(path: string, where: string, cause: unknown): CertRebindError {
  const code = isMissing(cause) ? 'no-such-file' : 'bad-input';
  return new CertRebindError(code, { message: `${path} cannot be read: ${reason(cause)}.`, where, cause });
}

/**
 * @throws CertRebindError `no-such-file` where its folder is not there; `not-writable`, also where there is such a file
 * already and it is not to be overwritten
 */
export async function writeText(
  file: string,
  text: string,
  where: string,
  { overwrite = true }: { readonly overwrite?: boolean } = {},
): Promise<void> {
  await writeFile(file, text, { flag: overwrite ? 'w' : 'wx' }).catch((cause: unknown) => {
    if (!overwrite && fileErrorCode(cause) === 'EEXIST') throw alreadyThere(file, where);
    const message = `${file} cannot be written: ${reason(cause)}.`;
    throw new CertRebindError(isMissing(cause) ? 'no-such-file' : 'not-writable', { message, where, cause });
  });
}

export function alreadyThere(file: string, where: string): CertRebindError {
  return new CertRebindError('not-writable', {
    message: `${file} already exists. It was not changed.`,
    hint: 'Choose another file name, or add --overwrite.',
    where,
  });
}

function reason(thrown: unknown): string {
  if (isMissing(thrown)) return 'there is no such file or folder';
  return whyRefused(thrown) ?? messageFrom(thrown);
}
