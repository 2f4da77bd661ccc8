import { resolve } from 'node:path';
import { CertRebindError } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import { parsePlan } from '../model/plan-document.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { readSnapshot } from '../server/server.ts';
import { askAndRun } from './session/run.ts';
import { withServer } from './session/session.ts';
import { defineCommand } from './shell/command.ts';
import { readText } from './shell/files.ts';

export const apply = defineCommand({
  examples: [
    ['plan --out plan.json', 'Make a plan, look at it'],
    ['apply plan.json', 'and carry it out'],
  ],
  build: (yargs) =>
    yargs
      .positional('plan', { type: 'string', demandOption: true, describe: 'A file that plan --out wrote' })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Change nothing' })
      .option('force', { type: 'boolean', default: false, describe: 'Even when a record changed since' }),
  async run(args, invocation) {
    const file = resolve(args.plan);
    const plan = parsePlan(await readText(file, 'plan'), file);
    return withServer(args, invocation, async (session) => {
      // Before the lock is taken: on a server that the plan was not made for, not even a folder is made.
      forThisServer(plan, await readSnapshot(session.server), file);
      return askAndRun(session, invocation, {
        command: 'apply',
        takesEveryEvent: false,
        plan: () => plan,
        madeEarlier: { force: args.force },
        dryRun: args.dryRun,
        wait: args.wait,
      });
    });
  },
});

/** @throws CertRebindError `other-server` */
function forThisServer(plan: Plan, { server }: Snapshot, where: string): void {
  if (plan.server.id === server.id) return;
  throw new CertRebindError('other-server', {
    message: `${where} was made for ${plan.server.name}, and this is ${server.name}${plan.server.name === server.name ? ' with another identity' : ''}.`,
    where,
  });
}
