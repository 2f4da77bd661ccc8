import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileState } from '../../src/engine/state/file-state.ts';
import { networkService } from '../../src/kinds/key-access/key-access.ts';
import { type OpenLab, openLab } from '../../src/lab/host/channel.ts';
import { type ServingLab, serveLab } from '../../src/lab/host/serve.ts';
import { fieldsOf, listEntries } from '../../src/lab/kernel/http-sys.ts';
import { jsonHere } from '../cli/run-here.ts';
import { storedRuns } from '../support/stored-runs.ts';
import { temporaryLab } from '../support/temporary-lab.ts';
import { type Deed, killEverywhere } from './kill-everywhere.ts';
import { runToPoint } from './run-to-point.ts';

describe('the real program, killed at any change of the Web Management Service or of rights on a key (real processes on a served lab)', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let channel: OpenLab;
  let serving: ServingLab;
  let [old, successor] = ['', ''];

  before(async () => {
    lab = await temporaryLab({ sites: 1, holders: true });
    serving = await serveLab(lab.folder);
    channel = await openLab(lab.folder);
    old = lab.certificates[0]?.thumbprint ?? '';
    const options = { thumbprint: old, event: false, archiveOld: false };
    ({ new: successor } = await channel.ask({ ask: 'renew', options }));
    await channel.send({ kind: 'set-switch', name: 'renewed-key-access', position: 'lost' });
    const configuration = { keyAccess: 'copy', holders: { wmsvc: { policy: 'replace' } } };
    const { result } = await channel.send({ kind: 'read' });
    assert(result.kind === 'state');
    const records = listEntries(result.state.httpSys).map(({ key }) => key);
    const exclude = { records: records.filter((key) => key !== '0.0.0.0:8172') };
    await program(['config', 'set', 'keyAccess', 'copy']);
    await writeFile(join(lab.folder, 'certrebind', 'config.json'), JSON.stringify({ ...configuration, exclude }));
  });
  after(async () => {
    await channel.close();
    await serving.close();
    await lab.remove();
  });

  const line = (words: readonly string[]) => [...words, '--lab', lab.folder];
  /** What is not killed runs in this process. */
  const program = (words: readonly string[]) => jsonHere(line(words));
  const state = () => fileState(join(lab.folder, 'certrebind'));

  /** Both places of the Web Management Service, and whether NETWORK SERVICE may read the new key. */
  async function held() {
    const { result } = await channel.send({ kind: 'read' });
    assert(result.kind === 'state');
    const { others, httpSys, keyAccess } = result.state;
    const record = listEntries(httpSys).find(({ key }) => key === '0.0.0.0:8172')?.entry;
    return {
      record: record === undefined ? null : fieldsOf(record).thumbprint,
      registry: others.find(({ consumer }) => consumer.kind === 'wmsvc')?.thumbprint,
      reads: keyAccess?.[successor]?.[networkService] === true,
    };
  }

  /** Runs that brought something in and were not there before, the newest first: a kill may have made two of one. */
  async function reboundSince(known: ReadonlySet<string>): Promise<readonly string[]> {
    const runs = await storedRuns(state());
    const rebound = runs.filter(({ outcome }) => /^(partly-)?rebound$/.test(outcome?.result ?? ''));
    return rebound
      .map(({ run }) => run)
      .filter((run) => !known.has(run))
      .reverse();
  }

  /** @returns whether the process had so many changes to make */
  async function isKilled(words: readonly string[], at: number): Promise<boolean> {
    const { killed, exitCode } = await runToPoint(line(words), { DIE_AT: String(at) });
    if (!killed) assert.equal(exitCode, 0, `${words.join(' ')}: not killed at ${at}`);
    return killed;
  }

  it('of rebind or undo leaves both places of a holder and the right at its key to the next start', async () => {
    const rebind = ['rebind', '--old', old, '--new', successor];
    let known: ReadonlySet<string> = new Set();
    let newest = '';
    const ends = async (words: readonly string[], when: string) =>
      assert.equal((await program(words)).exitCode, 0, `${words.join(' ')}, ${when}`);
    const isOld = async (when: string) => {
      assert.deepEqual(await held(), { record: old, registry: old, reads: false }, when);
      assert.deepEqual(await state().unfinishedRuns(), [], when);
    };
    const prepare = async () => {
      known = new Set((await state().listRuns()).map(({ run }) => run));
    };
    const rebinds: Deed<null> = {
      prepare,
      start: (_, at) => isKilled(rebind, at),
      async check(_, when) {
        await ends(rebind, when);
        assert.deepEqual(await held(), { record: successor, registry: successor, reads: true }, when);
        for (const run of await reboundSince(known)) await ends(['undo', run], when);
        await isOld(when);
      },
    };
    const undoes: Deed<null> = {
      async prepare() {
        await prepare();
        await ends(rebind, 'not killed');
        [newest = ''] = await reboundSince(known);
      },
      start: (_, at) => isKilled(['undo', newest], at),
      async check(_, when) {
        await ends(['undo', newest], when);
        await isOld(when);
      },
    };
    const points = [await killEverywhere([null], rebinds, 6), await killEverywhere([null], undoes, 6)];
    console.log(`    ${points.join(' and ')} changes of real processes, each killed at`);
  });
});
