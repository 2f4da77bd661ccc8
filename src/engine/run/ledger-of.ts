import { isBlockCode } from '../../base/codes/plan-codes.ts';
import { groupBy } from '../../base/group.ts';
import {
  type Decision,
  type DecisionKind,
  type Ledger,
  type LedgerRenewal,
  type PendingRollback,
  placeAndKind,
  rememberedOf,
  withDecisions,
  withRenewals,
} from '../../documents/runs/ledger.ts';
import type { StepOutcome } from '../../documents/runs/outcome.ts';
import {
  isVerifyOnly,
  isWaiting,
  meetsFirst,
  type Plan,
  putsBack,
  type Step,
  taskOf,
} from '../../documents/runs/plan.ts';
import { concernedBy, factsNow } from '../../documents/runs/rolled-back.ts';
import { changed, isApplied } from '../../documents/runs/step-states.ts';
import { kindOf, thumbprintOf } from '../../kinds/holder.ts';
import { isRead } from '../../kinds/key-access/key-access.ts';
import { thumbprintsByPlace } from '../../kinds/place.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { byThumbprint } from '../../model/certificates/named-certificate.ts';
import { pairText, type Renewal, reachable } from '../../model/certificates/renewal.ts';
import { pastRenewals } from '../../model/certificates/schedule.ts';
import { findHolds } from '../known/held-renewals.ts';
import { renewalsFromEvents, renewalsFromProperties } from '../known/renewals.ts';
import { isSetBack, setBacksAt } from '../known/set-backs.ts';
import { isOurs, whyRolledBack } from './rollback-cause.ts';

type Pair = Pick<Renewal, 'old' | 'new'>;

interface When {
  readonly run: string;
  readonly at: string;
}

/** A run that is over, with how its steps ended. */
type Ran = ReturnType<typeof ranOf>;

function ranOf(plan: Plan, outcomes: readonly StepOutcome[], when: When) {
  const ends = new Map(outcomes.map((end) => [end.id, end]));
  return {
    plan,
    outcomes,
    when,
    /** By the steps' ids. */
    ends,
    byPlace: new Map<string, StepOutcome>(outcomes.map((end) => [end.key, end])),
    /** The places for which the policy rolled back the whole run. */
    blamed: new Set<string>(outcomes.flatMap(({ error }) => (error?.code === 'run-undone' ? (error.where ?? []) : []))),
    isDone: ({ id }: Step) => isApplied(ends.get(id)?.state ?? 'not-attempted'),
  };
}

/**
 * The ledger after a run, and the renewals of which that has something new to say.
 * @param command the one that asked for the run, where that is known: `rebind` is what a person or a hook typed
 */
export function ledgerAfterRun(
  ledger: Ledger,
  plan: Plan,
  outcomes: readonly StepOutcome[],
  when: When,
  snapshot: Snapshot | null,
  command?: string,
): { readonly ledger: Ledger; readonly news: readonly LedgerRenewal[] } {
  const ran = ranOf(plan, outcomes, when);
  const { made, over } = decisionsOfRun(ran);
  for (const key of releasedAt(plan, ledger, snapshot)) over.set(key, new Set(['keeps-old', 'on-hold', 'interrupted']));
  if (command === 'rebind')
    for (const key of wantedAgainAt(plan, ledger)) over.set(key, new Set([...(over.get(key) ?? []), 'not-undone']));
  const renewals = renewalsOfRun(ran).map((one) => withKnown(one, ledger, snapshot));
  const news = renewals.filter((one) => isNews(ledger, one));
  const isReturned = returnedFrom(ran);
  const kept = ledger.renewals.filter(({ renewal }) => renewal.source !== 'given' || !isReturned(renewal));
  return {
    news,
    ledger: {
      ...ledger,
      renewals: withRenewals(
        kept,
        // A certificate that is set again is no renewal.
        renewals.filter((one) => one.renewal.old !== one.renewal.new && (news.includes(one) || one.run !== null)),
      ),
      decisions: [
        ...withDecisions(
          ledger.decisions.filter((one) => !isSetBack(one)),
          withTries(withWhatFollowed(made, ledger), ledger, plan, snapshot),
          over,
        ),
        ...setBacksAfter(ran, ledger, snapshot),
      ],
      dismissed: dismissedAfter(ran, ledger),
      ...appliedAfter(ran, ledger),
      pendingRollbacks: pendingRollbacksAfter(ran, ledger),
      ...pastRenewalsAfter(ledger, renewals, snapshot),
    },
  };
}

