import assert from 'node:assert/strict';
import { CertRebindError } from '../../src/model/errors.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { lostOrChangedOptions, sameRecord, type TlsRecord, withCertificate } from '../../src/model/tls-record.ts';
import type { LabBuilder } from '../builders/lab.ts';
import { Killed, type Moment, moments, mortal } from './mortal.ts';
import { given, keyText, rebind, recordsOf, undo, type World, wideKeys, wideLab, worldOf } from './world.ts';

/** What is done in a process that may be killed, and again afterwards in one that is not. */
interface Story {
  readonly name: string;
  readonly lab: LabBuilder;
  /** What has happened before the process under test begins. */
  readonly prepare: (world: World) => Promise<unknown>;
  readonly act: (world: World) => Promise<Outcome>;
  /** How many undisturbed starts it takes afterwards, at most, and what the records hold then. */
  readonly starts?: number;
  readonly ends: 'old' | 'new';
}

const nothing = async () => {};
const lab = wideLab();
const renewal = given(lab, 'old', 'new');

const stories: readonly Story[] = [
  { name: 'a rebind', lab, prepare: nothing, act: (world) => rebind(world, [renewal]), ends: 'new' },
  {
    name: 'a rebind that loses options and repairs them',
    lab: lab.switched('rebind-options', 'all-lost'),
    prepare: nothing,
    act: (world) => rebind(world, [renewal]),
    ends: 'new',
  },
  {
    name: 'a rebind whose first swap deletes a record',
    lab: lab.fault({
      on: { kind: 'binding-method', method: 'RebindSslCertificate' },
      effect: { do: 'delete-without-add' },
    }),
    prepare: nothing,
    act: (world) => rebind(world, [renewal]),
    // The first one may meet the fault itself, put the record back and leave the others untried.
    starts: 2,
    ends: 'new',
  },
  {
    name: 'a rebind of the policy that undoes the whole run',
    lab: lab.switched('rebind-options', 'all-lost').fault({
      on: { kind: 'connect', key: 'www.example.com:443' },
      nth: 2,
      times: 8,
      effect: { do: 'refuse' },
    }),
    prepare: nothing,
    act: (world) => rebind(world, [renewal], { undo: 'run' }),
    ends: 'new',
  },
  {
    name: 'an undo',
    lab,
    prepare: (world) => rebind(world, [renewal]),
    act: (world) => undo(world, 'run-001'),
    ends: 'old',
  },
  {
    name: 'an undo that loses options and repairs them',
    lab: lab.switched('rebind-options', 'all-lost'),
    prepare: (world) => rebind(world, [renewal]),
    act: (world) => undo(world, 'run-001'),
    ends: 'old',
  },
];

describe('a kill at any effect', () => {
  for (const story of stories) {
    it(`of ${story.name} leaves every record whole, and the next start brings it to its end`, async () => {
      const total = await countEffects(story);
      assert(total > 5, `only ${total} effects`);
      for (let at = 1; at <= total; at++) {
        for (const moment of moments) {
          const world = await prepared(story);
          await killedAt(story, world, at, moment);
          await checkEnd(story, world, `killed ${moment} effect ${at} of ${total}`);
        }
      }
    }).timeout(60_000);

    it(`of the recovery of ${story.name} does no harm either`, async () => {
      const total = await countEffects(story);
      for (let at = 1; at <= total; at++) {
        for (let again = 1; ; again++) {
          const world = await prepared(story);
          await killedAt(story, world, at, 'after');
          if (!(await killedAt(story, world, again, again % 2 === 0 ? 'after' : 'within'))) break;
          await checkEnd(story, world, `killed after effect ${at}, and in the next start at effect ${again}`);
        }
      }
    }).timeout(60_000);
  }
});

async function prepared({ lab, prepare }: Story): Promise<World> {
  const world = worldOf(lab);
  await prepare(world);
  return world;
}

async function countEffects(story: Story): Promise<number> {
  const world = await prepared(story);
  const counting = mortal(world.context, null);
  await story.act({ ...world, context: counting.context });
  return counting.effects();
}

/** Whether there were enough effects to be killed at. */
async function killedAt(story: Story, world: World, at: number, moment: Moment): Promise<boolean> {
  const { context } = mortal(world.context, { at, moment });
  try {
    await story.act({ ...world, context });
    return false;
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    return true;
  }
}

async function checkEnd(story: Story, world: World, when: string): Promise<void> {
  const original = await recordsOf(worldOf(story.lab));
  const { context } = mortal(world.context, null);
  const next = { ...world, context };
  for (let start = 1; start <= (story.starts ?? 1); start++) await actAgain(story, next);

  const records = await recordsOf(world);
  assert.deepEqual([...records.keys()].sort(), [...original.keys()].sort(), `${when}: no record is missing`);
  for (const [key, record] of records) {
    const before = original.get(key);
    assert(before !== undefined);
    assert.deepEqual(lostOrChangedOptions(before, record), [], `${when}: options of ${key}`);
    assert(isWhole(story, before, record), `${when}: ${key} holds ${record.thumbprint} in ${record.store}`);
  }
  assert.deepEqual(await world.state.unfinishedRuns(), [], `${when}: every run is closed`);
  await checkLedger(story, world, when);

  const { writes } = world.kernel.state.counters;
  const history = (await world.state.listRuns()).length;
  await actAgain(story, next);
  assert.equal(world.kernel.state.counters.writes, writes, `${when}: a further start changes nothing`);
  assert.equal((await world.state.listRuns()).length, history, `${when}: and leaves no run`);
}

/** An undo of a run that never came to be, or was undone, is refused. */
async function actAgain(story: Story, world: World): Promise<void> {
  try {
    await story.act(world);
  } catch (error) {
    if (!(error instanceof CertRebindError) || error.code !== 'no-such-run') throw error;
  }
}

function isWhole({ ends, lab }: Story, before: TlsRecord, record: TlsRecord): boolean {
  const isOurs = wideKeys.some((key) => keyText(key) === record.key);
  const wanted = ends === 'new' && isOurs ? withCertificate(before, lab.thumbprint('new'), 'My') : before;
  return sameRecord(record, wanted);
}

async function checkLedger({ ends }: Story, world: World, when: string): Promise<void> {
  const { entries } = await world.state.readLedger();
  assert.deepEqual(
    entries.map(({ state }) => state),
    [ends === 'new' ? 'settled' : 'undone'],
    `${when}: the ledger is true`,
  );
}
