import { createHash, createHmac } from 'node:crypto';
import { uint, vector } from './bytes.ts';

/** The cipher suites of TLS 1.3 with AES-GCM: what Windows negotiates, and every server of QUIC has to know. */
export interface Suite {
  readonly id: number;
  readonly hash: 'sha256' | 'sha384';
  readonly hashLength: number;
  readonly keyLength: 16 | 32;
}

export const aes128: Suite = { id: 0x1301, hash: 'sha256', hashLength: 32, keyLength: 16 };
export const aes256: Suite = { id: 0x1302, hash: 'sha384', hashLength: 48, keyLength: 32 };

/** What protects the packets of one direction at one level (RFC 9001, 5.1). */
export interface PacketKeys {
  readonly key: Buffer;
  readonly iv: Buffer;
  /** For the header. */
  readonly header: Buffer;
}

/** Those of the client and of the server. */
export interface KeyPair {
  readonly client: PacketKeys;
  readonly server: PacketKeys;
}

const initialSalt = Buffer.from('38762cf7f55934b34d179ae6a4c80cadccbb7f0a', 'hex');

/** Anybody can derive these: they only show that both sides speak QUIC version 1 (RFC 9001, 5.2). */
export function initialKeys(firstDestination: Buffer): KeyPair {
  const secret = hmac(aes128, initialSalt, firstDestination);
  const of = (label: string) => packetKeys(aes128, expand(aes128, secret, label, Buffer.alloc(0), 32));
  return { client: of('client in'), server: of('server in') };
}

/** What a handshake makes of the shared secret (RFC 8446, 7.1). */
export interface HandshakeSecrets {
  readonly keys: KeyPair;
  /** The server's Finished for a transcript. */
  finished(transcript: Buffer): Buffer;
}

/** @param hellos both of them, as they were sent */
export function handshakeSecrets(suite: Suite, shared: Buffer, hellos: Buffer): HandshakeSecrets {
  const zeros = Buffer.alloc(suite.hashLength);
  const derived = expand(suite, hmac(suite, zeros, zeros), 'derived', digest(suite, Buffer.alloc(0)), suite.hashLength);
  const secret = hmac(suite, derived, shared);
  const traffic = (label: string) => expand(suite, secret, label, digest(suite, hellos), suite.hashLength);
  const server = traffic('s hs traffic');
  return {
    keys: { client: packetKeys(suite, traffic('c hs traffic')), server: packetKeys(suite, server) },
    finished: (transcript) =>
      hmac(suite, expand(suite, server, 'finished', Buffer.alloc(0), suite.hashLength), digest(suite, transcript)),
  };
}

/** What a server signs to show that it has the key of its certificate (RFC 8446, 4.4.3). */
export function toSign(suite: Suite, transcript: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`${' '.repeat(64)}TLS 1.3, server CertificateVerify\0`),
    digest(suite, transcript),
  ]);
}

function packetKeys(suite: Suite, secret: Buffer): PacketKeys {
  const of = (label: string, length: number) => expand(suite, secret, label, Buffer.alloc(0), length);
  return { key: of('quic key', suite.keyLength), iv: of('quic iv', 12), header: of('quic hp', suite.keyLength) };
}

/** HKDF-Expand-Label. One block is enough, because nothing asked for here is longer than a hash. */
function expand(suite: Suite, secret: Buffer, label: string, context: Buffer, length: number): Buffer {
  const told = Buffer.concat([
    uint(length, 2),
    vector(1, Buffer.from(`tls13 ${label}`)),
    vector(1, context),
    uint(1, 1),
  ]);
  return hmac(suite, secret, told).subarray(0, length);
}

function hmac({ hash }: Suite, key: Buffer, bytes: Buffer): Buffer {
  return createHmac(hash, key).update(bytes).digest();
}

function digest({ hash }: Suite, bytes: Buffer): Buffer {
  return createHash(hash).update(bytes).digest();
}
