import { readFile, writeFile } from 'node:fs/promises';
import { CertRebindError } from '../../model/errors.ts';
import { decodeAs, sniffEncoding } from '../../model/text-encoding.ts';

/**
 * The text of a file that a person named. What Windows PowerShell 5.1 writes with `>` is UTF-16, so that is read too.
 * @throws CertRebindError `bad-input` when it cannot be read or is no text
 */
export async function readText(file: string, where: string): Promise<string> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new CertRebindError('bad-input', { message: `${file} cannot be read: ${reason(cause)}.`, where, cause });
  });
  const text = decodeAs(sniffEncoding(bytes) ?? 'utf-8', bytes);
  if (text !== null) return text;
  throw new CertRebindError('bad-input', { message: `${file} is neither UTF-8 nor UTF-16 text.`, where });
}

/** As `readText`, and `null` when there is no such file. */
export async function readTextIfThere(file: string, where: string): Promise<string | null> {
  try {
    return await readText(file, where);
  } catch (thrown) {
    if (thrown instanceof CertRebindError && codeOf(thrown.cause) === 'ENOENT') return null;
    throw thrown;
  }
}

/** @throws CertRebindError `not-writable` */
export async function writeText(file: string, text: string, where: string): Promise<void> {
  await writeFile(file, text).catch((cause: unknown) => {
    throw new CertRebindError('not-writable', {
      message: `${file} cannot be written: ${reason(cause)}.`,
      where,
      cause,
    });
  });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  EACCES: 'access is denied',
  EPERM: 'access is denied',
  EROFS: 'the volume is read-only',
  ENOSPC: 'the volume is full',
};

function reason(thrown: unknown): string {
  return reasons[codeOf(thrown) ?? ''] ?? (thrown instanceof Error ? thrown.message : String(thrown));
}

function codeOf(thrown: unknown): string | null {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : null;
}
