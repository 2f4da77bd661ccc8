import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { remoteAccess } from '../../src/holders/sstp/sstp.ts';
import { openLab } from '../../src/lab/host/channel.ts';
import { type ServingLab, serveLab } from '../../src/lab/host/serve.ts';
import { gatewayObjects } from '../../src/lab/kernel/holders/rd-gateway.ts';
import { sstpUses } from '../../src/lab/kernel/holders/sstp.ts';
import { fieldsOf, listEntries } from '../../src/lab/kernel/http-sys.ts';
import type { LabRequest } from '../../src/lab/kernel/requests.ts';
import { fileState } from '../../src/state/file-state.ts';
import { runJson } from '../cli/run-program.ts';
import { findEngine } from '../engine.ts';
import { eventually } from '../stories/eventually.ts';
import { type TemporaryFolder, temporaryFolder, temporaryLab } from '../support/temporary-lab.ts';
import { runToPoint } from './run-to-point.ts';

/**
 * Program and PowerShell both end right after something was changed: the program is killed when it has asked for the change,
 * and the lab ends the PowerShell when it has made it. What is there then, of the old certificate and of the new one?
 */
const kills = [
  { what: 'the right to read the key', change: 'put-key-access', on: { kind: 'set-key-access' }, moved: ['key'] },
  {
    what: 'the record of the Web Management Service',
    change: 'put-wmsvc',
    on: { kind: 'netsh', verb: 'update', key: '0.0.0.0:8172' },
    moved: ['key', 'record'],
  },
  {
    what: 'its value in the registry',
    change: 'put-wmsvc',
    on: { kind: 'set-wmsvc' },
    moved: ['key', 'record', 'wmsvc'],
  },
  {
    what: 'WinRM',
    change: 'put-winrm',
    on: { kind: 'set-winrm' },
    moved: ['key', 'record', 'wmsvc', 'rdp', 'winrm'],
  },
] as const;

