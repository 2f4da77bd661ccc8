import assert from 'node:assert/strict';
import { stub } from 'sinon';
import { CertRebindError } from '../../../src/base/errors.ts';
import { defaultConfiguration } from '../../../src/documents/configuration.ts';
import type { Notification } from '../../../src/documents/notification.ts';
import type { JournalLine } from '../../../src/documents/runs/journal.ts';
import { alreadySettled } from '../../../src/documents/runs/ledger.ts';
import type { Outcome } from '../../../src/documents/runs/outcome.ts';
import type { Plan } from '../../../src/documents/runs/plan.ts';
import { changed, isApplied } from '../../../src/documents/runs/step-states.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { ledgerEntries } from '../../../src/engine/views/ledger-entries.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import { withCertificate } from '../../../src/kinds/tls/certificate-binding.ts';
import type { FaultPoint } from '../../../src/lab/kernel/faults.ts';
import { restoreOf } from '../../builders/changes.ts';
import { met } from '../../builders/met.ts';
import { replacementEvent } from '../../builders/replacement-event.ts';
import { sni, thumbprintOf } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';
import { sameRecord } from '../../support/same-record.ts';
import { noCounts } from '../plan/outcomes.ts';
import {
  execute,
  given,
  holdings,
  rebind,
  reconcile,
  recordsOf,
  startTime,
  stepAt,
  undo,
  type World,
  wideHosts,
  wideKeys,
  wideLab,
  withState,
  worldOf,
} from './world.ts';

const lab = wideLab();
const renewal = given(lab, 'old', 'new');
const victim = 'shop.example.com:443';
const labels = ['old', 'new', 'other'];
/** What every record holds when those under IIS bindings hold `label`, but for exceptions. */
const all = (label: string, but: Record<string, string> = {}) => ({
  ...Object.fromEntries(wideKeys.map((key) => [key, label])),
  '0.0.0.0:8443': 'old',
  ...but,
});
const rebindAt = (key: string): FaultPoint => ({ kind: 'binding-method', method: 'RebindSslCertificate', key });
const connectTo = (key: string): FaultPoint => ({ kind: 'connect', key });

/** Others set the record under a binding of Shop to a certificate, after the plan was made and before anything is replaced. */
function meddledWith(world: World, host: string, label: string): World {
  const { handshake } = world.context;
  let meddled = false;
  const meddling: typeof handshake = (endpoint) => {
    if (!meddled) rebindByOthers(world, host, label);
    meddled = true;
    return handshake(endpoint);
  };
  return { ...world, context: { ...world.context, handshake: meddling } };
}

function rebindByOthers(world: World, host: string, label: string): void {
  world.kernel.apply({
    kind: 'binding-method',
    site: 'Shop',
    information: `*:443:${host}`,
    method: 'RebindSslCertificate',
    hash: lab.thumbprint(label),
    store: 'My',
  });
}

/** Every promise of a run that may be checked whatever happened in it. */
async function checkHonesty(world: World, outcome: Outcome): Promise<void> {
  const records = await recordsOf(world);
  const original = await recordsOf(worldOf(lab));
  for (const { key, state, now } of outcome.steps) {
    const [record, before] = [records.get(key), original.get(key)];
    assert(before !== undefined);
    if (now.state === 'holds') assert.equal(now.thumbprint, record?.thumbprint, key);
    if (now.state === 'absent') assert.equal(record, undefined, key);
    if (changed(state)) {
      assert(record && sameRecord(record, withCertificate(before, lab.thumbprint('new'), 'My')), `${key} is whole`);
    }
    if (state === 'rolled-back' || state === 'not-attempted')
      assert(record && sameRecord(record, before), `${key} is as before`);
  }
  const holds = outcome.steps.every(({ state }) => isApplied(state));
  if (outcome.exitCode === 0 || outcome.result === 'rebound') assert(holds, 'success means that every step holds');
}

