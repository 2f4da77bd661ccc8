import assert from 'node:assert/strict';
import { fake, spy, stub } from 'sinon';
import { CertRebindError } from '../../../src/base/errors.ts';
import { defaultConfiguration } from '../../../src/documents/configuration.ts';
import { emptyLedger } from '../../../src/documents/runs/ledger.ts';
import type { RunRequest } from '../../../src/engine/run/request.ts';
import type { State } from '../../../src/engine/state/state.ts';
import { ledgerEntries } from '../../../src/engine/views/ledger-entries.ts';
import { labState } from '../../builders/lab.ts';
import { https, sni } from '../../builders/snapshot.ts';
import { failingAt, given, rebind, reconcile, stepAt, undo, type World, wideLab, withState, worldOf } from './world.ts';

const lab = wideLab();
const renewal = given(lab, 'old', 'new');
const defect = new TypeError('a defect of ours');
const failing = async () => {
  throw defect;
};

describe('a defect of ours', () => {
  const withJournal = (world: World): World =>
    withState(world, {
      openRun: async (run) => {
        const journal = await world.state.openRun(run);
        const { append } = journal;
        stub(journal, 'append').rejects(defect).onFirstCall().callsFake(append);
        return journal;
      },
    });

  for (const [where, broken] of [
    ['in a change of records', (world: World) => failingAt(world, 'put', defect)],
    ['in the journal', withJournal],
    ['in the ledger', (world: World) => withState(world, { writeLedger: failing })],
  ] as const)
    it(`${where} is thrown, and leaves the run to the next one, which ends it`, async () => {
      const world = worldOf(lab);
      await assert.rejects(rebind(broken(world), [renewal]), defect);
      assert.deepEqual(await world.state.unfinishedRuns(), ['run-001']);
      const outcome = await rebind(world, [renewal]);
      assert.equal(outcome.exitCode, 0);
      assert.deepEqual(await world.state.unfinishedRuns(), []);
    });

  it('lets go of the journal and of the lock', async () => {
    const world = worldOf(lab);
    const [abandon, release] = [fake.resolves(undefined), fake.resolves(undefined)];
    const watched = withState(world, {
      lock: async () => ({ release }),
      openRun: async (run) => ({ ...(await world.state.openRun(run)), abandon }),
    });
    await assert.rejects(rebind(failingAt(watched, 'put', defect), [renewal]), defect);
    assert.deepEqual([abandon.callCount, release.callCount], [1, 1]);
    assert.ok(release.calledAfter(abandon), 'the lock goes last');
  });

  it('in the Application log or in tidying is thrown after the run is closed', async () => {
    for (const broken of [
      (world: World) => failingAt(world, 'log', defect),
      (world: World) => withState(world, { pruneRuns: failing }),
    ]) {
      const world = worldOf(lab);
      await assert.rejects(rebind(broken(world), [renewal]), defect);
      assert.deepEqual(await world.state.unfinishedRuns(), []);
    }
  });
});

describe('the lock of a run', () => {
  it('is waited for when that is wanted, until the run is stopped', async () => {
    const { signal } = new AbortController();
    const world = worldOf(lab, { signal });
    const lock = spy(world.state, 'lock');
    await rebind(world, [renewal], { wait: true });
    assert.deepEqual(lock.args, [[{ wait: true, signal }]]);
  });
});

