import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { implicitFtpPort } from '../../../src/kinds/ftp/ftp.ts';
import type { Observation } from '../../../src/model/certificates/handshake.ts';
import { tlsHandshaker } from '../../../src/server/handshake.ts';
import { needProgram } from '../../support/needed-program.ts';
import { endAll, freePort, listens, makeCertificate, ownServers } from '../../support/real-servers.ts';
import { newFolder } from '../../support/temporary-lab.ts';

const limits = { timeoutMs: 60_000, attempts: 1 };

function dial(port: number, serverName: string | null, explicit = true): Promise<Observation> {
  const handshake = tlsHandshaker({ dial: () => ({ reachable: true, host: '127.0.0.1', port }) }, limits);
  return handshake({ address: '0.0.0.0', port: 21, serverName, ...(explicit ? { startTls: 'ftp' } : {}) });
}

describe('asking FTP for TLS', () => {
  const { sockets, listen } = ownServers();

  /** A server that says `greeting`, and to each line what `answer` gives. Resolves with its port and what it received. */
  async function speaks(greeting: string, answer: (line: string) => string | null) {
    const received: string[] = [];
    const port = await listen((socket) => {
      socket.write(greeting);
      socket.on('data', (bytes) => {
        for (const line of bytes.toString('latin1').split('\r\n').filter(Boolean)) {
          received.push(line);
          const said = answer(line);
          if (said === null) socket.destroy();
          else socket.write(said);
        }
      });
    });
    return { port, received };
  }

  /** Every connection that was made is let go. */
  async function allClosed(): Promise<void> {
    assert.ok(sockets.size > 0);
    for (const socket of sockets) if (!socket.closed) await once(socket, 'close');
    sockets.clear();
  }

  const refusals: readonly (readonly [
    what: string,
    greeting: string,
    (line: string) => string | null,
    reason: RegExp,
  ])[] = [
    [
      'TLS is not allowed',
      '220 hello\r\n',
      () => '534 Local policy on server does not allow TLS\r\n',
      /AUTH TLS with 534/,
    ],
    ['the command is unknown', '220-hello\r\n220 there\r\n', () => '500 what?\r\n', /AUTH TLS with 500 what/],
    ['it is busy', '421 too many users\r\n', () => '', /greets with 421/],
    ['it hangs up', '220 hello\r\n', () => null, /closed/],
    ['it goes on after 234', '220 hello\r\n', () => '234 ok\r\n220 surprise\r\n', /unexpected data/],
    ['it talks without an end', `220-${'x'.repeat(70_000)}`, () => '', /too much data/],
  ];
  for (const [what, greeting, answer, reason] of refusals) {
    it(`ends with the server's words where ${what}`, async () => {
      const { port } = await speaks(greeting, answer);
      const { handshake } = await dial(port, null);
      assert.equal(handshake.result, 'unreachable');
      assert.match(handshake.reason ?? '', reason);
      await allClosed();
    });
  }

  it('names the host first where there is one, takes any answer to that, and says nothing of a user', async () => {
    const { port, received } = await speaks('220 hello\r\n', (line) =>
      line.startsWith('AUTH') ? '534 no\r\n' : '530 later\r\n',
    );
    await dial(port, 'files.example.com');
    assert.deepEqual(received, ['HOST files.example.com', 'AUTH TLS']);
  });

  it('is given up in time where nothing is said', async () => {
    const { port } = await speaks('', () => '');
    const handshake = tlsHandshaker(
      { dial: () => ({ reachable: true, host: '127.0.0.1', port }) },
      { timeoutMs: 200, attempts: 1 },
    );
    const { handshake: seen } = await handshake({ address: '0.0.0.0', port: 21, serverName: null, startTls: 'ftp' });
    assert.match(seen.reason ?? '', /no answer within/);
    await allClosed();
  });
});

describe('a real vsftpd', () => {
  const folder = newFolder();
  const running: ReturnType<typeof spawn>[] = [];
  before(async function () {
    needProgram(this, { program: 'vsftpd', asked: '-v', untested: 'what a real FTP server answers' });
  });
  after(() => endAll(running));

  async function vsftpd(files: ReturnType<typeof makeCertificate>, implicit: boolean): Promise<number> {
    const port = await freePort();
    const configuration = join(folder, `vsftpd-${port}.conf`);
    const settings = {
      listen: 'YES',
      listen_address: '127.0.0.1',
      listen_port: port,
      background: 'NO',
      ssl_enable: 'YES',
      implicit_ssl: implicit ? 'YES' : 'NO',
      rsa_cert_file: files.certificate,
      rsa_private_key_file: files.key,
      seccomp_sandbox: 'NO',
      secure_chroot_dir: folder,
      anonymous_enable: 'NO',
      local_enable: 'YES',
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    writeFileSync(configuration, `${lines.join('\n')}\n`);
    const process = spawn('vsftpd', [configuration], { stdio: ['ignore', 'inherit', 'inherit'] });
    running.push(process);
    await listens(port, process);
    return port;
  }

  for (const implicit of [false, true]) {
    it(`serves its certificate ${implicit ? `at once, as at port ${implicitFtpPort}` : 'after AUTH TLS, and does not know HOST'}`, async () => {
      for (const name of ['before', 'after']) {
        const made = makeCertificate(folder, `${name}-${implicit}`);
        const port = await vsftpd(made, implicit);
        const { handshake, covers } = await dial(port, 'files.example.com', !implicit);
        assert.deepEqual(
          [handshake.result, handshake.thumbprint, covers],
          ['served', made.thumbprint, true],
          handshake.reason ?? '',
        );
      }
    });
  }
});
