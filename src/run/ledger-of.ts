import { pairText } from '../certificates/renewal.ts';
import { type BlockCode, blockEntry } from '../codes/plan-codes.ts';
import {
  type Debt,
  type Ledger,
  type LedgerEntry,
  ledgerEntryOf,
  withKnownEvent,
  withOpenBefore,
} from '../documents/runs/ledger.ts';
import type { StepOutcome } from '../documents/runs/outcome.ts';
import { isVerifyOnly, type Plan, type Step, taskOf } from '../documents/runs/plan.ts';
import { factsOfTry, givenUp, type RollbackCause, type RolledBack } from '../documents/runs/rolled-back.ts';
import { changed, type State, stands } from '../documents/runs/step-states.ts';
import { isMovable, kindOf, thumbprintOf } from '../holders/holder.ts';
import { isRead } from '../holders/key-access/key-access.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { groupBy } from '../text/group.ts';

/** What a run adds to the ledger, with what that knew of the same renewals. */
export function entriesOfRun(
  ledger: Ledger,
  plan: Plan,
  outcomes: readonly StepOutcome[],
  when: { readonly run: string; readonly at: string },
  snapshot: Snapshot | null,
): readonly LedgerEntry[] {
  const entries = ledgerEntries(plan, outcomes, when).map((entry) =>
    withKeyFile(
      withTry(withOpenBefore(withKnownEvent(entry, ledger), ledger, plan), ledger, plan, snapshot),
      ledger,
      snapshot,
    ),
  );
  return [...entries, ...judgedAgain(ledger, entries, plan, outcomes)];
}

/**
 * Entries of earlier runs whose endpoints this run has seen again: they serve what is set, or what they serve is now
 * said of a newer renewal at the same holder.
 */
function judgedAgain(
  ledger: Ledger,
  entries: readonly LedgerEntry[],
  { steps }: Plan,
  outcomes: readonly StepOutcome[],
): readonly LedgerEntry[] {
  const ends = new Map(outcomes.map(({ id, state }) => [id, state]));
  const seen = steps.filter((step) => {
    const state = ends.get(step.id);
    if (isVerifyOnly(step)) return state === 'already';
    return state === 'verified' || state === 'served-successor' || state === 'still-old' || state === 'still-served';
  });
  const keys = new Set(seen.map(({ key }) => key));
  const told = new Set(entries.map(({ renewal }) => pairText(renewal)));
  return ledger.entries.flatMap(({ stillOld = [], ...entry }) => {
    const left = stillOld.filter((key) => !keys.has(key));
    if (left.length === stillOld.length || told.has(pairText(entry.renewal))) return [];
    return [left.length === 0 ? entry : { ...entry, stillOld: left }];
  });
}

/**
 * An entry of a renewal that was rolled back, with the number of tries and what was true at this one. Until it is
 * applied, or a person tries it, the number is kept. A run that is recovered after it was remembered counts once.
 */
function withTry(entry: LedgerEntry, ledger: Ledger, { steps }: Plan, snapshot: Snapshot | null): LedgerEntry {
  const { rolledBack, renewal } = entry;
  const known = ledgerEntryOf(ledger, renewal);
  const before = known?.rolledBack;
  const own = steps.filter((step) => step.renewal !== null && pairText(step.renewal) === pairText(renewal));
  const isAgain = own.some(({ turn }) => turn === 'again');
  if (rolledBack === undefined) {
    const isOver = entry.state === 'settled' || (own.length > 0 && !isAgain);
    return before === undefined || (isOver && entry.heldAt === undefined) ? entry : { ...entry, rolledBack: before };
  }
  if (rolledBack.cause.kind === 'person') return entry;
  const earlier = isAgain ? (before?.attempts ?? 0) : 0;
  const attempts = known?.run === entry.run && before !== undefined ? before.attempts : earlier + 1;
  const places = new Map(steps.map((step) => [step.key, step.before]));
  const facts = snapshot === null ? null : factsOfTry(snapshot, renewal, rolledBack.keys, places);
  return { ...entry, rolledBack: { ...rolledBack, attempts, facts } };
}

/** Once the old certificate is gone, nothing of Windows tells any more which file its private key is. */
function withKeyFile(entry: LedgerEntry, ledger: Ledger, snapshot: Snapshot | null): LedgerEntry {
  const { renewal } = entry;
  const rights = snapshot?.certificates.find(({ thumbprint }) => thumbprint === renewal.old)?.keyRights;
  const keyFile = (isRead(rights) ? rights.file : undefined) ?? ledgerEntryOf(ledger, renewal)?.keyFile;
  return keyFile === undefined ? entry : { ...entry, keyFile };
}

