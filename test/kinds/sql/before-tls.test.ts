import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { packets, strictProtocol } from '../../../src/kinds/sql/before-tls.ts';
import { tlsHandshaker } from '../../../src/server/handshake.ts';
import { makeCertificate, ownServers } from '../../support/real-servers.ts';
import { newFolder } from '../../support/temporary-lab.ts';

describe('asking SQL Server for TLS', () => {
  const { listen } = ownServers();

  /** What a server that answers the first bytes of each connection so is taken for, and what those were. */
  async function answering(answer: (socket: Socket, first: Buffer) => void) {
    const received: Buffer[] = [];
    const port = await listen((socket) =>
      socket.once('data', (first) => {
        received.push(first);
        answer(socket, first);
      }),
    );
    const limits = { timeoutMs: 60_000, attempts: 1 };
    const dial = tlsHandshaker({ dial: () => ({ reachable: true, host: '127.0.0.1', port }) }, limits);
    const { handshake } = await dial({ address: '0.0.0.0', port: 1433, serverName: null, startTls: 'tds' });
    return { ...handshake, received };
  }

  const prelogin = (encryption: number) =>
    packets(Buffer.from([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, encryption]), 4);
  const refusals: readonly (readonly [what: string, answer: Buffer | null])[] = [
    ['it has no TLS', prelogin(2)],
    ['it is another protocol', Buffer.from('HTTP/1.1 400\r\n\r\n')],
    ['its options lack the encryption', packets(Buffer.from([0, 0, 6, 0, 0, 0xff]), 4)],
    ['it hangs up', null],
  ];
  for (const [what, answer] of refusals) {
    it(`asks once more, in the way of TDS 8, where ${what}, and takes it for unreachable`, async () => {
      const { result, received } = await answering((socket) =>
        answer === null ? socket.destroy() : socket.end(answer),
      );
      assert.equal(result, 'unreachable');
      assert.deepEqual(
        received.map((bytes) => bytes[0]),
        [0x12, 0x16],
      );
      assert.ok(received[1]?.includes(strictProtocol));
    });
  }

  it('gets the certificate of one that speaks TDS 8 only', async () => {
    const folder = newFolder();
    const made = makeCertificate(folder, 'strict');
    const [cert, key] = [made.certificate, made.key].map((file) => readFileSync(file));
    const { result, thumbprint, received } = await answering((socket, first) => {
      if (first[0] === 0x12) socket.destroy();
      else {
        socket.pause();
        socket.unshift(first);
        new TLSSocket(socket, { isServer: true, cert, key, ALPNProtocols: [strictProtocol] }).on(
          'error',
          () => undefined,
        );
      }
    });
    assert.deepEqual([result, thumbprint, received.length], ['served', made.thumbprint, 2]);
  });
});
