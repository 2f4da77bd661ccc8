import { type BlockCode, blockCodes, blockEntry, isBlockCode } from '../../base/codes/plan-codes.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type {
  BlockedEntry,
  GuardSetting,
  Note,
  Objection,
  Obstacle,
  Plan,
  SkippedEntry,
  Step,
} from '../../documents/runs/plan.ts';
import { holding } from '../../kinds/holder.ts';
import { restartOf } from '../../kinds/kind-rules.ts';
import { mustActMs } from '../../model/certificates/deadline.ts';
import { shareName } from '../../model/certificates/host-name.ts';
import { momentText } from '../../model/certificates/named-certificate.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import type { coOwners } from '../known/owners.ts';
import { type RenewalPair, sameStore } from '../known/renewal-pair.ts';
import type { UnresolvedRenewal } from '../known/resolve-chains.ts';
import type { SetBackFacts, SetBackNow } from '../known/set-backs.ts';
import { type ScheduledStart, turnText, waits } from './change-window.ts';
import { objectionsTo, remarksOn, type SwapCase } from './guards.ts';
import type { Policy } from './overrides.ts';
import { restartText } from './restarts.ts';
import type { Today } from './why-not-set.ts';

/** What a plan makes of one place: one of the first three, or nothing. Steps are numbered later. */
export interface Decided {
  readonly step?: Step;
  readonly blocked?: BlockedEntry;
  readonly skipped?: SkippedEntry;
  /** The old certificate came back after a run had set the new one. */
  readonly setBack?: SetBackNow;
}

/** What every decision needs, indexed once, so that the work is linear in the number of places. */
export interface PlanSurvey extends Today, Pick<SetBackFacts, 'looked' | 'byPerson'> {
  readonly configuration: Policy;
  /** By old thumbprint. */
  readonly pairs: ReadonlyMap<Thumbprint, RenewalPair>;
  readonly unresolved: ReadonlyMap<Thumbprint, UnresolvedRenewal>;
  readonly newOnes: ReadonlySet<Thumbprint>;
  readonly coOwners: ReturnType<typeof coOwners>;
  /** When renewals that wait for the window may be applied; `null` if none has to wait. */
  readonly startOf: (renewal: Renewal) => ScheduledStart | null;
  /** When the window opens, whatever has to wait for it; `null` if it is open. */
  readonly opens: ScheduledStart | null;
}

/** What a step says besides its change. */
export type StepExtras = Pick<Step, 'verify' | 'notes'>;

/** What a place is left with, by what it meets first. */
export function leftWith(
  { key, consumers }: Pick<SkippedEntry, 'key' | 'consumers'>,
  renewal: Renewal | null,
  [first, ...others]: readonly Obstacle[],
): Pick<Decided, 'blocked' | 'skipped'> {
  if (first === undefined) return {};
  const entry = { key, consumers, obstacles: [first, ...others] } as const;
  if (!isBlockCode(first.code)) return { skipped: { ...entry, renewal } };
  return renewal === null ? {} : { blocked: { ...entry, renewal } };
}

/**
 * Makes a step of a replacement, or names everything that is against it: what the caller knows of the place, then the guards
 * as the policy has them, then that the place was set back, then its window.
 */