describe('a run', () => {
  it('swaps every record under an IIS binding and nothing else, keeps every option, and proves it', async () => {
    const world = worldOf(lab);
    const before = await recordsOf(world);
    const outcome = await rebind(world, [renewal]);
    assert.deepEqual([outcome.result, outcome.exitCode], ['rebound', 0]);
    assert.deepEqual(outcome.counts, { ...noCounts, changed: 4, skipped: 1 });
    assert.deepEqual(await holdings(world, lab, labels), all('new'));
    for (const [key, record] of await recordsOf(world)) assert.deepEqual(record.options, before.get(key)?.options);
    for (const step of outcome.steps) assert.equal(step.state, 'verified', step.key);
    assert.deepEqual(world.stages, ['read', 'plan', 'baseline', 'canary', 'prove', 'replace', 'prove', 'close']);
  });

  for (const position of ['replaces', 'refuses'] as const)
    it(`replaces a certificate that has left its store, where RebindSslCertificate ${position} it`, async () => {
      const world = worldOf(lab.switched('rebind-orphaned', position));
      const before = await recordsOf(world);
      world.kernel.apply({ kind: 'remove-certificate', thumbprint: lab.thumbprint('old'), store: 'My' });
      assert.equal((await rebind(world, [renewal])).exitCode, 0);
      assert.deepEqual(await holdings(world, lab, labels), all('new'));
      for (const [key, record] of await recordsOf(world)) assert.deepEqual(record.options, before.get(key)?.options);
    });

  it('remembers what it did: a closed run with its journal, the ledger, an entry in the log', async () => {
    const world = worldOf(lab);
    const outcome = await rebind(world, [renewal]);
    const stored = await world.state.readRun(outcome.run);
    assert.deepEqual(stored.outcome, outcome);
    assert.deepEqual(each(stored.journal, 'type'), [
      'opened',
      'changing',
      'changed',
      'proved',
      'changing',
      ...Array(3).fill('changed'),
      ...Array(3).fill('proved'),
    ]);
    const entries = ledgerEntries(await world.state.readLedger());
    assert.deepEqual(
      entries.map(({ state, run }) => ({ state, run })),
      [{ state: 'settled', run: outcome.run }],
    );
    const [entry] = world.kernel.state.applicationLog.entries;
    // A record of another product holds the old certificate still, and the entry says what a person types.
    assert.equal(entry?.eventId, 101);
    assert.match(entry?.text ?? '', /You have to change it[^\n]*\n\s*certrebind config add applicationIds/);
    assert.equal(entry?.data.run, outcome.run);
  });

  it('finds nothing to do the second time, and writes nothing to the server', async () => {
    const world = worldOf(lab);
    await rebind(world, [renewal]);
    const { writes } = world.kernel.state.counters;
    const second = await rebind(world, [renewal]);
    assert.deepEqual([second.result, second.exitCode], ['nothing-to-do', 0]);
    assert.equal(second.counts.already, 4);
    assert.equal(world.kernel.state.counters.writes, writes);
    assert.equal((await world.state.listRuns()).length, 1);
  });

  it('blocks the record whose host the new certificate lacks and swaps the others', async () => {
    const narrow = wideLab().certificate('narrow', { names: wideHosts.slice(0, 2), notAfter: '2028-01-01T00:00:00Z' });
    const world = worldOf(narrow);
    const outcome = await rebind(world, [given(narrow, 'old', 'narrow')]);
    assert.deepEqual([outcome.result, outcome.exitCode], ['partly-rebound', 3]);
    assert.deepEqual(
      outcome.blocked.map(met).map(({ key, reason, hosts }) => ({ key, reason, hosts })),
      [{ key: 'mail.example.com:443', reason: 'names-lost', hosts: ['mail.example.com'] }],
    );
    assert.deepEqual(
      await holdings(world, narrow, [...labels, 'narrow']),
      all('narrow', { 'mail.example.com:443': 'old' }),
    );
    const entries = ledgerEntries(await world.state.readLedger());
    assert.deepEqual(
      entries.map(({ state, reasons }) => ({ state, reasons })),
      [{ state: 'blocked', reasons: ['names-lost'] }],
    );
  });

  it('changes and remembers nothing in a dry run', async () => {
    const world = worldOf(lab);
    const outcome = await rebind(world, [renewal], { dryRun: true });
    assert.deepEqual([outcome.dryRun, outcome.result, outcome.exitCode], [true, 'would-rebind', 0]);
    assert.deepEqual(outcome.counts, { ...noCounts, planned: 4, skipped: 1 });
    assert.deepEqual(each(outcome.steps, 'state'), Array(4).fill('planned'));
    assert.equal(world.kernel.state.counters.writes, 0);
    assert.deepEqual(await world.state.listRuns(), []);
    assert.deepEqual(ledgerEntries(await world.state.readLedger()), []);
  });
});

describe('read-back', () => {
  it('repairs options that a swap lost, and says which', async () => {
    const world = worldOf(lab.switched('rebind-options', 'all-lost'));
    const outcome = await rebind(world, [renewal]);
    assert.equal(outcome.result, 'rebound');
    assert.deepEqual(stepAt(outcome, 'shop.example.com:443').repairedOptions, ['check-mode no-revocation-check']);
    assert.deepEqual(stepAt(outcome, 'www.example.com:443').repairedOptions, []);
    await checkHonesty(world, outcome);
  });

  it('asks for a person when neither repair nor putting back brings the options', async () => {
    const world = worldOf(lab.switched('rebind-options', 'all-lost'));
    world.fault({
      on: { kind: 'netsh', key: 'shop.example.com:443' },
      times: null,
      effect: { do: 'fail', hresult: 0x80070057, message: 'The parameter is incorrect.' },
    });
    const outcome = await rebind(world, [renewal]);
    const step = stepAt(outcome, 'shop.example.com:443');
    assert.equal(step.state, 'rollback-failed');
    assert.deepEqual([outcome.exitCode, outcome.result], [5, 'needs-attention']);
    assert.match(step.error?.message ?? '', /check-mode no-revocation-check/);
    await checkHonesty(world, outcome);
  });
});

describe('one record that fails', () => {
  it('puts back the whole run when the policy says so', async () => {
    const world = worldOf(lab);
    world.fault({ on: rebindAt(victim), effect: { do: 'no-effect' } });
    const outcome = await rebind(world, [renewal], { undo: 'run' });
    assert.deepEqual(await holdings(world, lab, labels), all('old'));
    assert.deepEqual([outcome.result, outcome.exitCode], ['undone', 4]);
    assert.equal(stepAt(outcome, 'www.example.com:443').error?.code, 'run-undone');
    await checkHonesty(world, outcome);
  });
});

describe('the canary', () => {
  const canary = '0.0.0.0:443';

  it('keeps the other records of its certificate untouched when it fails', async () => {
    const world = worldOf(lab);
    world.fault({ on: connectTo(canary), nth: 2, times: null, effect: { do: 'refuse' } });
    const outcome = await rebind(world, [renewal]);
    assert.equal(stepAt(outcome, canary).state, 'rolled-back');
    const rest = outcome.steps.filter(({ key }) => key !== canary);
    assert.deepEqual(
      [...new Set(rest.map(({ state, error }) => `${state} ${error?.code}`))],
      ['not-attempted canary-failed'],
    );
    assert.deepEqual(await holdings(world, lab, labels), all('old'));
    assert.deepEqual([outcome.result, outcome.exitCode], ['undone', 4]);
    await checkHonesty(world, outcome);
  });

  it('is a record whose endpoint answers, where there is one', async () => {
    const world = worldOf(lab);
    world.fault({ on: connectTo(canary), times: null, effect: { do: 'refuse' } });
    const outcome = await rebind(world, [renewal]);
    const { journal } = await world.state.readRun(outcome.run);
    const first = journal.find((line) => line.type === 'changing');
    assert(first?.type === 'changing');
    assert.deepEqual(first.steps, [stepAt(outcome, 'mail.example.com:443').id]);
    assert.equal(outcome.result, 'rebound');
  });

  it('is replaced by another record when others changed it meanwhile', async () => {
    const world = meddledWith(worldOf(lab), '', 'other');
    const outcome = await rebind(world, [renewal]);
    assert.equal(stepAt(outcome, canary).error?.code, 'changed-meanwhile');
    assert.deepEqual(await holdings(world, lab, labels), all('new', { [canary]: 'other' }));
  });
});

