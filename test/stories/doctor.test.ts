import assert from 'node:assert/strict';
import type { PlannedRepair } from '../../src/base/codes/finding-codes.ts';
import { CertRebindError } from '../../src/base/errors.ts';
import { defaultConfiguration } from '../../src/documents/configuration.ts';
import type { Outcome } from '../../src/documents/runs/outcome.ts';
import type { VerifiedEndpoint } from '../../src/documents/verify.ts';
import { lookAt } from '../../src/engine/findings/diagnose.ts';
import { type DoctorFacts, noInstallation, nothingRemembered } from '../../src/engine/findings/facts.ts';
import { endpointsOfServer } from '../../src/engine/known/endpoints-of-server.ts';
import type { LabRequest } from '../../src/lab/kernel/requests.ts';
import { chainState } from '../../src/model/certificates/served-chain.ts';
import type { LabBuilder } from '../builders/lab.ts';
import { labState } from '../builders/lab.ts';
import { met } from '../builders/met.ts';
import { sni } from '../builders/snapshot.ts';
import { expectedTasks } from '../engine/findings/facts.ts';
import { execute, given, rebind, recordsOf, undo, type World, worldOf } from '../engine/run/world.ts';
import { each } from '../support/each.ts';
import { lastKnownRecords } from '../support/last-known-records.ts';
import { sameRecord } from '../support/same-record.ts';

// Every finding with a repair is provoked in a lab, repaired as `doctor --fix` does it, and undone.

const policy = defaultConfiguration;

async function factsOf(world: World, wire: readonly VerifiedEndpoint[] = []): Promise<DoctorFacts> {
  const { state, context } = world;
  const heads = await state.listRuns();
  return {
    snapshot: await context.server.snapshot(),
    configuration: policy,
    expected: expectedTasks,
    ...nothingRemembered,
    ledger: await state.readLedger(),
    triggersKnown: true,
    wire,
    lastKnown: lastKnownRecords(await Promise.all(heads.map(({ run }) => state.readRun(run)))),
    endsWithinDays: 7,
    installation: noInstallation,
    keysLeft: [],
  };
}

/** Findings beside those about tasks, which no story here registers. */
async function findingsOf(world: World): Promise<readonly string[]> {
  const { snapshot } = await factsOf(world);
  const wire = await Promise.all(
    endpointsOfServer(snapshot).map(async ({ key, expected, endpoint }): Promise<VerifiedEndpoint> => {
      const { handshake } = await world.context.handshake(endpoint);
      const matches = handshake.result === 'served' ? handshake.thumbprint === expected : null;
      const stored = snapshot.certificates.find(({ thumbprint }) => thumbprint === handshake.thumbprint);
      const chain = handshake.result === 'served' ? chainState(handshake, stored) : null;
      return { ...handshake, key, expected: expected ?? '', matches, chain };
    }),
  );
  return lookAt(await factsOf(world, wire))
    .findings.filter(({ code }) => code !== 'task-missing')
    .map(({ code, key, repair }) => `${code} ${key} (${repair})`);
}

async function fix(world: World, repair: PlannedRepair, configuration = policy): Promise<Outcome> {
  const facts = { ...(await factsOf(world)), configuration };
  const byHand = lookAt(facts).findings.filter((found) => found.code === repair && found.repair !== 'plan');
  return execute(world, { command: 'doctor', wanted: { want: 'repair', repair, byHand }, configuration });
}

async function last(world: World): Promise<string> {
  const heads = await world.state.listRuns();
  return heads.at(-1)?.run ?? '';
}

function shop(): LabBuilder {
  return labState()
    .certificate('new', { notAfter: '2028-01-01T00:00:00Z' })
    .certificate('old')
    .site('Shop', [sni('shop.example.com')])
    .record('shop.example.com:443', 'old', { certCheckMode: 1, flags: 2 });
}

const deletion: LabRequest = {
  kind: 'netsh',
  args: ['http', 'delete', 'sslcert', 'hostnameport=shop.example.com:443'],
};