export function decideStep(
  swap: SwapCase,
  configuration: Policy,
  scheduledStart: ScheduledStart | null,
  setBack: SetBackNow | null,
  { verify, notes }: StepExtras,
  known: readonly Obstacle[],
): Pick<Decided, 'step' | 'blocked' | 'skipped'> {
  const { holder: before, pair, entry, consumers, service, asOf } = swap;
  const verdict = judge(objectionsTo(swap), configuration);
  const overruled = verdict.blocking.length > 0 && meetsDeadline(swap, verdict, configuration);
  const isSetBack = setBack !== null && (setBack.until === null || setBack.until > asOf);
  const mustWait = scheduledStart !== null && (service !== null || waits(scheduledStart, pair.old, configuration));
  const obstacles = [
    ...known,
    ...(overruled ? [] : verdict.blocking),
    ...(isSetBack ? [setBackObstacle(setBack)] : []),
    ...(mustWait ? [outsideWindow(scheduledStart, swap)] : []),
  ];
  if (obstacles.length > 0 || entry === null) return leftWith({ key: before.key, consumers }, pair.renewal, obstacles);
  const store = sameStore(entry.store, before.value.store) ? before.value.store : entry.store;
  return {
    step: {
      id: 0,
      key: before.key,
      before,
      wanted: holding(before, pair.renewal.new, store),
      renewal: pair.renewal,
      consumers,
      verify,
      ...(service === null ? {} : { restart: restartOf(service) }),
      notes: [
        ...(overruled ? verdict.blocking : []).map(
          ({ text }) => ({ code: 'deadline-replace', text: `${soon} ${text}` }) as const,
        ),
        ...(scheduledStart === null ? [] : [notKept(scheduledStart, swap)]),
        ...(setBack === null ? [] : setBackNotes(setBack)),
        ...verdict.notes,
        ...remarksOn(swap),
        ...notes,
      ],
    },
  };
}

function setBackObstacle({ text, until }: SetBackNow): Obstacle {
  return { code: 'set-back', text, until: until === null ? null : new Date(until).toISOString() };
}

function setBackNotes({ urgent, text }: SetBackNow): readonly Note[] {
  return [{ code: 'set-back', text }, ...(urgent === null ? [] : [{ code: 'cannot-wait', text } as const])];
}

const soon = 'The old certificate expires soon, so the change is made anyway.';

function outsideWindow(start: ScheduledStart, { service }: SwapCase): Obstacle {
  const cost = service === null ? '' : ` ${restartText(service)}`;
  const text = `It waits for ${turnText(start)}.${cost}`;
  return { code: 'outside-window', text, until: start.notBefore };
}

function notKept(start: ScheduledStart, { pair: { old } }: SwapCase): Note {
  const ends = old === null ? '' : ` expires at ${momentText(old.notAfter)} and`;
  const text = `The old certificate${ends} cannot wait for ${turnText(start)}.`;
  return { code: 'window-not-kept', text };
}

/** How a policy judges the objections to a replacement. */
interface Verdict {
  readonly blocking: readonly Objection[];
  /** For the step: what would have blocked but was set to warn. */
  readonly notes: readonly Note[];
}

function judge(objections: readonly Objection[], configuration: Policy): Verdict {
  return {
    blocking: objections.filter(({ code }) => settingOf(code, configuration) === 'block'),
    notes: objections
      .filter(({ code }) => settingOf(code, configuration) === 'warn')
      .map(
        (one): Note =>
          one.code === 'names-fewer'
            ? { code: one.code, text: one.text, hosts: one.hosts }
            : { code: 'guard-warned', text: `${one.code}: ${one.text}` },
      ),
  };
}

/** The guards that a policy has changed from their default, in the order of the table of codes. */
export function guardSettings({ guards }: Configuration): Plan['policy'] {
  return blockCodes.flatMap(({ code, guard, preset = 'block' }) => {
    const setting = guards[code];
    return setting === undefined || setting === preset || guard === undefined ? [] : [{ guard: code, setting }];
  });
}

/**
 * Near the end of the old certificate a policy may prefer losing some names to losing all: the replacement is done if lost
 * names are the only objection, not all of them, and the new certificate lasts longer.
 */
function meetsDeadline({ pair: { old, successor }, asOf }: SwapCase, verdict: Verdict, policy: Configuration) {
  if (policy.deadline.action !== 'replace' || old === null || successor === null) return false;
  if (verdict.blocking.some(({ code }) => code !== 'names-lost' && code !== 'names-fewer')) return false;
  if (!shareName(old, successor)) return false;
  const end = Date.parse(old.notAfter);
  return asOf >= end - mustActMs(old, policy.deadline) && Date.parse(successor.notAfter) > end;
}

/** Guards that rest on facts, and not on judgement, cannot be changed. */
function settingOf(guard: BlockCode, { guards }: Configuration): GuardSetting {
  const entry = blockEntry(guard);
  return entry?.guard === undefined ? 'block' : (guards[guard] ?? entry.preset ?? 'block');
}
