import { resolve } from 'node:path';
import { CertRebindError } from '../../base/errors.ts';
import { withOpenRuns } from '../../engine/findings/open-runs.ts';
import { renewalsFromEvents } from '../../engine/known/renewals.ts';
import { planWanted } from '../../engine/run/plan-wanted.ts';
import type { Wanted } from '../../engine/run/request.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import { serverCommand } from '../../session/session.ts';
import { openRuns } from '../../session/status/read-open-runs.ts';
import { writeText } from '../../shell/files.ts';
import { argument, overridesOf, parseRecordNumber, withAllow, withNow } from '../../shell/options.ts';
import { planText } from '../../shell/print/plan-text.ts';
import { givenPair, pairsGiven, withPair } from '../../shell/renewals.ts';

export const plan = serverCommand({
  onlyLooks: true,
  examples: [
    ['plan', 'For all pending renewals'],
    ['plan --old <thumbprint> --new <thumbprint>', 'For one pair. The beginning of a thumbprint is enough'],
    ['plan --old shop.example.com --new auto', 'From the certificate of a host to its renewal'],
    ['plan --record 1742 --out plan.json', 'For one event of the lifecycle log. Saves the plan for apply'],
  ],
  build: (yargs) =>
    withNow(withAllow(withPair(yargs)))
      .option('record', argument('Record number of an event 1001'))
      .option('out', argument('Also save the plan to this file'))
      .conflicts('record', ['old', 'new']),
  read: (args) => ({
    given: givenPair(args),
    record: args.record === undefined ? null : parseRecordNumber(args.record),
  }),
  async run(session, args, { given, record }) {
    session.shell.progress.progress({ stage: 'read', done: 0, total: 0, key: null });
    const snapshot = await session.server.snapshot();
    const ledger = await session.state.readLedger();
    const { configuration } = session;
    const overrides = overridesOf(args);
    const wanted: Wanted =
      given !== null
        ? pairsGiven(given, snapshot, { configuration, ledger })
        : record !== null
          ? { want: 'pairs', renewals: eventRenewals(snapshot, record) }
          : { want: 'pending' };
    const planned = await planWanted(session.state, { wanted, configuration, overrides }, { snapshot, ledger });
    const made = withOpenRuns(planned, await openRuns(session));
    if (args.out !== undefined) await writeText(resolve(args.out), `${JSON.stringify(made, null, 2)}\n`, '--out');
    session.shell.result(made, planText);
    if (args.out === undefined) return 0;
    if (made.notBefore !== undefined)
      session.shell.say('\nChanges that wait for the window are not in the plan. To include them: --now');
    session.shell.say(`\nThe plan was saved to ${args.out}. Its digest, for apply --digest:\n${made.digest}`);
    return 0;
  },
});

/** @throws CertRebindError `no-such-event` */
function eventRenewals(snapshot: Snapshot, record: number): readonly Renewal[] {
  const { events } = snapshot.lifecycle;
  if (events.some(({ recordId }) => recordId === record)) return renewalsFromEvents(snapshot, record);
  throw new CertRebindError('no-such-event', {
    message: `The lifecycle log has no event with record number ${record}.`,
    where: '--record',
  });
}