describe('the wire', () => {
  it('is dialled again while it serves what the record held before', async () => {
    const world = worldOf(lab);
    world.fault({ on: connectTo(victim), nth: 2, times: 2, effect: { do: 'serve-previous' } });
    const outcome = await rebind(world, [renewal]);
    assert.equal(stepAt(outcome, victim).state, 'verified');
    assert.deepEqual(world.slept, [200, 400]);
  });

  it('that serves the old certificate still is said, asked for 15 s, and left; the others are swapped', async () => {
    const world = worldOf(lab);
    world.fault({ on: connectTo(victim), times: null, effect: { do: 'serve-previous' } });
    const outcome = await rebind(world, [renewal]);
    const step = stepAt(outcome, victim);
    assert.deepEqual([step.state, step.error?.code], ['still-old', 'still-old']);
    assert.match(step.error?.message ?? '', /still serves \w+, although \w+ is set/);
    assert.deepEqual([outcome.exitCode, outcome.result], [5, 'needs-attention']);
    assert.deepEqual([outcome.counts.changed, outcome.counts.stillOld, outcome.counts.failed], [3, 1, 0]);
    assert.equal(
      world.slept.reduce((sum, ms) => sum + ms, 0),
      15_000,
    );
    assert.deepEqual(await holdings(world, lab, labels), all('new'));
    const [entry] = ledgerEntries(await world.state.readLedger());
    assert.deepEqual([entry?.state, entry?.stillOld], ['failed', [victim]]);
  });

  it('that serves the old certificate still is looked at by each reconcile, until it has changed', async () => {
    const world = worldOf(lab);
    world.fault({ on: connectTo(victim), times: null, effect: { do: 'serve-previous' } });
    const { run } = await rebind(world, [renewal]);
    const { writes } = world.kernel.state.counters;
    const again = await lookAgain(world);
    assert.deepEqual([again.exitCode, stepAt(again, victim).state, again.steps.length], [5, 'still-old', 1]);
    world.kernel.apply({ kind: 'disarm-faults' });
    const cleared = await lookAgain(world);
    assert.deepEqual([cleared.exitCode, stepAt(cleared, victim).state], [0, 'already']);
    const [entry] = ledgerEntries(await world.state.readLedger());
    assert.deepEqual([entry?.state, entry?.stillOld], ['settled', undefined]);
    assert.equal(world.kernel.state.counters.writes - writes, world.kernel.state.applicationLog.entries.length - 1);
    const undone = await undo(world, run);
    assert.deepEqual([undone.result, undone.counts.changed], ['undone', 4]);
    assert.deepEqual(await holdings(world, lab, labels), all('old'));
  });

  it('that serves the old certificate still at the canaries has three tried, and then the rest', async () => {
    const world = worldOf(lab);
    for (const key of wideKeys) world.fault({ on: connectTo(key), times: null, effect: { do: 'serve-previous' } });
    const outcome = await rebind(world, [renewal]);
    assert.deepEqual([outcome.counts.stillOld, outcome.exitCode], [4, 5]);
    const { journal } = await world.state.readRun(outcome.run);
    const changing = journal.flatMap((line) => (line.type === 'changing' ? [line.steps.length] : []));
    assert.deepEqual(changing, [1, 1, 1, 1]);
    assert.equal(world.stages.filter((stage) => stage === 'canary').length, 3);
    assert.equal(world.stages.filter((stage) => stage === 'replace').length, 1);
    assert.equal(journal.filter(({ type }) => type === 'rolling-back').length, 0);
  });

  it('that serves the old certificate still puts back nothing where one failure undoes the run', async () => {
    const world = worldOf(lab);
    world.fault({ on: connectTo(victim), times: null, effect: { do: 'serve-previous' } });
    const outcome = await rebind(world, [renewal], { undo: 'run' });
    assert.deepEqual([outcome.exitCode, outcome.counts.undone], [5, 0]);
    assert.deepEqual(await holdings(world, lab, labels), all('new'));
  });
});

describe('a server that stops answering', () => {
  it('is told nothing more; every record is named with its state, and a person is asked for', async () => {
    const world = worldOf(lab);
    world.fault({ on: rebindAt(victim), effect: { do: 'hang', after: true } });
    const outcome = await rebind(world, [renewal]);
    assert.deepEqual([outcome.exitCode, outcome.result], [5, 'needs-attention']);
    const step = stepAt(outcome, victim);
    assert.equal(step.state, 'silent');
    assert.equal(step.now.state, 'unknown');
    assert.equal(step.error?.code, 'server-silent');
    assert.deepEqual(world.kernel.state.applicationLog.entries, []);
  });

  it('is looked at by the next start, which puts right what the hanging call had done', async () => {
    const world = worldOf(lab);
    world.fault({ on: rebindAt(victim), effect: { do: 'lose-options' } });
    world.fault({ on: rebindAt(victim), effect: { do: 'hang', after: true } });
    const { run } = await rebind(world, [renewal]);
    assert.deepEqual(await world.state.unfinishedRuns(), [run]);
    const outcome = await rebind(world, [renewal]);
    assert.equal(outcome.exitCode, 0);
    assert.equal(outcome.notes[0]?.code, 'recovered');
    assert.deepEqual(await holdings(world, lab, labels), all('new'));
    const { outcome: recovered } = await world.state.readRun(run);
    assert(recovered !== null);
    assert.deepEqual(stepAt(recovered, victim).repairedOptions, ['check-mode no-revocation-check']);
    await checkHonesty(world, { ...recovered, steps: recovered.steps.filter(({ state }) => changed(state)) });
  });

  it('has its whole run rolled back by the next start, where one failure undoes the run', async () => {
    const world = worldOf(lab);
    world.fault({ on: rebindAt(victim), effect: { do: 'hang', after: false } });
    const { run } = await rebind(world, [renewal], { undo: 'run' });
    await rebind(world, [], { undo: 'run' });
    const { outcome } = await world.state.readRun(run);
    assert.deepEqual([outcome?.result, outcome?.counts.changed], ['undone', 0]);
    assert.deepEqual(await holdings(world, lab, labels), all('old'));
  });

  it('and left a record that cannot be made again is remembered with what is true then', async () => {
    const world = worldOf(lab);
    const netsh: FaultPoint = { kind: 'netsh', key: victim };
    world.fault({ on: rebindAt(victim), effect: { do: 'delete-without-add' } });
    world.fault({ on: netsh, effect: { do: 'hang', after: false } });
    await rebind(world, [renewal]);
    const refused = { do: 'fail', hresult: -2147024891, message: 'Access is denied.' } as const;
    world.fault({ on: netsh, times: null, effect: refused });
    const [step] = (await rebind(world, [])).notes;
    const [entry] = ledgerEntries(await world.state.readLedger());
    assert.deepEqual(
      [step?.code, entry?.rolledBack?.keys, typeof entry?.rolledBack?.facts],
      ['recovered', [victim], 'string'],
    );
  });

  for (const what of ['certificates', 'snapshot'] as const)
    it(`is recovered from without its ${what}, if these cannot be read`, async () => {
      const world = worldOf(lab);
      world.fault({ on: rebindAt(victim), effect: { do: 'hang', after: true } });
      const { run } = await rebind(world, [renewal]);
      const refused = new CertRebindError('powershell-failed', { message: 'Access is denied.' });
      world.fault({ on: connectTo(victim), times: null, effect: { do: 'refuse' } });
      stub(world.context.server, what).onFirstCall().rejects(refused).callThrough();
      await rebind(world, []);
      const { outcome } = await world.state.readRun(run);
      assert.equal(outcome?.steps.find(({ key }) => key === victim)?.state, 'rolled-back');
    });

  it('in a recovery keeps anything else from being begun', async () => {
    const world = worldOf(lab);
    world.fault({ on: rebindAt(victim), effect: { do: 'lose-options' } });
    world.fault({ on: rebindAt(victim), effect: { do: 'hang', after: true } });
    const { run } = await rebind(world, [renewal]);
    world.fault({ on: { kind: 'netsh', key: victim }, effect: { do: 'hang', after: true } });
    const outcome = await rebind(world, [renewal]);
    assert.deepEqual([outcome.run, outcome.exitCode], [run, 5]);
    assert.deepEqual([(await world.state.listRuns()).length, await world.state.unfinishedRuns()], [1, [run]]);
    assert.equal((await rebind(world, [renewal])).exitCode, 0);
  });
});

