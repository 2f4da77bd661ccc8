import assert from 'node:assert/strict';
import { type Configuration, defaultConfiguration } from '../../src/documents/configuration.ts';
import { wmsvcKey } from '../../src/holders/wmsvc/wmsvc.ts';
import { fieldsOf, findEntry } from '../../src/lab/kernel/http-sys.ts';
import type { LabService } from '../../src/lab/kernel/lab-state.ts';
import { type LabBuilder, type LabCertificateParts, labState } from '../builders/lab.ts';
import { https } from '../builders/snapshot.ts';
import { explore } from './explore.ts';
import { given, rebind, undo, type World, worldOf } from './world.ts';

const swapping: Configuration = {
  ...defaultConfiguration,
  holders: { ...defaultConfiguration.holders, wmsvc: { policy: 'replace' } },
};
const key = wmsvcKey(8172);
const appId = '{00000000-0000-0000-0000-000000000000}';
const names = ['web01.example.com'];

interface Parts {
  /** What the registry names: a certificate of the lab, or nothing. */
  readonly listed?: string | null;
  readonly successor?: LabCertificateParts;
  readonly management?: Partial<NonNullable<LabService['management']>>;
  readonly appId?: string;
}

/** A server with nothing but the Web Management Service on the old certificate; its record has options of its own. */
function wmsvcLab({ listed = 'old', successor = {}, management = {}, ...record }: Parts = {}): LabBuilder {
  const lab = labState()
    .certificate('new', { names, notAfter: '2028-01-01T00:00:00Z', ...successor })
    .certificate('old', { names, renewedTo: 'new' })
    .certificate('other', { names })
    .record('0.0.0.0:8172', 'old', { appId, flags: 2, certCheckMode: 4, revocationFreshnessSeconds: 60, ...record });
  const use: LabService = {
    thumbprint: listed === null ? '' : lab.thumbprint(listed),
    consumer: { kind: 'wmsvc', detail: 'WMSVC' },
    management: { port: 8172, address: '*', state: 'started', ...management },
  };
  return lab.with({ others: [use] });
}

const lab = wmsvcLab();
const [old, successor, other] = ['old', 'new', 'other'].map((name) => lab.thumbprint(name));
const renewal = given(lab, 'old', 'new');
const rebinding = (world: World) => rebind(world, [renewal], {}, swapping);

/** What the registry names, and what the certificate binding holds with two of its options. */
function held({ kernel: { state } }: World) {
  const entry = findEntry(state.httpSys, '0.0.0.0:8172' as never);
  const fields = entry === null ? null : fieldsOf(entry);
  return [state.others[0]?.thumbprint, fields?.thumbprint, fields?.flags, fields?.freshnessSeconds];
}

