import assert from 'node:assert/strict';
import { fake } from 'sinon';
import { CertRebindError } from '../../../src/base/errors.ts';
import type { Ledger, LedgerRenewal } from '../../../src/documents/runs/ledger.ts';
import type { State } from '../../../src/engine/state/state.ts';
import { replacementEvent } from '../../builders/replacement-event.ts';
import { each } from '../../support/each.ts';
import {
  given,
  rebind,
  reconcile,
  startTime,
  type World,
  wideHosts,
  wideKeys,
  wideLab,
  withState,
  worldOf,
} from './world.ts';

const lab = wideLab();
const renewal = given(lab, 'old', 'new');
/** Its new certificate lacks a host. */
const narrow = wideLab({ names: wideHosts.slice(0, 2) })
  .record('0.0.0.0:443', 'new')
  .record('shop.example.com:443', 'new')
  .record('www.example.com:443', 'new');
const shortened = given(narrow, 'old', 'new');
const full = new CertRebindError('not-writable', { message: 'The disk is full.' });

/** The same world, and how often its ledger is written. */
function counting(world: World): World & { readonly writes: () => number } {
  let writes = 0;
  const writeLedger: State['writeLedger'] = (ledger) => {
    writes += 1;
    return world.state.writeLedger(ledger);
  };
  return { ...withState(world, { writeLedger }), writes: () => writes };
}

const eventIds = (world: World) => world.kernel.state.applicationLog.entries.map(({ eventId }) => eventId);

describe('the ledger at the end of a run', () => {
  it('is not written when nothing in it is different and no listing is to be remembered', async () => {
    const world = counting(worldOf(narrow));
    await rebind(world, [shortened]);
    await rebind(world, [shortened]);
    assert.equal(world.writes(), 1);
  });

  it('is written for the listing alone where there is one', async () => {
    const world = counting(worldOf(lab));
    await reconcile(world);
    await reconcile(world);
    assert.equal(world.writes(), 2);
  });

  it('keeps when its events were listed last, and the latest of them', async () => {
    const world = worldOf(lab);
    for (let count = 0; count < 3; count++) {
      world.kernel.apply(replacementEvent(lab.thumbprint('old'), lab.thumbprint('new')));
      world.later(1000);
    }
    await reconcile(world);
    const { listing } = await world.state.readLedger();
    assert.deepEqual(listing, {
      listedAt: '2026-06-01T12:00:03.000Z',
      lastRecordId: 3,
      lastTimeCreated: '2026-06-01T12:00:02.000Z',
    });
  });
});

describe('what the endpoints of a run served last', () => {
  const seenOf = async ({ state }: World) =>
    (await state.readSeen()).endpoints.map(({ key, expected, thumbprint }) => [key, expected, thumbprint]).sort();

  it('is kept at its end', async () => {
    const world = worldOf(lab);
    assert.equal((await rebind(world, [renewal])).exitCode, 0);
    const seen = await seenOf(world);
    assert.deepEqual([...new Set(seen.map(([key]) => key))], [...wideKeys]);
    for (const [, expected, thumbprint] of seen)
      assert.deepEqual([expected, thumbprint], [lab.thumbprint('new'), lab.thumbprint('new')]);
  });

  it('is read by no run before it is over', async () => {
    const world = worldOf(lab);
    const readSeen = fake.rejects(new TypeError('a run reads what was seen'));
    assert.equal((await rebind(withState(world, { readSeen }), [renewal])).exitCode, 0);
    assert.equal((await reconcile(withState(world, { readSeen }))).exitCode, 0);
    assert.equal(readSeen.callCount, 0);
  });

  it('is no reason for a run to fail where it cannot be kept', async () => {
    const world = worldOf(lab);
    assert.equal((await rebind(withState(world, { changeSeen: fake.rejects(full) }), [renewal])).exitCode, 0);
    assert.deepEqual(await world.state.unfinishedRuns(), []);
  });
});