/**
 * Where somebody applies again what is on hold, and only its time keeps it: it is not on hold any more, so that the start in the
 * window makes the change. What is pending is never planned while it is on hold.
 */
function releasedAt({ purpose, blocked }: Plan, ledger: Ledger, snapshot: Snapshot | null): readonly KeyText[] {
  if (snapshot === null || purpose !== 'rebind') return [];
  const holdAt = findHolds(ledger, snapshot);
  const waiting = blocked.filter((entry) => isWaiting(entry) && holdAt(entry.key, entry.renewal)?.isOver === false);
  return waiting.map(({ key }) => key);
}

/** Where an undo left open what a person asked for again: some of these places need no step. */
function wantedAgainAt({ renewals }: Plan, { decisions }: Ledger): readonly KeyText[] {
  const typed = new Set(renewals.map(pairText));
  return decisions.flatMap((one) => (one.what === 'not-undone' && typed.has(pairText(one)) ? one.place : []));
}

/** Each place with the certificate that a run set there last. */
function appliedAfter(ran: Ran, { applied = [] }: Ledger): Pick<Ledger, 'applied'> {
  const set = stepsThatStand(ran).filter((step) => !isVerifyOnly(step));
  const places = new Set(set.map(({ key }) => key));
  const kept = applied.map((row) => ({ ...row, places: row.places.filter((key) => !places.has(key)) }));
  const made = [...groupBy(set, ({ wanted }) => thumbprintOf(wanted))].flatMap(([certificate, steps]) =>
    certificate === null ? [] : { ...ran.when, certificate, places: steps.map(({ key }) => key) },
  );
  const rows = [...kept.filter((row) => row.places.length > 0), ...made];
  return rows.length === 0 ? {} : { applied: rows };
}

/** What a person hid at a place is over once a run has set another certificate there, also if the earlier one comes back. */
function dismissedAfter(ran: Ran, { dismissed }: Ledger): Ledger['dismissed'] {
  const set = new Map<string | null, string | null>(
    stepsThatStand(ran).map(({ key, wanted }) => [key, thumbprintOf(wanted)]),
  );
  return dismissed.filter(({ place, certificate }) => !set.has(place) || set.get(place) === certificate);
}

/** What a run saw that was set back. What it applied again, or holds something else now, is over. */
function setBacksAfter(ran: Ran, ledger: Ledger, snapshot: Snapshot | null): readonly Decision[] {
  const { plan, when } = ran;
  const before = ledger.decisions.filter(isSetBack);
  const entries = [
    ...plan.blocked.filter(({ obstacles }) => obstacles.some(({ code }) => code === 'set-back')),
    ...plan.steps.filter(({ notes }) => notes.some(({ code }) => code === 'set-back')),
  ];
  const seen = new Map(entries.flatMap(({ key, renewal }) => (renewal === null ? [] : [[key, renewal] as const])));
  if (before.length + seen.size === 0) return before;
  const now = snapshot === null ? [] : setBacksAt(seen, ledger, snapshot);
  const held = snapshot === null ? null : thumbprintsByPlace(snapshot);
  const done = new Set(stepsThatStand(ran).map(({ key }) => key));
  const isOver = ({ place, old }: Decision) => done.has(place) || (held?.has(place) && held.get(place) !== old);
  return [...new Map([...before.map((one) => [one.place, one] as const), ...now]).values()].map((one) =>
    one.run === null && isOver(one) ? { ...one, run: when.run } : one,
  );
}

function stepsThatStand({ plan, isDone }: Ran): readonly Step[] {
  return plan.steps.filter((step) => isDone(step) && taskOf(step) !== 'grant');
}

const pastRenewalsKept = 1000;

function pastRenewalsAfter(
  { pastRenewals: before = [], renewals }: Ledger,
  made: readonly LedgerRenewal[],
  snapshot: Snapshot | null,
): Pick<Ledger, 'pastRenewals'> {
  if (snapshot === null) return {};
  const remembered = [...renewals, ...made].map(({ renewal }) => renewal);
  const known = [...remembered, ...renewalsFromEvents(snapshot), ...renewalsFromProperties(snapshot)];
  const seen = pastRenewals(known, byThumbprint(snapshot.certificates));
  const all = new Map([...before, ...seen].map((one) => [pairText(one), one]));
  return all.size === 0 ? {} : { pastRenewals: [...all.values()].slice(-pastRenewalsKept) };
}