/**
 * What is owed after a run: a value that it had to put back and could not. A step that did what was wanted pays whatever
 * was owed at its holder; a plan that looked says what still is.
 */
export function debtsAfterRun(
  { debts }: Pick<Ledger, 'debts'>,
  { owed }: Plan,
  outcomes: readonly StepOutcome[],
  { run, at }: { readonly run: string; readonly at: string },
): readonly Debt[] {
  const done = new Set(outcomes.filter(({ state }) => stands(state)).map(({ key }) => key));
  const made = outcomes
    .filter(({ state, error }) => state === 'rollback-failed' && isOurs(error))
    .map(({ id, key }): Debt => ({ run, step: id, key, at }));
  const replaced = new Set(made.map(({ key }) => key));
  const stillOwed = owed === undefined ? null : new Set(owed.map((one) => `${one.run} ${one.key}`));
  const left = debts.filter(
    (debt) =>
      debt.run !== run &&
      !done.has(debt.key) &&
      !replaced.has(debt.key) &&
      (stillOwed === null || stillOwed.has(`${debt.run} ${debt.key}`)),
  );
  return [...left, ...made];
}

/** What a run did with each renewal of its plan. A renewal that only an unsuccessful undo touched keeps its entry. */
export function ledgerEntries(
  plan: Plan,
  outcomes: readonly StepOutcome[],
  { run, at }: { readonly run: string; readonly at: string },
): readonly LedgerEntry[] {
  const ends = new Map(outcomes.map((outcome) => [outcome.id, remembered(outcome)]));
  // Rights that an undo takes back say nothing about which holders have the certificate; nor do debts of other runs.
  const isUndo = plan.purpose === 'undo';
  const all = plan.steps.filter(({ turn }) => turn !== 'debt');
  const told = all.filter((step) => taskOf(step) !== 'check-back' && !(isUndo && step.before?.kind === 'keyAccess'));
  const concerned = groupBy(told, concernOf);
  const onlyLooked = new Set(all.filter((step) => taskOf(step) === 'check-back').map(concernOf));
  const blocked = groupBy(plan.blocked, (entry) => pairText(entry.renewal));
  return plan.renewals.flatMap((renewal) => {
    const concerns = new Set([pairText(renewal), renewal.old, renewal.new]);
    const steps = [...concerns].flatMap((concern) => concerned.get(concern) ?? []);
    if (steps.length === 0 && onlyLooked.has(pairText(renewal))) return [];
    const back = steps.filter(({ wanted }) => renewal.old !== renewal.new && thumbprintOf(wanted) === renewal.old);
    const forth = steps.filter((step) => !back.includes(step));
    const didChange = (step: Step) => changed(ends.get(step.id) ?? 'not-attempted');
    const endedAs = (among: readonly Step[], state: State) =>
      among.filter((step) => ends.get(step.id) === state).map(({ key }) => key);
    if (back.some(didChange)) {
      const stillServed = endedAs(back, 'still-served');
      return {
        renewal,
        state: 'undone',
        reasons: [],
        run,
        at,
        rolledBack: byPerson,
        ...(stillServed.length > 0 && { stillOld: stillServed }),
      };
    }
    if (isUndo && all.length + plan.blocked.length === 0) {
      // Every record is as before: somebody else was faster, and the undo still records that it is to stay so.
      return { renewal, state: 'undone', reasons: [], run: null, at, rolledBack: byPerson };
    }
    if (isUndo && !forth.some(didChange)) return [];
    const late = new Set(outcomes.filter(hadNoTime).map(({ id }) => id));
    const waits: readonly BlockCode[] = forth.some(({ id }) => late.has(id)) ? ['outside-window'] : [];
    const reasons = [
      ...new Set([...waits, ...(blocked.get(pairText(renewal))?.map(({ reason }) => reason) ?? [])]),
    ].sort();
    const stillOld = endedAs(forth, 'still-old');
    const held = new Set(isUndo ? [] : heldSteps(forth, outcomes, ends));
    const state = stateOf(
      forth.filter((step) => !held.has(step) && !late.has(step.id)).map((step) => ends.get(step.id) ?? 'not-attempted'),
      reasons,
    );
    const open = {
      ...(stillOld.length === 0 ? {} : { stillOld }),
      ...(held.size === 0 || state === 'undone' ? {} : { heldAt: [...held].map(({ key }) => key) }),
      ...namesLostAt(forth.filter(didChange)),
      ...rolledBackBy(state === 'undone' ? forth : [...held], outcomes),
    };
    // A plan file did not name every record, so there is more to do.
    const isPart = state === 'settled' && plan.skipped.some(({ reason }) => reason === 'not-in-plan');
    return { renewal, state: isPart ? 'pending' : state, reasons, run: steps.length > 0 ? run : null, at, ...open };
  });
}

