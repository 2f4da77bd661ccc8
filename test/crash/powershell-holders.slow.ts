import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { fileState } from '../../src/engine/state/file-state.ts';
import { openLab } from '../../src/lab/host/channel.ts';
import { sampleGatewayPort, sampleSstpPort } from '../../src/lab/host/sample-roles.ts';
import { type ServingLab, serveLab } from '../../src/lab/host/serve.ts';
import { gatewayObjects } from '../../src/lab/kernel/holders/rd-gateway.ts';
import { sstpUses } from '../../src/lab/kernel/holders/sstp.ts';
import { fieldsOf, listEntries } from '../../src/lab/kernel/http-sys.ts';
import type { LabRequest } from '../../src/lab/kernel/requests.ts';
import { runJson } from '../cli/run-program.ts';
import { findEngine } from '../engine.ts';
import { eventually } from '../stories/eventually.ts';
import { newFolder, temporaryLab } from '../support/temporary-lab.ts';
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
    const temporary = newFolder();
    let [old, successor] = ['', ''];

    before(async () => {
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
    });

    const perform = async (request: LabRequest) => (await channel.send(request)).result;
    const env = () => ({ CERTREBIND_TEST_PWSH: findEngine() ?? '', TMPDIR: temporary });
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

    const orders = { kind: 'control-service' } as const;
    const netsh = { kind: 'netsh', key: '0.0.0.0:4443' } as const;
    /** Inside which change and after which request both end, and how it is broken then; the last one where netsh has no update. */
    const inside = [
      { kind: 'rd-gateway', change: 'put-rd-gateway', on: { kind: 'set-rd-gateway' }, nth: 2, broken: { named: 1 } },
      { kind: 'rd-gateway', change: 'control-service', on: orders, nth: 1, broken: { stopped: 1, named: 1 } },
      { kind: 'sstp', change: 'put-sstp', on: { ...netsh, verb: 'update' }, nth: 1, broken: { named: 2 } },
      { kind: 'sstp', change: 'control-service', on: orders, nth: 2, broken: { stopped: 2, named: 2 } },
      { kind: 'sstp', change: 'put-sstp', on: { ...netsh, verb: 'delete' }, nth: 1, broken: { bound: 1, named: 1 } },
    ] as const;
    for (const { kind, change, on, nth, broken } of inside) {
      const where = 'verb' in on ? `${on.kind} ${on.verb}` : on.kind;
      it(`inside a change of ${kind} (${where} ${nth}) leaves what the next start makes one certificate with running services`, async () => {
        const window = { from: '01:00', to: '04:00', timeZone: 'UTC' };
        const holders = { [kind]: { policy: 'replace', restart: 'window' } };
        await writeFile(join(lab.folder, 'certrebind', 'config.json'), JSON.stringify({ holders, window }));
        if ('verb' in on && on.verb === 'delete') await servedAs('14393');
        await perform({ kind: 'arm-fault', fault: { on, nth, times: 1, effect: { do: 'die', after: true } } });
        const words = line(['rebind', '--old', old, '--new', successor, '--now']);
        assert.equal((await runToPoint(words, { ...env(), DIE_AT_CHANGE: change })).signal, 'SIGKILL');
        await eventually(async () => {
          const { stopped, bound, named } = await standing(kind);
          const now = { stopped: stopped.length, bound, named: named.length };
          return isDeepStrictEqual(now, { stopped: 0, bound: 2, ...broken }) &&
            named[0] === (bound < 2 ? old : successor)
            ? true
            : undefined;
        });
        await program(['reconcile']);
        assert.deepEqual(await standing(kind), { stopped: [], bound: 2, named: [old] });
        assert.deepEqual(await unfinished(), []);
      });
    }

    async function servedAs(osBuild: string): Promise<void> {
      await channel.close();
      await serving.close();
      const file = join(lab.folder, 'lab.json');
      await writeFile(file, (await readFile(file, 'utf8')).replace('"osBuild": 20348', `"osBuild": ${osBuild}`));
      serving = await serveLab(lab.folder);
      channel = await openLab(lab.folder);
    }

    /** Services that do not run, how many certificate bindings there are, and the certificates that these and its own setting name. */
    async function standing(kind: 'sstp' | 'rd-gateway') {
      const result = await perform({ kind: 'read' });
      assert(result.kind === 'state');
      const { roles, httpSys } = result.state;
      const [port, own] =
        kind === 'sstp'
          ? [sampleSstpPort, sstpUses(result.state).SstpSvc]
          : [sampleGatewayPort, gatewayObjects(result.state)?.[0]?.CertHash?.slice(2)];
      const records = listEntries(httpSys).filter(({ key }) => key.endsWith(`:${port}`));
      const named = [...records.map(({ entry }) => fieldsOf(entry).thumbprint), own];
      // The program of a service that stands for those of others is not there, so it never runs.
      const stopped = (roles?.stopped ?? []).filter((service) => service !== 'ExampleProxy');
      return { stopped, bound: records.length, named: [...new Set(named)] };
    }
  },
);
