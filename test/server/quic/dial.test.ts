import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import type { Observation, OverQuic } from '../../../src/certificates/handshake.ts';
import { issueLeaf, makeAuthority } from '../../../src/lab/host/authority.ts';
import { toPem } from '../../../src/lab/host/pem.ts';
import { openQuicListener, type QuicListener } from '../../../src/lab/host/quic-front.ts';
import { ecTestKeys, rsaTestKeys } from '../../../src/lab/host/test-keys.generated.ts';
import type { Welcome } from '../../../src/lab/host/welcome.ts';
import { tlsHandshaker } from '../../../src/server/handshake.ts';

const [rootKey = '', issuingKey = '', shopKey = '', otherKey = ''] = ecTestKeys;

/** A relay between a dialler and a server that may keep datagrams to itself, and answer instead. */
type Between = (datagram: Buffer, from: 'client' | 'server', count: number) => Buffer | 'pass' | 'lost';

describe('a handshake over QUIC', () => {
  const opened: { close(): unknown }[] = [];
  let chain: string;
  let rsaChain: string;
  let thumbprint: string;
  let rsaThumbprint: string;

  before(async () => {
    const notBefore = new Date();
    const notAfter = new Date(notBefore.getTime() + 3_600_000);
    const authority = await makeAuthority('QUIC tests', rootKey, issuingKey, notBefore);
    const issue = (key: string) =>
      issueLeaf(authority, { names: ['files.example.com'], notBefore, notAfter, ekus: null, key });
    const [ec, rsa] = [await issue(shopKey), await issue(rsaTestKeys[0] ?? '')];
    const withIssuers = (leaf: Buffer) => [leaf, authority.intermediate].map(toPem).join('');
    [chain, rsaChain] = [withIssuers(ec.der), withIssuers(rsa.der)];
    [thumbprint, rsaThumbprint] = [ec.thumbprint, rsa.thumbprint];
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
  });

  interface Served {
    readonly welcome?: Welcome;
    readonly key?: string;
    readonly chain?: string;
    readonly asked?: (string | null)[];
  }

  async function server({ welcome, key = shopKey, chain: sent = chain, asked = [] }: Served): Promise<QuicListener> {
    const listener = await openQuicListener({
      host: '127.0.0.1',
      alpn: 'smb',
      async welcome(serverName) {
        asked.push(serverName);
        return welcome ?? { do: 'serve', thumbprint, text: '' };
      },
      credentials: () => ({ chain: sent, key }),
    });
    opened.push(listener);
    return listener;
  }

  interface Asked {
    readonly serverName?: string | null;
    readonly startTls?: OverQuic;
    readonly timeoutMs?: number;
  }

  function dial(
    port: number,
    { serverName = 'files.example.com', startTls = 'smb', timeoutMs = 10_000 }: Asked = {},
  ): Promise<Observation> {
    const limits = { timeoutMs, attempts: 1 };
    const handshake = tlsHandshaker({ dial: () => ({ reachable: true, host: '127.0.0.1', port }) }, limits);
    return handshake({ address: '0.0.0.0', port: 443, serverName, startTls });
  }

  async function socket(): Promise<{ readonly socket: Socket; readonly port: number }> {
    const bound = createSocket('udp4').bind(0, '127.0.0.1');
    await once(bound, 'listening');
    opened.push({ close: () => bound.close() });
    return { socket: bound, port: bound.address().port };
  }

  async function relay(to: number, between: Between): Promise<number> {
    const [front, back] = [await socket(), await socket()];
    let client = 0;
    const seen = { client: 0, server: 0 };
    const pass = (datagram: Buffer, from: 'client' | 'server', onward: () => void, back: (answer: Buffer) => void) => {
      const decided = between(datagram, from, ++seen[from]);
      if (decided === 'pass') onward();
      else if (decided !== 'lost') back(decided);
    };
    front.socket.on('message', (datagram, { port }) => {
      client = port;
      pass(
        datagram,
        'client',
        () => back.socket.send(datagram, to, '127.0.0.1'),
        (answer) => front.socket.send(answer, port, '127.0.0.1'),
      );
    });
    back.socket.on('message', (datagram) => {
      const onward = (bytes: Buffer) => front.socket.send(bytes, client, '127.0.0.1');
      pass(datagram, 'server', () => onward(datagram), onward);
    });
    return front.port;
  }

  it('tells which certificate is served, what is sent along, and whether it covers the name', async () => {
    const { handshake, covers } = await dial((await server({})).localPort);
    assert.deepEqual(
      [handshake.result, handshake.thumbprint, covers],
      ['served', thumbprint, true],
      handshake.reason ?? '',
    );
    assert.equal(handshake.sent?.issuers.length, 1);
    assert.equal((await dial((await server({})).localPort, { serverName: 'other.example.com' })).covers, false);
  });

  it('verifies a signature by RSA', async () => {
    const { localPort } = await server({ key: rsaTestKeys[0] ?? '', chain: rsaChain });
    assert.equal((await dial(localPort)).handshake.thumbprint, rsaThumbprint);
  });

  it('asks for the name, and for none where there is none or it is an address', async () => {
    const asked: (string | null)[] = [];
    const { localPort } = await server({ asked });
    for (const serverName of ['files.example.com', null, '192.0.2.1']) await dial(localPort, { serverName });
    assert.deepEqual(asked, ['files.example.com', null, null]);
  });

  it('is none with a server that has the certificate and another key', async () => {
    const { handshake } = await dial((await server({ key: otherKey })).localPort);
    assert.deepEqual([handshake.result, handshake.thumbprint], ['unreachable', null]);
    assert.match(handshake.reason ?? '', /does not have the private key of the certificate/);
  });

  it('tells a server that does not speak the protocol', async () => {
    const { handshake } = await dial((await server({})).localPort, { startTls: 'h3' });
    assert.match(handshake.reason ?? '', /does not know the protocol/);
  });

  it('tells a server that refuses', async () => {
    const { handshake } = await dial((await server({ welcome: { do: 'refuse' } })).localPort);
    assert.match(handshake.reason ?? '', /it closed the connection: handshake failure/);
  });

  it('is given up in time where nothing is answered', async () => {
    const { handshake } = await dial((await server({ welcome: { do: 'hang' } })).localPort, { timeoutMs: 100 });
    assert.match(handshake.reason ?? '', /no answer within 100 ms/);
  });

  it('tells a port that nobody listens on', async () => {
    const { socket: bound, port } = await socket();
    opened.pop();
    const closed = once(bound, 'close');
    bound.close();
    await closed;
    // Windows tells a client of QUIC nothing, so that it waits.
    const { handshake } = await dial(port, { timeoutMs: 500 });
    assert.equal(handshake.result, process.platform === 'win32' ? 'unreachable' : 'not-listening');
  });

  it('closes its connection, and says so', async () => {
    const { localPort } = await server({});
    const sent = { client: 0, server: 0 };
    const told = new EventEmitter();
    const port = await relay(localPort, (_, from) => {
      sent[from]++;
      told.emit('sent');
      return 'pass';
    });
    await dial(port);
    // The first packet of the client is a question, each other one an answer, and the last of these its farewell.
    while (sent.client < sent.server + 1) await once(told, 'sent');
    assert.equal(sent.client, sent.server + 1);
  });

  it('survives the loss of a datagram of either side', async () => {
    for (const lost of ['client', 'server'] as const) {
      const { localPort } = await server({});
      const port = await relay(localPort, (_, from, count) => (from === lost && count === 1 ? 'lost' : 'pass'));
      assert.equal((await dial(port)).handshake.thumbprint, thumbprint, lost);
    }
  });

  it('is not disturbed by datagrams that are none of its server', async () => {
    const { localPort } = await server({});
    const port = await relay(localPort, (_, from, count) =>
      from === 'client' && count === 1 ? Buffer.from('HTTP/1.1 400') : 'pass',
    );
    assert.equal((await dial(port)).handshake.thumbprint, thumbprint);
  });

  it('tells a server that speaks other versions only', async () => {
    const other = Buffer.from(`8000000000${'00'}${'00'}6b3343cf`, 'hex');
    const { localPort } = await server({});
    const { handshake } = await dial(await relay(localPort, () => other));
    assert.match(handshake.reason ?? '', /does not speak version 1 of QUIC/);
  });

  it('heeds no Retry that somebody made who has not seen its packet', async () => {
    const forged = Buffer.from('ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba', 'hex');
    const { localPort } = await server({});
    const destinations = new Set<string>();
    const port = await relay(localPort, (datagram, from, count) => {
      if (from !== 'client') return 'pass';
      if (count <= 2) destinations.add(datagram.subarray(5, 14).toString('hex'));
      return count === 1 ? forged : 'pass';
    });
    assert.equal((await dial(port)).handshake.thumbprint, thumbprint);
    assert.equal(destinations.size, 1);
  });
});
