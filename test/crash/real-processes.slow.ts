import assert from 'node:assert/strict';
import { ledgerEntries } from '../../src/engine/views/ledger-entries.ts';
import { withCertificate } from '../../src/kinds/tls/certificate-binding.ts';
import { runHere } from '../cli/run-here.ts';
import { run } from '../cli/run-program.ts';
import { sameRecord } from '../support/same-record.ts';
import { assertHistory } from '../support/stored-runs.ts';
import { type Deed, killEverywhere } from './kill-everywhere.ts';
import { runToPoint } from './run-to-point.ts';
import { keys, openServedLab, type ServedLab } from './served-lab.ts';

/** One for each core of a CI machine. */
const labsAtOnce = 2;
/** test/engine/run/crash-explorer.test.ts ends a run at each of its points, in one process. */
const apart = 3;

describe('the real program, killed at every third effect (real processes on a served lab)', () => {
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
    killed({ prepare: untouched, words: rebinding, check: onRecords('new', ['settled']) }, 40));

  it('of undo leaves every record whole, and the next start brings it to its end', async () => {
    const rebound = await afterRebind(labs);
    const words = (lab: ServedLab) => ['undo', rebound.get(lab)?.run ?? ''];
    const prepare = async (lab: ServedLab) => {
      await lab.hold(lab.new);
      await lab.remember(rebound.get(lab)?.kept ?? null);
    };
    await killed({ prepare, words, check: onRecords('old', ['undone']) }, 40);
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
    await killed({ prepare, words: rebinding, check: onRecords('new', ['settled']) }, 20);
  });

  async function killed(
    {
      prepare,
      words,
      check,
    }: Pick<Deed<ServedLab>, 'prepare'> & {
      readonly words: (lab: ServedLab) => readonly string[];
      /** After the command was killed and then run again to its end. */
      readonly check: (lab: ServedLab, when: string) => Promise<void>;
    },
    atLeast: number,
  ): Promise<void> {
    const deed: Deed<ServedLab> = {
      prepare,
      async start(lab, at) {
        const ended = await start(lab, words(lab), at);
        if (!ended.killed) assert.equal(ended.exitCode, 0, ended.stderr);
        return ended.killed;
      },
      async check(lab, when) {
        // Nobody is killed any more: in this process. One of its own, which goes on from a kill, ends the tests of recovery.
        const next = await runHere([...words(lab), '--lab', lab.folder]);
        assert.equal(next.exitCode, 0, `${when}: ${next.stdout}${next.stderr}`);
        await check(lab, when);

        const [files, { writes }] = [await lab.files(), (await lab.whole()).counters];
        const { exitCode: again, stdout } = await runHere([...words(lab), '--lab', lab.folder]);
        assert.equal(again, 0, `${when}: ${stdout}`);
        const now = (await lab.whole()).counters.writes;
        assert.equal(now, writes, `${when}: a further start changes nothing on the server`);
        assert.deepEqual(await lab.files(), files, `${when}: nor in the state folder`);
      },
    };
    points += await killEverywhere(labs, deed, atLeast, apart);
  }
});

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

function onRecords(side: 'old' | 'new', ledger: readonly string[]): (lab: ServedLab, when: string) => Promise<void> {
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