describe('a renewal that is blocked again', () => {
  const remembered = async (change: (ledger: Ledger) => Ledger) => {
    const world = worldOf(narrow);
    await reconcile(world);
    await world.state.writeLedger(change(await world.state.readLedger()));
    const before = eventIds(world).length;
    await reconcile(world);
    return eventIds(world).slice(before);
  };
  const withLeft = (left: LedgerRenewal['left']) => (ledger: Ledger) => ({
    ...ledger,
    renewals: ledger.renewals.map((known) => ({ ...known, left })),
  });

  it('is no news for the Application log when its reasons and its event are known', async () => {
    assert.deepEqual(await remembered((ledger) => ledger), []);
  });
  it('is news when it had failed', async () => {
    assert.deepEqual(await remembered(withLeft(['failed'])), [110]);
  });
  it('is news when another event announced it since', async () => {
    const world = worldOf(narrow);
    for (let count = 0; count < 2; count++) {
      world.kernel.apply(replacementEvent(narrow.thumbprint('old'), narrow.thumbprint('new')));
      await reconcile(world);
    }
    assert.deepEqual(eventIds(world), [110, 110]);
  });
  it('is news when it was blocked for another reason', async () => {
    assert.deepEqual(await remembered(withLeft(['expired'])), [110]);
  });
});

describe('the outcome of a run', () => {
  it('tells how long it took, its waits included', async () => {
    const slow = wideLab({ key: { readyAt: '2026-06-01T12:00:03.000Z' } });
    const outcome = await rebind(worldOf(slow), [given(slow, 'old', 'new')]);
    assert.equal(outcome.durationMs, 3500);
    assert.equal(outcome.startedAt, startTime);
  });

  it('tells no negative time when the clock was set back meanwhile', async () => {
    const world = worldOf(lab);
    const { handshake } = world.context;
    const back: typeof handshake = (endpoint) => {
      world.later(-3600_000);
      return handshake(endpoint);
    };
    const outcome = await rebind({ ...world, context: { ...world.context, handshake: back } }, [renewal]);
    assert.equal(outcome.durationMs, 0);
  });
});

describe('a state folder that is full', () => {
  it('is an error where nothing was changed', async () => {
    const world = worldOf(narrow);
    const writeLedger = async () => {
      throw full;
    };
    await assert.rejects(rebind(withState(world, { writeLedger }), [shortened]), full);
    assert.deepEqual(await world.state.listRuns(), []);
  });
});

describe('what is told of a run', () => {
  for (const [situation, post, text] of [
    ['is put into the outbox, and nothing is said of that', async () => 0, null],
    [
      'and finds no place is noted, with the limit',
      async () => 2,
      'A message about this run was dropped: the outbox is full (500 messages). 2 messages were dropped.',
    ],
    [
      'and cannot be written is noted, with the reason',
      () => Promise.reject(full),
      'A message about this run was dropped: the outbox cannot be written (The disk is full.).',
    ],
  ] as const)
    it(`${situation}, and the run is none the worse`, async () => {
      const outcome = await rebind(worldOf(lab, { overrides: { post } }), [renewal]);
      assert.deepEqual([outcome.result, outcome.exitCode], ['rebound', 0]);
      const noted = outcome.notes.filter(({ code }) => code === 'message-dropped');
      assert.deepEqual(each(noted, 'text'), text === null ? [] : [text]);
    });

  it('waits where the server fell silent for the run that finishes it, so that it is told once', async () => {
    const post = fake.resolves(0);
    const world = worldOf(lab, { overrides: { post } });
    const on = { kind: 'binding-method', key: 'shop.example.com:443' } as const;
    world.fault({ on, effect: { do: 'hang', after: true } });
    const { run } = await rebind(world, [renewal]);
    assert.equal(post.callCount, 0);
    await rebind(world, []);
    assert.deepEqual(
      post.args.map(([news]) => news.run),
      [run],
    );
  });

  it('says beforehand of which names a certificate has fewer', async () => {
    const spare = wideLab().certificate('wider', { names: [...wideHosts, 'spare.example.com'] });
    const world = worldOf(spare.record('0.0.0.0:443', 'wider'));
    const { notes } = await rebind(world, [given(spare, 'wider', 'new')], { dryRun: true });
    assert.deepEqual(each(notes, 'code'), ['names-fewer']);
  });

  it('says once that nothing is known of the trust of a new certificate', async () => {
    const odd = wideLab().certificate('odd', { names: wideHosts, chain: false });
    const { notes, counts } = await rebind(worldOf(odd), [given(odd, 'old', 'odd')], { dryRun: true });
    assert.ok(counts.planned > 1, JSON.stringify(counts));
    assert.deepEqual(
      notes.filter(({ code }) => code === 'trust-unknown').map(({ text }) => text.includes(odd.thumbprint('odd'))),
      [true],
    );
  });

  it('stays in the history, where the run is kept', async () => {
    const world = worldOf(lab, { overrides: { post: async () => 1 } });
    const { run } = await rebind(world, [renewal]);
    const kept = await world.state.readRun(run);
    assert.ok(kept.outcome?.notes.some(({ code }) => code === 'message-dropped'));
  });
});
