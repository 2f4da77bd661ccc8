import assert from 'node:assert/strict';
import { spy, stub } from 'sinon';
import { type Configuration, defaultConfiguration } from '../../src/documents/configuration.ts';
import { rdpKey } from '../../src/holders/rdp/rdp.ts';
import { winrmKey } from '../../src/holders/winrm/winrm.ts';
import { fieldsOf, listEntries } from '../../src/lab/kernel/http-sys.ts';
import type { LabService } from '../../src/lab/kernel/lab-state.ts';
import { type LabBuilder, type LabCertificateParts, labState } from '../builders/lab.ts';
import { https } from '../builders/snapshot.ts';
import { explore } from './explore.ts';
import { Killed, mortal } from './mortal.ts';
import { given, keysChanged, rebind, undo, type World, worldOf } from './world.ts';

const swapping: Configuration = {
  ...defaultConfiguration,
  holders: { ...defaultConfiguration.holders, rdp: { policy: 'replace' }, winrm: { policy: 'replace' } },
};
const key = winrmKey('*+HTTPS');
const appId = '{afebb9ad-9b97-4a91-9ab5-daf4d59122f6}';
const names = ['web01.example.com', 'admin.example.com'];

interface Parts {
  readonly hostname?: string | null;
  readonly successor?: LabCertificateParts;
  readonly state?: 'started' | 'stopped';
}

/** A server with nothing but a WinRM listener on the old certificate, and the record that WinRM made for it. */
function listenerLab({ hostname = 'web01.example.com', successor = {}, state = 'started' }: Parts = {}): LabBuilder {
  const lab = labState()
    .certificate('new', { names, notAfter: '2028-01-01T00:00:00Z', ...successor })
    .certificate('old', { names, renewedTo: 'new' })
    .certificate('other', { names })
    .record('0.0.0.0:5986', 'old', { appId });
  return lab.with({ others: [listener(lab, hostname, state)] });
}

function listener(lab: LabBuilder, hostname: string | null, state: 'started' | 'stopped' = 'started'): LabService {
  return {
    thumbprint: lab.thumbprint('old'),
    consumer: { kind: 'winrm', detail: '*+HTTPS' },
    remoting: { port: 5986, hostname, state },
  };
}

const lab = listenerLab();
const renewal = given(lab, 'old', 'new');
const rebinding = (world: World) => rebind(world, [renewal], {}, swapping);

/** What the listener names, and what its certificate binding does. */
function held({ kernel: { state } }: World): readonly (string | null | undefined)[] {
  const entry = listEntries(state.httpSys).find((one) => one.key === '0.0.0.0:5986')?.entry;
  return [state.others.at(-1)?.thumbprint, entry === undefined ? null : fieldsOf(entry).thumbprint];
}

const [old, successor] = [lab.thumbprint('old'), lab.thumbprint('new')];

