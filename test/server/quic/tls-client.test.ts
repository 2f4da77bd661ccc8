import assert from 'node:assert/strict';
import { issueLeaf, makeAuthority } from '../../../src/lab/host/authority.ts';
import { toPem } from '../../../src/lab/host/pem.ts';
import { serverFlight } from '../../../src/lab/host/quic-front.ts';
import { ecTestKeys } from '../../../src/lab/host/test-keys.generated.ts';
import { cryptoStream } from '../../../src/server/quic/crypto-stream.ts';
import { handshakeMessage, messages, type TlsClient, tlsClient } from '../../../src/server/quic/tls-client.ts';

const [rootKey = '', issuingKey = '', key = ''] = ecTestKeys;

describe('a client of TLS 1.3', () => {
  let chain: string;

  before(async () => {
    const notBefore = new Date();
    const notAfter = new Date(notBefore.getTime() + 3_600_000);
    const authority = await makeAuthority('TLS tests', rootKey, issuingKey, notBefore);
    chain = toPem((await issueLeaf(authority, { names: ['a.example.com'], notBefore, notAfter, ekus: null, key })).der);
  });

  /** A client, and what a server sends to it after its hello: extensions, certificate, signature and Finished. */
  function begun(): { readonly client: TlsClient; readonly sent: Buffer[] } {
    const client = tlsClient('a.example.com', 'h3');
    const flight = serverFlight(client.hello, 'h3', { chain, key }, Buffer.alloc(0));
    assert(typeof flight === 'object');
    client.helloFrom(flight.serverHello);
    return { client, sent: [...cryptoStream().add(0, flight.rest)] };
  }

  const withLastByteChanged = (message: Buffer) => {
    const changed = Buffer.from(message);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
    return changed;
  };

  it('is served once everything is there', () => {
    const { client, sent } = begun();
    const told = sent.map((message) => client.next(message)?.length ?? null);
    assert.deepEqual(told, [null, null, null, 1]);
  });

  it('does not mind being asked for a certificate', () => {
    const { client, sent } = begun();
    const [extensions = Buffer.alloc(0)] = sent;
    assert.equal(client.next(extensions), null);
    assert.equal(client.next(handshakeMessage(13, Buffer.alloc(3))), null);
  });

  const wrong: Readonly<Record<string, readonly [change: (sent: Buffer[]) => Buffer[], reason: RegExp]>> = {
    'another Finished': [
      (sent) => sent.with(3, withLastByteChanged(sent[3] ?? Buffer.alloc(0))),
      /its Finished is wrong/,
    ],
    'no signature': [(sent) => sent.filter(([type]) => type !== messages.verify), /its Finished is wrong/],
    'another signature': [
      (sent) => sent.with(2, withLastByteChanged(sent[2] ?? Buffer.alloc(0))),
      /does not have the private key/,
    ],
    'a signature before its certificate': [
      ([first, second, third]) => [first, third, second].filter((one) => one !== undefined),
      /sent no certificate/,
    ],
    'a signature by PKCS #1': [
      (sent) => sent.with(2, handshakeMessage(messages.verify, Buffer.from('04010000', 'hex'))),
      /in a way that was not offered/,
    ],
    'no protocol': [
      (sent) => sent.with(0, handshakeMessage(messages.extensions, Buffer.alloc(2))),
      /does not speak h3/,
    ],
    'a message that ends too early': [
      (sent) => sent.with(1, handshakeMessage(messages.certificate, Buffer.alloc(1))),
      /ends too early/,
    ],
  };
  for (const [what, [change, reason]] of Object.entries(wrong)) {
    it(`refuses ${what}`, () => {
      const { client, sent } = begun();
      assert.throws(() => change(sent).map((message) => client.next(message)), reason);
    });
  }

  it('refuses a server that signs nothing, although it agreed on the keys', () => {
    const client = tlsClient('a.example.com', 'h3');
    const flight = serverFlight(client.hello, 'h3', { chain, key }, Buffer.alloc(0));
    assert(typeof flight === 'object');
    const { serverHello, secrets, rest } = flight;
    client.helloFrom(serverHello);
    const [first = rest, second = rest] = cryptoStream().add(0, rest);
    for (const message of [first, second]) client.next(message);
    const finished = secrets.finished(Buffer.concat([client.hello, serverHello, first, second]));
    assert.throws(() => client.next(handshakeMessage(messages.finished, finished)), /its Finished is wrong/);
  });

  it('refuses a server that asks for another key exchange, or begins with something else', () => {
    const retry = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');
    const client = tlsClient(null, 'smb');
    const hello = handshakeMessage(messages.serverHello, Buffer.from([3, 3]), retry, Buffer.alloc(8));
    assert.throws(() => client.helloFrom(hello), /wants a key exchange that is not offered/);
    assert.throws(() => client.helloFrom(handshakeMessage(11, Buffer.alloc(40))), /does not begin with a ServerHello/);
    assert.throws(() => client.next(hello), /before its hello/);
  });
});
