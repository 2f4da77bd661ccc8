import { byThumbprint } from '../model/certificates/named-certificate.ts';
import { parseNamedSelector } from '../model/certificates/selector.ts';
import type { Thumbprint } from '../model/certificates/thumbprint.ts';
import type { Snapshot } from '../model/documents/snapshot.ts';
import { type Ledger, withoutEntry } from '../model/runs/ledger.ts';
import { namedCertificates } from '../plan/named-certificates.ts';
import { selectCertificates } from '../plan/select-certificate.ts';
import { selectLedgerEntry } from '../plan/select-ledger-entry.ts';
import { forgottenText } from '../report/ledger.ts';
import { readSnapshot } from '../server/server.ts';
import { withServer } from './session/session.ts';
import { defineCommand, defineGroup } from './shell/command.ts';
import { personSaidNo } from './shell/shell.ts';

const forget = defineCommand({
  examples: [
    ['ledger forget 2255C145', 'The next run treats the renewal as new'],
    ['ledger forget shop.example.com', 'By host'],
  ],
  build: (yargs) =>
    yargs.positional('renewal', {
      type: 'string',
      demandOption: true,
      describe: 'Old or new certificate of the renewal: thumbprint or its beginning, host, friendly name',
    }),
  run: (args, invocation) =>
    withServer(args, invocation, async ({ server, state }) => {
      const { shell } = invocation;
      const snapshot = await readSnapshot(server);
      const ledger = await state.readLedger();
      const { renewal } = selectLedgerEntry(ledger, meantBy(args.renewal, snapshot, ledger), args.renewal);
      const certificates = namedCertificates(snapshot, [renewal.old, renewal.new]);
      const text = forgottenText(renewal, byThumbprint(certificates));
      shell.preview(() => text.question);
      if (!(await shell.confirm('Forget it?'))) {
        shell.preview(() => 'Nothing was changed.');
        return personSaidNo;
      }
      const lock = await state.lock({ wait: args.wait, signal: shell.interruptible() });
      try {
        await state.demandSafe();
        await state.writeLedger(withoutEntry(await state.readLedger(), renewal));
      } finally {
        await lock.release();
      }
      shell.result({ schema: 'certrebind/ledger-forgotten/1', renewal, certificates }, () => text.done);
      return 0;
    }),
});

export const ledger = defineGroup([
  {
    usage: 'forget <renewal>',
    summary: 'Forget the state of a renewal. The next run treats it as new',
    load: async () => forget,
  },
]);

/** A certificate of the ledger may no longer be in any store, so its digits are looked up in the ledger too. */
function meantBy(text: string, snapshot: Snapshot, { entries }: Ledger): readonly Thumbprint[] {
  const selector = parseNamedSelector(text, 'renewal');
  if (selector.kind === 'digits') {
    const remembered = entries.flatMap(({ renewal }) => [renewal.old, renewal.new]);
    const begun = remembered.filter((thumbprint) => thumbprint.startsWith(selector.digits));
    if (begun.length > 0) return begun;
  }
  return selectCertificates(snapshot, selector, 'renewal');
}