/**
 * FTP sites and listeners where the new certificate was rolled back, with the others of their kind that did not get it.
 * What happens there says nothing about the rest of the renewal.
 */
function heldSteps(
  steps: readonly Step[],
  outcomes: readonly StepOutcome[],
  ends: ReadonlyMap<number, State>,
): readonly Step[] {
  const spared = new Set(outcomes.filter(({ error }) => error?.code === 'canary-failed').map(({ id }) => id));
  const others = steps.filter(({ key }) => isMovable(kindOf(key)));
  const kinds = new Set(others.filter(({ id }) => ends.get(id) === 'rolled-back').map(({ key }) => kindOf(key)));
  return others.filter(({ id, key }) => ends.get(id) === 'rolled-back' || (kinds.has(kindOf(key)) && spared.has(id)));
}

/**
 * A record that could not be rolled back is left to a person: the next run must not do the same to others. A record that
 * others changed, or that cannot be read, says nothing against the renewal.
 */
function remembered({ state, error }: Pick<StepOutcome, 'state' | 'error'>): State {
  if (state === 'rolled-back' && error?.code === 'interrupted') return 'not-attempted';
  return state === 'rollback-failed' && isOurs(error) ? 'rolled-back' : state;
}

/** Whether a service was not restarted for lack of time, so that its step waits for the next run in the window. */
export function hadNoTime({ error }: Pick<StepOutcome, 'error'>): boolean {
  return error?.code === 'no-time-left';
}

function isOurs(error: StepOutcome['error']): boolean {
  return error !== null && error.code !== 'changed-meanwhile' && error.code !== 'server-silent';
}

function namesLostAt(steps: readonly Step[]): Pick<LedgerEntry, 'namesLost'> {
  const namesLost = steps.flatMap(({ key, notes }) =>
    notes.flatMap(({ code, hosts = [] }) => (code === 'names-fewer' ? { key, hosts } : [])),
  );
  return namesLost.length === 0 ? {} : { namesLost };
}

const byPerson = givenUp(undefined);

/** Why the new certificate was rolled back at these steps: what happened at the first, for which others did not get it. */
function rolledBackBy(steps: readonly Step[], outcomes: readonly StepOutcome[]): { readonly rolledBack?: RolledBack } {
  const ids = new Set(steps.map(({ id }) => id));
  const failed = outcomes.filter(
    ({ id, state, error }) =>
      ids.has(id) &&
      error !== null &&
      (remembered({ state, error }) === 'rolled-back' || error.code === 'canary-failed'),
  );
  const first = failed.find(({ error }) => error?.code !== 'canary-failed' && error?.code !== 'run-undone');
  if (first === undefined) return {};
  return { rolledBack: { cause: causeOf(first), keys: failed.map(({ key }) => key), attempts: 1, facts: null } };
}

const tlsWords = /alert|protocol|cipher|handshake failure|unsupported|ssl|tls/i;

function causeOf({ error, after }: StepOutcome): RollbackCause {
  const said = error?.message ?? '';
  switch (error?.code) {
    case 'chain-not-sent': {
      const issuer = after.find(({ sent }) => sent?.upTo != null)?.sent?.upTo;
      return issuer == null ? { kind: 'handshake', said } : { kind: 'chain', issuer, said };
    }
    case 'endpoint-worse': {
      const silent = after.find(({ result }) => result === 'unreachable' || result === 'not-listening');
      if (silent === undefined) return { kind: 'name', said };
      return { kind: tlsWords.test(silent.reason ?? '') ? 'protocol' : 'handshake', said };
    }
    default:
      return { kind: 'server', said };
  }
}

function stateOf(ends: readonly State[], reasons: readonly BlockCode[]): LedgerEntry['state'] {
  if (ends.includes('rolled-back')) return 'undone';
  if (!ends.every(stands) || ends.includes('still-old')) return 'failed';
  if (reasons.length === 0) return 'settled';
  return reasons.every((reason) => blockEntry(reason)?.waits !== undefined) ? 'pending' : 'blocked';
}

/**
 * A replacement belongs to the renewal it was planned for; any other step to those of the certificate that it leaves on the
 * record.
 */
function concernOf({ renewal, wanted }: Step): string {
  return renewal === null ? (thumbprintOf(wanted) ?? '') : pairText(renewal);
}