/** What a run decided at places, and what it saw to be over there. Pure, so that a lost ledger is made again from the runs. */
function decisionsOfRun(ran: Ran) {
  const { plan, ends, when } = ran;
  const made: Decision[] = [];
  const over = new Map<KeyText, ReadonlySet<DecisionKind>>();
  const decide = (place: KeyText, pair: Pair, what: DecisionKind, more: Partial<Decision> = {}) =>
    made.push({ place, old: pair.old, new: pair.new, what, ...unexplained, ...when, ...more });
  for (const step of stepsAtPlaces(plan)) {
    const end = ends.get(step.id);
    if (end === undefined) continue;
    const { key, renewal } = step;
    over.set(key, new Set([...(over.get(key) ?? []), ...overAt(step, end, plan)]));
    if (isVerifyOnly(step)) continue;
    const pair = pairNotUndone(step, end, plan);
    if (pair !== null) decide(key, pair, 'not-undone', { by: 'person', run: plan.undoes ?? null });
    const back = changed(end.state) ? pairsTakenBack(step, plan) : [];
    for (const pair of back) decide(key, pair, 'keeps-old', { by: 'person' });
    if (end.state === 'still-served') for (const pair of back.slice(0, 1)) decide(key, pair, 'serves-new');
    if (renewal === null || renewal.old === renewal.new || putsBack(step)) continue;
    if (end.state === 'still-old') decide(key, renewal, 'serves-old');
    if (changed(end.state))
      for (const { code, hosts = [] } of step.notes)
        if (code === 'names-fewer') decide(key, renewal, 'lost-names', { hosts });
    const rolledBack = plan.purpose === 'undo' ? null : whyRolledBack(end, ran);
    const what = rolledBack?.kind === 'interrupted' ? 'interrupted' : 'on-hold';
    if (rolledBack !== null) decide(key, renewal, what, { cause: rolledBack, attempts: 1 });
  }
  if (plan.purpose !== 'undo') return { made, over };
  for (const { key, renewal } of plan.blocked)
    decide(key, renewal, 'not-undone', { by: 'person', run: plan.undoes ?? null });
  // Where all is as before already, the person who undoes the run wants it so.
  for (const entry of plan.skipped)
    if (meetsFirst('already', entry) && kindOf(entry.key) !== 'keyAccess')
      for (const pair of plan.renewals) decide(entry.key, pair, 'keeps-old', { by: 'person' });
  return { made, over };
}

/** What a person wanted to take from a place, and it is still there. What could not be put back is a rollback that is due. */
function pairNotUndone(step: Step, { state }: StepOutcome, { purpose }: Plan): Pair | null {
  const [held, old] = [thumbprintOf(step.before), thumbprintOf(step.wanted)];
  const isMeant = purpose === 'undo' || goesBack(step);
  const isOpen = isMeant && !isApplied(state) && !changed(state) && state !== 'rollback-failed';
  return isOpen && held !== null && old !== null && held !== old ? { old, new: held } : null;
}

const unexplained = { by: 'run', cause: null, attempts: 0, facts: null, event: null } as const;

/** Debts of other runs say nothing about renewals, nor do rights on keys. */
function stepsAtPlaces({ steps }: Plan): readonly Step[] {
  return steps.filter((step) => step.turn !== 'debt' && taskOf(step) !== 'grant');
}

/** What is no longer so at a place because of this step. */
function overAt(step: Step, end: StepOutcome, { purpose }: Plan): readonly DecisionKind[] {
  const { state } = end;
  const onWire = ['serves-old', 'serves-new'] as const;
  if (isVerifyOnly(step)) return state === 'already' ? onWire : [];
  const answered = ['verified', 'served-successor', 'still-old', 'still-served'].includes(state);
  if (isApplied(state))
    return ['keeps-old', 'on-hold', 'interrupted', 'lost-names', 'not-undone', ...(answered ? onWire : [])];
  // A person asked for it, so that it is tried by the next run too.
  const isKilled = end.error?.code === 'interrupted';
  return purpose === 'undo' || step.turn === 'again' || isKilled ? [] : ['keeps-old', 'on-hold'];
}

/** By an undo, or because a person gave a certificate which the one there had replaced. */
function takesBack(step: Step, { purpose, renewals }: Plan): boolean {
  if (purpose !== 'undo') return goesBack(step);
  if (step.renewal !== null) return putsBack(step);
  const set = thumbprintOf(step.wanted);
  return renewals.some((one) => one.old === set && one.new !== set);
}

