import assert from 'node:assert/strict';
import { defaultConfiguration } from '../../../src/documents/configuration.ts';
import type { Outcome } from '../../../src/documents/runs/outcome.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { setBacksAt } from '../../../src/engine/known/set-backs.ts';
import { logEntry } from '../../../src/engine/run/log-entry.ts';
import { kindOf } from '../../../src/kinds/holder.ts';
import { thumbprintsByPlace } from '../../../src/kinds/place.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { noteLook } from '../../../src/session/run/retire-replaced.ts';
import { restoreOf } from '../../builders/changes.ts';
import { labState } from '../../builders/lab.ts';
import { met } from '../../builders/met.ts';
import { https, record, renewal, type SnapshotParts, snapshot, sni } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';
import { factsOf } from '../findings/facts.ts';
import { given, holdings, keyText, rebind, reconcile, reconcileNow, recordsOf, type World, worldOf } from './world.ts';

const names = ['shop.example.com', 'www.example.com'];
const [any, shop, www] = ['0.0.0.0:443', ...names.map((name) => `${name}:443`)].map(keyText) as [
  KeyText,
  KeyText,
  KeyText,
];
const lab = labState()
  .certificate('new', { names, notAfter: '2028-01-01T00:00:00Z' })
  .certificate('newer', { names, notAfter: '2028-02-01T00:00:00Z' })
  .certificate('old', { names, notAfter: '2026-08-01T00:00:00Z', renewedTo: 'new' })
  .site('Shop', [https('*:443:'), ...names.map(sni)])
  .record(any, 'old')
  .record(shop, 'old')
  .record(www, 'old');
const hourMs = 3600_000;

const held = (world: World) => holdings(world, lab, ['old', 'new', 'newer']);
const all = (label: string) => ({ [any]: label, [shop]: label, [www]: label });

async function setTo(world: World, label: string, ...keys: readonly KeyText[]): Promise<void> {
  for (const key of keys) {
    const record = (await recordsOf(world)).get(key) ?? assert.fail(key);
    await world.context.server.change([restoreOf({ ...record, thumbprint: lab.thumbprint(label) })]);
  }
}

/** The hourly task, so many times, each with the day noted. */
async function hourly(world: World, times = 1, hours = 1): Promise<Outcome> {
  let outcome: Outcome | null = null;
  for (let time = 0; time < times; time++) {
    world.later(hours * hourMs);
    outcome = await reconcile(world);
    const { context, state } = world;
    const signal = new AbortController().signal;
    const session = { server: context.server, state, configuration: defaultConfiguration };
    await noteLook(session, signal, await context.server.snapshot(), { archives: false });
  }
  return outcome ?? assert.fail('no hour passed');
}

async function back(world: World, change: (snapshot: Snapshot) => Snapshot = (one) => one) {
  const snapshot = change(await world.context.server.snapshot());
  const found = lookAt(factsOf(snapshot, { ledger: await world.state.readLedger() })).every;
  return found.filter(({ code }) => code === 'old-certificate-back');
}

async function renewed(): Promise<World> {
  const world = worldOf(lab);
  await hourly(world);
  assert.deepEqual(await held(world), all('new'));
  return world;
}