describe('a run that is stopped', () => {
  it('before the first change changes nothing and is not called success', async () => {
    const stop = new AbortController();
    const world = worldOf(lab, { signal: stop.signal });
    const { handshake } = world.context;
    const stopping = {
      ...world.context,
      handshake: (endpoint: Parameters<typeof handshake>[0]) => {
        stop.abort();
        return handshake(endpoint);
      },
    };
    const outcome = await rebind({ ...world, context: stopping }, [renewal]);
    assert.equal(world.kernel.state.counters.writes, 0);
    assert.deepEqual(
      outcome.steps.map(({ error }) => error?.code),
      Array(4).fill('stopped'),
    );
    assert.deepEqual([outcome.result, outcome.exitCode], ['undone', 4]);
    assert.deepEqual(await world.state.listRuns(), []);
    assert.deepEqual(ledgerEntries(await world.state.readLedger()), []);
  });

  it('after the first change is finished and verified all the same', async () => {
    const stop = new AbortController();
    const world = worldOf(lab, { signal: stop.signal });
    const { server } = world.context;
    const stopping = {
      ...world.context,
      server: {
        ...server,
        change: (changes: Parameters<typeof server.change>[0]) => {
          stop.abort();
          return server.change(changes);
        },
      },
    };
    const outcome = await rebind({ ...world, context: stopping }, [renewal]);
    assert.equal(outcome.result, 'rebound');
    assert.deepEqual(await holdings(world, lab, labels), all('new'));
  });
});

describe('a run that cannot be written down', () => {
  const refuse = async () => {
    throw new CertRebindError('not-writable', { message: '/state cannot be written: the disk is full.' });
  };
  const withFullDisk = (world: World, full: Partial<World['state']>): World => ({
    ...world,
    context: { ...world.context, state: { ...world.state, ...full } },
  });

  it('before anything was changed is refused, and nothing is touched', async () => {
    const world = worldOf(lab);
    const expected = { code: 'not-writable', exitCode: 2 };
    await assert.rejects(rebind(withFullDisk(world, { openRun: refuse }), [renewal]), expected);
    assert.equal(world.kernel.state.counters.writes, 0);
  });

  it('after it changed records says so and asks for a person; the next run ends it', async () => {
    const world = worldOf(lab);
    const outcome = await rebind(withFullDisk(world, { writeLedger: refuse }), [renewal]);
    assert.deepEqual([outcome.exitCode, outcome.result], [5, 'needs-attention']);
    assert.equal(outcome.counts.changed, 4);
    assert.match(outcome.notes.at(-1)?.text ?? '', /could not be saved .*the disk is full/);
    assert.deepEqual(await world.state.unfinishedRuns(), [outcome.run]);
    assert.equal((await rebind(world, [renewal])).exitCode, 0);
    assert.deepEqual(await world.state.unfinishedRuns(), []);
    assert.equal(ledgerEntries(await world.state.readLedger())[0]?.state, 'settled');
  });

  it('as a recovery begins nothing else, since nothing of it would be known', async () => {
    const world = worldOf(lab);
    const full = withFullDisk(world, { writeLedger: refuse });
    const { run } = await rebind(full, [renewal]);
    world.kernel.apply({ kind: 'set-renewal', thumbprint: lab.thumbprint('new'), renewedTo: lab.thumbprint('other') });
    const { writes } = world.kernel.state.counters;
    const outcome = await reconcile(full);
    assert.equal(outcome.run, run);
    assert.equal(outcome.exitCode, 5);
    assert.equal(world.kernel.state.counters.writes, writes);
  });

  it('is no worse for old runs that cannot be tidied away', async () => {
    const world = worldOf(lab);
    const outcome = await rebind(withFullDisk(world, { pruneRuns: refuse }), [renewal]);
    assert.equal(outcome.exitCode, 0);
  });
});