describe('WinRM listeners', () => {
  it('are moved, verified by the certificate binding that WinRM rewrites, and undone', async () => {
    const world = worldOf(lab);
    const outcome = await rebinding(world);
    const [step] = outcome.steps;
    assert.deepEqual([outcome.result, step?.key, step?.state], ['rebound', key, 'verified']);
    assert.deepEqual(step?.after[0]?.endpoint, { address: '0.0.0.0', port: 5986, serverName: 'web01.example.com' });
    assert.deepEqual(
      outcome.skipped.map((one) => [one.key, one.reason]),
      [['0.0.0.0:5986', 'other-program']],
    );
    assert.deepEqual(held(world), [successor, successor]);
    assert.equal(world.kernel.state.others[0]?.remoting?.hostname, 'web01.example.com');
    assert.equal((await undo(world, outcome.run)).result, 'undone');
    assert.deepEqual(held(world), [old, old]);
  });

  it('are only named where the policy reports them', async () => {
    const world = worldOf(lab);
    const { result, skipped } = await rebind(world, [renewal]);
    assert.deepEqual([result, skipped.at(-1)?.reason], ['nothing-to-do', 'report-only']);
    assert.match(skipped.at(-1)?.command ?? '', /config set holders\.winrm\.policy replace$/);
    assert.deepEqual(held(world), [old, old]);
  });

  for (const position of ['winrm', 'unknown'] as const) {
    it(`are not changed by a run that came in through WinRM, or may have: ${position}`, async () => {
      const world = worldOf(lab.switched('remote-session', position));
      const outcome = await rebinding(world);
      assert.deepEqual([outcome.exitCode, outcome.blocked.map(({ reason }) => reason)], [3, ['remote-session']]);
      assert.deepEqual(held(world), [old, old]);
    });

    it(`are not rolled back by an undo that came in through WinRM, or may have: ${position}`, async () => {
      const world = worldOf(lab);
      const { run } = await rebinding(world);
      world.kernel.apply({ kind: 'set-switch', name: 'remote-session', position });
      const outcome = await undo(world, run);
      assert.deepEqual([outcome.exitCode, outcome.blocked.map(({ reason }) => reason)], [3, ['remote-session']]);
      assert.deepEqual(held(world), [successor, successor]);
    });
  }

  it('are blocked where the new certificate is not for their host name', async () => {
    const fewer = listenerLab({ hostname: 'admin.example.com', successor: { names: ['web01.example.com'] } });
    const world = worldOf(fewer);
    const outcome = await rebind(world, [given(fewer, 'old', 'new')], {}, swapping);
    assert.deepEqual([outcome.exitCode, outcome.blocked.map(({ reason }) => reason)], [3, ['names-lost']]);
    assert.deepEqual(held(world), [fewer.thumbprint('old'), fewer.thumbprint('old')]);
  });

  it('take certificates from the store My only', async () => {
    const elsewhere = listenerLab({ successor: { store: 'WebHosting' } });
    const outcome = await rebind(worldOf(elsewhere), [given(elsewhere, 'old', 'new')], {}, swapping);
    assert.deepEqual([outcome.exitCode, outcome.blocked.map(({ reason }) => reason)], [3, ['wrong-store']]);
  });

  it('without a host name keep none', async () => {
    const nameless = listenerLab({ hostname: null });
    const world = worldOf(nameless);
    const outcome = await rebinding(world);
    assert.equal(outcome.steps[0]?.state, 'verified');
    assert.equal(outcome.steps[0]?.after[0]?.endpoint.serverName, null);
    assert.equal(world.kernel.state.others[0]?.remoting?.hostname, null);
  });

  it('without a certificate of their own follow the record of another product, and are no holders', async () => {
    const blank = lab.with({ others: [{ ...listener(lab, null), thumbprint: '' }] });
    const { steps, blocked, skipped } = await rebinding(worldOf(blank));
    assert.deepEqual([steps, blocked, skipped.map((one) => one.key)], [[], [], ['0.0.0.0:5986']]);
  });

  it('whose certificate binding WinRM does not rewrite are told to serve the old certificate, until somebody looks again', async () => {
    const world = worldOf(lab.switched('winrm-record', 'not-rewritten'));
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [5, 'still-old']);
    assert.deepEqual(held(world), [successor, old]);
  });

  it('that take the common name only are left as they were where the host name is another', async () => {
    const second = listenerLab({ hostname: 'admin.example.com' }).switched('winrm-hostname', 'common-name-only');
    const world = worldOf(second);
    const outcome = await rebinding(world);
    assert.deepEqual(
      [outcome.exitCode, outcome.steps[0]?.state, outcome.steps[0]?.error?.code],
      [4, 'as-before', 'replace-failed'],
    );
    assert.deepEqual(held(world), [old, old]);
  });

  it('of a service that is stopped are refused by WinRM, and stay', async () => {
    const world = worldOf(listenerLab({ state: 'stopped' }));
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.error?.code], [4, 'replace-failed']);
    assert.deepEqual(held(world), [old, old]);
  });

  it('that WinRM says it has changed, and has not, are told so', async () => {
    const outcome = await rebinding(worldOf(lab.fault({ on: { kind: 'set-winrm' }, effect: { do: 'no-effect' } })));
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.error?.code], [4, 'replace-without-effect']);
  });

  it('that others change between plan and put are left so', async () => {
    const other = lab.thumbprint('other');
    const world = worldOf(lab);
    const { change } = world.context.server;
    stub(world.context.server, 'change').callsFake((changes) => {
      world.kernel.apply({ kind: 'set-winrm', listener: '*+HTTPS', hash: other });
      return change(changes);
    });
    const outcome = await rebinding(world);
    assert.equal(outcome.steps[0]?.state, 'changed-by-others');
    assert.deepEqual(held(world), [other, other]);
  });

  it('of a run that was killed are left by one that came in through WinRM, and finished by the next from elsewhere', async () => {
    const refused = { do: 'refuse' } as const;
    const failing = lab.fault({ on: { kind: 'connect', key: '0.0.0.0:5986' }, nth: 2, times: null, effect: refused });
    let left = 0;
    for (const [start, end] of [
      [lab, successor],
      [failing, old],
    ] as const) {
      for (let pieces = 1; ; pieces++) {
        const world = worldOf(start);
        const { context } = mortal(world, pieces);
        const isKilled = await rebinding({ ...world, context }).then(
          () => false,
          (error: unknown) => error instanceof Killed,
        );
        if (!isKilled) break;
        const [before, unfinished] = [held(world), await world.state.unfinishedRuns()];
        world.kernel.apply({ kind: 'set-switch', name: 'remote-session', position: 'winrm' });
        const remote = await rebinding(world);
        assert.deepEqual(held(world), before, `killed after ${pieces}`);
        const open = await world.state.unfinishedRuns();
        if (open.length > 0) {
          left++;
          assert.deepEqual(open, unfinished);
          assert.deepEqual(
            [remote.exitCode, remote.steps[0]?.state, remote.steps[0]?.error?.code],
            [5, 'changing', 'left-for-local-run'],
          );
          assert.ok(remote.notes.some(({ code, text }) => code === 'left-open' && text.includes(key)));
        }
        world.kernel.apply({ kind: 'set-switch', name: 'remote-session', position: 'none' });
        await rebinding(world);
        assert.deepEqual(await world.state.unfinishedRuns(), [], `killed after ${pieces}`);
        if (end === old || open.length === 0) continue;
        assert.deepEqual(held(world), [end, end], `killed after ${pieces}`);
      }
    }
    assert(left > 3, `only ${left} were left`);
  });

  it('hold one certificate or the other after any kill, and the next start brings the run to its end', async () => {
    const states = await explore(
      {
        prepare: async () => worldOf(lab),
        act: rebinding,
        check: async (world, when) => {
          assert.deepEqual(held(world), [successor, successor], when);
          assert.deepEqual(await world.state.unfinishedRuns(), [], when);
        },
      },
      2,
    );
    assert(states >= 10, `only ${states} states`);
  });
});