describe('the state folder', () => {
  /** What a run does with the folder before it plans, in order. */
  const orderOf = async (world: World, parts: Parameters<typeof rebind>[2] = {}) => {
    const done: string[] = [];
    const { state } = world;
    const watched = withState(world, {
      assertSafe: async () => void done.push('demanded safe'),
      lock: (options) => {
        done.push('locked');
        return state.lock(options);
      },
    });
    const outcome = await rebind(watched, [renewal], parts);
    return { done, outcome };
  };

  /** An event that an earlier run has listed, and of which nothing is open. */
  const settledEvent = async ({ state, context }: World): Promise<RunRequest['wanted']> => {
    const now = context.clock.now();
    const listing = { listedAt: now.toISOString(), lastRecordId: 1, lastTimeCreated: null };
    await state.writeLedger({ ...(await state.readLedger()), listing });
    return { want: 'pending', event: { record: 1, startedAt: now } };
  };

  it('has to be safe once the lock is held, before anything in it is believed', async () => {
    assert.deepEqual((await orderOf(worldOf(lab))).done, ['locked', 'demanded safe']);
  });

  it('has to be safe before a dry run believes it', async () => {
    assert.deepEqual((await orderOf(worldOf(lab), { dryRun: true })).done, ['demanded safe']);
  });

  it('has to be safe for a queued start once that has something to do', async () => {
    const { done, outcome } = await orderOf(worldOf(lab), {
      wanted: { want: 'pending', event: { record: 1, startedAt: new Date(0) } },
    });
    assert.deepEqual(done, ['locked', 'demanded safe']);
    assert.equal(outcome.result, 'rebound');
  });

  it('is not looked through for a queued start that has nothing to do, and says nothing', async () => {
    const world = worldOf(lab);
    const { done, outcome } = await orderOf(world, { wanted: await settledEvent(world) });
    assert.deepEqual(done, ['locked']);
    assert.deepEqual([outcome.result, outcome.steps, outcome.notes], ['nothing-to-do', [], []]);
  });

  it('has to be safe for a queued start that finds an unfinished run, settled as all may be', async () => {
    const world = worldOf(lab);
    await assert.rejects(rebind(failingAt(world, 'put', defect), [renewal]), defect);
    const { done, outcome } = await orderOf(world, { wanted: await settledEvent(world) });
    assert.deepEqual(done, ['locked', 'demanded safe']);
    assert.equal(outcome.notes[0]?.code, 'recovered');
  });
});

describe('a ledger of another version', () => {
  it('ends a run before one that was killed is recovered', async () => {
    const world = worldOf(lab);
    const refused = new CertRebindError('other-version', { message: 'so it is' });
    let recovered = 0;
    const state = {
      readLedger: async () => Promise.reject(refused),
      unfinishedRuns: async () => {
        recovered++;
        return [];
      },
    };
    await assert.rejects(reconcile(withState(world, state)), refused);
    assert.equal(recovered, 0);
  });
});

describe('a damaged ledger', () => {
  for (const [kept, also] of [
    ['ledger.damaged', ' It is kept as ledger.damaged.'],
    [null, ''],
  ] as const)
    it(`is made anew from the history, and ${kept === null ? 'that' : 'where it is kept'} is said`, async () => {
      const world = worldOf(lab);
      const { run } = await reconcile(world);
      await undo(world, run);
      const entries = ledgerEntries(await world.state.readLedger());
      await world.state.writeLedger(emptyLedger);
      const damage = new CertRebindError('damaged-file', { message: 'The ledger cannot be read.' });
      const replaceLedger: State['replaceLedger'] = async (ledger) => {
        await world.state.writeLedger(ledger);
        return kept;
      };
      const unreadable = { run: 'run-000', summary: null, unreadable: damage };
      const listRuns = async () => [unreadable, ...(await world.state.listRuns())];
      const damaged = withState(world, { ledgerDamage: async () => damage, replaceLedger, listRuns });
      const outcome = await reconcile(damaged);
      assert.deepEqual(ledgerEntries(await world.state.readLedger()), entries);
      assert.deepEqual(
        [outcome.result, outcome.notes.filter(({ code }) => code === 'ledger-mended').map(({ text }) => text)],
        [
          'nothing-to-do',
          [
            `The ledger cannot be read.${also} CertRebind made a new one from the history. ` +
              'A renewal that an older run rolled back may be tried again.',
          ],
        ],
      );
    });
});

