import type { Thumbprint } from '../certificates/thumbprint.ts';
import { defineCommand, type Invocation } from '../command-line/command.ts';
import { personSaidNo } from '../command-line/shell.ts';
import type { RetiredCase, Retirement } from '../documents/retirement.ts';
import type { Ledger, RetiredCertificate } from '../documents/runs/ledger.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { namedCertificates } from '../plan/named-certificates.ts';
import { casesOfRetirement, type RetireCase, whyNothingRetires } from '../plan/retire.ts';
import { changeOne } from '../server/server.ts';
import { clock, type Session, withServer } from '../session/session.ts';
import { CertRebindError } from '../text/errors.ts';
import { reasonText, retirementText } from './retire-text.ts';

const dayMs = 24 * 3600_000;

export const retire = defineCommand({
  examples: [
    ['retire --dry-run', 'Show which replaced certificates nothing needs any more'],
    ['retire', 'Archive them. Their keys stay, and undo shows them again'],
    ['retire --after 30d --yes', 'Only what was replaced at least 30 days ago, without a question'],
  ],
  build: (yargs) =>
    yargs
      .option('after', {
        type: 'string',
        default: '14d',
        requiresArg: true,
        describe: 'Days that the new certificate has to be at work',
      })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Change nothing' }),
  run: (args, invocation) =>
    withServer(args, invocation, async (session) => {
      const afterDays = parseAfter(args.after);
      const planned = await look(session, afterDays, args.dryRun);
      const { shell } = invocation;
      const free = planned.cases.filter(({ becomes }) => becomes === 'archived');
      if (args.dryRun || free.length === 0) return show(planned, invocation);
      shell.preview(() => retirementText({ ...planned, dryRun: true }));
      if (!(await shell.confirm(free.length === 1 ? 'Archive it?' : `Archive these ${free.length} certificates?`))) {
        shell.preview(() => 'Nothing was changed.');
        return personSaidNo;
      }
      const agreed = new Set(free.map(({ thumbprint }) => thumbprint));
      return show(await archiveReplaced(session, invocation, { afterDays, wait: args.wait, agreed }), invocation);
    }),
});

/**
 * Everything is read again under the lock; only what is still free goes.
 * @param agreed what a person agreed to; without it, all
 */
export async function archiveReplaced(
  session: Session,
  { shell }: Invocation,
  {
    afterDays,
    wait,
    agreed,
  }: { readonly afterDays: number; readonly wait: boolean; readonly agreed?: ReadonlySet<Thumbprint> },
): Promise<Retirement> {
  const lock = await session.state.lock({ wait, signal: shell.interruptible() });
  try {
    await session.state.demandSafe();
    const planned = await look(session, afterDays, false);
    const cases: RetiredCase[] = [];
    for (const one of planned.cases) {
      if (one.becomes !== 'archived') cases.push(one);
      else if (agreed?.has(one.thumbprint) === false) cases.push({ ...one, becomes: 'stays' });
      else cases.push(await archive(one, session));
    }
    return { ...planned, cases };
  } finally {
    await lock.release();
  }
}

/** It is remembered first: what was archived and is not remembered would look as if somebody else had done it. */
async function archive(one: RetiredCase, { server, state }: Session): Promise<RetiredCase> {
  const { thumbprint, store, successor } = one;
  const remembered: RetiredCertificate = { thumbprint, store, successor, at: clock.now().toISOString() };
  const before = await state.readLedger();
  await state.writeLedger({ ...before, retired: [...others(before, one), remembered] });
  const error = await changeOne(server, { do: 'archive-certificate', thumbprint, store, archived: true });
  if (error === null) return one;
  // Of one without an answer nothing is known, so it stays remembered.
  if (error.code !== 'silent') await state.writeLedger({ ...before, retired: others(before, one) });
  return { ...one, becomes: 'failed', message: error.message };
}

function others({ retired }: Ledger, { thumbprint, store }: RetiredCase): Ledger['retired'] {
  return retired.filter((one) => one.thumbprint !== thumbprint || one.store !== store);
}

async function look({ server, state }: Session, afterDays: number, dryRun: boolean): Promise<Retirement> {
  const [snapshot, ledger]: [Snapshot, Ledger] = [await server.snapshot(), await state.readLedger()];
  const refused = whyNothingRetires(snapshot, ledger);
  const cases = refused === null ? casesOfRetirement(snapshot, ledger, afterDays * dayMs) : [];
  return {
    schema: 'certrebind/retire/1',
    dryRun,
    afterDays,
    refused,
    cases: cases.map(caseOf),
    certificates: namedCertificates(
      snapshot,
      cases.flatMap(({ certificate, successor }) => [certificate.thumbprint, successor]),
    ),
  };
}

function caseOf(one: RetireCase): RetiredCase {
  const { certificate, successor, why } = one;
  const { thumbprint, store } = certificate;
  return { thumbprint, store, successor, becomes: why === null ? 'archived' : 'stays', why, message: reasonText(one) };
}

function show(made: Retirement, { shell }: Invocation): number {
  shell.result(made, () => retirementText(made));
  if (made.refused !== null) return 3;
  return made.cases.some(({ becomes }) => becomes === 'failed') ? 4 : 0;
}

/** @throws CertRebindError `usage` */
function parseAfter(text: string): number {
  const digits = /^(\d{1,4})d?$/.exec(text)?.[1];
  if (digits !== undefined) return Number(digits);
  throw new CertRebindError('usage', {
    message: `--after takes a number of days, for example 14d, not ${JSON.stringify(text.slice(0, 40))}.`,
    where: '--after',
  });
}
