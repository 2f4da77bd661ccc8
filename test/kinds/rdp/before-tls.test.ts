import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Observation } from '../../../src/model/certificates/handshake.ts';
import { tlsHandshaker } from '../../../src/server/handshake.ts';
import { needProgram } from '../../support/needed-program.ts';
import { endAll, freePort, listens, makeCertificate, ownServers } from '../../support/real-servers.ts';
import { newFolder } from '../../support/temporary-lab.ts';

function dial(port: number): Promise<Observation> {
  const limits = { timeoutMs: 60_000, attempts: 1 };
  const handshake = tlsHandshaker({ dial: () => ({ reachable: true, host: '127.0.0.1', port }) }, limits);
  return handshake({ address: '0.0.0.0', port: 3389, serverName: null, startTls: 'rdp' });
}

describe('asking Remote Desktop for TLS', () => {
  const { listen } = ownServers();

  /** What a server that answers the connection request with these bytes is taken for, and what it received. */
  async function answering(hex: string | null) {
    let received = '';
    const port = await listen((socket) =>
      socket.once('data', (bytes) => {
        received = bytes.toString('hex');
        if (hex === null) socket.destroy();
        else socket.write(Buffer.from(hex, 'hex'));
      }),
    );
    const { handshake } = await dial(port);
    return { ...handshake, received };
  }

  const refusals: readonly (readonly [what: string, hex: string | null, reason: RegExp])[] = [
    ['no certificate can be used', '030000130ed000000000000300080003000000', /it has no usable certificate/],
    [
      'no certificate can be used, and more is said',
      '030000130ed0000000000003000800030000000300',
      /it has no usable certificate/,
    ],
    ['TLS is not allowed', '030000130ed000000000000300080002000000', /does not allow TLS/],
    ['more than TLS is wanted', '030000130ed000000000000300080005000000', /network level authentication/],
    ['standard security is selected', '030000130ed000000000000200080000000000', /no TLS there/],
    ['the answer has no negotiation', '0300000b06d00000000000', /no TLS there/],
    ['it hangs up', null, /closed/],
    ['it is another protocol', '485454502f312e3120343030', /does not speak Remote Desktop/],
    ['it goes on after the answer', '030000130ed000000000000200080002000000ff', /unexpected data/],
  ];
  for (const [what, hex, reason] of refusals) {
    it(`ends with a reason where ${what}`, async () => {
      const { result, reason: said, received } = await answering(hex);
      assert.equal(result, 'unreachable');
      assert.match(said ?? '', reason);
      // TLS and CredSSP together, and no name of a user.
      assert.equal(received, '030000130ee000000000000100080003000000');
    });
  }
});

describe('a real xrdp', () => {
  const folder = newFolder();
  const running: ReturnType<typeof spawn>[] = [];
  before(async function () {
    needProgram(this, {
      program: 'xrdp',
      asked: '--version',
      untested: 'what a real server of Remote Desktop answers',
    });
  });
  after(() => endAll(running));

  async function xrdp(settings: Readonly<Record<string, string>>): Promise<number> {
    const port = await freePort();
    const file = join(folder, `xrdp-${port}.ini`);
    const wanted: Readonly<Record<string, string>> = { port: `tcp://127.0.0.1:${port}`, ...settings };
    const written = readFileSync('/etc/xrdp/xrdp.ini', 'utf8');
    // Only the first part is the server's; the others are sessions that nobody opens.
    const [globals = '', ...sessions] = written.split(/^(?=\[(?!Globals))/m);
    const changed = Object.entries(wanted).reduce(
      (text, [name, value]) => text.replace(new RegExp(`^;?${name}=.*$`, 'm'), () => `${name}=${value}`),
      globals,
    );
    writeFileSync(file, changed + sessions.join(''));
    const process = spawn('xrdp', ['--nodaemon', '--config', file], { stdio: 'ignore' });
    running.push(process);
    await listens(port, process);
    return port;
  }

  it('serves its certificate, the old one and then the new one', async () => {
    for (const name of ['before', 'after']) {
      const { certificate, key, thumbprint } = makeCertificate(folder, name);
      const port = await xrdp({ security_layer: 'tls', certificate, key_file: key });
      const { handshake } = await dial(port);
      assert.deepEqual([handshake.result, handshake.thumbprint], ['served', thumbprint], handshake.reason ?? '');
    }
  });

  it('is told from one without a certificate, and from one without TLS', async () => {
    const nothing = join(folder, 'nothing.pem');
    const bare = await dial(await xrdp({ security_layer: 'tls', certificate: nothing, key_file: nothing }));
    assert.match(bare.handshake.reason ?? '', /it has no usable certificate/);
    const { certificate, key } = makeCertificate(folder, 'unused');
    const plain = await dial(await xrdp({ security_layer: 'rdp', certificate, key_file: key }));
    assert.match(plain.handshake.reason ?? '', /no TLS there/);
  });
});
