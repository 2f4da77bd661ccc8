import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { sampleSstpPort } from '../../../src/lab/host/sample-roles.ts';
import type { Endpoint } from '../../../src/model/certificates/handshake.ts';
import { needProgram } from '../../support/needed-program.ts';
import { serveRoles } from '../served-roles.ts';

const endpoint: Endpoint = { address: '0.0.0.0', port: sampleSstpPort, serverName: null, startTls: 'sstp' };
const negotiates = 'Started PPP Link Negotiation';

describe('a client of SSTP that others wrote, at a served lab', () => {
  let roles: Awaited<ReturnType<typeof serveRoles>>;
  before(async function () {
    needProgram(this, { program: 'sstpc', asked: '--version', untested: 'the answers of SSTP', from: 'sstp-client' });
    roles = await serveRoles();
  });
  after(() => roles?.close());

  /** What it says until it asks for PPP, which this machine need not have, or until it gives up. */
  async function asked(): Promise<string> {
    const words = [
      '--nolaunchpppd',
      '--cert-warn',
      '--log-stderr',
      '--log-level',
      '5',
      '--user',
      'a',
      '--password',
      'b',
    ];
    const started = spawn('sstpc', [...words, roles.target(endpoint)], { stdio: ['pipe', 'ignore', 'pipe'] });
    started.stderr.on('data', (said: Buffer) => {
      if (said.includes(negotiates)) started.stdin.end();
    });
    return text(started.stderr);
  }

  it('takes what it is answered for a server that is ready for PPP, as our own question does', async () => {
    // Seen once to give up before its first word to the server, while every core was busy.
    const first = await asked();
    const said = first.includes('terminated unsuccessfully') ? await asked() : first;
    assert.match(said, /TYPE\(2\): CONNECT ACK/);
    assert.ok(said.includes(negotiates), said);
    assert.deepEqual(await roles.dialled(endpoint), ['served', null]);
  });

  for (const position of ['404', '503', 'reset'])
    it(`gives up where SSTP does not listen (${position}), as our own question does`, async () => {
      for (const [name, to] of [
        ['sstp-down-status', position],
        ['sstp-ports-full', 'full'],
      ] as const)
        await roles.perform({ kind: 'set-switch', name, position: to });
      const said = await asked();
      assert.doesNotMatch(said, /CONNECT ACK/);
      const [result, reason] = await roles.dialled(endpoint);
      assert.equal(result, 'unreachable');
      assert.match(
        reason ?? '',
        position === 'reset' ? /closed|reset/i : new RegExp(`SSTP answers HTTP/1\\.1 ${position}`),
      );
    });
});
