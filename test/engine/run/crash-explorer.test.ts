import assert from 'node:assert/strict';
import type { PlannedRepair } from '../../../src/base/codes/finding-codes.ts';
import { ledgerEntries } from '../../../src/engine/views/ledger-entries.ts';
import {
  type CertificateBinding,
  lostOrChangedOptions,
  withCertificate,
} from '../../../src/kinds/tls/certificate-binding.ts';
import { type LabBuilder, labState } from '../../builders/lab.ts';
import { https, sni } from '../../builders/snapshot.ts';
import { sameRecord } from '../../support/same-record.ts';
import { isSlow } from '../../support/slow.ts';
import { assertHistory, storedRuns } from '../../support/stored-runs.ts';
import { type Deed, explore } from './explore.ts';
import { Killed, mortal } from './mortal.ts';
import {
  execute,
  given,
  holdings,
  keyText,
  rebind,
  reconcile,
  recordsOf,
  undo,
  type World,
  wideHosts,
  wideKeys,
  wideLab,
  worldOf,
} from './world.ts';

const isThorough = isSlow;
const deaths = isThorough ? 2 : 1;

describe(`a kill at any piece of work${deaths > 1 ? ', and another one in the recovery' : ''}`, () => {
  const lab = wideLab();
  // A canary and two more: what the policies and the server do otherwise shows at these as well, in half the states.
  const fewRecords = labState()
    .certificate('new', { names: wideHosts, notAfter: '2028-01-01T00:00:00Z' })
    .certificate('old', { names: wideHosts, renewedTo: 'new' })
    .site('Shop', [https('*:443:'), sni('mail.example.com'), sni('www.example.com')])
    .record('0.0.0.0:443', 'old', { flags: 2, certCheckMode: 4, revocationFreshnessSeconds: 60 })
    .record('mail.example.com:443', 'old', { flags: 0x20 })
    .record('www.example.com:443', 'old');
  const renewal = given(lab, 'old', 'new');
  const rebinding = (world: World) => rebind(world, [renewal]);
  const undoing = (world: World) => undo(world, 'run-001');
  const optionsAreLost = fewRecords.switched('rebind-options', 'all-lost');
  const allNew = (key: string, before: CertificateBinding) =>
    wideKeys.some((ours) => ours === key) ? withCertificate(before, lab.thumbprint('new'), 'My') : before;
  const allOld = (_: string, before: CertificateBinding) => before;

  const deeds: readonly (Parameters<typeof onRecords>[0] & { readonly name: string })[] = [
    { name: 'a rebind', lab, act: rebinding, ends: allNew, ledger: ['settled'] },
    {
      name: 'a rebind that loses options and repairs them',
      lab: optionsAreLost,
      act: rebinding,
      ends: allNew,
      ledger: ['settled'],
    },
    {
      name: 'a rebind whose options are repaired by deleting and adding records',
      lab: optionsAreLost.record('mail.example.com:443', 'old').with({ iis: '8.5', osBuild: 9600 }),
      act: rebinding,
      ends: allNew,
      ledger: ['settled'],
    },
    {
      name: 'a rebind whose first swap deletes a record',
      lab: fewRecords.fault({
        on: { kind: 'binding-method', method: 'RebindSslCertificate' },
        effect: { do: 'delete-without-add' },
      }),
      act: rebinding,
      // The first one may meet the fault itself, put the record back and leave the others untried.
      starts: 2,
      ends: allNew,
      ledger: ['settled'],
    },
    {
      name: 'a rebind of the policy that undoes the whole run',
      lab: optionsAreLost.fault({
        on: { kind: 'connect', key: 'www.example.com:443' },
        nth: 2,
        times: 8,
        effect: { do: 'refuse' },
      }),
      act: (world) => rebind(world, [renewal], { undo: 'run' }),
      // A process that is killed may have met the fault as often as it strikes, or not at all.
      starts: 3,
      ends: allNew,
      ledger: ['settled'],
    },
    { name: 'an undo', lab, before: rebinding, act: undoing, ends: allOld, ledger: ['undone'] },
    {
      name: 'an undo that loses options and repairs them',
      lab: optionsAreLost,
      before: rebinding,
      act: undoing,
      ends: allOld,
      ledger: ['undone'],
    },
  ];
  for (const { name, ...deed } of deeds.filter(({ lab: its }) => isThorough || its === lab)) {
    it(`of ${name} leaves every record whole, and the next start brings it to its end`, () =>
      explore(onRecords(deed), deaths, 10 * deaths));
  }

  const gone = keyText('www.example.com:443');
  const withoutBinding = labState()
    .certificate('old', { names: ['shop.example.com', 'www.example.com'] })
    .site('Shop', [https('*:443:'), sni('shop.example.com')])
    .record('0.0.0.0:443', 'old', { certCheckMode: 1 })
    .record('shop.example.com:443', 'old')
    .record('www.example.com:443', 'old', { flags: 2 });
  const repaired = (repair: PlannedRepair) => (world: World) =>
    execute(world, { command: 'doctor', wanted: { want: 'repair', repair, byHand: [] } });

  it('of a repair that makes a record again leaves it whole or absent, and the next start makes it', async () => {
    const bare = async (world: World) => {
      // Runs know the record as it was: the second one takes back what the first did.
      const { run } = await rebind(world, [renewal]);
      await undo(world, run);
      const args = ['http', 'delete', 'sslcert', 'hostnameport=www.example.com:443'];
      world.kernel.apply({ kind: 'netsh', args });
      assert.equal((await recordsOf(world)).has(gone), false);
    };
    const act = repaired('binding-falls-back');
    await explore(
      onRecords({ lab, before: bare, act, ends: allOld, ledger: ['undone'] }),
      isThorough ? 3 : 1,
      9 * deaths,
    );
  });

  it('of a repair that removes a record leaves it whole or absent, and the next start removes it', async () => {
    const act = repaired('orphaned-record');
    const ends = (key: string, before: CertificateBinding) => (key === gone ? null : before);
    await explore(onRecords({ lab: withoutBinding, act, ends, ledger: [] }), isThorough ? 3 : 1, 9 * deaths);
  });

  it('of a run that its policy undoes as a whole, once a step has failed, leaves that to the next start', async () => {
    const refused = fewRecords.fault({
      on: { kind: 'connect', key: 'www.example.com:443' },
      nth: 2,
      times: 99,
      effect: { do: 'refuse' },
    });
    let failed = 0;
    for (let pieces = 0; ; pieces++) {
      const world = worldOf(refused);
      const { context } = mortal(world, pieces);
      const error = await rebind({ ...world, context }, [renewal], { undo: 'run' }).catch((thrown) => thrown);
      if (!(error instanceof Killed)) break;
      const [run] = await storedRuns(world.state);
      if (run?.journal.some((line) => line.type === 'proved' && line.proof === 'worse') !== true) continue;
      failed += 1;
      await reconcile(world, { undo: 'run' });
      const held = Object.values(await holdings(world, refused, ['old', 'new']));
      assert.deepEqual(held, ['old', 'old', 'old'], `killed after ${pieces} pieces of work`);
    }
    assert.ok(failed > 5, `${failed} kills after the failure`);
  });
});

