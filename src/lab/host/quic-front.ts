import { constants, createPrivateKey, randomBytes, sign, X509Certificate } from 'node:crypto';
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { readerOf, uint, vector } from '../../server/quic/bytes.ts';
import { type CryptoStream, cryptoStream } from '../../server/quic/crypto-stream.ts';
import { ackFrame, closeFrame, cryptoFrame, framesIn } from '../../server/quic/frames.ts';
import { keyShares, x25519 } from '../../server/quic/key-exchange.ts';
import { aes128, handshakeSecrets, initialKeys, type KeyPair, toSign } from '../../server/quic/keys.ts';
import { open, type Packet, packetsIn, seal } from '../../server/quic/packets.ts';
import {
  extension,
  extensions,
  extensionsIn,
  handshakeMessage,
  messages,
  tls13,
  transportParameters,
} from '../../server/quic/tls-client.ts';
import { serverNameOf } from './client-hello.ts';
import type { HasCredentials, Welcome } from './welcome.ts';

export interface QuicListener {
  readonly localPort: number;
  close(): Promise<void>;
}

interface Options extends HasCredentials {
  /** The loopback address. */
  readonly host: string;
  /** The only protocol that is spoken. */
  readonly alpn: string;
  welcome(serverName: string | null): Promise<Welcome>;
}

/** A connection until it is answered. */
interface Connection {
  readonly keys: KeyPair;
  readonly received: Set<number>;
  readonly stream: CryptoStream;
  /** What every further Initial packet of the client is answered with. */
  answer: readonly Buffer[] | null;
}

const longestHandshakeMs = 30_000;
const firstInitial = 1200;
/** What fits into a packet beside its header. */
const piece = 1000;

/**
 * A server of QUIC version 1 as far as a client comes that only looks at the certificate: it sends its part of the
 * handshake, and nothing after that.
 */
