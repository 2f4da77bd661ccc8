import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { on, once } from 'node:events';
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer } from 'node:tls';
import { fake, type SinonFakeTimers, stub, useFakeTimers } from 'sinon';
import { issueLeaf, leafFrom, makeAuthority } from '../../src/lab/host/authority.ts';
import { testKey } from '../../src/lab/host/keys.ts';
import { toPem } from '../../src/lab/host/whole-file.ts';
import { type HandshakeLimits, tlsHandshaker } from '../../src/server/handshake.ts';
import type { DialTarget } from '../../src/server/server.ts';

const [rootKey, issuingKey] = [testKey('ec', 0), testKey('ec', 1)];
const [shopKey, plainKey] = [testKey('ec', 2), testKey('ec', 3)];
const patient: HandshakeLimits = { timeoutMs: 60_000, attempts: 1 };

interface Served {
  readonly thumbprint: string;
  readonly key: string;
  readonly cert: string;
}

describe('a real handshake', () => {
  const servers = new Set<NetServer>();
  const sockets = new Set<Socket>();
  let authority: Awaited<ReturnType<typeof makeAuthority>>;
  let shop: Served;
  let plain: Served;

  before(async () => {
    const now = new Date();
    authority = await makeAuthority('Handshake tests', rootKey, issuingKey, now);
    const issue = async (name: string, key: string): Promise<Served> => {
      const notAfter = new Date(now.getTime() + 3_600_000);
      const leaf = await issueLeaf(authority, { names: [name], notBefore: now, notAfter, ekus: null, key });
      return { thumbprint: leaf.thumbprint, key, cert: toPem(leaf.der) };
    };
    shop = await issue('shop.example.com', shopKey);
    plain = await issue('plain.example.com', plainKey);
  });

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers) {
      const closed = once(server, 'close');
      server.close();
      await closed;
    }
    servers.clear();
    sockets.clear();
  });

  async function listen(server: NetServer): Promise<number> {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.add(server);
    const address = server.address();
    assert(typeof address === 'object' && address !== null);
    return address.port;
  }

  /** Serves `shop` to those who ask for its name, and `plain` to everybody else. */
  function tlsServer(): NetServer {
    return createTlsServer({
      key: plain.key,
      cert: plain.cert,
      SNICallback: (name, done) => {
        const { key, cert } = name === 'shop.example.com' ? shop : plain;
        done(null, createSecureContext({ key, cert }));
      },
    });
  }

  function dial(target: DialTarget, serverName: string | null, limits: HandshakeLimits = patient) {
    return tlsHandshaker({ dial: () => target }, limits)({ address: '192.0.2.1', port: 443, serverName });
  }
  const at = (port: number): DialTarget => ({ reachable: true, host: '127.0.0.1', port });

  it('tells which certificate is served for a name, and that it covers the name', async () => {
    const port = await listen(tlsServer());
    const { handshake, covers } = await dial(at(port), 'shop.example.com');
    assert.equal(handshake.result, 'served');
    assert.equal(handshake.thumbprint, shop.thumbprint);
    assert.equal(handshake.attempts, 1);
    assert.equal(handshake.reason, null);
    assert.equal(covers, true);
  });

  it('tells that the certificate does not cover the name asked for', async () => {
    const port = await listen(tlsServer());
    const { handshake, covers } = await dial(at(port), 'other.example.com');
    assert.equal(handshake.thumbprint, plain.thumbprint);
    assert.equal(covers, false);
  });

  it('sends no name where none is asked for, and judges none', async () => {
    const port = await listen(tlsServer());
    const { handshake, covers } = await dial(at(port), null);
    assert.equal(handshake.thumbprint, plain.thumbprint);
    assert.equal(covers, null);
  });

  it('tells what is sent besides and leads up from the certificate, whatever the order', async () => {
    const [root, issuing, renewing] = [authority.root, authority.intermediate, authority.renewing].map(toPem);
    const seen = async (...besides: readonly (string | undefined)[]) => {
      const { key, cert } = shop;
      const port = await listen(createTlsServer({ key, cert: [cert, ...besides].join('') }));
      return (await dial(at(port), null)).handshake.sent;
    };
    const [rootId, issuingId] = [authority.root, authority.intermediate].map((der) => leafFrom(der).thumbprint);
    assert.deepEqual(await seen(), { issuers: [], upTo: 'CN=Handshake tests Issuing (lab)' });
    assert.deepEqual(await seen(renewing), { issuers: [], upTo: 'CN=Handshake tests Issuing (lab)' });
    assert.deepEqual(await seen(issuing), { issuers: [issuingId], upTo: 'CN=Handshake tests Root (lab)' });
    assert.deepEqual(await seen(root, renewing, issuing), { issuers: [issuingId, rootId], upTo: null });
  });

  it('is none with a server that has the certificate and another key', async () => {
    const { cert, key } = plain;
    // Up to TLS 1.2 the certificate is sent in plain text, so that somebody in between can send another one.
    const behind = await listen(createTlsServer({ cert, key, maxVersion: 'TLSv1.2' }));
    const port = await listen(
      createServer((socket) => {
        const onward = connect(behind, '127.0.0.1');
        sockets.add(onward);
        onward.on('error', () => {}).on('data', (bytes) => socket.write(withCertificate(bytes, shop.cert)));
        socket.pipe(onward);
      }),
    );
    const { handshake } = await dial(at(port), 'shop.example.com');
    assert.deepEqual([handshake.result, handshake.thumbprint], ['unreachable', null]);
    // In the words of OpenSSL, which changed with version 3.5.
    assert.match(handshake.reason ?? '', /bad signature|signature failure/);
  });

  it('closes its connection', async () => {
    const server = tlsServer();
    const port = await listen(server);
    const connected = once(server, 'connection');
    await dial(at(port), 'shop.example.com');
    const [socket] = await connected;
    if (!socket.destroyed) await once(socket, 'close');
  });

  it('tells a port that nobody listens on', async () => {
    const closed = createServer();
    const freed = await listen(closed);
    servers.delete(closed);
    const done = once(closed, 'close');
    closed.close();
    await done;
    assert.equal((await dial(at(freed), null)).handshake.result, 'not-listening');
  });

  const refusals: Readonly<Record<string, (socket: Socket) => void>> = {
    'closes at once': (socket) => socket.end(),
    'resets the connection': (socket) => socket.resetAndDestroy(),
    'speaks something else': (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  };
  for (const [what, refuse] of Object.entries(refusals)) {
    it(`is unreachable, with a reason, where somebody ${what}`, async () => {
      const { handshake } = await dial(at(await listen(createServer(refuse))), 'shop.example.com');
      assert.equal(handshake.result, 'unreachable');
      assert.equal(handshake.thumbprint, null);
      assert.notEqual(handshake.reason ?? '', '');
    });
  }

  it('is tried again as often as it may be, and no more', async () => {
    const refuse = fake((socket: Socket) => socket.end());
    const port = await listen(createServer(refuse));
    const { handshake } = await dial(at(port), null, { timeoutMs: 60_000, attempts: 3 });
    assert.equal(handshake.attempts, 3);
    assert.equal(refuse.callCount, 3);
  });

  describe('that nobody answers', function () {
    // One that would wait forever must not hold up the others.
    this.timeout(60_000);
    let clock: SinonFakeTimers;
    beforeEach(() => {
      clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    });
    afterEach(() => clock.restore());

    /** Dials, and lets so much time pass after each connection as soon as it is there. */
    async function dialling(
      server: NetServer,
      name: string | null,
      limits: HandshakeLimits,
      passing: readonly number[],
    ) {
      const port = await listen(server);
      const connections = on(server, 'connection');
      const seen = dial(at(port), name, limits);
      for (const ms of passing) {
        await connections.next();
        clock.tick(ms);
      }
      return seen;
    }

    it('is told from one at a port that nobody listens on', async () => {
      const { handshake } = await dialling(createServer(), null, { timeoutMs: 300, attempts: 1 }, [300]);
      assert.equal(handshake.result, 'unreachable');
      assert.match(handshake.reason ?? '', /no answer within 300 ms/);
    });

    it('is tried again beside that attempt, and not after it: all have the time of one', async () => {
      const open: number[] = [];
      const server = createServer((socket) => {
        open.push([...sockets].filter(({ closed }) => !closed).length);
        socket.resume();
      });
      const limits = { timeoutMs: 300, attempts: 3 };
      const { handshake } = await dialling(server, null, limits, [100, 100, 100]);
      assert.deepEqual([handshake.result, handshake.attempts], ['unreachable', 3]);
      assert.deepEqual(open, [0, 1, 2], 'open already when another one came');
    });

    it('is not waited for when a later one is answered', async () => {
      const tls = tlsServer();
      const accept = stub().callsFake((socket: Socket) => tls.emit('connection', socket));
      accept.onFirstCall().callsFake(() => {});
      const limits = { timeoutMs: 6000, attempts: 3 };
      const { handshake } = await dialling(createServer(accept), 'shop.example.com', limits, [2000]);
      assert.deepEqual([handshake.thumbprint, handshake.attempts], [shop.thumbprint, 2]);
    });
  });

  it('succeeds when a later attempt does', async () => {
    const tls = tlsServer();
    const accept = stub().callsFake((socket: Socket) => tls.emit('connection', socket));
    accept.onFirstCall().callsFake((socket: Socket) => socket.destroy());
    const port = await listen(createServer(accept));
    const { handshake } = await dial(at(port), 'shop.example.com', { timeoutMs: 60_000, attempts: 2 });
    assert.equal(handshake.thumbprint, shop.thumbprint);
    assert.equal(handshake.attempts, 2);
  });

  it('is skipped, with the reason, where the server says that it cannot be dialled', async () => {
    const { handshake } = await dial({ reachable: false, reason: 'no IPv6 here' }, null);
    assert.deepEqual([handshake.result, handshake.reason, handshake.attempts], ['skipped', 'no IPv6 here', 0]);
  });
});

/** Records of TLS with another certificate in the message that has one. */
function withCertificate(records: Buffer, pem: string): Buffer {
  const der = new X509Certificate(pem).raw;
  const vector = (bytes: Buffer, lengthBytes: number) => {
    const length = Buffer.alloc(lengthBytes);
    length.writeUIntBE(bytes.length, 0, lengthBytes);
    return Buffer.concat([length, bytes]);
  };
  const sent: Buffer[] = [];
  for (let at = 0; at < records.length; ) {
    const end = at + 5 + records.readUInt16BE(at + 3);
    const message = Buffer.concat([Buffer.from([11]), vector(vector(vector(der, 3), 3), 3)]);
    const isCertificate = records[at] === 22 && records[at + 5] === 11;
    sent.push(
      isCertificate ? Buffer.concat([records.subarray(at, at + 3), vector(message, 2)]) : records.subarray(at, end),
    );
    at = end;
  }
  return Buffer.concat(sent);
}
