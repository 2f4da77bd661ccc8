import { readerOf } from './bytes.ts';

/** More than any chain of certificates takes; who sends more is dropped. */
const mostBytes = 256 * 1024;

/** The messages of TLS at one level, whose bytes arrive in pieces, in any order and more than once. */
export interface CryptoStream {
  /** Whole messages that a piece completes, with their headers. @throws Error when too much was sent */
  add(offset: number, bytes: Buffer): readonly Buffer[];
}

export function cryptoStream(): CryptoStream {
  const waiting = new Map<number, Buffer>();
  let seen: Buffer = Buffer.alloc(0);
  /** Where the first message begins that is not complete yet. */
  let done = 0;

  function add(offset: number, bytes: Buffer): readonly Buffer[] {
    if (offset + bytes.length > mostBytes) throw new Error('it sent too much data in the handshake');
    if (bytes.length > (waiting.get(offset)?.length ?? 0)) waiting.set(offset, bytes);
    for (let isNew = true; isNew; ) {
      isNew = false;
      for (const [from, piece] of waiting) {
        if (from > seen.length) continue;
        waiting.delete(from);
        if (from + piece.length <= seen.length) continue;
        seen = Buffer.concat([seen, piece.subarray(seen.length - from)]);
        isNew = true;
      }
    }
    const messages: Buffer[] = [];
    while (seen.length >= done + 4) {
      const length = 4 + readerOf(seen.subarray(done + 1)).uint(3);
      if (seen.length < done + length) break;
      messages.push(seen.subarray(done, done + length));
      done += length;
    }
    return messages;
  }

  return { add };
}