(findEngine() === null ? describe.skip : describe)(
  'a kill of program and PowerShell at holders beside certificate bindings',
  () => {
    let lab: Awaited<ReturnType<typeof temporaryLab>>;
    let channel: Awaited<ReturnType<typeof openLab>>;
    let serving: ServingLab;
    /** Who is killed cannot tidy up. */
    let temporary: TemporaryFolder;
    let [old, successor] = ['', ''];

    before(async () => {
      temporary = await temporaryFolder();
      lab = await temporaryLab({ sites: 1, holders: true });
      serving = await serveLab(lab.folder);
      channel = await openLab(lab.folder);
      old = lab.certificates[0]?.thumbprint ?? '';
      ({ new: successor } = await channel.ask({
        ask: 'renew',
        options: { thumbprint: old, event: false, archiveOld: false },
      }));
      await perform({ kind: 'set-switch', name: 'renewed-key-access', position: 'lost' });
      const home = join(lab.folder, 'certrebind');
      await program(['config', 'add', 'exclude.records', '0.0.0.0:10443']);
      const swap = { policy: 'replace' };
      await writeFile(join(home, 'config.json'), JSON.stringify({ holders: { rdp: swap, winrm: swap, wmsvc: swap } }));
    });
    after(async () => {
      await channel.close();
      await serving.close();
      await lab.remove();
      await temporary.remove();
    });

    const perform = async (request: LabRequest) => (await channel.send(request)).result;
    const env = () => ({ CERTREBIND_TEST_PWSH: findEngine() ?? '', TMPDIR: temporary.path });
    const line = (words: readonly string[]) => [...words, '--server', 'windows', '--lab', lab.folder];
    const program = (words: readonly string[]) => runJson(line(words), { env: env() });
    const unfinished = () => fileState(join(lab.folder, 'certrebind')).unfinishedRuns();

    /** Of what a rebind moves here, what holds the new certificate. */
    async function moved(): Promise<readonly string[]> {
      const result = await perform({ kind: 'read' });
      assert(result.kind === 'state');
      const { others, httpSys, keyAccess } = result.state;
      const record = listEntries(httpSys).find(({ key }) => key === '0.0.0.0:8172')?.entry;
      const held: Readonly<Record<string, boolean>> = {
        key: keyAccess?.[successor]?.['S-1-5-20'] === true,
        record: record !== undefined && fieldsOf(record).thumbprint === successor,
        ...Object.fromEntries(others.map(({ consumer, thumbprint }) => [consumer.kind, thumbprint === successor])),
      };
      return ['key', 'record', 'wmsvc', 'rdp', 'winrm'].filter((name) => held[name]);
    }

    async function isKilled(change: string): Promise<void> {
      const words = line(['rebind', '--old', old, '--new', successor]);
      const { signal } = await runToPoint(words, { ...env(), DIE_AT_CHANGE: change });
      assert.equal(signal, 'SIGKILL', change);
    }

    it('at each change in turn leaves what the next start goes on from; WinRM is left to one that did not come in through it', async () => {
      for (const { what, change, on, moved: expected } of kills) {
        await perform({ kind: 'arm-fault', fault: { on, nth: 1, times: 1, effect: { do: 'die', after: true } } });
        await isKilled(change);
        // PowerShell works on for a moment when its parent is gone.
        await eventually(async () => ((await moved()).includes(expected.at(-1) ?? '') ? true : undefined));
        assert.deepEqual(await moved(), expected, what);
        assert.equal((await unfinished()).length, 1, what);
      }

      await perform({ kind: 'set-switch', name: 'remote-session', position: 'winrm' });
      const remote = await program(['reconcile']);
      assert.equal(remote.exitCode, 5);
      const step = remote.document.steps.find(({ key }: { key: string }) => key === 'winrm/*+HTTPS');
      assert.deepEqual([step.state, step.error.code], ['changing', 'left-for-local-run']);
      assert.match(step.error.message, /WinRM/);
      assert.equal((await unfinished()).length, 1);

      await perform({ kind: 'set-switch', name: 'remote-session', position: 'none' });
      const local = await program(['reconcile']);
      assert.equal(local.exitCode, 0);
      assert.deepEqual(await unfinished(), []);
      assert.deepEqual(await moved(), kills.at(-1)?.moved);
      const again = await program(['rebind', '--old', old, '--new', successor]);
      assert.deepEqual([again.exitCode, again.document.counts.changed], [0, 0]);
    });

    it('inside a change of Remote Desktop Gateway, and inside its restart, leaves what the next start makes one certificate with a running service', async () => {
      const gateway = { policy: 'replace', restart: 'window' };
      const window = { from: '01:00', to: '04:00', timeZone: 'UTC' };
      const settings = JSON.stringify({ holders: { 'rd-gateway': gateway }, window });
      await writeFile(join(lab.folder, 'certrebind', 'config.json'), settings);
      for (const { change, ...fault } of [
        { change: 'put-rd-gateway', on: { kind: 'set-rd-gateway' }, nth: 2 },
        { change: 'control-service', on: { kind: 'control-service' }, nth: 1 },
      ] as const) {
        await perform({ kind: 'arm-fault', fault: { ...fault, times: 1, effect: { do: 'die', after: true } } });
        const words = line(['rebind', '--old', old, '--new', successor, '--now']);
        assert.equal((await runToPoint(words, { ...env(), DIE_AT_CHANGE: change })).signal, 'SIGKILL', change);
        const isBroken = async () => {
          const { stopped, named } = await ofGateway();
          const isNew = `${named}` === successor;
          return isNew && stopped.length === (change === 'control-service' ? 1 : 0) ? true : undefined;
        };
        await eventually(isBroken);
        await program(['reconcile']);
        assert.deepEqual(await ofGateway(), { stopped: [], named: [old] }, change);
        assert.deepEqual(await unfinished(), []);
      }
    });

    it('inside a change of SSTP, and inside its restart, leaves what the next start makes one certificate with running services', async () => {
      const sstp = { policy: 'replace', restart: 'window' };
      const window = { from: '01:00', to: '04:00', timeZone: 'UTC' };
      await writeFile(join(lab.folder, 'certrebind', 'config.json'), JSON.stringify({ holders: { sstp }, window }));
      for (const { change, broken, ...fault } of [
        { change: 'put-sstp', on: { kind: 'netsh', verb: 'update', key: '0.0.0.0:4443' }, nth: 1, broken: [] },
        { change: 'control-service', on: { kind: 'control-service' }, nth: 2, broken: [remoteAccess, 'RasMan'] },
      ] as const) {
        await perform({ kind: 'arm-fault', fault: { ...fault, times: 1, effect: { do: 'die', after: true } } });
        const words = line(['rebind', '--old', old, '--new', successor, '--now']);
        assert.equal((await runToPoint(words, { ...env(), DIE_AT_CHANGE: change })).signal, 'SIGKILL', change);
        const isBroken = async () => {
          const { stopped, named } = await ofSstp();
          return named.length === 2 && `${stopped}` === `${broken}` ? true : undefined;
        };
        await eventually(isBroken);
        await program(['reconcile']);
        assert.deepEqual(await ofSstp(), { stopped: [], bound: 2, named: [old] }, change);
        assert.deepEqual(await unfinished(), []);
      }
    });

    it('between the deletion and the addition of a certificate binding of SSTP, where netsh has no update, leaves what the next start adds again', async () => {
      await channel.close();
      await serving.close();
      const file = join(lab.folder, 'lab.json');
      await writeFile(file, (await readFile(file, 'utf8')).replace('"osBuild": 20348', '"osBuild": 14393'));
      serving = await serveLab(lab.folder);
      channel = await openLab(lab.folder);
      const on = { kind: 'netsh', verb: 'delete', key: '0.0.0.0:4443' } as const;
      await perform({ kind: 'arm-fault', fault: { on, nth: 1, times: 1, effect: { do: 'die', after: true } } });
      const words = line(['rebind', '--old', old, '--new', successor, '--now']);
      assert.equal((await runToPoint(words, { ...env(), DIE_AT_CHANGE: 'put-sstp' })).signal, 'SIGKILL');
      await eventually(async () => ((await ofSstp()).bound === 1 ? true : undefined));
      await program(['reconcile']);
      assert.deepEqual(await ofSstp(), { stopped: [], bound: 2, named: [old] });
      assert.deepEqual(await unfinished(), []);
    });

    /** Its service where it does not run, and the certificates that its bindings and its own setting name. */
    async function ofGateway() {
      const result = await perform({ kind: 'read' });
      assert(result.kind === 'state');
      const { roles, httpSys } = result.state;
      const records = listEntries(httpSys).filter(({ key }) => key.endsWith(':4444'));
      const own = gatewayObjects(result.state)?.[0]?.CertHash?.slice(2);
      const named = [...records.map(({ entry }) => fieldsOf(entry).thumbprint), own];
      return { stopped: roles?.stopped ?? [], named: [...new Set(named)] };
    }

    /** Its services that do not run, and the certificates that its bindings and its hash name. */
    async function ofSstp() {
      const result = await perform({ kind: 'read' });
      assert(result.kind === 'state');
      const { roles, httpSys } = result.state;
      const records = listEntries(httpSys).filter(({ key }) => key.endsWith(':4443'));
      const named = [...records.map(({ entry }) => fieldsOf(entry).thumbprint), sstpUses(result.state).SstpSvc];
      return { stopped: roles?.stopped ?? [], bound: records.length, named: [...new Set(named)] };
    }
  },
);
