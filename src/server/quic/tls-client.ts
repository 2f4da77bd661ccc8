import { constants, randomBytes, verify, X509Certificate } from 'node:crypto';
import { readerOf, uint, varint, vector } from './bytes.ts';
import { keyShares } from './key-exchange.ts';
import { aes128, aes256, type HandshakeSecrets, handshakeSecrets, type KeyPair, type Suite, toSign } from './keys.ts';

/** The client's side of TLS 1.3 as QUIC carries it (RFC 8446, RFC 9001), until the server has shown its key. */
export interface TlsClient {
  readonly hello: Buffer;
  /** The keys that follow from the server's hello. @throws Error where the server chose what was not offered */
  helloFrom(message: Buffer): KeyPair;
  /**
   * The next message of the server under those keys. Once it has sent Finished, and everything was right: the
   * certificates that it sent, its own first. @throws Error where anything is wrong
   */
  next(message: Buffer): readonly Buffer[] | null;
}

export const messages = { serverHello: 2, extensions: 8, certificate: 11, verify: 15, finished: 20 } as const;
export const extensions = {
  serverName: 0,
  groups: 10,
  signatures: 13,
  alpn: 16,
  versions: 43,
  shares: 51,
  parameters: 57,
} as const;
export const tls13 = 0x0304;

/** What a server may sign with, its hash, and the padding of RSA; PKCS #1 is for the signatures in certificates alone. */
const schemes = new Map<number, readonly [hash: string | null, isPss: boolean]>([
  [0x0403, ['sha256', false]],
  [0x0503, ['sha384', false]],
  [0x0603, ['sha512', false]],
  [0x0804, ['sha256', true]],
  [0x0805, ['sha384', true]],
  [0x0806, ['sha512', true]],
  [0x0809, ['sha256', true]],
  [0x080a, ['sha384', true]],
  [0x080b, ['sha512', true]],
  [0x0807, [null, false]],
]);
const onlyInCertificates = [0x0401, 0x0501, 0x0601, 0x0201, 0x0203];

/** A hello with this for its random bytes asks for another key exchange (RFC 8446, 4.1.3). */
const retryRandom = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');