describe('a run that waits for a certificate', () => {
  const twoHosts = (beginnings: Readonly<Record<'a' | 'b', string>>) =>
    (['a', 'b'] as const).reduce(
      (made, label) =>
        made
          .certificate(`new-${label}`, {
            names: [`${label}.example.com`],
            notBefore: beginnings[label],
            notAfter: '2028-01-01T00:00:00Z',
          })
          .certificate(`old-${label}`, { names: [`${label}.example.com`] })
          .site(label, [sni(`${label}.example.com`)])
          .record(`${label}.example.com:443`, `old-${label}`),
      labState(),
    );
  const both = (on: ReturnType<typeof twoHosts>) => [given(on, 'old-a', 'new-a'), given(on, 'old-b', 'new-b')];

  it('waits for the last of several to become valid', async () => {
    const on = twoHosts({ a: '2026-06-01T12:05:00Z', b: '2026-06-01T12:02:00Z' });
    const world = worldOf(on);
    assert.equal((await rebind(world, both(on))).result, 'rebound');
    assert.deepEqual(world.slept, [300_000]);
  });

  it('does not wait for one that none of its renewals brings', async () => {
    const on = twoHosts({ a: '2026-06-01T12:05:00Z', b: '2026-06-02T12:00:00Z' });
    const world = worldOf(on);
    assert.equal((await rebind(world, [given(on, 'old-a', 'new-a')])).result, 'rebound');
    assert.deepEqual(world.slept, [300_000]);
  });

  const keyless = wideLab({ key: 'missing' });
  const stoppable = (sleep: (stop: AbortController) => Promise<void>) => {
    const stop = new AbortController();
    const world = worldOf(keyless, { signal: stop.signal });
    stub(world.context.clock, 'sleep').callsFake(() => sleep(stop));
    return world;
  };

  for (const [how, sleep] of [
    ['and whose sleep ends by that', async (stop: AbortController) => stop.abort()],
    [
      'and whose sleep fails by that',
      async (stop: AbortController) => {
        stop.abort();
        stop.signal.throwIfAborted();
      },
    ],
  ] as const)
    it(`ends without a change when it is stopped meanwhile ${how}`, async () => {
      const world = stoppable(sleep);
      const outcome = await rebind(world, [given(keyless, 'old', 'new')]);
      assert.equal(outcome.result, 'blocked');
      assert.equal(world.stages.filter((stage) => stage === 'late').length, 1);
      assert.equal(world.kernel.state.counters.writes, world.kernel.state.applicationLog.entries.length);
    });

  it('does not take another failure of the clock for a stop', () =>
    assert.rejects(rebind(stoppable(failing), [given(keyless, 'old', 'new')]), defect));
});

describe('a run', () => {
  it('says of a stop before the first change that nothing was changed', async () => {
    const world = worldOf(lab, { signal: AbortSignal.abort() });
    const outcome = await rebind(world, [renewal]);
    assert.deepEqual(
      outcome.steps.map(({ before, error }) => ({ before, error: error?.message, where: error?.where })),
      Array(4).fill({ before: [], error: 'The run was stopped before it changed anything.', where: null }),
    );
  });

  it('changes a record through a binding with an address, where there is one', async () => {
    const blank = labState()
      .certificate('new', { notAfter: '2028-01-01T00:00:00Z' })
      .certificate('old')
      .site('Blank', [https(':443:')])
      .site('Shop', [https('*:443:')])
      .record('0.0.0.0:443', 'old');
    const world = worldOf(blank);
    const change = spy(world.context.server, 'change');
    assert.equal((await rebind(world, [given(blank, 'old', 'new')])).result, 'rebound');
    const [put] = change.args.flat(2).filter((one) => one.do === 'put');
    assert.deepEqual(put?.through, { site: 'Shop', information: '*:443:' });
  });

  it('changes the record of another product, which the policy names, without a binding', async () => {
    const world = worldOf(lab);
    const change = spy(world.context.server, 'change');
    const configuration = { ...defaultConfiguration, applicationIds: ['{11111111-2222-3333-4444-555555555555}'] };
    const outcome = await rebind(world, [renewal], {}, configuration);
    assert.equal(stepAt(outcome, '0.0.0.0:8443').state, 'verified');
    assert.deepEqual(
      change.args.flat(2).flatMap((one) => (one.do === 'put' ? [[one.wanted.key, one.through]] : [])),
      [
        ['0.0.0.0:443', { site: 'Shop', information: '*:443:' }],
        ['0.0.0.0:8443', null],
        ...['mail', 'shop', 'www'].map((host) => [
          `${host}.example.com:443`,
          { site: 'Shop', information: `*:443:${host}.example.com` },
        ]),
      ],
    );
  });
});