describe('a window for changes', () => {
  const configuration = { ...defaultConfiguration, window: { from: '22:00', to: '02:00' } };

  it('is not waited for as a late key is; what waits is told once, and done in its turn', async () => {
    const told: string[] = [];
    const post = async ({ kind }: Notification) => {
      told.push(kind);
      return 0;
    };
    const world = worldOf(lab, { overrides: { post } });
    const first = await rebind(world, [renewal], {}, configuration);
    assert.deepEqual([first.result, first.exitCode, first.counts.changed], ['waiting', 0, 0]);
    assert.deepEqual(world.slept, []);
    world.later(3600_000);
    const second = await reconcile(world, {}, configuration);
    assert.equal(second.result, 'waiting');
    assert.deepEqual(told, ['waiting']);
    world.later(14 * 3600_000 - 3600_000);
    const third = await reconcile(world, {}, configuration);
    // 01:59 would leave no hour of the window, so by 02:00 every turn has come; after it, it is closed again.
    assert.equal(third.result, 'waiting');
    world.later(23 * 3600_000);
    assert.equal((await reconcile(world, {}, configuration)).result, 'rebound');
    assert.deepEqual(told, ['waiting', 'rebound']);
  });
});

describe('certificates that come late', () => {
  const late = (key: 'missing' | { readyAt: string }, names = wideHosts) =>
    wideLab().certificate('late', { names, key, notAfter: '2028-01-01T00:00:00Z' });

  it('are read again until their key can be opened, and swapped then', async () => {
    const slow = late({ readyAt: '2026-06-01T12:00:03.000Z' });
    const world = worldOf(slow);
    const outcome = await rebind(world, [given(slow, 'old', 'late')]);
    assert.equal(outcome.result, 'rebound');
    assert.deepEqual(world.slept, [500, 1000, 2000]);
  });

  it('stay pending in the ledger when they do not come', async () => {
    const slow = late('missing');
    const world = worldOf(slow);
    const outcome = await rebind(world, [given(slow, 'old', 'late')]);
    assert.deepEqual([outcome.result, outcome.exitCode], ['blocked', 3]);
    assert.deepEqual(world.slept, [500, 1000, 2000, 4000, 8000]);
    assert.equal(ledgerEntries(await world.state.readLedger())[0]?.state, 'pending');
  });

  for (const [source, slept] of [
    ['given', []],
    ['renewal-property', [500, 1000, 2000, 4000, 8000]],
  ] as const)
    it(`are ${slept.length === 0 ? 'not ' : ''}waited for where they are in no store and come from ${source}`, async () => {
      const world = worldOf(lab);
      const { blocked } = await rebind(world, [{ ...renewal, source, new: thumbprintOf('nowhere') }]);
      assert.deepEqual([...new Set(blocked.map(met).map(({ reason }) => reason))], ['certificate-missing']);
      assert.deepEqual(world.slept, slept);
    });

  it('are not waited for where a guard blocks as well', async () => {
    const slow = wideLab()
      .certificate('late', { names: ['shop.example.com'], key: 'missing', notAfter: '2028-01-01T00:00:00Z' })
      .certificate('narrow', { names: ['unrelated.example.com'], notAfter: '2028-01-01T00:00:00Z' })
      .site('More', [sni('other.example.com')])
      .record('other.example.com:443', 'other');
    const world = worldOf(slow);
    await rebind(world, [given(slow, 'old', 'late'), given(slow, 'other', 'narrow')]);
    assert.deepEqual(world.slept, []);
  });

  it('are waited for up to ten minutes when they are not valid yet', async () => {
    const early = wideLab().certificate('late', {
      names: wideHosts,
      notBefore: '2026-06-01T12:05:00Z',
      notAfter: '2028-01-01T00:00:00Z',
    });
    const world = worldOf(early);
    const outcome = await rebind(world, [given(early, 'old', 'late')]);
    assert.equal(outcome.result, 'rebound');
    assert.deepEqual(world.slept, [300_000]);
    const tooEarly = wideLab().certificate('late', {
      names: wideHosts,
      notBefore: '2026-06-01T13:00:00Z',
      notAfter: '2028-01-01T00:00:00Z',
    });
    const another = worldOf(tooEarly);
    assert.equal((await rebind(another, [given(tooEarly, 'old', 'late')])).result, 'waiting');
    assert.deepEqual(another.slept, []);
  });
});

describe('a plan made earlier', () => {
  const made = async (world: World) =>
    planRebind({
      snapshot: await world.context.server.snapshot(),
      renewals: [renewal],
      configuration: defaultConfiguration,
    });

  const apply = (world: World, chosen: Plan, force = false) =>
    execute(world, { command: 'apply', wanted: { want: 'chosen', chosen, force } });

  it('is refused with the changed records named when one is not, and nothing is touched', async () => {
    const world = worldOf(lab);
    const plan = await made(world);
    rebindByOthers(world, 'shop.example.com', 'other');
    const { writes } = world.kernel.state.counters;
    const applied = apply(world, plan);
    await assert.rejects(
      applied,
      (error: CertRebindError) => error.code === 'plan-stale' && error.exitCode === 8 && error.message.includes(victim),
    );
    assert.equal(world.kernel.state.counters.writes, writes);
  });

  it('starts from the records as they are when it is forced, and so can be undone to that', async () => {
    const world = worldOf(lab);
    const plan = await made(world);
    rebindByOthers(world, 'shop.example.com', 'other');
    const outcome = await apply(world, plan, true);
    assert.equal(outcome.result, 'rebound');
    await undo(world, outcome.run);
    assert.deepEqual(await holdings(world, lab, labels), all('old', { [victim]: 'other' }));
  });

  it('to which a person agreed is carried out, and refused once anything else would be changed', async () => {
    const world = worldOf(lab);
    const agreed = await made(world);
    const changed = world.fork();
    rebindByOthers(changed, 'shop.example.com', 'new');
    await assert.rejects(rebind(changed, [renewal], { agreed }), {
      code: 'plan-stale',
      message: 'The server changed since the plan was made that you agreed to.',
    });
    assert.deepEqual(await holdings(changed, lab, labels), all('old', { [victim]: 'new' }));
    assert.equal((await rebind(world, [renewal], { agreed })).result, 'rebound');
  });
});

