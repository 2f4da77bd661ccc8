import { readerOf, varint } from './bytes.ts';

/** What a packet of a handshake tells (RFC 9000, 19). */
export type Frame =
  | { readonly type: 'crypto'; readonly offset: number; readonly bytes: Buffer }
  | { readonly type: 'close'; readonly code: number; readonly reason: string }
  /** Wants to be acknowledged, and nothing else. */
  | { readonly type: 'ping' }
  | { readonly type: 'ack' };

/** @throws Error where something is there that does not belong into a handshake */
export function framesIn(payload: Buffer): readonly Frame[] {
  const read = readerOf(payload);
  const frames: Frame[] = [];
  while (!read.isAtEnd()) {
    const type = read.varint();
    switch (type) {
      case 0x00:
        break;
      case 0x01:
        frames.push({ type: 'ping' });
        break;
      case 0x02:
      case 0x03: {
        read.varint();
        read.varint();
        for (let left = 2 * read.varint() + 1 + (type === 0x03 ? 3 : 0); left > 0; left--) read.varint();
        frames.push({ type: 'ack' });
        break;
      }
      case 0x06:
        frames.push({ type: 'crypto', offset: read.varint(), bytes: read.bytes(read.varint()) });
        break;
      case 0x1c: {
        const code = read.varint();
        read.varint();
        frames.push({ type: 'close', code, reason: read.bytes(read.varint()).toString('utf8') });
        break;
      }
      default:
        throw new Error(`it sent a frame of type ${type} in the handshake`);
    }
  }
  return frames;
}

export const pingFrame = Buffer.from([0x01]);

export function cryptoFrame(offset: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(0x06), varint(offset), varint(bytes.length), bytes]);
}

/** @param code 0 for no error, or 0x100 and an alert of TLS */
export function closeFrame(code: number): Buffer {
  return Buffer.concat([varint(0x1c), varint(code), varint(0), varint(0)]);
}

/** Every packet that was received; nothing where none was. */
export function ackFrame(received: ReadonlySet<number>): Buffer {
  const ranges: { from: number; to: number }[] = [];
  for (const number of [...received].sort((a, b) => b - a)) {
    const last = ranges.at(-1);
    if (last?.from === number + 1) last.from = number;
    else ranges.push({ from: number, to: number });
  }
  const [first, ...further] = ranges;
  if (first === undefined) return Buffer.alloc(0);
  const told = [0x02, first.to, 0, further.length, first.to - first.from];
  let { from } = first;
  for (const range of further) {
    told.push(from - range.to - 2, range.to - range.from);
    from = range.from;
  }
  return Buffer.concat(told.map(varint));
}
