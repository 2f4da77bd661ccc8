import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { useFakeTimers } from 'sinon';
import type { StartTls } from '../../src/model/certificates/handshake.ts';
import { tlsHandshaker } from '../../src/server/handshake.ts';

const endless = 'it sent too much data before TLS';
const tooMuch = 'it sent unexpected data before TLS';

/** What is said first, then what is said again and again, and what is made of it. */
type Row = readonly [what: string, startTls: StartTls, first: string, again: string, reason: string];

const hex = (digits: string) => Buffer.from(digits, 'hex').toString('latin1');
const confirm = hex('030000130ed000000000000200080002000000');

const rows: readonly Row[] = [
  ['a greeting of FTP of many lines', 'ftp', '', '220-welcome\r\n', endless],
  ['a line of FTP', 'ftp', '220 ', 'welcome ', endless],
  ['the answer to HOST', 'ftp', '220 welcome\r\n', '220-later\r\n', endless],
  ['the answer to AUTH TLS', 'ftp', '220 welcome\r\n500 what?\r\n', '234-soon\r\n', endless],
  ['a greeting of SMTP of many lines', 'smtp', '', '220-welcome\r\n', endless],
  ['a line of SMTP', 'smtp', '220 ', 'welcome ', endless],
  ['offers of SMTP', 'smtp', '220 welcome\r\n', '250-STARTTLS\r\n', endless],
  ['the answer to STARTTLS', 'smtp', '220 welcome\r\n250 STARTTLS\r\n', '220-soon\r\n', endless],
  ['junk at a port of LDAP', 'ldap', '', '\0junk', 'it does not speak LDAP'],
  ['a message of LDAP of four gigabytes', 'ldap', hex('3084ffffffff'), '\0', 'it does not speak LDAP'],
  ['messages of LDAP', 'ldap', '', hex('300c02010178070a010004000400'), tooMuch],
  ['junk at a port of Remote Desktop', 'rdp', '', '\0junk', 'it does not speak Remote Desktop'],
  ['a message of Remote Desktop of 64 KiB', 'rdp', hex('0300ffff'), '\0', 'it does not speak Remote Desktop'],
  ['answers of Remote Desktop', 'rdp', '', confirm, tooMuch],
];

/** Long before a message of its protocol is whole. */
const drips: readonly (readonly [StartTls, first: string, again: string])[] = [
  ['ftp', '220-', 'w'],
  ['smtp', '220-', 'w'],
  ['ldap', hex('30820fff'), '\0'],
  ['rdp', hex('03000fff'), '\0'],
];

/** Far more than a dialler takes, and far less than a server could say in the time. */
const mostSaidBytes = 1024 * 1024;

describe('a server that talks without an end before TLS', () => {
  let server: Server | null = null;
  afterEach(async () => {
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
    server = null;
  });

  /** What is made of a server that says one thing first, and another each time that `whenNext` calls back. */
  async function met(
    startTls: StartTls,
    { first, again, timeoutMs }: { readonly first: string; readonly again: string; readonly timeoutMs: number },
    whenNext: (say: () => void) => void,
  ) {
    let said: Promise<number> = Promise.resolve(0);
    server = createServer((socket) => {
      said = new Promise((resolve) => socket.once('close', () => resolve(socket.bytesWritten)));
      socket.on('error', () => undefined).resume();
      socket.write(first, 'latin1');
      function say(): void {
        if (socket.destroyed) return;
        socket.write(again, 'latin1');
        whenNext(say);
      }
      say();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const target = { reachable: true, host: '127.0.0.1', port } as const;
    const dial = tlsHandshaker({ dial: () => target }, { timeoutMs, attempts: 1 });
    const { handshake } = await dial({ address: '0.0.0.0', port, serverName: 'shop.example.com', startTls });
    return { ...handshake, saidBytes: await said };
  }

  for (const [what, startTls, first, again, reason] of rows) {
    it(`is left soon: ${what}`, async () => {
      const pages = again.repeat(Math.ceil(1024 / again.length));
      const told = { first, again: pages, timeoutMs: 60_000 };
      const seen = await met(startTls, told, setImmediate);
      assert.deepEqual([seen.result, seen.reason], ['unreachable', reason]);

      assert.ok(seen.saidBytes < mostSaidBytes, `${seen.saidBytes} bytes were said`);
    });
  }

  for (const [startTls, first, again] of drips) {
    it(`is left in time: a byte of ${startTls} now and then`, async () => {
      const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
      const told = { first, again, timeoutMs: 200 };
      const seen = await met(startTls, told, (say) => {
        clock.tick(5);
        setImmediate(say);
      }).finally(() => clock.restore());
      assert.deepEqual([seen.result, seen.reason], ['unreachable', 'no answer within 200 ms']);
      assert.ok(seen.saidBytes > first.length + 1, `${seen.saidBytes} bytes were said`);
    });
  }
});
