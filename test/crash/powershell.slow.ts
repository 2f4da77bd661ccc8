import assert from 'node:assert/strict';
import { run } from '../cli/run-program.ts';
import { findEngine } from '../engine.ts';
import { eventually } from '../stories/eventually.ts';
import { assertHistory } from '../support/stored-runs.ts';
import { newFolder } from '../support/temporary-lab.ts';
import { type Deed, killEverywhere } from './kill-everywhere.ts';
import { runToPoint } from './run-to-point.ts';
import { keys, openServedLab, type ServedLab } from './served-lab.ts';

// Who is killed cannot tidy up, so what these processes leave for the time being goes into a folder that is taken away.
let temporary = '';
const environment = () => ({ CERTREBIND_TEST_PWSH: findEngine() ?? '', TMPDIR: temporary });

/** The real program on the Windows side in a real PowerShell; with `at` only what is said to it counts as a point. */
async function start(lab: ServedLab, words: readonly string[], at: number): Promise<'killed' | 'ended'> {
  const line = [...words, '--server', 'windows', '--lab', lab.folder];
  const { killed } = await runToPoint(line, { ...environment(), DIE_AT: String(at), DIE_FOLDER: '/nowhere' });
  return killed ? 'killed' : 'ended';
}

async function succeeds(lab: ServedLab, words: readonly string[]): Promise<void> {
  const line = [...words, '--server', 'windows', '--lab', lab.folder];
  const { exitCode, stdout, stderr } = await run(line, { env: environment() });
  assert.equal(exitCode, 0, `${words.join(' ')}\n${stdout}${stderr}`);
}

const checkHistory = async (lab: ServedLab, when: string) => assertHistory(lab.state, await lab.records(), when, keys);

async function heldBy(lab: ServedLab): Promise<ReadonlySet<string | null>> {
  return new Set([...(await lab.records()).values()].map(({ thumbprint }) => thumbprint));
}

const rebinding = (lab: ServedLab) => ['rebind', '--old', lab.old, '--new', lab.new];

(findEngine() === null ? describe.skip : describe)(
  'a kill while PowerShell works (real program, real PowerShell)',
  () => {
    let lab: ServedLab;
    before(async () => {
      temporary = newFolder();
      lab = await openServedLab();
    });
    after(async () => {
      await lab.close();
    });
    const isFresh = async () => {
      await lab.restore();
      await lab.remember(null);
    };
    beforeEach(isFresh);

    it('at any of its writes leaves every record whole, and the next start brings it to its end', async () => {
      const original = await lab.records();
      const deed: Deed<ServedLab> = {
        prepare: isFresh,
        start: async (_, at) => (await start(lab, rebinding(lab), at)) === 'killed',
        async check(_, when) {
          await succeeds(lab, rebinding(lab));
          for (const [key, record] of await lab.records()) {
            assert.equal(record.thumbprint, lab.new, `${key}, ${when}`);
            assert.deepEqual(record.options, original.get(key)?.options, `options of ${key}, ${when}`);
          }
          assert.deepEqual(await lab.state.unfinishedRuns(), []);
          await checkHistory(lab, when);
        },
      };
      console.log(`    ${await killEverywhere([lab], deed, 5)} points at what is said to PowerShell`);
    });

    it('of the parent alone: the next start waits for the PowerShell that still works, and tells the truth', async () => {
      await succeeds(lab, rebinding(lab));
      // The undo replaces one record, then three in one call. Of these the first is slow, and the parent is killed during it.
      const fault = { nth: 2, times: 1, effect: { do: 'delay', ms: 8000 } } as const;
      const on = { kind: 'binding-method', method: 'RebindSslCertificate' } as const;
      await lab.perform({ kind: 'arm-fault', fault: { on, ...fault } });
      const sentBatch = 4;
      assert.equal(await start(lab, ['undo'], sentBatch), 'killed');
      await succeeds(lab, ['reconcile']);
      await checkHistory(lab, 'after the recovery');
      await eventually(async () => ((await heldBy(lab)).size === 1 ? true : undefined));
      await checkHistory(lab, 'later');
      const held = new Set([...(await lab.records()).values()].map(({ thumbprint }) => thumbprint));
      assert.deepEqual([...held], [lab.old]);
    });
  },
);