/** Runs that change records: nothing is lost, and what is remembered is true. */
function onRecords(story: {
  readonly lab: LabBuilder;
  readonly before?: (world: World) => Promise<unknown>;
  readonly act: Deed['act'];
  readonly starts?: number;
  /** What becomes of each record in the end; every record is there in the lab as it was built. */
  readonly ends: (key: string, before: CertificateBinding) => CertificateBinding | null;
  /** States of the ledger's entries. */
  readonly ledger: readonly string[];
}): Deed {
  const { lab, before, act, starts = 1, ends, ledger } = story;
  const original = recordsOf(worldOf(lab));
  return {
    async prepare() {
      const world = worldOf(lab);
      await before?.(world);
      return world;
    },
    act,
    starts,
    async check(world, when) {
      const records = await recordsOf(world);
      const wanted = [...(await original)].flatMap(([key, record]) => ends(key, record) ?? []);
      assert.deepEqual(
        [...records.keys()].sort(),
        wanted.map(({ key }) => key).sort(),
        `${when}: no record is missing`,
      );
      for (const record of wanted) {
        const found = records.get(record.key);
        assert(found !== undefined);
        assert.deepEqual(lostOrChangedOptions(record, found), [], `${when}: options of ${record.key}`);
        assert(sameRecord(record, found), `${when}: ${record.key} holds ${found.thumbprint} in ${found.store}`);
      }
      const entries = ledgerEntries(await world.state.readLedger());
      assert.deepEqual(
        entries.map(({ state }) => state),
        ledger,
        `${when}: the ledger is true`,
      );
      await assertHistory(world.state, records, when);
    },
  };
}
