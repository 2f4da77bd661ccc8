import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Handshake } from '../../../src/certificates/handshake.ts';
import { openQuicListener } from '../../../src/lab/host/quic-front.ts';
import { tlsHandshaker } from '../../../src/server/handshake.ts';
import { needProgram } from '../../support/needed-program.ts';
import { endAll, freePort, makeCertificate } from '../../support/real-servers.ts';
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary-lab.ts';

// Another implementation of QUIC, with another library for TLS (GnuTLS).
describe('ngtcp2', () => {
  let folder: TemporaryFolder;
  const running: ReturnType<typeof spawn>[] = [];
  let old: ReturnType<typeof makeCertificate>;
  let renewed: typeof old;

  before(async function () {
    const untested = 'what a real server of QUIC answers';
    needProgram(this, { program: 'gtlsserver', asked: '--help', untested, from: 'ngtcp2-server' });
    needProgram(this, { program: 'gtlsclient', asked: '--help', untested, from: 'ngtcp2-client' });
    folder = await temporaryFolder();
    [old, renewed] = [makeCertificate(folder.path, 'old'), makeCertificate(folder.path, 'new')];
  });
  after(async () => {
    await endAll(running);
    await folder?.remove();
  });

  async function dial(options: readonly string[], files: typeof old): Promise<Handshake> {
    const port = await freePort();
    const words = [...options, '127.0.0.1', String(port), files.key, files.certificate];
    running.push(spawn('gtlsserver', ['-q', ...words], { stdio: 'ignore' }));
    // A client that comes too early is told so, and comes again.
    const limits = { timeoutMs: 20_000, attempts: 40 };
    const handshake = tlsHandshaker({ dial: () => ({ reachable: true, host: '127.0.0.1', port }) }, limits);
    return (await handshake({ address: '0.0.0.0', port, serverName: 'files.example.com', startTls: 'h3' })).handshake;
  }

  it('serves its certificate, and another one later', async () => {
    for (const made of [old, renewed]) assert.equal((await dial([], made)).thumbprint, made.thumbprint);
  });

  const ways: Readonly<Record<string, string>> = {
    'after a Retry': '--validate-addr',
    'although it asks for a certificate': '--verify-client',
    'with AES-256': '--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-256-GCM',
    'by P-256': '--groups=-GROUP-ALL:+GROUP-SECP256R1',
    'by P-384': '--groups=-GROUP-ALL:+GROUP-SECP384R1',
    'although a third of its datagrams is lost': '--tx-loss=0.3',
  };
  for (const [way, option] of Object.entries(ways)) {
    it(`serves its certificate ${way}`, async () => {
      const { thumbprint, reason } = await dial([option], renewed);
      assert.equal(thumbprint, renewed.thumbprint, reason ?? '');
    });
  }

  it('completes a handshake with a lab, as a client', async () => {
    const listener = await openQuicListener({
      host: '127.0.0.1',
      alpn: 'h3',
      welcome: async () => ({ do: 'serve', thumbprint: renewed.thumbprint, text: '' }),
      credentials: () => ({
        chain: readFileSync(renewed.certificate, 'utf8'),
        key: readFileSync(renewed.key, 'utf8'),
      }),
    });
    const words = ['--timeout=1s', '127.0.0.1', String(listener.localPort), 'https://files.example.com/'];
    const client = spawn('gtlsclient', words);
    running.push(client);
    let said = '';
    for (const stream of [client.stdout, client.stderr]) stream.on('data', (bytes) => (said += bytes));
    await new Promise((resolve) => client.once('close', resolve));
    await listener.close();
    assert.match(said, /QUIC handshake has completed/);
  });
});
