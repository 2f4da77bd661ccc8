import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CertRebindError } from '../../base/errors.ts';
import { isMissing, notWritable } from '../../base/file-error.ts';
import { decodeAs, sniffEncoding } from '../../base/text-encoding.ts';

/**
 * By rename, so that no reader sees half a file. Not flushed to the disk: a lab survives the end of its process, but
 * need not survive a power cut.
 */
export async function writeWhole(file: string, content: string | Buffer, { secret = false } = {}): Promise<void> {
  const draft = `${file}.${randomBytes(4).toString('hex')}.draft`;
  const mode = secret ? 0o600 : 0o644;
  try {
    try {
      await writeFile(draft, content, { mode });
    } catch (error) {
      if (!isMissing(error)) throw error;
      await mkdir(dirname(file), { recursive: true });
      await writeFile(draft, content, { mode });
    }
    await rename(draft, file);
  } catch (error) {
    throw notWritable(file, error);
  }
}

/** UTF-8 or UTF-16, as the file itself shows; without its byte order mark. */
export function readText(file: string): string {
  const bytes = readFileSync(file);
  return decodeAs(sniffEncoding(bytes) ?? 'utf-8', bytes) ?? bytes.toString('latin1');
}

/** Sorted; none if there is no such folder. */
export function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.endsWith('.draft'))
      .sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** As Windows writes text: with its byte order mark. */
export function utf16(text: string): Buffer {
  return Buffer.from(`\uFEFF${text}`, 'utf16le');
}

/** A name from the server as the name of a file: separators and dots that would lead elsewhere are written as `%xx`. */
export function encodeName(name: string): string {
  return encodeURIComponent(name)
    .replace(/%20/g, ' ')
    .replace(/^\.+$/, (dots) => dots.replaceAll('.', '%2E'))
    .replaceAll('*', '%2A');
}

export function decodeName(name: string): string {
  return decodeURIComponent(name);
}

/** Only a lab writes these files, so a complete one is trusted. @throws CertRebindError `bad-document` */
export function parseOwnJson(text: string, where: string) {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CertRebindError('bad-document', { message: `${where} is not whole JSON.`, where, cause });
  }
}

/** A certificate as OpenSSL and Node take it. */
export function toPem(certificate: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${(certificate.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;
}
