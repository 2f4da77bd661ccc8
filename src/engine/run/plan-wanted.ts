import { partsOfHint } from '../../base/codes/entry.ts';
import type { PlannedRepair } from '../../base/codes/finding-codes.ts';
import { type BlockCode, isBlockCode } from '../../base/codes/plan-codes.ts';
import { CertRebindError } from '../../base/errors.ts';
import { lineText } from '../../documents/offered-line.ts';
import { meetsFirst, type Obstacle, type Plan } from '../../documents/runs/plan.ts';
import { selectRun } from '../../documents/runs/select-run.ts';
import { type Policy, policyFor } from '../plan/overrides.ts';
import { planChosen } from '../plan/plan-chosen.ts';
import { planPending } from '../plan/plan-pending.ts';
import { planGiven, planRebind } from '../plan/plan-rebind.ts';
import { planRepair } from '../plan/plan-repair.ts';
import { isUndoCandidate, planUndo } from '../plan/plan-undo.ts';
import type { State } from '../state/state.ts';
import { changedAfter, lastKnownRecords, owedValues } from './last-known.ts';
import type { Facts, RunRequest } from './request.ts';

type Remembered = Pick<State, 'readRun' | 'listRuns' | 'unclearOrder' | 'assertSafeRun'>;

/** The plan for what is wanted, from these facts and what the state folder remembers. */
export async function planWanted(
  state: Remembered,
  { wanted, ...request }: Pick<RunRequest, 'wanted' | 'configuration' | 'overrides'>,
  facts: Facts,
): Promise<Plan> {
  const { snapshot, ledger } = facts;
  const configuration = policyFor(request.configuration, request.overrides);
  switch (wanted.want) {
    case 'pending':
      return planPending(snapshot, ledger, configuration, await owedValues(state, ledger), wanted.byPerson);
    case 'chosen':
      return planChosen({ ...facts, ...wanted, configuration });
    case 'pairs': {
      const pairs = { ...facts, ...wanted, configuration };
      const plan = wanted.oldOption === undefined ? planRebind(pairs) : planGiven(pairs, wanted.oldOption);
      const { allow = [] } = request.overrides ?? {};
      if (wanted.purpose === undefined && wanted.arriving === undefined && allow.length > 0)
        assertNotWaiting(plan, allow, planRebind({ ...pairs, configuration: request.configuration }));
      return plan;
    }
    case 'undo':
      return undoOf(state, wanted, facts, configuration);
    case 'repair':
      return planRepair({
        ...wanted,
        snapshot,
        configuration,
        lastKnown: restoring.includes(wanted.repair) ? await lastKnownRecords(state) : new Map(),
        owed: wanted.repair === 'not-restored' ? await owedValues(state, ledger) : [],
      });
  }
}

/** What sets the certificate that an earlier run saw. */
const restoring: readonly PlannedRepair[] = ['binding-without-record', 'binding-falls-back'];

/**
 * What is allowed once is allowed to this run: the one that starts in the window would be blocked by the same guard.
 * @param without the plan where nothing is allowed
 * @throws CertRebindError `outside-window` with the same line for now
 */
function assertNotWaiting({ blocked }: Plan, allow: readonly BlockCode[], without: Plan): void {
  const isAllowed = ({ code }: Obstacle) => isBlockCode(code) && allow.includes(code);
  const overruled = new Set(without.blocked.flatMap(({ key, obstacles }) => (obstacles.some(isAllowed) ? key : [])));
  const waiting = blocked.find((entry) => meetsFirst('outside-window', entry) && overruled.has(entry.key));
  if (waiting === undefined) return;
  const { key, obstacles, renewal } = waiting;
  const line = lineText({ does: 'rebind', old: renewal.old, new: renewal.new, allow, now: true });
  throw new CertRebindError('outside-window', {
    message: `${key}: ${obstacles[0].text} What --allow lets through cannot wait for that, so nothing was changed or remembered.`,
    where: key,
    hint: `To make the change now:\n  ${line}`,
  });
}

async function undoOf(
  state: Remembered,
  { run: named, force }: Extract<RunRequest['wanted'], { want: 'undo' }>,
  { snapshot, ledger }: Facts,
  configuration: Policy,
): Promise<Plan> {
  const names = (await state.listRuns()).map(({ run }) => run);
  const run = named === 'last' ? await lastThatChanged(state, new Date(snapshot.takenAt)) : selectRun(named, names);
  await state.assertSafeRun(run);
  const { journal, outcome } = await state.readRun(run);
  if (outcome !== null) {
    const later = await changedAfter(state, run);
    return planUndo({ snapshot, ledger, run, journal, outcome, force, configuration, later });
  }
  throw new CertRebindError('no-such-run', {
    message: `Run ${run} is not finished. CertRebind has to recover it before it can be rolled back.`,
    hint: 'Run the command again without --dry-run.',
  });
}

/**
 * @throws CertRebindError if the run that may be the last one cannot be read: an earlier one is never taken instead;
 *   `run-order-unknown` with the lines that name a run
 */
async function lastThatChanged(state: Remembered, now: Date): Promise<string> {
  const unclear = await state.unclearOrder(now);
  const candidates: string[] = [];
  for (const { run, summary, unreadable } of (await state.listRuns()).toReversed()) {
    if (unreadable !== null && unclear === null) throw unreadable;
    if (summary === null || summary.counts.changed + summary.counts.stillOld + summary.counts.failed === 0) continue;
    const { journal, outcome } = await state.readRun(run);
    if (outcome === null || !isUndoCandidate({ journal, outcome })) continue;
    if (unclear === null) return run;
    if (candidates.push(run) === candidatesNamed) break;
  }
  if (unclear === null || candidates.length === 0)
    throw new CertRebindError('no-such-run', { message: 'No run has changed anything, so there is nothing to undo.' });
  const lines = candidates.map((run) => `  certrebind undo ${run}`);
  const hint = ['To undo one of these runs, name it:', ...lines, partsOfHint(unclear.hint ?? '').hint].join('\n');
  throw new CertRebindError(unclear.code, { message: unclear.message, hint });
}

const candidatesNamed = 10;

/** What a person agrees to: which change is made to which holder. Times and notes may differ. */
function agreement({ steps }: Plan): string {
  return JSON.stringify(steps.map(({ consumers, verify, notes, id, ...change }) => change));
}

/** @throws CertRebindError `plan-stale` if the plan is not the one that a person agreed to */
export function assertAgreed(plan: Plan, agreed: Plan | undefined): void {
  if (agreed === undefined || agreement(plan) === agreement(agreed)) return;
  throw new CertRebindError('plan-stale', {
    message: 'The server changed since the plan was made that you agreed to.',
    hint: 'Run the command again.',
  });
}
