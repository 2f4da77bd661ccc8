import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Endpoint } from '../../../src/certificates/handshake.ts';
import { type LabServer, openLabServer } from '../../../src/lab/client/lab-server.ts';
import { type OpenLab, openLab } from '../../../src/lab/host/channel.ts';
import { sampleSstpPort } from '../../../src/lab/host/sample-roles.ts';
import { type ServingLab, serveLab } from '../../../src/lab/host/serve.ts';
import { tlsHandshaker } from '../../../src/server/handshake.ts';
import { needProgram } from '../../support/needed-program.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

const endpoint: Endpoint = { address: '0.0.0.0', port: sampleSstpPort, serverName: null, startTls: 'sstp' };
const negotiates = 'Started PPP Link Negotiation';

describe('a client of SSTP that others wrote, at a served lab', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let serving: ServingLab;
  let { server }: Partial<LabServer> = {};
  let client: OpenLab;
  before(async function () {
    needProgram(this, { program: 'sstpc', asked: '--version', untested: 'the answers of SSTP', from: 'sstp-client' });
    lab = await temporaryLab({ holders: true });
    serving = await serveLab(lab.folder);
    ({ server } = await openLabServer(lab.folder));
    client = await openLab(lab.folder);
  });
  after(async () => {
    await client?.close();
    await server?.close();
    await serving?.close();
    await lab?.remove();
  });

  async function dialled() {
    assert.ok(server !== undefined);
    const { handshake } = await tlsHandshaker(server, { timeoutMs: 5000, attempts: 1 })(endpoint);
    return [handshake.result, handshake.reason];
  }

  /** What it says until it asks for PPP, which this machine need not have, or until it gives up. */
  async function asked(): Promise<string> {
    const target = server?.dial(endpoint);
    assert.ok(target?.reachable === true);
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
    const started = spawn('sstpc', [...words, `${target.host}:${target.port}`], { stdio: ['pipe', 'ignore', 'pipe'] });
    started.stderr.on('data', (said: Buffer) => {
      if (said.includes(negotiates)) started.stdin.end();
    });
    return text(started.stderr);
  }

  it('takes what it is answered for a server that is ready for PPP, as our own question does', async () => {
    const said = await asked();
    assert.match(said, /TYPE\(2\): CONNECT ACK/);
    assert.ok(said.includes(negotiates), said);
    assert.deepEqual(await dialled(), ['served', null]);
  });

  for (const position of ['404', '503', 'reset'])
    it(`gives up where SSTP does not listen (${position}), as our own question does`, async () => {
      for (const [name, to] of [
        ['sstp-down-status', position],
        ['sstp-ports-full', 'full'],
      ] as const)
        await client.ask({ ask: 'lab', request: { kind: 'set-switch', name, position: to } });
      const said = await asked();
      assert.doesNotMatch(said, /CONNECT ACK/);
      const [result, reason] = await dialled();
      assert.equal(result, 'unreachable');
      assert.match(
        reason ?? '',
        position === 'reset' ? /closed|reset/i : new RegExp(`SSTP answers HTTP/1\\.1 ${position}`),
      );
    });
});