describe('a place that others set back to the old certificate', () => {
  it('is told at once, applied again a day later, and left the second time', async () => {
    const world = await renewed();
    world.later(30 * 60_000);
    await setTo(world, 'old', shop);
    const [told] = await back(world);
    assert.deepEqual(
      [told?.severity, told?.key, told?.next, told?.at, told?.commands[0]],
      ['warning', shop, 'waits', '2026-06-02T13:30:00.000Z', 'certrebind reconcile'],
    );
    const first = await hourly(world);
    assert.deepEqual([first.result, first.exitCode, met(first.blocked[0]).reason], ['waiting', 0, 'set-back']);
    assert.equal((await hourly(world, 23)).result, 'waiting');
    assert.deepEqual(await held(world), { ...all('new'), [shop]: 'old' });
    assert.deepEqual(each((await hourly(world)).steps, 'key', 'state'), [[shop, 'verified']]);
    assert.deepEqual(await back(world), []);

    await setTo(world, 'old', shop);
    await hourly(world);
    await hourly(world, 40, 24);
    assert.deepEqual(await held(world), { ...all('new'), [shop]: 'old' });
    const [left] = await back(world);
    assert.match(
      left?.message ?? '',
      /2 times in 30 days: seen at 2026-06-01 14:30 UTC, 90 minutes after the new one was set/,
    );
    assert.match(
      left?.message ?? '',
      /; seen at 2026-06-02 15:30 UTC, 60 minutes after the new one was set\. CertRebind leaves it\.$/,
    );
    assert.deepEqual([left?.next, left?.commands[0]], ['person', 'certrebind reconcile']);
    assert.equal((await reconcileNow(world)).result, 'rebound');
    assert.deepEqual(await held(world), all('new'));
  });

  it('by a tool is told with its rhythm', async () => {
    const world = await renewed();
    for (let round = 0; round < 2; round++) {
      world.later(20 * 60_000);
      await setTo(world, 'old', shop);
      await reconcile(world);
      if (round === 0) await hourly(world, 3, 8);
    }
    assert.match((await back(world))[0]?.message ?? '', /A tool that runs every 30 minutes or more often sets it\.$/);
  });

  it('is set again at once by a person, and then counts as set back once', async () => {
    const world = await renewed();
    await setTo(world, 'old', shop);
    assert.equal((await reconcileNow(world)).result, 'rebound');
    assert.deepEqual(await held(world), all('new'));
    await setTo(world, 'old', shop);
    assert.equal((await hourly(world, 4, 24)).result, 'waiting');
    assert.equal((await back(world))[0]?.next, 'person');
    await rebind(world, [given(lab, 'old', 'new')]);
    assert.deepEqual(await held(world), all('new'));
  });

  it('is told as the first time after 30 days, and where somebody else had set the new one', async () => {
    const world = await renewed();
    await setTo(world, 'old', shop);
    await hourly(world, 12);
    await setTo(world, 'new', shop);
    await hourly(world);
    await setTo(world, 'old', shop);
    await hourly(world, 30);
    assert.equal((await held(world))[shop], 'old', 'the second time');
    await setTo(world, 'new', shop);
    await hourly(world, 31, 24);
    await setTo(world, 'old', shop);
    await hourly(world);
    assert.equal((await held(world))[shop], 'old');
    await hourly(world, 24);
    assert.equal((await held(world))[shop], 'new');
  });

  it('waits for days on which the hourly run looked, whatever the clock says', async () => {
    const world = await renewed();
    await setTo(world, 'old', shop);
    await hourly(world);
    world.later(20 * 24 * hourMs);
    assert.equal((await hourly(world)).result, 'waiting');
    await hourly(world, 25);
    assert.equal((await held(world))[shop], 'old');
    await hourly(world, 24);
    assert.equal((await held(world))[shop], 'new');
  });

  it('is set again as an error, once a day, as soon as the old one is near its end or over', async () => {
    const world = await renewed();
    // Of a certificate that began in January and ends in August people have to act a week before.
    world.later(Date.parse('2026-07-26T00:30:00Z') - world.context.clock.now().getTime());
    const set: string[] = [];
    let [error] = await back(world);
    for (let look = 0; look < 10 * 6; look++) {
      await setTo(world, 'old', shop);
      const outcome = await hourly(world, 1, 4);
      if (outcome.steps.length === 0) {
        [error] = await back(world);
        continue;
      }
      set.push(outcome.startedAt);
      const entry = logEntry(outcome);
      assert.equal(entry?.do === 'log' ? entry.level : null, 'error');
    }
    assert.deepEqual([error?.severity, error?.commands[0]], ['error', 'certrebind reconcile']);
    assert.match(error?.message ?? '', /The old certificate \S+ expired at .*, at most once a day\.$/);
    assert.equal(set.length, 10);
    const pauses = set.slice(1).map((at, index) => Date.parse(at) - Date.parse(set[index] ?? ''));
    assert.ok(Math.min(...pauses) >= 24 * hourMs, JSON.stringify(pauses));
  });

  it('stays where the new certificate is revoked, even if the old one cannot serve', async () => {
    const world = await renewed();
    await setTo(world, 'old', shop);
    await hourly(world);
    const { server } = world.context;
    const revoked = (snapshot: Snapshot): Snapshot => ({
      ...snapshot,
      certificates: snapshot.certificates.map((one) =>
        one.thumbprint === lab.thumbprint('new') ? { ...one, disallowed: true as const } : one,
      ),
    });
    const context = { ...world.context, server: { ...server, snapshot: async () => revoked(await server.snapshot()) } };
    const later = { ...world, context };
    assert.equal(met((await hourly(later, 30)).blocked[0]).reason, 'revoked');
    assert.equal(met((await reconcileNow(later)).blocked[0]).reason, 'revoked');
    world.later(60 * 24 * hourMs);
    assert.deepEqual((await hourly(later, 3, 10)).steps, []);
    assert.equal((await held(world))[shop], 'old');
  });

  it('stays where no client trusts either of them any more, which no guard compares', async () => {
    const world = await renewed();
    await setTo(world, 'old', shop);
    const { server } = world.context;
    const snapshot = async () => {
      const seen = await server.snapshot();
      const { trust } = seen;
      assert.ok(trust !== undefined);
      const authorities = trust.authorities.map((one) => ({ ...one, standing: 'disallowed' as const }));
      return { ...seen, trust: { ...trust, authorities } };
    };
    const later = { ...world, context: { ...world.context, server: { ...server, snapshot } } };
    assert.deepEqual((await hourly(later, 30)).steps, []);
    assert.deepEqual((await reconcileNow(later)).steps, []);
    const [told] = await back(later);
    assert.match(told?.message ?? '', /The new certificate \S+ is revoked or not trusted/);
    assert.match(
      told?.commands[0] ?? '',
      /^certrebind rebind --old [0-9A-F]{40} --new <thumbprint>$/,
      'reconcile would do nothing',
    );
    assert.match(
      told?.hint ?? '',
      /^First have a certificate issued again, put it into the computer's store My \(Personal\), and its thumbprint into the command\./,
    );
  });

  it('that never held the new one is changed at once, and so is one of a later renewal', async () => {
    const world = worldOf(lab);
    const record = (await recordsOf(world)).get(www) ?? assert.fail('no record');
    world.kernel.apply({ kind: 'netsh', args: ['http', 'delete', 'sslcert', `hostnameport=${www}`] });
    await hourly(world);
    await world.context.server.change([restoreOf(record)]);
    assert.deepEqual(await back(world), []);
    assert.deepEqual(each((await hourly(world)).steps, 'key'), [www]);
    await setTo(world, 'old', shop);
    await hourly(world);
    world.kernel.apply({ kind: 'set-renewal', thumbprint: lab.thumbprint('new'), renewedTo: lab.thumbprint('newer') });
    await hourly(world);
    assert.equal((await held(world))[shop], 'newer');
  });

  it('together with all others, as from a backup, is one finding and not counted', async () => {
    const world = await renewed();
    await setTo(world, 'old', any, shop, www);
    const [one, ...others] = await back(world);
    assert.deepEqual([one?.keys, others], [[any, shop, www], []]);
    assert.match(one?.message ?? '', /went back together, as after a restored backup/);
    assert.deepEqual(one?.commands, ['certrebind reconcile']);
    await hourly(world, 25);
    assert.deepEqual(await held(world), all('new'));
    await setTo(world, 'old', shop);
    await hourly(world, 25);
    assert.deepEqual(await held(world), all('new'), 'the first that counts');
    await setTo(world, 'old', shop);
    await hourly(world, 50);
    assert.equal((await held(world))[shop], 'old');
  });

  it('together with all others a second time in a row, as by a backup of every night, is counted', async () => {
    const world = await renewed();
    for (const left of ['new', 'new', 'old']) {
      await setTo(world, 'old', any, shop, www);
      await hourly(world, 50);
      assert.deepEqual(await held(world), all(left));
    }
  });

  it('together with all others of its kind is not counted, whatever another kind has', () => {
    const pair = renewal('old', 'new');
    const keys = ['shop.example.com:443', 'www.example.com:443'].map(keyText);
    const attempts = (places: readonly KeyText[], server: SnapshotParts) => {
      const row = { run: 'run-1', at: '2026-06-01T10:00:00.000Z', certificate: pair.new, places };
      const found = setBacksAt(
        new Map(keys.map((key) => [key, pair])),
        { applied: [row], decisions: [] },
        snapshot(server),
      );
      return each([...found.values()], 'attempts');
    };
    const server: SnapshotParts = {
      records: [...keys.map((key) => record(key, 'old')), record('api.example.com:443', 'new')],
      others: [{ thumbprint: pair.new, consumer: { kind: 'rdp', detail: 'RDP-Tcp' } }],
    };
    const held = [...thumbprintsByPlace(snapshot(server))];
    const [remoteDesktop = assert.fail()] = held.flatMap(([key, by]) =>
      kindOf(key) === 'rdp' && by === pair.new ? key : [],
    );
    assert.deepEqual(attempts([...keys, remoteDesktop], server), [0, 0]);
    assert.deepEqual(attempts([...keys, keyText('api.example.com:443')], server), [1, 1]);
  });
});