export function tlsClient(serverName: string | null, alpn: string): TlsClient {
  const shares = keyShares();
  const hello = clientHello();
  let transcript = hello;
  let agreed: { readonly suite: Suite; readonly secrets: HandshakeSecrets } | null = null;
  let certificates: readonly Buffer[] = [];
  let isVerified = false;

  function clientHello(): Buffer {
    return handshakeMessage(
      1,
      uint(0x0303, 2),
      randomBytes(32),
      vector(1),
      vector(2, uint(aes128.id, 2), uint(aes256.id, 2)),
      vector(1, uint(0, 1)),
      vector(
        2,
        ...(serverName === null
          ? []
          : [extension(extensions.serverName, vector(2, uint(0, 1), vector(2, Buffer.from(serverName))))]),
        extension(extensions.groups, vector(2, ...shares.map(({ group }) => uint(group, 2)))),
        extension(
          extensions.signatures,
          vector(2, ...[...schemes.keys(), ...onlyInCertificates].map((id) => uint(id, 2))),
        ),
        extension(extensions.alpn, vector(2, vector(1, Buffer.from(alpn)))),
        extension(extensions.versions, vector(1, uint(tls13, 2))),
        extension(
          extensions.shares,
          vector(2, ...shares.flatMap(({ group, share }) => [uint(group, 2), vector(2, share)])),
        ),
        // The client has no connection id, because its socket is enough.
        extension(extensions.parameters, transportParameters({ 15: Buffer.alloc(0) })),
      ),
    );
  }

  function helloFrom(message: Buffer): KeyPair {
    const read = readerOf(message.subarray(4));
    if (message[0] !== messages.serverHello) throw new Error('it does not begin with a ServerHello');
    read.bytes(2);
    if (read.bytes(32).equals(retryRandom)) throw new Error('it wants a key exchange that is not offered');
    read.vector(1);
    const id = read.uint(2);
    const suite = [aes128, aes256].find((one) => one.id === id);
    read.bytes(1);
    const told = extensionsIn(read.vector(2));
    const chosen = readerOf(told.get(extensions.shares) ?? Buffer.alloc(0));
    const group = chosen.uint(2);
    const share = shares.find((one) => one.group === group);
    const isTls13 = told.get(extensions.versions)?.equals(uint(tls13, 2)) === true;
    if (suite === undefined || share === undefined || !isTls13) throw new Error('it chose what was not offered');
    const shared = share.secretWith(chosen.vector(2));
    transcript = Buffer.concat([hello, message]);
    const secrets = handshakeSecrets(suite, shared, transcript);
    agreed = { suite, secrets };
    return secrets.keys;
  }

  function next(message: Buffer): readonly Buffer[] | null {
    if (agreed === null) throw new Error('it went on before its hello');
    const { suite, secrets } = agreed;
    const body = message.subarray(4);
    const before = transcript;
    transcript = Buffer.concat([before, message]);
    switch (message[0]) {
      case messages.extensions: {
        const chosen = extensionsIn(readerOf(body).vector(2)).get(extensions.alpn);
        if (chosen?.equals(vector(2, vector(1, Buffer.from(alpn)))) !== true)
          throw new Error(`it does not speak ${alpn}`);
        return null;
      }
      case messages.certificate:
        certificates = certificatesIn(body);
        return null;
      case messages.verify:
        if (!isSignedBy(certificates[0], body, toSign(suite, before))) {
          throw new Error('it does not have the private key of the certificate that it sent');
        }
        isVerified = true;
        return null;
      case messages.finished:
        if (!isVerified || !body.equals(secrets.finished(before))) throw new Error('its Finished is wrong');
        return certificates;
      default:
        // It may ask for a certificate of the client: closing comes before that is missed.
        return null;
    }
  }

  return { hello, helloFrom, next };
}

/**
 * @param ids connection ids by their parameters (RFC 9000, 18.2). A peer that speaks HTTP/3 gives up in the middle of the
 * handshake if it may not open its streams, so it may, although nothing of them is ever read.
 */
export function transportParameters(ids: Readonly<Record<number, Buffer>>): Buffer {
  const told = { 4: varint(65_536), 7: varint(16_384), 9: varint(8), ...ids };
  return Buffer.concat(
    Object.entries(told).map(([id, value]) => Buffer.concat([varint(Number(id)), vector(1, value)])),
  );
}

export function handshakeMessage(type: number, ...body: readonly Buffer[]): Buffer {
  return Buffer.concat([uint(type, 1), vector(3, ...body)]);
}

export function extension(type: number, ...body: readonly Buffer[]): Buffer {
  return Buffer.concat([uint(type, 2), vector(2, ...body)]);
}

export function extensionsIn(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (const read = readerOf(bytes); !read.isAtEnd(); ) found.set(read.uint(2), read.vector(2));
  return found;
}

function certificatesIn(body: Buffer): readonly Buffer[] {
  const read = readerOf(body);
  read.vector(1);
  const sent: Buffer[] = [];
  for (const list = readerOf(read.vector(3)); !list.isAtEnd(); list.vector(2)) sent.push(list.vector(3));
  return sent;
}

function isSignedBy(certificate: Buffer | undefined, body: Buffer, signed: Buffer): boolean {
  if (certificate === undefined) throw new Error('it sent no certificate');
  const read = readerOf(body);
  const scheme = schemes.get(read.uint(2));
  if (scheme === undefined) throw new Error('it signs in a way that was not offered');
  const [hash, isPss] = scheme;
  const key = new X509Certificate(certificate).publicKey;
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants;
  return verify(hash, signed, isPss ? { key, padding, saltLength } : key, read.vector(2));
}
