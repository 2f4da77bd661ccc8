import { asResult, CertRebindError } from '../../base/errors.ts';
import { emptyLedger } from '../../documents/runs/ledger.ts';
import { renewalsOf } from '../../engine/plan/plan-pending.ts';
import { selectCertificates } from '../../engine/plan/select-certificate.ts';
import { usageOf } from '../../engine/views/usage.ts';
import { parseNamedSelector } from '../../model/certificates/selector.ts';
import { withServer } from '../../session/session.ts';
import { defineCommand } from '../../shell/command.ts';
import { usageText } from './text.ts';

export const usage = defineCommand({
  examples: [
    ['usage', 'Every certificate'],
    ['usage <thumbprint>', 'One certificate. The beginning of its thumbprint is enough'],
    ['usage shop.example.com', 'The certificates that cover a host name'],
  ],
  build: (yargs) =>
    yargs.positional('certificate', {
      type: 'string',
      describe: 'Thumbprint or its beginning, host, or friendly name. Default: all certificates',
    }),
  async run(args, invocation) {
    const wanted = args.certificate === undefined ? null : parseNamedSelector(args.certificate, 'certificate');
    return withServer(args, invocation, async ({ server, configuration, state }) => {
      const snapshot = await server.snapshot();
      // Of a state folder that others can write, nothing is believed.
      const unsafe = await asResult(() => state.assertSafe());
      const ledger = unsafe instanceof CertRebindError ? emptyLedger : await state.readLedger();
      const only = wanted === null ? null : selectCertificates(snapshot, wanted, 'certificate');
      const document = usageOf(
        snapshot,
        configuration,
        only,
        renewalsOf({ snapshot, ledger, configuration }).decisions,
      );
      invocation.shell.result(document, (look) => usageText(document, look));
      return 0;
    });
  },
});