describe('doctor --fix', () => {
  describe('binding-without-record', () => {
    it('makes the record again as the last run left it, with every option, and an undo takes it away', async () => {
      const lab = shop();
      const world = worldOf(lab);
      await rebind(world, [given(lab, 'old', 'new')]);
      const before = await recordsOf(world);
      world.kernel.apply(deletion);
      assert.deepEqual(await findingsOf(world), ['binding-without-record shop.example.com:443 (plan)']);

      const outcome = await fix(world, 'binding-without-record');
      assert.equal(outcome.result, 'repaired');
      assert.equal(outcome.steps[0]?.state, 'verified');
      assertSame(await recordsOf(world), before);
      assert.deepEqual(await findingsOf(world), []);

      const undone = await undo(world, await last(world));
      assert.equal(undone.exitCode, 0);
      assert.equal((await recordsOf(world)).size, 0);
      // Whoever took it away did not want it so: it is not made again by itself.
      assert.deepEqual(await findingsOf(world), ['binding-without-record shop.example.com:443 (command)']);
    });

    it('is left to a person where no run saw the record', async () => {
      const world = worldOf(shop());
      world.kernel.apply(deletion);
      assert.deepEqual(await findingsOf(world), ['binding-without-record shop.example.com:443 (command)']);
      await assert.rejects(fix(world, 'binding-without-record'), (error) => {
        assert.ok(error instanceof CertRebindError);
        assert.equal(error.code, 'no-repair');
        assert.match(error.hint ?? '', /netsh http add sslcert hostnameport=shop\.example\.com:443/);
        return true;
      });
      assert.equal((await recordsOf(world)).size, 0);
    });
  });

  describe('orphaned-record', () => {
    const orphan = (key: string) => shop().record(key, 'old', { flags: 2, certCheckMode: 1 });

    it('removes the record of a host that no site answers for, and an undo puts back every option', async () => {
      const world = worldOf(orphan('gone.example.com:443'));
      const before = await recordsOf(world);
      assert.deepEqual(await findingsOf(world), ['orphaned-record gone.example.com:443 (plan)']);
      assert.equal((await fix(world, 'orphaned-record')).result, 'repaired');
      assert.deepEqual(await findingsOf(world), []);
      assert.equal((await undo(world, await last(world))).exitCode, 0);
      assertSame(await recordsOf(world), before);
    });

    it('removes the record of an address on which nobody answers, and an undo puts back every option', async () => {
      const world = worldOf(orphan('0.0.0.0:8443'));
      world.fault({ on: { kind: 'connect', key: '0.0.0.0:8443' }, times: null, effect: { do: 'refuse' } });
      const before = await recordsOf(world);
      assert.equal((await fix(world, 'orphaned-record')).result, 'repaired');
      assert.deepEqual([...(await recordsOf(world)).keys()], ['shop.example.com:443']);
      assert.equal((await undo(world, await last(world))).exitCode, 0);
      assertSame(await recordsOf(world), before);
    });

    it('puts back the record that somebody is served by after all', async () => {
      const lab = orphan('0.0.0.0:8443');
      const world = worldOf(lab);
      const before = await recordsOf(world);
      const outcome = await fix(world, 'orphaned-record');
      assert.equal(outcome.exitCode, 4);
      assert.equal(outcome.steps[0]?.error?.code, 'endpoint-worse');
      assertSame(await recordsOf(world), before);
    });

    it('leaves what the configuration excludes', async () => {
      const world = worldOf(orphan('gone.example.com:443'));
      const exclude = { ...policy.exclude, records: ['gone.example.com:443'] };
      const outcome = await fix(world, 'orphaned-record', { ...policy, exclude });
      assert.deepEqual(each(outcome.skipped.map(met), 'reason'), ['excluded']);
      assert.equal((await recordsOf(world)).size, 2);
    });
  });

  describe('certificate-elsewhere', () => {
    const moved = async () => {
      const lab = shop().certificate('old', { store: 'WebHosting' });
      const world = worldOf(lab);
      world.kernel.apply({ kind: 'remove-certificate', thumbprint: lab.thumbprint('old'), store: 'My' });
      return { lab, world };
    };

    it('lets the record name the store that has the certificate; an undo works once the first store has it again', async () => {
      const { lab, world } = await moved();
      assert.ok((await findingsOf(world)).includes('certificate-elsewhere shop.example.com:443 (plan)'));
      const outcome = await fix(world, 'certificate-elsewhere');
      assert.equal(outcome.result, 'repaired');
      assert.deepEqual(await storesOf(world), ['WebHosting']);
      assert.deepEqual(await findingsOf(world), []);

      const entry = world.kernel.state.certificates.find(({ thumbprint }) => thumbprint === lab.thumbprint('old'));
      assert.ok(entry !== undefined);
      world.kernel.apply({ kind: 'add-certificate', certificate: { ...entry, store: 'My' } });
      assert.equal((await undo(world, await last(world))).exitCode, 0);
      assert.deepEqual(await storesOf(world), ['My']);
    });

    it('is blocked, and nothing is written, when the other store has no key', async () => {
      const { lab, world } = await moved();
      world.kernel.apply({ kind: 'set-key', thumbprint: lab.thumbprint('old'), key: 'missing' });
      const { writes } = world.kernel.state.counters;
      const outcome = await fix(world, 'certificate-elsewhere');
      assert.equal(outcome.exitCode, 3);
      assert.equal(met(outcome.blocked[0]).reason, 'key-missing');
      assert.deepEqual(await storesOf(world), ['My']);
      // The one entry is the log's.
      assert.equal(world.kernel.state.counters.writes - writes, 1);
    });
  });

  it('does nothing where there is nothing to repair', async () => {
    const world = worldOf(shop());
    for (const repair of ['binding-without-record', 'orphaned-record', 'certificate-elsewhere'] as const)
      assert.equal((await fix(world, repair)).result, 'nothing-to-do');
    assert.equal(world.kernel.state.counters.writes, 0);
  });
});

