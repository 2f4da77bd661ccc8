import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import type { StartTls } from '../../../src/model/certificates/handshake.ts';
import { tlsHandshaker } from '../../../src/server/handshake.ts';

/** Answers in the bytes of each server, in turn; `null` hangs up. */
type Answers = readonly (Buffer | null)[];

const hex = (digits: string) => Buffer.from(digits, 'hex');
const text = (words: string) => Buffer.from(words, 'latin1');

describe('asking LDAP and SMTP for TLS', () => {
  let server: Server | null = null;
  const sockets = new Set<Socket>();
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await endServer();
  });

  async function endServer(): Promise<void> {
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
    server = null;
  }

  /** What a server that says the first at once or to the first bytes, then one for each message, is taken for. */
  async function met(startTls: StartTls, said: Answers, timeoutMs = 60_000) {
    let received = '';
    const greets = startTls === 'smtp';
    server = createServer((socket) => {
      const left = [...said];
      const next = () => {
        const words = left.shift();
        if (words === null) socket.destroy();
        else if (words !== undefined) socket.write(words);
      };
      sockets.add(socket);
      socket
        .on('error', () => undefined)
        .on('data', (bytes) => {
          received += bytes.toString('latin1');
          next();
        });
      if (greets) next();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const handshake = tlsHandshaker(
      { dial: () => ({ reachable: true, host: '127.0.0.1', port }) },
      { timeoutMs, attempts: 1 },
    );
    const { handshake: seen } = await handshake({ address: '0.0.0.0', port: 1, serverName: null, startTls });
    for (const socket of sockets) if (!socket.closed) await once(socket, 'close');
    await endServer();
    return { ...seen, received };
  }

  const greeting = text('220-mail\r\n220 there\r\n');
  const offers = text('250-mail\r\n250-STARTTLS\r\n250 HELP\r\n');
  const refusals: readonly (readonly [string, StartTls, Answers, RegExp])[] = [
    ['LDAP has no certificate', 'ldap', [hex('300c02010178070a013404000400')], /has no usable certificate/],
    [
      'LDAP knows no such request, in long lengths',
      'ldap',
      [hex('30840000001002010178840000000 70a010204000400'.replace(' ', ''))],
      /protocol error/,
    ],
    ['LDAP answers something else', 'ldap', [hex('300c02010161070a010004000400')], /does not speak LDAP/],
    ['LDAP is HTTP', 'ldap', [text('HTTP/1.1 400 Bad Request\r\n\r\n')], /does not speak LDAP/],
    ['LDAP says that it will talk without an end', 'ldap', [hex('3084ffffffff')], /does not speak LDAP/],
    ['LDAP hangs up', 'ldap', [null], /closed/],
    ['LDAP goes on after its answer', 'ldap', [hex('300c02010178070a01000400040000')], /unexpected data/],
    ['SMTP greets with an error', 'smtp', [text('554 no\r\n')], /greets with 554/],
    ['SMTP offers no TLS', 'smtp', [greeting, text('250-mail\r\n250 HELP\r\n')], /does not offer STARTTLS/],
    [
      'SMTP refuses TLS now',
      'smtp',
      [greeting, offers, text('454 TLS not available\r\n')],
      /answers STARTTLS with 454/,
    ],
    ['SMTP goes on after 220', 'smtp', [greeting, offers, text('220 ready\r\n250 surprise\r\n')], /unexpected data/],
    ['SMTP talks without an end', 'smtp', [text(`220-${'x'.repeat(70_000)}`)], /too much data/],
  ];
  for (const [what, startTls, said, reason] of refusals) {
    it(`ends with a reason where ${what}`, async () => {
      const { result, reason: why } = await met(startTls, said);
      assert.equal(result, 'unreachable');
      assert.match(why ?? '', reason);
    });
  }

  it('names nobody, and says nothing but what asks for TLS', async () => {
    assert.equal((await met('smtp', [greeting, offers, null])).received, 'EHLO localhost\r\nSTARTTLS\r\n');
    const { received } = await met('ldap', [null]);
    assert.equal(
      Buffer.from(received, 'latin1').toString('hex'),
      '301d02010177188016312e332e362e312e342e312e313436362e3230303337',
    );
  });

  it('are given up in time where nothing is said', async () => {
    for (const startTls of ['ldap', 'smtp'] as const)
      assert.match((await met(startTls, [], 200)).reason ?? '', /no answer within/);
  });

  it('end, whatever is said', async () => {
    const bytes = fc.uint8Array({ maxLength: 64 }).map((some) => Buffer.from(some));
    const likely = fc.constantFrom(greeting, offers, hex('300c02010178070a010004000400'), hex('3002'), text('250 '));
    const said = fc.array(fc.oneof(bytes, likely), { maxLength: 4 }).map((all): Answers => [...all, null]);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom<StartTls>('ldap', 'smtp'), said, async (startTls, words) => {
        const { result, reason } = await met(startTls, words, 100);
        assert.equal(result, 'unreachable');
        assert.notEqual(reason, null);
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });
});
