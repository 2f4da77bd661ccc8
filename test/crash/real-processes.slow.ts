import assert from 'node:assert/strict';
import { rebindTaskName, reconcileTaskName, taskFolder } from '../../src/documents/scheduled-tasks.ts';
import { ledgerEntries } from '../../src/engine/views/ledger-entries.ts';
import { withCertificate } from '../../src/kinds/tls/tls-record.ts';
import { runHere } from '../cli/run-here.ts';
import { run } from '../cli/run-program.ts';
import { nativeTask } from '../fixtures/native-task.ts';
import { sameRecord } from '../support/same-record.ts';
import { assertHistory } from '../support/stored-runs.ts';
import { runToPoint } from './run-to-point.ts';
import { keys, openServedLab, type ServedLab } from './served-lab.ts';

/** A command of the real program on a served lab. */
interface Deed {
  /** Makes the lab as it is before the command; called before each kill. */
  readonly prepare: (lab: ServedLab) => Promise<void>;
  readonly words: (lab: ServedLab) => readonly string[];
  /** After the command was killed and then run again to its end. */
  readonly check: (lab: ServedLab, when: string) => Promise<void>;
}

/** One for each core of a CI machine. */
const labsAtOnce = 2;

describe('the real program, killed at any effect (real processes on a served lab)', () => {
  let labs: readonly ServedLab[] = [];
  before(async () => {
    labs = await Promise.all(Array.from({ length: labsAtOnce }, openServedLab));
  });
  let points = 0;
  after(async () => {
    await Promise.all(labs.map((lab) => lab.close()));
    console.log(`    ${points} points of real processes, each killed at`);
  });

  it('of rebind leaves every record whole, and the next start brings it to its end', () =>
    killedEverywhere(labs, { prepare: untouched, words: rebinding, check: onRecords('new', ['settled']) }, 40));

  it('of undo leaves every record whole, and the next start brings it to its end', async () => {
    const rebound = await afterRebind(labs);
    const words = (lab: ServedLab) => ['undo', rebound.get(lab)?.run ?? ''];
    const prepare = async (lab: ServedLab) => {
      await lab.hold(lab.new);
      await lab.remember(rebound.get(lab)?.kept ?? null);
    };
    await killedEverywhere(labs, { prepare, words, check: onRecords('old', ['undone']) }, 40);
  });

  it('of a recovery does no harm either', async () => {
    const kept = new Map<ServedLab, string>();
    await Promise.all(
      labs.map(async (lab) => {
        await killedOnceRebound(lab);
        assert.equal((await lab.state.unfinishedRuns()).length, 1);
        kept.set(lab, await lab.keep());
      }),
    );
    const prepare = async (lab: ServedLab) => {
      await lab.hold(lab.new);
      await lab.remember(kept.get(lab) ?? null);
    };
    await killedEverywhere(labs, { prepare, words: rebinding, check: onRecords('new', ['settled']) }, 20);
  });

  it('of enable leaves tasks whole or absent, and the next start completes them', () =>
    killedEverywhere(labs, { prepare: withNativeTask, words: () => enabling, check: tasksAre(enabled) }, 5));

  it('of disable leaves tasks whole or absent, and the next start removes the rest', async () => {
    const prepare = async (lab: ServedLab) => {
      await withNativeTask(lab);
      await succeeds(lab, enabling);
    };
    const words = () => ['disable', '--restore-native'];
    await killedEverywhere(labs, { prepare, words, check: tasksAre({ 'IIS-AutoCertRebind': true }) }, 3);
  });

  /** Each point in turn, until the process outlives them all; the labs share the points among them. */
  async function killedEverywhere(all: readonly ServedLab[], deed: Deed, atLeast: number): Promise<void> {
    let next = 1;
    let survived = Number.POSITIVE_INFINITY;
    await Promise.all(
      all.map(async (lab) => {
        while (next < survived) {
          const at = next++;
          if (await killedAt(lab, deed, at)) points += 1;
          else survived = Math.min(survived, at);
        }
      }),
    );
    assert(survived > atLeast, `the command has only ${survived - 1} effects`);
  }
});

