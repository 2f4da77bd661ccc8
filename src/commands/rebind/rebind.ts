import { CertRebindError } from '../../base/errors.ts';
import { type Attempt, forgetRefusals, refused } from '../../session/run/refusals.ts';
import { askAndRun } from '../../session/run/run.ts';
import { type Session, withServer } from '../../session/session.ts';
import { defineCommand } from '../../shell/command.ts';
import { flag, overridesOf, withAllow, withNow } from '../../shell/options.ts';
import { givenPair, pairsGiven, wholePair, withPair } from '../../shell/renewals.ts';

export const rebind = defineCommand({
  examples: [
    ['rebind --old <thumbprint> --new <thumbprint>', 'Plan, ask, change and test'],
    ['rebind --old shop.example.com --new auto', 'From the certificate of a host to its renewal'],
    ['rebind --old shop.example.com --new auto --allow names-lost', 'Even if the new one covers fewer hosts'],
    ['rebind --old auto --new <thumbprint> --yes', 'For an ACME client: from whatever it renews'],
    ['rebind --old <thumbprint> --new <thumbprint> --reason revoked', 'At once, unless a service has to be restarted'],
    ['rebind --old <thumbprint> --new <thumbprint> --dry-run', 'Show what would change'],
    [
      'rebind --old <thumbprint> --new <thumbprint> --reapply',
      'Set the same certificate again, for example after its chain changed',
    ],
  ],
  build: (yargs) => withNow(withAllow(withPair(yargs))).option('dry-run', flag('Change nothing')),
  async run(args, invocation) {
    // Clients write the thumbprint of the old certificate there, and have none at a first issue.
    const isFirst = args.old?.trim() === '' && args.new !== undefined;
    if (isFirst) return withServer(args, invocation, (session) => replaceNothing(session, args));
    const given = givenPair(args);
    if (given === null)
      throw new CertRebindError('usage', {
        message: 'rebind needs --old and --new.',
        hint: 'To apply all pending renewals:\n  certrebind reconcile',
      });
    const named = given.new.kind === 'thumbprint' ? given.new.thumbprint : null;
    const attempt: Attempt = { command: 'rebind', what: args.new ?? '', certificate: named };
    // What a person types is answered; clients name certificates so.
    const isOfHook = given.old.kind === 'auto' || wholePair(given) !== null;
    const rebinding = async (session: Session) => {
      const overrides = overridesOf(args);
      // Before the lock is taken: an unknown certificate leaves no trace, and the choice is fixed even if other
      // certificates arrive later.
      // The server is asked only where a certificate is not named by its whole thumbprint.
      const snapshot = wholePair(given) === null ? await session.server.snapshot() : null;
      const known = { configuration: session.configuration, ledger: await session.state.readLedger() };
      const wanted = pairsGiven(given, snapshot, known);
      const exitCode = await askAndRun(session, args, { command: 'rebind', wanted, overrides });
      const [renewal] = wanted.renewals;
      const set = snapshot?.certificates.find(({ thumbprint }) => thumbprint === renewal?.new) ?? null;
      if (exitCode === 0 && !args.dryRun) await forgetRefusals(session, { ...attempt, certificate: set });
      return exitCode;
    };
    return withServer(args, invocation, rebinding, args.dryRun || !isOfHook ? {} : { failed: refused(attempt) });
  },
});

function replaceNothing(session: Session, args: Parameters<typeof askAndRun>[1]): Promise<number> {
  session.shell.notice('--old is empty, so no certificate is replaced.');
  return askAndRun(session, args, {
    command: 'rebind',
    wanted: { want: 'pairs', renewals: [], oldOption: '--old' },
  });
}