describe('the Web Management Service', () => {
  for (const build of [20348, 14393]) {
    it(`is moved as one, record and registry, verified, undone, on build ${build}`, async () => {
      const world = worldOf(lab.with({ osBuild: build }));
      const outcome = await rebinding(world);
      const [step] = outcome.steps;
      assert.deepEqual([outcome.result, step?.key, step?.state, outcome.steps.length], ['rebound', key, 'verified', 1]);
      assert.deepEqual(step?.after[0]?.endpoint, { address: '0.0.0.0', port: 8172, serverName: null });
      assert.deepEqual(held(world), [successor, successor, 2, 60]);
      assert.equal((await undo(world, outcome.run)).result, 'undone');
      assert.deepEqual(held(world), [old, old, 2, 60]);
    });
  }

  it('is only named where the policy reports it, and its record is not named besides', async () => {
    const world = worldOf(lab);
    const { result, skipped } = await rebind(world, [renewal]);
    assert.deepEqual([result, skipped.map((one) => [one.key, one.reason])], ['nothing-to-do', [[key, 'report-only']]]);
    assert.match(skipped[0]?.command ?? '', /config set holders\.wmsvc\.policy replace$/);
    assert.deepEqual(held(world), [old, old, 2, 60]);
  });

  it('whose application id the configuration names goes on being changed as a record until it is moved as a whole', async () => {
    const own = { ...defaultConfiguration, applicationIds: [appId] };
    const world = worldOf(lab);
    const outcome = await rebind(world, [renewal], {}, own);
    assert.deepEqual(
      [...outcome.steps, ...outcome.skipped].map((one) => one.key),
      ['0.0.0.0:8172'],
    );
    assert.deepEqual(held(world).slice(0, 2), [old, successor]);
    const both = await rebind(worldOf(lab), [renewal], {}, { ...own, holders: swapping.holders });
    assert.deepEqual(
      [...both.steps, ...both.skipped].map((one) => one.key),
      [key],
    );
  });

  it('whose record is excluded is left alone', async () => {
    const exclude = { ...defaultConfiguration.exclude, records: ['0.0.0.0:8172'] };
    const { skipped } = await rebind(worldOf(lab), [renewal], {}, { ...swapping, exclude });
    assert.deepEqual(
      skipped.map((one) => [one.key, one.reason]),
      [[key, 'excluded']],
    );
  });

  it('that stands on a record of an IIS binding is not taken for its owner', async () => {
    const shared = wmsvcLab({ appId: '{4dc3e181-e14b-4a21-b022-59fc669b0914}' }).site('Shop', [https('*:8172:')]);
    const outcome = await rebinding(worldOf(shared));
    assert.deepEqual(
      outcome.steps.map((one) => one.key),
      ['0.0.0.0:8172'],
    );
  });

  for (const [listed, what] of [
    ['other', 'names a third certificate'],
    [null, 'names none'],
  ] as const) {
    it(`whose registry ${what} has its record moved and the registry left`, async () => {
      const drifted = wmsvcLab({ listed });
      const world = worldOf(drifted);
      const outcome = await rebinding(world);
      assert.equal(outcome.steps[0]?.state, 'verified');
      assert.deepEqual(held(world).slice(0, 2), [listed === null ? '' : other, successor]);
      assert.equal((await undo(world, outcome.run)).result, 'undone');
      assert.deepEqual(held(world).slice(0, 2), [listed === null ? '' : other, old]);
    });
  }

  it('whose record holds another certificate is not concerned, whatever the registry names', async () => {
    const world = worldOf(wmsvcLab({ listed: 'old' }).record('0.0.0.0:8172', 'other', { appId }));
    assert.equal((await rebinding(world)).result, 'nothing-to-do');
  });

  for (const build of [20348, 14393]) {
    it(`has its record put back where the registry refuses the value, on build ${build}`, async () => {
      const refusing = lab.with({ osBuild: build }).fault({
        on: { kind: 'set-wmsvc' },
        effect: { do: 'fail', hresult: 0x80070005, message: 'Access is denied.' },
      });
      const world = worldOf(refusing);
      const outcome = await rebinding(world);
      assert.deepEqual(
        [outcome.exitCode, outcome.steps[0]?.state, outcome.steps[0]?.error?.code],
        [4, 'as-before', 'replace-failed'],
      );
      assert.match(outcome.steps[0]?.error?.message ?? '', /Access is denied/);
      assert.deepEqual(held(world), [old, old, 2, 60]);
    });
  }

  it('whose record netsh cannot make again after it deleted it gets the old one back', async () => {
    const message = 'The parameter is incorrect.';
    const fault = { on: { kind: 'netsh', verb: 'add' }, effect: { do: 'fail', hresult: 0x80070057, message } } as const;
    const world = worldOf(lab.with({ osBuild: 14393 }).fault(fault));
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [4, 'as-before']);
    assert.deepEqual(held(world), [old, old, 2, 60]);
  });

  it('whose registry said success and took nothing has it written again', async () => {
    const world = worldOf(lab.fault({ on: { kind: 'set-wmsvc' }, effect: { do: 'no-effect' } }));
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [0, 'verified']);
    assert.deepEqual(outcome.steps[0]?.repairedOptions, ['registry value']);
    assert.deepEqual(held(world), [successor, successor, 2, 60]);
  });

  it('that others change between plan and put is left so', async () => {
    const effect = { do: 'changed-by-others', thumbprint: other ?? '' } as const;
    const world = worldOf(lab.fault({ on: { kind: 'read-wmsvc' }, effect: { do: 'delay', ms: 0 } }));
    const { change } = world.context.server;
    const meddling: World = {
      ...world,
      context: {
        ...world.context,
        server: {
          ...world.context.server,
          change: (changes) => {
            const args = [
              'http',
              'update',
              'sslcert',
              'ipport=0.0.0.0:8172',
              `certhash=${effect.thumbprint}`,
              `appid=${appId}`,
            ];
            if (changes.some((one) => one.do === 'put')) world.kernel.apply({ kind: 'netsh', args });
            return change(changes);
          },
        },
      },
    };
    const outcome = await rebinding(meddling);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [4, 'changed-by-others']);
    assert.deepEqual(held(world).slice(0, 2), [old, other]);
  });

  it('takes certificates from the store My only', async () => {
    const elsewhere = wmsvcLab({ successor: { store: 'WebHosting' } });
    const outcome = await rebind(worldOf(elsewhere), [given(elsewhere, 'old', 'new')], {}, swapping);
    assert.deepEqual([outcome.exitCode, outcome.blocked.map(({ reason }) => reason)], [3, ['wrong-store']]);
  });

  it('that is stopped is changed, and not dialled', async () => {
    const outcome = await rebinding(worldOf(wmsvcLab({ management: { state: 'stopped' } })));
    assert.deepEqual([outcome.steps[0]?.state, outcome.steps[0]?.after], ['untested', []]);
  });

  for (const position of ['shown-only', 'written-at-start'] as const) {
    it(`goes on serving the new certificate after a start, with a value that is ${position}`, async () => {
      const world = worldOf(lab.switched('wmsvc-value', position));
      await rebinding(world);
      world.kernel.apply({ kind: 'boot' });
      assert.deepEqual(held(world), [successor, successor, 2, 60]);
    });
  }

  it('holds both of one certificate or both of the other after any kill, and the next start brings the run to its end', async () => {
    const states = await explore(
      {
        prepare: async () => worldOf(lab),
        act: rebinding,
        check: async (world, when) => {
          assert.deepEqual(held(world), [successor, successor, 2, 60], when);
          assert.deepEqual(await world.state.unfinishedRuns(), [], when);
        },
      },
      2,
    );
    assert(states >= 10, `only ${states} states`);
  });
});