describe('a certificate that is not in its store yet', () => {
  it('is planned with as if it were, and nothing is changed', async () => {
    const world = worldOf(lab);
    const { certificates } = await world.context.server.snapshot();
    const certificate = certificates.find(({ thumbprint }) => thumbprint === renewal.new) ?? assert.fail();
    const leaf = Buffer.from(
      world.kernel.state.certificates.find(({ thumbprint }) => thumbprint === renewal.new)?.der ?? '',
      'base64',
    );
    world.kernel.apply({ kind: 'remove-certificate', thumbprint: renewal.new, store: 'My' });
    const arriving = { certificate, found: { leaf, intermediates: [] } };
    const wanted = { want: 'pairs', renewals: [renewal], arriving, purpose: 'import', oldOption: '--old' } as const;
    const outcome = await execute(world, { wanted, dryRun: true });
    assert.deepEqual([outcome.result, outcome.counts.planned], ['would-rebind', 4]);
    assert.equal((await rebind(world, [renewal], { dryRun: true })).counts.planned, 0);
  });
});

describe('a run whose journal is damaged', () => {
  /** What the next start finds of a run that ended after it had told of all its changes, without some lines. */
  const damagedAfter = async (world: World, isLost: (line: JournalLine) => boolean) => {
    world.fault({ on: { kind: 'read-records', key: victim }, effect: { do: 'hang', after: true } });
    const { run } = await rebind(world, [renewal]);
    const { readRun } = world.state;
    const damaged = withState(world, {
      readRun: async (name) => {
        const stored = await readRun(name);
        const lines = stored.journal.map((line, at) => ({ line, at }));
        const damagedLines = lines.flatMap(({ line, at }) => (isLost(line) ? [at + 1] : []));
        return { ...stored, journal: stored.journal.filter((line) => !isLost(line)), damagedLines };
      },
    });
    return { run, damaged };
  };

  it('in its first line is closed as it is: nobody knows what it changed, and a person is told to look', async () => {
    const world = worldOf(lab);
    const { run, damaged } = await damagedAfter(world, ({ type }) => type === 'opened');
    const before = await recordsOf(world);
    const outcome = await reconcile(damaged);
    assert.deepEqual([outcome.run, outcome.result, outcome.exitCode], [run, 'needs-attention', 5]);
    assert.deepEqual(
      outcome.notes.map(({ code, text }) => [code, text.startsWith(`The first line of the journal of run ${run} `)]),
      [['journal-damaged', true]],
    );
    assert.deepEqual(await recordsOf(world), before);
    assert.deepEqual(each(world.kernel.state.applicationLog.entries, 'eventId'), [130]);
    assert.deepEqual(await world.state.unfinishedRuns(), []);
  });

  it('elsewhere may have changed what no line names: a record that is gone comes back', async () => {
    const world = worldOf(lab);
    const original = await recordsOf(world);
    const { run, damaged } = await damagedAfter(world, ({ type }) => type !== 'opened');
    world.kernel.apply({ kind: 'netsh', args: ['http', 'delete', 'sslcert', `hostnameport=${victim}`] });
    const { notes } = await rebind(damaged, []);
    const [back, was] = [(await recordsOf(world)).get(victim as KeyText), original.get(victim as KeyText)];
    assert(back && was && sameRecord(back, was));
    const text = `Lines 2, 3, 4, 5, 6, 7, 8 of the journal of run ${run} cannot be read. CertRebind judged the steps in them by the current state of the server.`;
    assert.deepEqual(
      notes.filter(({ code }) => code === 'journal-damaged'),
      [{ code: 'journal-damaged', text }],
    );
  });
});