export async function openQuicListener({ host, alpn, welcome, credentials }: Options): Promise<QuicListener> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const connections = new Map<string, Connection>();

  socket.on('message', (datagram, from) => {
    for (const packet of packetsIn(datagram)) {
      // Clients that send what is none do not hold up the others.
      if (packet.type === 'initial') void take(packet, from).catch(() => undefined);
    }
  });

  async function take(packet: Extract<Packet, { type: 'initial' | 'handshake' }>, from: RemoteInfo): Promise<void> {
    const id = `${from.address} ${from.port} ${packet.destination.toString('hex')}`;
    const known = connections.get(id);
    const connection = known ?? {
      keys: initialKeys(packet.destination),
      received: new Set<number>(),
      stream: cryptoStream(),
      answer: null,
    };
    const opened = open(connection.keys.client, packet, Math.max(-1, ...connection.received));
    if (opened === null) return;
    if (known === undefined) setTimeout(() => connections.delete(id), longestHandshakeMs).unref();
    connections.set(id, connection);
    connection.received.add(opened.number);
    const messagesNow = framesIn(opened.payload).flatMap((frame) =>
      frame.type === 'crypto' ? connection.stream.add(frame.offset, frame.bytes) : [],
    );
    const [hello] = messagesNow;
    if (hello !== undefined) connection.answer ??= await answerTo(hello, packet, connection);
    for (const datagram of connection.answer ?? []) socket.send(datagram, from.port, from.address);
  }

  async function answerTo(
    hello: Buffer,
    { destination: first, source: destination }: Packet,
    { keys, received }: Connection,
  ): Promise<readonly Buffer[]> {
    const source = randomBytes(8);
    const token = Buffer.alloc(0);
    const initial = (payload: Buffer) => {
      const whole = Buffer.concat([ackFrame(received), payload]);
      const padding = Buffer.alloc(Math.max(0, firstInitial - whole.length));
      return seal(
        keys.server,
        { type: 'initial', number: 0, token, destination, source },
        Buffer.concat([whole, padding]),
      );
    };
    const serverName = serverNameOf(hello.subarray(4));
    const decided = await welcome(serverName);
    if (decided.do === 'hang') return [];
    const served = decided.do === 'serve' ? credentials(decided.thumbprint) : null;
    if (served === null) return [initial(closeFrame(0x100 + handshakeFailure))];
    const parameters = transportParameters({ [originalDestination]: first, [initialSource]: source });
    const flight = serverFlight(hello, alpn, served, parameters);
    if (typeof flight === 'number') return [initial(closeFrame(0x100 + flight))];
    const { serverHello, rest, secrets } = flight;
    const pieces = Array.from({ length: Math.ceil(rest.length / piece) }, (_, number) => {
      const payload = cryptoFrame(number * piece, rest.subarray(number * piece, (number + 1) * piece));
      return seal(secrets.keys.server, { type: 'handshake', number, token, destination, source }, payload);
    });
    return [initial(cryptoFrame(0, serverHello)), ...pieces];
  }

  socket.bind(0, host);
  await once(socket, 'listening');
  return {
    localPort: socket.address().port,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

const handshakeFailure = 40;
const noApplicationProtocol = 120;
const originalDestination = 0x00;
const initialSource = 0x0f;

/** The server's part of a handshake; or the alert of TLS that ends it. */
export function serverFlight(
  hello: Buffer,
  alpn: string,
  { chain, key }: { readonly chain: string; readonly key: string },
  parameters: Buffer,
) {
  const read = readerOf(hello.subarray(4));
  read.bytes(2 + 32);
  const session = read.vector(1);
  const suites = read.vector(2);
  read.vector(1);
  const offered = extensionsIn(read.vector(2));
  // Key shares are written like extensions.
  const theirs = extensionsIn(readerOf(offered.get(extensions.shares) ?? vector(2)).vector(2)).get(x25519);
  const own = keyShares().find(({ group }) => group === x25519);
  const knowsSuite = suites.some((_, at) => at % 2 === 0 && suites.readUInt16BE(at) === aes128.id);
  if (theirs === undefined || own === undefined || !knowsSuite) return handshakeFailure;
  if (!(offered.get(extensions.alpn) ?? Buffer.alloc(0)).includes(vector(1, Buffer.from(alpn)))) {
    return noApplicationProtocol;
  }
  const serverHello = handshakeMessage(
    messages.serverHello,
    uint(0x0303, 2),
    randomBytes(32),
    vector(1, session),
    uint(aes128.id, 2),
    uint(0, 1),
    vector(
      2,
      extension(extensions.versions, uint(tls13, 2)),
      extension(extensions.shares, uint(x25519, 2), vector(2, own.share)),
    ),
  );
  const secrets = handshakeSecrets(aes128, own.secretWith(theirs), Buffer.concat([hello, serverHello]));
  let sent = Buffer.concat([
    handshakeMessage(
      messages.extensions,
      vector(
        2,
        extension(extensions.alpn, vector(2, vector(1, Buffer.from(alpn)))),
        extension(extensions.parameters, parameters),
      ),
    ),
    handshakeMessage(
      messages.certificate,
      vector(1),
      vector(3, ...certificatesOf(chain).flatMap((der) => [vector(3, der), vector(2)])),
    ),
  ]);
  const transcript = () => Buffer.concat([hello, serverHello, sent]);
  sent = Buffer.concat([sent, handshakeMessage(messages.verify, signature(key, toSign(aes128, transcript())))]);
  sent = Buffer.concat([sent, handshakeMessage(messages.finished, secrets.finished(transcript()))]);
  return { serverHello, rest: sent, secrets };
}

function certificatesOf(chain: string): readonly Buffer[] {
  return (chain.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g) ?? []).map((pem) => new X509Certificate(pem).raw);
}

/** Of the keys that labs have: RSA, and EC on P-256. */
function signature(pem: string, signed: Buffer): Buffer {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'rsa') return Buffer.concat([uint(0x0403, 2), vector(2, sign('sha256', signed, key))]);
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants;
  return Buffer.concat([uint(0x0804, 2), vector(2, sign('sha256', signed, { key, padding, saltLength }))]);
}
