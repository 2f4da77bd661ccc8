import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { recordsOf } from '../../../src/kinds/holder.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import { openLabServer } from '../../../src/lab/client/lab-server.ts';
import { ChannelSilent } from '../../../src/lab/client/server-over-channel.ts';
import { type OpenLab, openLab } from '../../../src/lab/host/channel.ts';
import type { LabCreated } from '../../../src/lab/host/create.ts';
import { readOwner } from '../../../src/lab/host/owner.ts';
import { type ServingLab, serveLab } from '../../../src/lab/host/serve.ts';
import type { LabRequest } from '../../../src/lab/kernel/requests.ts';
import { parseThumbprint, type Thumbprint } from '../../../src/model/certificates/thumbprint.ts';
import { tlsHandshaker } from '../../../src/server/handshake.ts';
import type { Server } from '../../../src/server/server.ts';
import { swapOf } from '../../builders/changes.ts';
import { readRecords } from '../../support/read-records.ts';
import { shakeHands, temporaryLab } from '../../support/temporary-lab.ts';

describe('lab serve', () => {
  let lab: LabCreated & { remove(): Promise<void> };
  let serving: ServingLab;
  let server: Server;
  let client: OpenLab;
  let first: Thumbprint;
  let second: Thumbprint;

  beforeEach(async () => {
    lab = await temporaryLab();
    serving = await serveLab(lab.folder);
    ({ server } = await openLabServer(lab.folder));
    client = await openLab(lab.folder);
    [first, second] = [thumbprintAt(0), thumbprintAt(1)];
  });
  afterEach(async () => {
    await client.close();
    await server.close();
    await serving.close();
    await lab.remove();
  });

  describe('the wire', () => {
    it('with a listen list nothing answers but its address, for the sites of any address too', async () => {
      await client.ask({ ask: 'lab', request: { kind: 'set-switch', name: 'listen-list', position: 'one-address' } });
      await server.close();
      ({ server } = await openLabServer(lab.folder));
      assert.equal(await shake('192.0.2.77', 443, 'shop.example.com'), first);
      assert.equal(await shake('192.0.2.77', 8443, null), second);
      for (const address of ['0.0.0.0', '192.0.2.10', '2001:db8::20']) {
        assert.notEqual(await shake(address, 443, null), first, address);
      }
    });

    it('every reachable record answers with the certificate that it names', async () => {
      const expected: readonly (readonly [address: string, port: number, name: string | null, thumbprint: string])[] = [
        ['*', 443, 'intranet.example.net', first],
        ['0.0.0.0', 443, 'shop.example.com', first],
        ['0.0.0.0', 443, 'www.example.net', first],
        ['0.0.0.0', 443, 'portal.example.net', first],
        ['0.0.0.0', 443, 'api.example.org', second],
        ['0.0.0.0', 443, 'anything.apps.example.com', first],
        ['0.0.0.0', 9443, 'admin.example.net', first],
        ['192.0.2.10', 443, 'pay.example.net', first],
        ['0.0.0.0', 8443, null, second],
        ['0.0.0.0', 10443, null, first],
      ];
      for (const [address, port, name, thumbprint] of expected) {
        assert.equal(await shake(address, port, name), thumbprint, `${address}:${port} ${name}`);
      }
    });

    it('the central store answers by its file', async () => {
      const served = await shake('0.0.0.0', 8445, 'central.example.com');
      assert.match(served, /^[0-9A-F]{40}$/);
      assert.ok(![first, second].includes(parseThumbprint(served, 'served')));
    });

    it('an IPv6 address answers on ::1, or says that this machine has none', async () => {
      const target = server.dial({ address: '2001:DB8:0::20', port: 443, serverName: null });
      if (hasIpv6Loopback()) assert.equal(await shakeHands(target, null), first);
      else assert.ok(!target.reachable && target.reason.includes('::1'), JSON.stringify(target));
    });

    it('what is no TLS is turned away, and the listener lives on', async () => {
      const target = server.dial({ address: '0.0.0.0', port: 443, serverName: null });
      assert.ok(target.reachable);
      const socket = connectSocket(target.port, target.host);
      socket.on('error', () => undefined);
      socket.resume().write('GET / HTTP/1.1\r\n\r\n');
      await once(socket, 'close');
      assert.equal(await shake('0.0.0.0', 443, null), first);
    });

    it('an address that nobody listens on cannot be dialled', () => {
      const target = server.dial({ address: '0.0.0.0', port: 4711, serverName: null });
      assert.deepEqual(target.reachable, false);
    });
  });

  describe('changes', () => {
    it('the handshake that follows a swap shows the new certificate, there and nowhere else', async () => {
      const renewed = await client.ask({ ask: 'renew', options: { thumbprint: first } });
      const [report] = await swap('www.example.net:443', 'Public Web', '*:443:www.example.net', renewed.new);
      assert.equal(report?.error, null);
      assert.equal(await shake('0.0.0.0', 443, 'www.example.net'), renewed.new);
      assert.equal(await shake('0.0.0.0', 443, 'shop.example.com'), first);
    });

    it('a certificate is sent with the intermediates of the store, and without one that is missing there', async () => {
      await perform({ kind: 'set-switch', name: 'renewal-issuer', position: 'missing' });
      const renewed = await client.ask({ ask: 'renew', options: { thumbprint: first } });
      await perform({ kind: 'set-switch', name: 'renewal-issuer', position: 'stored' });
      await swap('www.example.net:443', 'Public Web', '*:443:www.example.net', renewed.new);
      const dial = tlsHandshaker(server, { timeoutMs: 60_000, attempts: 1 });
      const upTo = async (serverName: string) =>
        (await dial({ address: '0.0.0.0', port: 443, serverName })).handshake.sent?.upTo;
      const names = ['www.example.net', 'shop.example.com'];
      const root = 'CN=LAB-WEB01 Root (lab)';
      assert.deepEqual(await Promise.all(names.map(upTo)), [root, root]);
      await perform({ kind: 'set-switch', name: 'renewal-issuer', position: 'missing' });
      assert.deepEqual(await Promise.all(names.map(upTo)), ['CN=LAB-WEB01 Issuing 2 (lab)', root]);
      await perform({ kind: 'set-switch', name: 'renewal-issuer', position: 'stored' });
      assert.equal(await upTo('www.example.net'), root);
    });

    it('no handshake fails while a record is swapped to and fro', async () => {
      const renewed = await client.ask({ ask: 'renew', options: { thumbprint: first, archiveOld: false } });
      const allowed = [first, renewed.new];
      let swapping = true;
      const visitors = Promise.all(
        [1, 2, 3].map(async () => {
          let visits = 0;
          while (swapping) {
            const served = await shake('0.0.0.0', 443, 'www.example.net');
            assert.ok(allowed.includes(served), served);
            visits += 1;
          }
          return visits;
        }),
      );
      for (let at = 0; at < 20; at++) {
        await swap('www.example.net:443', 'Public Web', '*:443:www.example.net', allowed[(at + 1) % 2] ?? '');
      }
      swapping = false;
      assert.ok((await visitors).every((visits) => visits > 0));
    });

    it('two clients at once see one state, and every change of both is kept', async () => {
      const other = await openLab(lab.folder);
      const texts = Array.from({ length: 20 }, (_, at) => `${at}`);
      await Promise.all(texts.map((text, at) => (at % 2 === 0 ? client : other).send(applicationEntry(text))));
      await other.close();
      const entries = (await stateOf(client)).applicationLog.entries.map(({ text }) => text);
      assert.deepEqual([...entries].sort(), [...texts].sort());
    });

    it('a change is in the folder before its answer comes', async () => {
      await perform(applicationEntry('durable'));
      assert.match(await readFile(join(lab.folder, 'lab.json'), 'utf8'), /"durable"/);
    });

    it('what was changed is still so after the lab was served anew', async () => {
      const renewed = await client.ask({ ask: 'renew', options: { thumbprint: first } });
      await swap('www.example.net:443', 'Public Web', '*:443:www.example.net', renewed.new);
      await serving.close();
      serving = await serveLab(lab.folder);
      assert.equal((await server.snapshot()).lifecycle.events.length, 2);
      assert.equal(await shake('0.0.0.0', 443, 'www.example.net'), renewed.new);
    });
  });

  describe('faults', () => {
    it('a refused handshake is one handshake, though it names a server', async () => {
      await perform({
        kind: 'arm-fault',
        fault: { on: { kind: 'connect' }, nth: 2, times: 1, effect: { do: 'refuse' } },
      });
      assert.equal(await shake('0.0.0.0', 443, 'www.example.net'), first);
      assert.equal(await shake('0.0.0.0', 443, 'www.example.net'), 'ECONNRESET');
      assert.equal(await shake('0.0.0.0', 443, 'www.example.net'), first);
    });

    it('another certificate can be served than the record names', async () => {
      const effect = { do: 'serve', thumbprint: second } as const;
      const on = { kind: 'connect', key: '0.0.0.0:443' } as const;
      await perform({ kind: 'arm-fault', fault: { on, nth: 1, times: null, effect } });
      assert.equal(await shake('0.0.0.0', 443, null), second);
      assert.equal(await shake('192.0.2.10', 443, null), first);
    });

    it('the old certificate can be served for a while after a swap', async () => {
      const renewed = await client.ask({ ask: 'renew', options: { thumbprint: first } });
      const effect = { do: 'serve-previous' } as const;
      await perform({ kind: 'arm-fault', fault: { on: { kind: 'connect' }, nth: 1, times: 2, effect } });
      await swap('www.example.net:443', 'Public Web', '*:443:www.example.net', renewed.new);
      const served = [];
      for (let at = 0; at < 3; at++) served.push(await shake('0.0.0.0', 443, 'www.example.net'));
      assert.deepEqual(served, [first, first, renewed.new]);
    });

    it('a slow handshake succeeds late', async () => {
      const effect = { do: 'delay', ms: 150 } as const;
      await perform({ kind: 'arm-fault', fault: { on: { kind: 'connect' }, nth: 1, times: 1, effect } });
      const started = performance.now();
      assert.equal(await shake('0.0.0.0', 443, null), first);
      assert.ok(performance.now() - started >= 149);
    });

    it('a request that hangs is silence, and the lab answers others', async () => {
      const fault = { on: { kind: 'read' }, nth: 1, times: 1, effect: { do: 'hang', after: false } } as const;
      await perform({ kind: 'arm-fault', fault });
      const impatient = await openLab(lab.folder, { silenceMs: 1000 });
      await assert.rejects(impatient.send({ kind: 'read' }), ChannelSilent);
      await impatient.close();
      assert.equal(recordsOf(await server.snapshot()).length, lab.records);
    });

    it('one who dies at a request hangs up on that client only', async () => {
      const fault = { on: { kind: 'read' }, nth: 1, times: 1, effect: { do: 'die', after: false } } as const;
      await perform({ kind: 'arm-fault', fault });
      await assert.rejects(client.send({ kind: 'read' }), ChannelSilent);
      assert.equal(recordsOf(await server.snapshot()).length, lab.records);
      assert.equal((await stateOf(client)).name, 'LAB-WEB01');
    });
  });

  describe('one owner', () => {
    it('a lab that is served is not served twice', async () => {
      await assert.rejects(serveLab(lab.folder), { code: 'bad-input' });
      assert.equal(await shake('0.0.0.0', 443, null), first);
    });

    it('it can be told to stop, and is stopped when the answer comes', async () => {
      await client.ask({ ask: 'stop' });
      await serving.closed;
      assert.equal(readOwner(lab.folder), null);
      assert.equal(await shake('0.0.0.0', 443, null), 'the lab is not served. Start it with certrebind lab serve');
    });

    it('a client goes on with the files when the lab is not served any more, and with the pipe when it is again', async () => {
      await serving.close();
      await perform(applicationEntry('alone'));
      serving = await serveLab(lab.folder);
      await perform(applicationEntry('served'));
      const entries = (await stateOf(client)).applicationLog.entries.map(({ text }) => text);
      assert.deepEqual(entries, ['alone', 'served']);
    });

    /** The same lab, served by a process of its own. */
    async function servedApart() {
      await serving.close();
      const code = `import { serveLab } from ${JSON.stringify(serveModule)};
        const serving = await serveLab(${JSON.stringify(lab.folder)}); process.stdout.write('ready'); await serving.closed;`;
      const child = spawn(process.execPath, [...fromSource, '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      return child;
    }

    it('a lab whose server was killed is taken over', async () => {
      const child = await servedApart();
      child.kill('SIGKILL');
      await once(child, 'exit');
      assert.equal(readOwner(lab.folder)?.pid, child.pid);
      assert.equal((await stateOf(client)).name, 'LAB-WEB01');
      assert.equal(readOwner(lab.folder), null);
    });

    it('SIGTERM ends it, and nothing of it is left', async () => {
      const child = await servedApart();
      const { pipe = null } = readOwner(lab.folder) ?? {};
      child.kill('SIGTERM');
      assert.deepEqual(await once(child, 'exit'), [0, null]);
      assert.equal(readOwner(lab.folder), null);
      await assert.rejects(readFile(pipe ?? ''), { code: 'ENOENT' });
    });
  });

  function thumbprintAt(at: number): Thumbprint {
    return parseThumbprint(lab.certificates[at]?.thumbprint ?? '', 'lab');
  }

  function shake(address: string, port: number, serverName: string | null): Promise<string> {
    return shakeHands(server.dial({ address, port, serverName }), serverName);
  }

  async function swap(key: string, site: string, information: string, to: string) {
    const keys = [key as KeyText];
    const now = (await readRecords(server, keys)).get(keys[0] as KeyText);
    const expected = now?.state === 'holds' ? now.holder.value.thumbprint : null;
    const thumbprint = parseThumbprint(to, 'to');
    const [certificate] = await server.certificates([thumbprint]);
    const store = certificate?.store ?? 'My';
    const through = { site, information };
    return server.change([swapOf({ key: key as KeyText, expected, thumbprint, store, through })]);
  }

  async function perform(request: LabRequest): Promise<void> {
    const { result } = await client.send(request);
    assert.ok(result.kind !== 'failed', JSON.stringify(result));
  }
});

const serveModule = new URL('../../../src/lab/host/serve.ts', import.meta.url).href;
const register = new URL('../../../scripts/dev/register.mjs', import.meta.url).href;
const fromSource = [`--import=${register}`, '--input-type=module'];

async function stateOf(client: OpenLab) {
  const { result } = await client.send({ kind: 'read' });
  assert.ok(result.kind === 'state');
  return result.state;
}

function applicationEntry(text: string): LabRequest {
  return { kind: 'application-log', source: 'CertRebind', eventId: 100, level: 'information', text, data: {} };
}

function hasIpv6Loopback(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));
}
