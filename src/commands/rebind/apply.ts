import { resolve } from 'node:path';
import { CertRebindError } from '../../base/errors.ts';
import type { Plan } from '../../documents/runs/plan.ts';
import { parsePlan } from '../../documents/runs/plan-document.ts';
import { policyFor } from '../../engine/plan/overrides.ts';
import { planChosen } from '../../engine/plan/plan-chosen.ts';
import { firstDanger, type Server } from '../../server/server.ts';
import { askAndRun } from '../../session/run/run.ts';
import { serverCommand } from '../../session/session.ts';
import { readDocument } from '../../shell/files.ts';
import { argument, flag, needed, overridesOf, withAllow, withNow } from '../../shell/options.ts';

export const apply = serverCommand({
  examples: [
    ['plan --out plan.json', 'Make a plan and check it. The command prints its digest'],
    ['apply plan.json', 'Apply it, from a folder that only administrators can write to'],
    ['apply plan.json --digest <digest>', 'Apply it from any folder'],
  ],
  build: (yargs) =>
    withNow(withAllow(yargs))
      .positional('plan', needed('A file that plan --out wrote'))
      .option('digest', argument('The digest of the plan, to prove that it is the right one'))
      .option('dry-run', flag('Change nothing'))
      .option('force', flag('Apply it even if something has changed since')),
  read: ({ plan }) => readDocument(plan, 'plan', parsePlan),
  async run(session, args, chosen) {
    const { server, state, configuration } = session;
    const { force } = args;
    const overrides = overridesOf(args);
    await assertConfirmed(server, chosen, resolve(args.plan), args.digest ?? null);
    // Before the lock is taken: for a plan that does not fit this server, not even a folder is created.
    const [snapshot, ledger] = [await server.snapshot(), await state.readLedger()];
    planChosen({ chosen, snapshot, ledger, configuration: policyFor(configuration, overrides), force });
    return askAndRun(session, args, { command: 'apply', wanted: { want: 'chosen', chosen, force }, overrides });
  },
});

/**
 * Anybody who can write the file decides which certificates are replaced, so it must come from an administrator: either
 * it is in a folder that only administrators can write, or the administrator names its digest. The digest in the file
 * itself only shows that it arrived unchanged.
 * @throws CertRebindError `plan-unconfirmed`
 */
async function assertConfirmed(server: Server, { digest }: Plan, file: string, named: string | null): Promise<void> {
  if (named !== null) {
    if (named.toLowerCase() === digest) return;
    throw new CertRebindError('plan-unconfirmed', {
      message: `${file} is not the plan with the given digest.`,
      where: '--digest',
    });
  }
  if (/^[\\/]{2}/.test(file)) throw unconfirmed(file, `${file} is on another computer`);
  const danger = await firstDanger(server, [file]);
  if (danger !== null) throw unconfirmed(file, `${danger.where} ${danger.why}`);
}

function unconfirmed(file: string, why: string): CertRebindError {
  return new CertRebindError('plan-unconfirmed', {
    message: `${file} may have been changed by someone else: ${why}.`,
    where: file,
  });
}