describe('the ways by which people administer a server', () => {
  /** Two web sites, Remote Desktop and WinRM, all on the old certificate. */
  const everything = lab
    .site('Shop', [https('*:443:')])
    .record('0.0.0.0:443', 'old')
    .site('Extra', [https('*:8443:')])
    .record('0.0.0.0:8443', 'old')
    .with({
      others: [
        {
          thumbprint: old,
          consumer: { kind: 'rdp', detail: 'RDP-Tcp' },
          listener: { port: 3389, state: 'started', chosenBy: 'person' },
        },
        listener(lab, null),
      ],
    });

  it('are changed after everything else, one at a time', async () => {
    const world = worldOf(everything);
    const change = spy(world.context.server, 'change');
    const outcome = await rebind(world, [renewal], {}, swapping);
    assert.equal(outcome.counts.changed, 4);
    const before = [['0.0.0.0:443'], ['0.0.0.0:8443']];
    assert.deepEqual(keysChanged(change), [...before, [rdpKey('RDP-Tcp')], [key]]);
  });

  it('are not touched by a certificate that failed on one of their kind', async () => {
    const at = (address: string) => ({
      ...listener(lab, null),
      consumer: { kind: 'winrm', detail: `IP:${address}+HTTPS` } as const,
    });
    const three = lab
      .record('192.0.2.7:5986', 'old', { appId })
      .record('192.0.2.8:5986', 'old', { appId })
      .with({ others: [at('192.0.2.7'), at('192.0.2.8'), listener(lab, null)] });
    const world = worldOf(three);
    const change = spy(world.context.server, 'change');
    assert.equal((await rebinding(world)).counts.changed, 3);
    assert.deepEqual(keysChanged(change), [[winrmKey('IP:192.0.2.7+HTTPS')], [winrmKey('IP:192.0.2.8+HTTPS')], [key]]);

    const refusing = worldOf(three.fault({ on: { kind: 'set-winrm' }, effect: { do: 'no-effect' } }));
    const outcome = await rebinding(refusing);
    assert.deepEqual(
      outcome.steps.map(({ error }) => error?.code),
      ['replace-without-effect', 'canary-failed', 'canary-failed'],
    );
    assert.deepEqual(held(refusing), [old, old]);
  });
});
