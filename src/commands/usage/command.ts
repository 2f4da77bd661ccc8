import { asResult, CertRebindError } from '../../base/errors.ts';
import { emptyLedger } from '../../documents/runs/ledger.ts';
import { selectCertificates } from '../../engine/known/select-certificate.ts';
import { renewalsOf } from '../../engine/plan/plan-pending.ts';
import { renewedOf } from '../../engine/views/renewed.ts';
import { usageOf } from '../../engine/views/usage.ts';
import { parseNamedSelector } from '../../model/certificates/selector.ts';
import { searchWritten, withReplaced } from '../../session/search-written.ts';
import { serverCommand } from '../../session/session.ts';
import { lookNow } from '../../session/status/read-status.ts';
import { flag, withSearch } from '../../shell/options.ts';
import { renewedText } from './renewed-text.ts';
import { usageText } from './text.ts';

export const usage = serverCommand({
  onlyLooks: true,
  examples: [
    ['usage', 'Every certificate'],
    ['usage <thumbprint>', 'One certificate. The beginning of its thumbprint is enough'],
    ['usage shop.example.com', 'The certificates that cover a host name'],
    ['usage --renewed', 'Whether everything uses the renewed certificates: where not, and what to type'],
  ],
  build: (yargs) =>
    withSearch(yargs)
      .positional('certificate', {
        type: 'string',
        describe: 'Thumbprint or its beginning, host, or friendly name. Default: all certificates',
      })
      .option('renewed', flag('Is everything using the renewed certificates? Exit with code 9 if not')),
  read: ({ certificate }) => (certificate === undefined ? null : parseNamedSelector(certificate, 'certificate')),
  async run(session, args, wanted) {
    const { server, configuration, state, shell } = session;
    const snapshot = await server.snapshot();
    const only = wanted === null ? null : selectCertificates(snapshot, wanted, 'certificate');
    if (args.renewed) {
      const look = await lookNow(session, snapshot);
      const renewed = renewedOf(look, only);
      const named = renewed.certificates.flatMap(({ thumbprint, replaces }) => [thumbprint, ...replaces]);
      const searched = await searchWritten(session, args, withReplaced(look.renewals.succession, named, only === null));
      return shell.result({ ...renewed, ...searched }, renewedText, renewed.isUsed ? 0 : 9);
    }
    // Of a state folder that others can write, nothing is believed.
    const unsafe = await asResult(() => state.assertSafe());
    const isUnsafe = unsafe instanceof CertRebindError && unsafe.code === 'unsafe-folder';
    const ledger = isUnsafe ? emptyLedger : await state.readLedger();
    const { decisions, succession } = renewalsOf({ snapshot, ledger, configuration });
    const found = usageOf(snapshot, configuration, only, decisions);
    const searched = only === null ? {} : await searchWritten(session, args, withReplaced(succession, only));
    return shell.result({ ...found, ...searched }, usageText);
  },
});