/** As the plan found it: later that may not be known any more. */
function goesBack({ notes }: Pick<Plan, 'notes'>): boolean {
  return notes.some(({ code }) => code === 'goes-back');
}

/** The certificate that is set again, against the one that was there, and the one that an undone run had set. */
function pairsTakenBack(step: Step, plan: Plan): readonly Pair[] {
  const [held, old] = [thumbprintOf(step.before), thumbprintOf(step.wanted)];
  if (old === null || !takesBack(step, plan)) return [];
  const undone = plan.purpose === 'undo' ? plan.renewals.filter((one) => one.old === old).map((one) => one.new) : [];
  const successors = new Set([held ?? [], ...undone].flat());
  return [...successors].filter((one) => one !== old).map((successor) => ({ old, new: successor }));
}

/**
 * What a person gave and does not count any more: a pair that was undone at every place; and what was given for a
 * certificate to which a person has gone back at every place, or from which they went back.
 */
function returnedFrom({ plan, isDone }: Ran): (pair: Pair) => boolean {
  const { purpose, renewals, blocked, skipped } = plan;
  const steps = stepsAtPlaces(plan);
  const done = steps.filter((step) => takesBack(step, plan) && isDone(step));
  const isWhole = blocked.length === 0 && done.length === steps.length;
  if (purpose === 'undo') {
    const isUndone = isWhole && skipped.every((entry) => meetsFirst('already', entry));
    const pairs = new Set(isUndone ? renewals.map(pairText) : []);
    return (pair) => pairs.has(pairText(pair));
  }
  const gone = done.flatMap(({ renewal }) => renewal ?? []);
  const isAll = isWhole && skipped.every((entry) => !meetsFirst('not-in-plan', entry));
  const olds = new Set(gone.flatMap(({ old, new: successor }) => (isAll ? [old, successor] : old)));
  return ({ old }) => olds.has(old);
}

/**
 * Who keeps an old certificate keeps it from all that had followed the new one by then: a plan joins those renewals. One
 * that comes later is applied.
 */
function withWhatFollowed(made: readonly Decision[], { renewals }: Ledger): readonly Decision[] {
  const byOld = groupBy(
    renewals.map(({ renewal }) => renewal),
    ({ old }) => old,
  );
  const all = made.flatMap((one) => {
    const followed = one.what === 'keeps-old' ? [...reachable(byOld, [one.new])] : [one.new];
    return followed.filter((successor) => successor !== one.old).map((successor) => ({ ...one, new: successor }));
  });
  return [...new Map(all.map((one) => [`${placeAndKind(one)} ${pairText(one)}`, one])).values()];
}

/** A pair with the event that announced it, which a run by hand does not know; and the tries of earlier runs. */
function withTries(
  made: readonly Decision[],
  { renewals, decisions }: Ledger,
  { renewals: planned, steps }: Plan,
  snapshot: Snapshot | null,
): readonly Decision[] {
  if (made.length === 0) return [];
  const events = new Map(
    [...renewals.map(({ renewal }) => renewal), ...planned].flatMap((one) =>
      one.eventRecordId === null ? [] : [[pairText(one), one.eventRecordId] as const],
    ),
  );
  const before = new Map(decisions.map((one) => [`${placeAndKind(one)} ${pairText(one)}`, one]));
  const again = new Set(steps.flatMap(({ key, turn }) => (turn === 'again' ? key : [])));
  const facts = snapshot === null ? null : factsNow(snapshot, new Map(steps.map((step) => [step.key, step.before])));
  return made.map((one) => {
    const event = events.get(pairText(one)) ?? null;
    const earlier = before.get(`${placeAndKind(one)} ${pairText(one)}`);
    if (one.what === 'keeps-old') return earlier ?? { ...one, event };
    if (one.cause === null) return { ...one, event };
    const counts = one.what === 'interrupted' || again.has(one.place) ? (earlier?.attempts ?? 0) : 0;
    // A run that is recovered after it was remembered counts once.
    const attempts = earlier?.run === one.run ? earlier.attempts : counts + 1;
    return { ...one, event, attempts, facts: facts?.(one.new, concernedBy(one)) ?? null };
  });
}