describe('an undo', () => {
  it('brings back exactly what the run changed, is remembered as undone, and can be undone itself', async () => {
    const world = worldOf(lab);
    const before = await recordsOf(world);
    const first = await rebind(world, [renewal]);
    const outcome = await undo(world, first.run);
    assert.deepEqual([outcome.result, outcome.exitCode], ['undone', 0]);
    assert.deepEqual(each(outcome.steps, 'key'), first.steps.map(({ key }) => key).toReversed());
    for (const [key, record] of await recordsOf(world)) {
      const original = before.get(key);
      assert(original && sameRecord(record, original), key);
    }
    assert.equal(ledgerEntries(await world.state.readLedger())[0]?.state, 'undone');
    await undo(world, outcome.run);
    assert.deepEqual(await holdings(world, lab, labels), all('new'));
    assert.equal(ledgerEntries(await world.state.readLedger())[0]?.state, 'settled');
  });

  it('of the last run means the last that changed something and was no undo, never one before it that cannot be read', async () => {
    const world = worldOf(lab);
    const { run } = await rebind(world, [renewal]);
    assert.equal((await undo(world, 'last')).undoes, run);
    assert.deepEqual(await holdings(world, lab, labels), all('old'));
    const again = await undo(world, 'last');
    assert.deepEqual([again.undoes, again.counts.changed], [run, 0]);
    const unreadable = new CertRebindError('damaged-file', { message: 'It cannot be read.' });
    const listRuns = async () => [...(await world.state.listRuns()), { run: 'run-9', summary: null, unreadable }];
    await assert.rejects(undo(withState(world, { listRuns }), 'last'), unreadable);
  });

  it('of an older run names the later one, and with force keeps what it put back from the next run', async () => {
    const twice = lab.certificate('newest', { names: wideHosts, notAfter: '2029-01-01T00:00:00Z' });
    const world = worldOf(twice);
    const { run } = await rebind(world, [renewal]);
    const later = await rebind(world, [given(twice, 'new', 'newest')]);
    assert.equal(later.counts.changed, 4);
    await assert.rejects(undo(world, run), (error: CertRebindError) => {
      assert.match(error.message, new RegExp(`^Run ${later.run} has changed these since run ${run}: `));
      assert.ok(error.hint?.startsWith(`Undo that run first:\n  certrebind undo ${later.run}\n`), error.hint ?? '');
      return error.code === 'plan-stale';
    });
    await undo(world, run, { force: true });
    assert.deepEqual(await holdings(world, lab, labels), all('old'));
    assert.deepEqual((await reconcile(world)).steps, []);
  });

  it('of an older run is that of others where they changed its places after a later one', async () => {
    const world = worldOf(lab);
    const { run } = await rebind(world, [renewal]);
    const later = await undo(world, run);
    rebindByOthers(world, 'shop.example.com', 'other');
    await assert.rejects(undo(world, run), (error: CertRebindError) => {
      assert.match(error.message, /^Someone else has changed these since run \S+: shop\.example\.com:443 uses \w+\.$/);
      return !`${error.hint}`.includes(later.run);
    });
  });

  it('of a run that is not finished is not shown beforehand', async () => {
    const world = worldOf(lab);
    world.fault({ on: rebindAt(victim), effect: { do: 'hang', after: true } });
    const { run } = await rebind(world, [renewal]);
    await assert.rejects(undo(world, run, { dryRun: true }), {
      code: 'no-such-run',
      message: `Run ${run} is not finished. CertRebind has to recover it before it can be rolled back.`,
    });
  });

  it('of the last run is refused where no run has changed anything', async () => {
    const expected = { code: 'no-such-run', message: 'No run has changed anything, so there is nothing to undo.' };
    await assert.rejects(undo(worldOf(lab), 'last'), expected);
  });

  const victimKey = victim as KeyText;
  const lostAt: FaultPoint = { kind: 'netsh', key: victim };
  async function losing(): Promise<{ readonly world: World; readonly run: string }> {
    const world = worldOf(lab);
    world.fault({ on: rebindAt(victim), effect: { do: 'delete-without-add' } });
    world.fault({
      on: lostAt,
      times: null,
      effect: { do: 'fail', hresult: -2147024891, message: 'Access is denied.' },
    });
    const { run, steps } = await rebind(world, [renewal]);
    assert.equal(steps.find(({ key }) => key === victim)?.state, 'rollback-failed');
    assert.equal((await recordsOf(world)).has(victimKey), false);
    world.kernel.apply({ kind: 'disarm-faults' });
    return { world, run };
  }

  it('brings back a record that the run lost and could not rolled back', async () => {
    const { world, run } = await losing();
    const outcome = await undo(world, run);
    assert.deepEqual([outcome.result, outcome.exitCode, outcome.undoes], ['undone', 0, run]);
    const original = (await recordsOf(worldOf(lab))).get(victimKey);
    const restored = (await recordsOf(world)).get(victimKey);
    assert(original && restored && sameRecord(restored, original));
    assert.deepEqual(await holdings(world, lab, labels), all('old'));
  });

  it('leaves such a record as somebody else has made it again, and says so', async () => {
    const { world, run } = await losing();
    const made = { ...((await recordsOf(worldOf(lab))).get(victimKey) ?? assert.fail()), certCheckMode: 0 };
    await world.context.server.change([restoreOf({ ...made, thumbprint: lab.thumbprint('other') })]);
    const outcome = await undo(world, run);
    assert.deepEqual(await holdings(world, lab, labels), all('old', { [victim]: 'other' }));
    const { code, text, command } = outcome.notes.find((note) => note.code === 'not-restored') ?? assert.fail();
    assert.match(`${code} ${text}`, new RegExp(`${victim} is not as run ${run} left it: `));
    assert.equal(command, `certrebind undo ${run} --force`);
    const forced = await undo(world, run, { force: true });
    assert.equal(forced.exitCode, 0);
    assert.deepEqual(await holdings(world, lab, labels), all('old'));
  });

  it('leaves alone what others changed since: refused with the record named, or everything with force', async () => {
    const world = worldOf(lab);
    const { run } = await rebind(world, [renewal]);
    rebindByOthers(world, 'shop.example.com', 'other');
    await assert.rejects(
      undo(world, run),
      (error: CertRebindError) => error.code === 'plan-stale' && error.message.includes(victim),
    );
    assert.deepEqual(await holdings(world, lab, labels), all('new', { [victim]: 'other' }));
    await undo(world, run, { force: true });
    assert.deepEqual(await holdings(world, lab, labels), all('old'));
  });

  it('says that the old certificate is gone, and does not wait for it', async () => {
    const world = worldOf(lab);
    const { run } = await rebind(world, [renewal]);
    world.kernel.apply({ kind: 'remove-certificate', thumbprint: lab.thumbprint('old'), store: 'My' });
    const outcome = await undo(world, run);
    assert.equal(outcome.result, 'blocked');
    assert.deepEqual([...new Set(outcome.blocked.map(met).map(({ reason }) => reason))], ['certificate-missing']);
    assert.deepEqual(world.slept, []);
    assert.equal(outcome.kept, false, 'a wholly blocked run names itself as one that the history knows');
    await assert.rejects(world.state.readRun(outcome.run), { code: 'no-such-run' });
    assert.equal((await world.state.readRun(run)).outcome?.kept, true);
    assert.equal(ledgerEntries(await world.state.readLedger())[0]?.state, 'settled');
  });

  for (const [how, result, left] of [
    ['shown again first', 'undone', ['other']],
    ['left as it is where that is refused', 'partly-undone', ['old', 'other']],
  ] as const)
    it(`has a certificate that was retired ${how}`, async () => {
      const world = worldOf(lab.switched('archived-certificate', 'cannot-be-bound'));
      const { run } = await rebind(world, [renewal]);
      world.kernel.apply({ kind: 'archive-certificate', thumbprint: lab.thumbprint('old'), archived: true });
      const retired = ['old', 'other'].map((label) => {
        return { thumbprint: lab.thumbprint(label), store: 'My', successor: renewal.new, at: startTime };
      });
      await world.state.writeLedger({ ...(await world.state.readLedger()), retired });
      const { change } = world.context.server;
      if (result === 'partly-undone')
        stub(world.context.server, 'change').callsFake(async (changes) =>
          changes.some((one) => one.do === 'archive-certificate')
            ? changes.map((one) => ({
                do: one.do,
                error: { code: 'refused', message: 'Access is denied.' },
                now: null,
              }))
            : change(changes),
        );
      assert.equal((await undo(world, run)).result, result);
      const ledger = await world.state.readLedger();
      assert.deepEqual(
        each(ledger.retired, 'thumbprint'),
        left.map((label) => lab.thumbprint(label)),
      );
    });

  for (const [position, result] of [
    ['can-be-bound', 'undone'],
    ['cannot-be-bound', 'partly-undone'],
  ] as const) {
    it(`of an archived certificate, which ${position}, works or says why not`, async () => {
      const world = worldOf(lab.switched('archived-certificate', position));
      const { run } = await rebind(world, [renewal]);
      world.kernel.apply({ kind: 'archive-certificate', thumbprint: lab.thumbprint('old'), archived: true });
      const outcome = await undo(world, run);
      assert.equal(outcome.result, result);
      assert.equal(outcome.exitCode, position === 'can-be-bound' ? 0 : 4);
      assert.deepEqual(await holdings(world, lab, labels), all(position === 'can-be-bound' ? 'old' : 'new'));
    });
  }
});