describe('doctor on a lab', () => {
  it('tells a certificate that dies at a restart from one that is gone', async () => {
    const lab = shop();
    const world = worldOf(lab);
    world.kernel.apply({ kind: 'remove-certificate', thumbprint: lab.thumbprint('old'), store: 'My' });
    assert.deepEqual(await findingsOf(world), ['will-die-on-restart shop.example.com:443 (command)']);
    world.kernel.apply({ kind: 'boot' });
    assert.deepEqual(await findingsOf(world), [
      'certificate-gone shop.example.com:443 (command)',
      'endpoint-unreachable shop.example.com:443 (null)',
    ]);
  });

  it('sees the legacy property, the log that is off, and a wire that serves something else', async () => {
    const lab = shop();
    const world = worldOf(lab);
    const applicationHost = world.kernel.state.applicationHost.replace(
      /<\/system\.applicationHost>/,
      '<customMetadata><key path="LM/W3SVC"><property id="5506" /></key></customMetadata></system.applicationHost>',
    );
    world.kernel.apply({ kind: 'set-configuration', applicationHost });
    world.kernel.apply({ kind: 'enable-log', enabled: false });
    world.fault({ on: { kind: 'connect' }, times: null, effect: { do: 'serve', thumbprint: lab.thumbprint('new') } });
    assert.deepEqual(await findingsOf(world), [
      'wire-differs shop.example.com:443 (null)',
      'log-disabled null (command)',
      'legacy-ssl-metadata null (null)',
    ]);
  });
});

async function storesOf(world: World): Promise<readonly string[]> {
  return [...(await recordsOf(world)).values()].map(({ store }) => store);
}

/** Key, certificate, store, and every option; not how the entry lies in the registry. */
function assertSame(actual: Records, wanted: Records): void {
  assert.deepEqual([...actual.keys()], [...wanted.keys()]);
  for (const [key, record] of wanted) {
    const found = actual.get(key);
    assert.ok(found !== undefined && sameRecord(found, record), key);
  }
}

type Records = Awaited<ReturnType<typeof recordsOf>>;