/** Whether there were enough effects to be killed at. */
async function killedAt(lab: ServedLab, { prepare, words, check }: Deed, at: number): Promise<boolean> {
  await prepare(lab);
  const { killed, exitCode, stderr } = await start(lab, words(lab), at);
  if (!killed) assert.equal(exitCode, 0, stderr);
  const when = killed ? `killed at point ${at}` : 'not killed';
  // Nobody is killed any more: in this process. One of its own, which goes on from a kill, ends the tests of recovery.
  const next = await runHere([...words(lab), '--lab', lab.folder]);
  assert.equal(next.exitCode, 0, `${when}: ${next.stdout}${next.stderr}`);
  await check(lab, when);

  const [files, { writes }] = [await lab.files(), (await lab.whole()).counters];
  const { exitCode: again, stdout } = await runHere([...words(lab), '--lab', lab.folder]);
  assert.equal(again, 0, `${when}: ${stdout}`);
  assert.equal((await lab.whole()).counters.writes, writes, `${when}: a further start changes nothing on the server`);
  assert.deepEqual(await lab.files(), files, `${when}: nor in the state folder`);
  return killed;
}

function start(lab: ServedLab, words: readonly string[], at: number) {
  return runToPoint([...words, '--lab', lab.folder], { DIE_AT: String(at), DIE_FOLDER: lab.home });
}

async function succeeds(lab: ServedLab, words: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await run([...words, '--lab', lab.folder]);
  assert.equal(exitCode, 0, `${words.join(' ')}\n${stdout}${stderr}`);
}

const rebinding = (lab: ServedLab) => ['rebind', '--old', lab.old, '--new', lab.new];

async function untouched(lab: ServedLab): Promise<void> {
  await lab.hold(lab.old);
  await lab.remember(null);
}

async function isRebound(lab: ServedLab): Promise<boolean> {
  const records = [...(await lab.records()).values()];
  return records.every(({ thumbprint }) => thumbprint === lab.new);
}

/** Kills a rebind at the first point at which every record is changed already; that is long before the last one. */
async function killedOnceRebound(lab: ServedLab): Promise<void> {
  const isDoneAt = async (at: number) => {
    await untouched(lab);
    const { killed } = await start(lab, rebinding(lab), at);
    return { killed, done: await isRebound(lab) };
  };
  let [early, late] = [0, 64];
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if ((await isDoneAt(middle)).done) late = middle;
    else early = middle;
  }
  assert.deepEqual(await isDoneAt(late), { killed: true, done: true });
}

async function afterRebind(labs: readonly ServedLab[]) {
  const rebound = new Map<ServedLab, { readonly run: string; readonly kept: string }>();
  for (const lab of labs) {
    await untouched(lab);
    await succeeds(lab, rebinding(lab));
    const [head] = await lab.state.listRuns();
    rebound.set(lab, { run: head?.run ?? '', kept: await lab.keep() });
  }
  return rebound;
}

function onRecords(side: 'old' | 'new', ledger: readonly string[]): Deed['check'] {
  const originals = new Map<ServedLab, Awaited<ReturnType<ServedLab['records']>>>();
  return async (lab, when) => {
    const records = await lab.records();
    const original = originals.get(lab) ?? records;
    originals.set(lab, original);
    assert.deepEqual([...records.keys()].sort(), [...keys].sort(), `${when}: no record is missing`);
    for (const key of keys) {
      const [record, before] = [records.get(key), original.get(key)];
      assert(record !== undefined && before !== undefined);
      const wanted = withCertificate(before, lab[side], 'My');
      assert(sameRecord(record, wanted), `${when}: ${key} holds ${record.thumbprint} with ${JSON.stringify(record)}`);
    }
    assert.deepEqual(await lab.state.unfinishedRuns(), [], `${when}: every run is closed`);
    const entries = ledgerEntries(await lab.state.readLedger());
    assert.deepEqual(
      entries.map(({ state }) => state),
      ledger,
      `${when}: the ledger is true`,
    );
    await assertHistory(lab.state, records, when, keys);
  };
}

const enabling = ['enable', '--replace-native'];
const enabled = { [rebindTaskName]: true, [reconcileTaskName]: true, 'IIS-AutoCertRebind': false };

async function withNativeTask(lab: ServedLab): Promise<void> {
  await lab.remember(null);
  const at = { path: taskFolder };
  for (const name of [rebindTaskName, reconcileTaskName]) await lab.perform({ kind: 'unregister-task', ...at, name });
  const native = { ...at, name: 'IIS-AutoCertRebind' };
  await lab.perform({ kind: 'register-task', ...native, xml: nativeTask, force: true });
  await lab.perform({ kind: 'set-task-enabled', ...native, enabled: true });
}

function tasksAre(wanted: Readonly<Record<string, boolean>>): Deed['check'] {
  return async (lab, when) => {
    const { tasks } = await lab.whole();
    assert.deepEqual(Object.fromEntries(tasks.map((task) => [task.name, task.enabled])), wanted, when);
  };
}