/** Renews as Windows does: property and event. */
function announce({ kernel }: World, old: string, successor: string): number {
  kernel.apply({ kind: 'set-renewal', thumbprint: old, renewedTo: successor });
  const { result } = kernel.apply(replacementEvent(old, successor));
  assert(result.kind === 'event' && result.recordId !== null);
  return result.recordId;
}

describe('what is pending', () => {
  it('is taken up from the renewal property once, and not again after an undo', async () => {
    const world = worldOf(lab);
    const first = await reconcile(world);
    assert.equal(first.result, 'rebound');
    await undo(world, first.run);
    assert.equal((await reconcile(world)).result, 'nothing-to-do');
    assert.deepEqual(await holdings(world, lab, labels), all('old'));
  });

  it('is tried again after a failure that changed nothing', async () => {
    const world = worldOf(lab);
    world.fault({ on: rebindAt(victim), effect: { do: 'no-effect' } });
    assert.equal((await reconcile(world)).exitCode, 4);
    assert.equal((await reconcile(world)).result, 'rebound');
    assert.deepEqual(await holdings(world, lab, labels), all('new'));
  });

  it('is left to a person once a record could not be rolled back, so that the next start does no harm to the others', async () => {
    // Windows loses the options, and the netsh of this host cannot write one of them.
    const helpless = lab.record('0.0.0.0:443', 'old', { flags: 0x20 }).with({ iis: '8.5', osBuild: 9600 });
    const world = worldOf(helpless.switched('rebind-options', 'all-lost'));
    const first = await reconcile(world);
    assert.equal(first.exitCode, 5);
    assert.equal(ledgerEntries(await world.state.readLedger())[0]?.state, 'undone');
    const records = await recordsOf(world);
    assert.equal((await reconcile(world)).counts.changed, 0);
    assert.deepEqual(await recordsOf(world), records);
  });

  for (const which of ['first', 'latest'] as const)
    it(`is taken up by one start with everything else, whichever event it has the number of: the ${which}`, async () => {
      const both = lab.certificate('older', { names: wideHosts }).record(victim, 'older');
      const world = worldOf(both);
      const numbers = ['old', 'older'].map((label) => announce(world, both.thumbprint(label), both.thumbprint('new')));
      const record = (which === 'first' ? numbers[0] : numbers[1]) ?? 0;
      await reconcile(world, { wanted: { want: 'pending', event: { record, startedAt: world.context.clock.now() } } });
      assert.deepEqual(await holdings(world, both, [...labels, 'older']), all('new'));
    });

  it('lets a queued start end without asking the server, once a later listing has seen its event', async () => {
    const world = worldOf(lab);
    const record = announce(world, lab.thumbprint('old'), lab.thumbprint('new'));
    const startedAt = world.context.clock.now();
    await reconcile(world);
    const { roundTrips } = world.context.server.cost();
    const outcome = await reconcile(world, { wanted: { want: 'pending', event: { record, startedAt } } });
    assert.deepEqual([outcome.exitCode, outcome.result], [0, 'nothing-to-do']);
    assert.equal(world.context.server.cost().roundTrips, roundTrips);
  });

  it('is told once: a try by hand, which a guard blocks as well, makes the next start no news and keeps the event open', async () => {
    const narrow = wideLab().certificate('narrow', { names: wideHosts.slice(0, 2), notAfter: '2028-01-01T00:00:00Z' });
    const world = worldOf(narrow);
    const recordId = announce(world, narrow.thumbprint('old'), narrow.thumbprint('narrow'));
    const startedAt = world.context.clock.now();
    await reconcile(world);
    assert.equal((await reconcile(world)).exitCode, 3);
    assert.equal((await rebind(world, [given(narrow, 'old', 'narrow')])).exitCode, 3);
    const { writes } = world.kernel.state.counters;
    assert(!alreadySettled(await world.state.readLedger(), recordId, { startedAt, now: world.context.clock.now() }));
    assert.equal((await reconcile(world)).exitCode, 3);
    assert.equal(world.kernel.state.counters.writes, writes);
  });

  for (const position of ['go-on', 'start-again'] as const)
    it(`is taken up when the log was cleared since and its numbers ${position}`, async () => {
      const twice = wideLab().certificate('newer', { names: wideHosts, notAfter: '2029-01-01T00:00:00Z' });
      const world = worldOf(twice);
      world.kernel.apply({ kind: 'set-switch', name: 'record-numbers', position });
      const renewed = (old: string, successor: string) =>
        announce(world, twice.thumbprint(old), twice.thumbprint(successor));
      const first = renewed('old', 'new');
      await reconcile(world);
      world.later(1000);
      world.kernel.apply({ kind: 'clear-log' });
      const second = renewed('new', 'newer');
      assert.equal(second === first, position === 'start-again', 'the numbers');
      const startedAt = world.context.clock.now();
      const wanted = { want: 'pending', event: { record: second, startedAt } } as const;
      assert.equal((await reconcile(world, { wanted })).result, 'rebound');
      assert.deepEqual(await holdings(world, twice, [...labels, 'newer']), all('newer'));
    });

  it('remembers the listing only for a run that takes every event', async () => {
    const world = worldOf(lab);
    await rebind(world, [renewal]);
    assert.equal((await world.state.readLedger()).listing, null);
    await reconcile(world);
    assert.equal((await world.state.readLedger()).listing?.listedAt, world.context.clock.now().toISOString());
  });
});

/** What the hourly look plans. */
function lookAgain(world: World): Promise<Outcome> {
  return reconcile(world, { command: 'rebind' });
}