/** What is pending after a run: a value that it had to restore and could not. A step that did what was wanted settles it. */
function pendingRollbacksAfter(
  { plan, outcomes, when }: Ran,
  { pendingRollbacks }: Ledger,
): readonly PendingRollback[] {
  const { owed } = plan;
  const { run, at } = when;
  const done = new Set(outcomes.filter(({ state }) => isApplied(state)).map(({ key }) => key));
  const made = outcomes
    .filter(({ state, error }) => state === 'rollback-failed' && isOurs(error))
    .map(({ id, key }): PendingRollback => ({ run, step: id, key, at }));
  const replaced = new Set(made.map(({ key }) => key));
  const stillOwed = owed === undefined ? null : new Set(owed.map((one) => `${one.run} ${one.key}`));
  const left = pendingRollbacks.filter(
    (one) =>
      one.run !== run &&
      !done.has(one.key) &&
      !replaced.has(one.key) &&
      (stillOwed === null || stillOwed.has(`${one.run} ${one.key}`)),
  );
  return [...left, ...made];
}

/** What a run did with each renewal of its plan. What only was taken back stays as it was: the renewal is a fact. */
function renewalsOfRun(ran: Ran): readonly LedgerRenewal[] {
  const { plan, ends, when } = ran;
  const isUndo = plan.purpose === 'undo';
  const own = plan.steps.filter(
    (step) => step.turn !== 'debt' && step.renewal !== null && !(isUndo && taskOf(step) === 'grant'),
  );
  const steps = groupBy(own, ({ renewal }) => (renewal === null ? '' : pairText(renewal)));
  const blocked = groupBy(plan.blocked, ({ renewal }) => pairText(renewal));
  const isPart = plan.skipped.some((entry) => meetsFirst('not-in-plan', entry));
  return plan.renewals.flatMap((renewal) => {
    const planned = steps.get(pairText(renewal)) ?? [];
    const forth = planned.filter((step) => !putsBack(step) && !takesBack(step, plan));
    const objections = blocked.get(pairText(renewal)) ?? [];
    // Of a certificate that another replaced no renewal is made by setting it again.
    if (forth.length === 0 && (planned.length > 0 || isUndo || goesBack(plan))) return [];
    const told = forth.map((step) => ends.get(step.id));
    if (isUndo && !told.some((end) => end !== undefined && changed(end.state))) return [];
    const late = told.filter((end) => end !== undefined && hadNoTime(end));
    const isOpen = forth.some((step, at) => !late.includes(told[at]) && !isSettledBy(step, told[at], ran));
    const left = new Set<LedgerRenewal['left'][number]>(
      objections.flatMap(({ obstacles }) => obstacles.map(({ code }) => code)).filter(isBlockCode),
    );
    if (late.length > 0) left.add('outside-window');
    if (isOpen) left.add('failed');
    // A plan file did not name every place.
    if (isPart && left.size === 0) left.add('not-in-plan');
    return { renewal, run: forth.length > 0 ? when.run : null, at: when.at, left: [...left].sort() };
  });
}

/** It stands, or a decision keeps it as it is. */
function isSettledBy(step: Step, end: StepOutcome | undefined, ran: Ran): boolean {
  if (end === undefined) return false;
  const why = taskOf(step) === 'grant' ? null : whyRolledBack(end, ran);
  return (isApplied(end.state) && end.state !== 'still-old') || (why !== null && why.kind !== 'interrupted');
}

/** With what was known of the pair: the event that announced it, and the file of its old key, which Windows tells only while the old one is there. */
function withKnown(one: LedgerRenewal, ledger: Ledger, snapshot: Snapshot | null): LedgerRenewal {
  const known = rememberedOf(ledger, one.renewal);
  const eventRecordId = one.renewal.eventRecordId ?? known?.renewal.eventRecordId ?? null;
  const rights = snapshot?.certificates.find(({ thumbprint }) => thumbprint === one.renewal.old)?.keyRights;
  const keyFile = (isRead(rights) ? rights.file : undefined) ?? known?.keyFile;
  return { ...one, renewal: { ...one.renewal, eventRecordId }, ...(keyFile === undefined ? {} : { keyFile }) };
}

function isNews(ledger: Ledger, one: LedgerRenewal): boolean {
  const known = rememberedOf(ledger, one.renewal);
  if (known === null) return true;
  return known.left.join() !== one.left.join() || known.renewal.eventRecordId !== one.renewal.eventRecordId;
}

/** Whether a service was not restarted for lack of time, so that its step waits for the next run in the window. */
export function hadNoTime({ error }: Pick<StepOutcome, 'error'>): boolean {
  return error?.code === 'no-time-left';
}
