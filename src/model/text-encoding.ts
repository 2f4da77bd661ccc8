/** What Windows tools write: with a byte order mark UTF-8 or UTF-16, without one UTF-8, UTF-16 or an ANSI code page. */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** The encoding that the first bytes show by a byte order mark or, for text that starts in ASCII, by its zero bytes. */
export function sniffEncoding(bytes: Uint8Array): Encoding | null {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === undefined || b === undefined) return null;
  if (a !== 0 && b === 0) return 'utf-16le';
  return a === 0 && b !== 0 ? 'utf-16be' : null;
}

/** Decodes, and drops a byte order mark; `null` when the bytes are not text in this encoding. */
export function decodeAs(encoding: string, bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
