/** Reads what a peer sent from front to back. Every method throws a RangeError where the bytes end too early. */
export interface Reader {
  bytes(length: number): Buffer;
  uint(length: number): number;
  /** A length of so many bytes, and what it measures. */
  vector(lengthBytes: number): Buffer;
  /** The integer of QUIC (RFC 9000, 16). */
  varint(): number;
  at(): number;
  isAtEnd(): boolean;
}

export function readerOf(from: Buffer): Reader {
  let at = 0;
  function bytes(length: number): Buffer {
    if (length > from.length - at) throw new RangeError('it sent a message that ends too early');
    at += length;
    return from.subarray(at - length, at);
  }
  const uint = (length: number) => bytes(length).readUIntBE(0, length);
  function varint(): number {
    const first = uint(1);
    let value = first & 0x3f;
    for (const byte of bytes((1 << (first >> 6)) - 1)) value = value * 256 + byte;
    return value;
  }
  return {
    bytes,
    uint,
    vector: (length) => bytes(uint(length)),
    varint,
    at: () => at,
    isAtEnd: () => at === from.length,
  };
}

export function uint(value: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(value, 0, length);
  return bytes;
}

export function vector(lengthBytes: number, ...parts: readonly Buffer[]): Buffer {
  const whole = Buffer.concat(parts);
  return Buffer.concat([uint(whole.length, lengthBytes), whole]);
}

/** In the shortest form; none here needs the longest. */
export function varint(value: number): Buffer {
  if (value < 0x40) return uint(value, 1);
  return value < 0x4000 ? uint(value + 0x4000, 2) : uint(value + 0x8000_0000, 4);
}
