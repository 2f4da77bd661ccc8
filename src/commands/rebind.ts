import { CertRebindError } from '../model/errors.ts';
import { planGiven } from '../plan/plan-given.ts';
import { askAndRun } from './session/run.ts';
import { withServer } from './session/session.ts';
import { defineCommand } from './shell/command.ts';
import { givenRenewal, withPair } from './shell/renewals.ts';

export const rebind = defineCommand({
  examples: [
    ['rebind --old <thumbprint> --new <thumbprint>', 'Plan, ask, swap and prove'],
    ['rebind --old <thumbprint> --new <thumbprint> --dry-run', 'Everything but the change'],
    ['rebind --old <thumbprint> --new <thumbprint> --represent', 'Set the same certificate again, for a new chain'],
  ],
  build: (yargs) => withPair(yargs).option('dry-run', { type: 'boolean', default: false, describe: 'Change nothing' }),
  async run(args, invocation) {
    const renewal = givenRenewal(args);
    if (renewal === null)
      throw new CertRebindError('usage', {
        message: 'rebind needs --old and --new.',
        hint: 'certrebind reconcile takes every renewed certificate that is not in use yet.',
      });
    return withServer(args, invocation, (session) =>
      askAndRun(session, invocation, {
        command: 'rebind',
        takesEveryEvent: false,
        plan: ({ snapshot }) =>
          planGiven({ snapshot, renewal, configuration: session.configuration, represent: args.represent }),
        dryRun: args.dryRun,
        wait: args.wait,
      }),
    );
  },
});
