import { createCipheriv, createDecipheriv } from 'node:crypto';
import { readerOf, uint, varint, vector } from './bytes.ts';
import type { PacketKeys } from './keys.ts';

export const version1 = 1;

/** Of packets with a handshake in them: what comes before the keys are agreed on, and what comes after. */
export type Level = 'initial' | 'handshake';

/** A packet as it came, its header read as far as that is not protected (RFC 9000, 17.2). */
export type Packet = Ids &
  (
    | { readonly type: Level; readonly bytes: Buffer; readonly token: Buffer; readonly numberAt: number }
    | { readonly type: 'retry'; readonly bytes: Buffer; readonly token: Buffer }
    | { readonly type: 'negotiation'; readonly versions: readonly number[] }
  );

/** Whom a packet is for, and whom an answer is for. */
interface Ids {
  readonly destination: Buffer;
  readonly source: Buffer;
}

const types = ['initial', null, 'handshake', 'retry'] as const;
const longHeader = 0x80;
const tagLength = 16;

/** The packets of a datagram; what cannot be read ends them, as does application data, which has a short header. */
export function packetsIn(datagram: Buffer): readonly Packet[] {
  const packets: Packet[] = [];
  try {
    for (let rest = datagram; rest.length > 0 && ((rest[0] ?? 0) & longHeader) !== 0; ) {
      const { packet, length } = firstPacket(rest);
      if (packet !== null) packets.push(packet);
      rest = rest.subarray(length);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return packets;
}

/** @throws RangeError where the bytes end too early */
function firstPacket(bytes: Buffer): { readonly packet: Packet | null; readonly length: number } {
  const read = readerOf(bytes);
  const first = read.uint(1);
  const version = read.uint(4);
  const ids = { destination: read.vector(1), source: read.vector(1) };
  if (version === 0) {
    const versions: number[] = [];
    while (!read.isAtEnd()) versions.push(read.uint(4));
    return { packet: { type: 'negotiation', ...ids, versions }, length: bytes.length };
  }
  if (version !== version1) return { packet: null, length: bytes.length };
  const type = types[(first >> 4) & 3] ?? null;
  if (type === 'retry') {
    const token = read.bytes(bytes.length - read.at() - tagLength);
    return { packet: { type, ...ids, bytes, token }, length: bytes.length };
  }
  const token = type === 'initial' ? read.bytes(read.varint()) : Buffer.alloc(0);
  const protectedLength = read.varint();
  const numberAt = read.at();
  read.bytes(protectedLength);
  const packet = type === null ? null : { type, ...ids, bytes: bytes.subarray(0, read.at()), token, numberAt };
  return { packet, length: read.at() };
}

/** What was in a protected packet; `null` if it was not made with these keys, so that it counts as never received. */
export function open(
  { key, iv, header }: PacketKeys,
  { bytes, numberAt }: Extract<Packet, { type: Level }>,
  largestSeen: number,
): { readonly number: number; readonly payload: Buffer } | null {
  if (bytes.length < numberAt + 4 + tagLength) return null;
  const plain = Buffer.from(bytes);
  const { first, rest } = headerMask(header, bytes, numberAt);
  xorInto(plain, 0, first);
  const numberLength = (plain.readUInt8(0) & 3) + 1;
  xorInto(plain, numberAt, rest.subarray(0, numberLength));
  const payloadAt = numberAt + numberLength;
  const number = wholeNumber(plain.readUIntBE(numberAt, numberLength), 256 ** numberLength, largestSeen + 1);
  const cipher = createDecipheriv(gcm(key), key, nonce(iv, number));
  cipher.setAAD(plain.subarray(0, payloadAt)).setAuthTag(bytes.subarray(-tagLength));
  try {
    return { number, payload: Buffer.concat([cipher.update(bytes.subarray(payloadAt, -tagLength)), cipher.final()]) };
  } catch {
    return null;
  }
}

/** A number of a packet, of which only the end was sent, is the nearest one to the expected (RFC 9000, A.3). */
export function wholeNumber(end: number, window: number, expected: number): number {
  const candidate = expected - (expected % window) + end;
  if (candidate <= expected - window / 2) return candidate + window;
  return candidate > expected + window / 2 && candidate >= window ? candidate - window : candidate;
}

/** A protected packet. */
export function seal(
  { key, iv, header }: PacketKeys,
  {
    type,
    number,
    token,
    destination,
    source,
  }: Ids & { readonly type: Level; readonly number: number; readonly token: Buffer },
  payload: Buffer,
): Buffer {
  const numberLength = 4;
  const plain = Buffer.concat([
    uint(longHeader | 0x40 | (types.indexOf(type) << 4) | (numberLength - 1), 1),
    uint(version1, 4),
    vector(1, destination),
    vector(1, source),
    ...(type === 'initial' ? [varint(token.length), token] : []),
    varint(numberLength + payload.length + tagLength),
    uint(number, numberLength),
  ]);
  const cipher = createCipheriv(gcm(key), key, nonce(iv, number));
  cipher.setAAD(plain);
  const bytes = Buffer.concat([plain, cipher.update(payload), cipher.final(), cipher.getAuthTag()]);
  const numberAt = plain.length - numberLength;
  const { first, rest } = headerMask(header, bytes, numberAt);
  xorInto(bytes, 0, first);
  xorInto(bytes, numberAt, rest);
  return bytes;
}

/** Whether a Retry comes from somebody who saw what it answers (RFC 9001, 5.8). */
export function isRetryFor(firstDestination: Buffer, bytes: Buffer): boolean {
  const key = Buffer.from('be0c690b9f66575a1d766b54e368c84e', 'hex');
  const cipher = createCipheriv('aes-128-gcm', key, Buffer.from('461599d35d632bf2239825bb', 'hex'));
  cipher.setAAD(Buffer.concat([vector(1, firstDestination), bytes.subarray(0, -tagLength)])).final();
  return cipher.getAuthTag().equals(bytes.subarray(-tagLength));
}

function gcm(key: Buffer): 'aes-128-gcm' | 'aes-256-gcm' {
  return key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm';
}

function nonce(iv: Buffer, number: number): Buffer {
  const bytes = Buffer.from(iv);
  xorInto(bytes, 6, uint(number, 6));
  return bytes;
}

/**
 * What hides four bits of the first byte, and up to four bytes of the packet number. The sample is taken as if the number
 * had four bytes (RFC 9001, 5.4).
 */
function headerMask(key: Buffer, bytes: Buffer, numberAt: number): { readonly first: Buffer; readonly rest: Buffer } {
  const cipher = createCipheriv(key.length === 16 ? 'aes-128-ecb' : 'aes-256-ecb', key, null);
  const mask = cipher.update(bytes.subarray(numberAt + 4, numberAt + 4 + 16));
  return { first: uint(mask.readUInt8(0) & 0x0f, 1), rest: mask.subarray(1, 5) };
}

function xorInto(bytes: Buffer, at: number, mask: Buffer): void {
  for (const [index, byte] of mask.entries()) bytes.writeUInt8(bytes.readUInt8(at + index) ^ byte, at + index);
}
