import { nullIfThrown } from '../../base/errors.ts';
import type { OfferedLine } from '../../documents/offered-line.ts';
import type { Ledger } from '../../documents/runs/ledger.ts';
import type { Obstacle, Plan, Step } from '../../documents/runs/plan.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { givenRenewal } from '../../model/certificates/renewal.ts';
import { withIssuerChange } from '../known/issuer-changes.ts';
import { type Policy, policyFor } from './overrides.ts';
import { judgeDebts, type OwedValue } from './plan-debts.ts';
import { renewalsOf } from './plan-pending.ts';
import { decisionsBy } from './plan-rebind.ts';
import { planUndo, type UndoRequest } from './plan-undo.ts';

/** What a run would do at a place: a step, or everything that is against it. */
export type Verdict =
  | { readonly is: 'step'; readonly step: Step }
  | { readonly is: 'left'; readonly obstacles: readonly Obstacle[] };

export type Verdicts = ReadonlyMap<KeyText, Verdict>;

export function verdictsOf({ steps, blocked, skipped }: Pick<Plan, 'steps' | 'blocked' | 'skipped'>): Verdicts {
  const left = [...skipped, ...blocked].map(({ key, obstacles }) => [key, { is: 'left', obstacles }] as const);
  return new Map<KeyText, Verdict>([...left, ...steps.map((step) => [step.key, { is: 'step', step }] as const)]);
}

/** The server on which a line is tried, as it was looked at. */
export interface TriedOn {
  readonly snapshot: Snapshot;
  readonly ledger: Ledger;
  readonly configuration: Policy;
  readonly owed: readonly OwedValue[];
  /** The runs that may be undone, as far as they were read. */
  readonly runs: ReadonlyMap<string, Pick<UndoRequest, 'journal' | 'outcome' | 'later'>>;
}

/**
 * What becomes of each place once a line is typed, with the policy that the line meets; `null` for one that changes no place by
 * itself and no setting, or that would be refused. Pure: nothing is changed or written.
 */
export function verdictsAfter(line: OfferedLine, on: TriedOn): Verdicts | null {
  const { snapshot, ledger, configuration, owed } = on;
  switch (line.does) {
    case 'rebind': {
      const { now = false, allow = [] } = line;
      const renewals = [withIssuerChange(givenRenewal(line.old, line.new), snapshot)];
      const policy = policyFor(configuration, { now, allow });
      const decided = decisionsBy({ snapshot, renewals, configuration: policy, ledger, byPerson: true });
      // What is allowed is allowed once, and a later run would not know of it.
      return allow.length > 0 && decided.blocked.some(waitsForWindow) ? null : verdictsOf(decided);
    }
    case 'reconcile': {
      const policy = policyFor(configuration, { now: line.now ?? false });
      const debts = judgeDebts(owed, snapshot, policy).flatMap(({ now }) => (now.is === 'owed' ? now.step : []));
      const { decisions } = renewalsOf({ snapshot, ledger, configuration: policy }, true);
      return verdictsOf({ ...decisions, steps: [...decisions.steps, ...debts] });
    }
    case 'undo': {
      const run = on.runs.get(line.run);
      if (run === undefined) return null;
      const policy = policyFor(configuration, { now: line.now ?? false });
      const undo = { ...run, snapshot, ledger, run: line.run, force: false, configuration: policy };
      return nullIfThrown(() => verdictsOf(planUndo(undo)));
    }
    case 'end-exclusion':
    case 'exclude':
    case 'replace-of-application':
    case 'set':
      return verdictsOf(renewalsOf({ ...on, configuration: withSettings(line, configuration) }).decisions);
    case 'dismiss':
    case 'enable':
      return null;
  }
}

/** What a line does at a place: it helps, or all that would be against it then; nothing where it does nothing there. */
export type Trial = 'helps' | 'not-tried' | readonly Obstacle[];

/** Each plans the whole server anew. */
const mostTried = 50;

/** Tries each line once, whatever the number of places that offer it. */
export function triesOn(on: TriedOn, now: Verdicts): (key: KeyText, line: OfferedLine) => Trial {
  const tried = new Map<string, Verdicts | null>();
  return (key, line) => {
    const words = JSON.stringify(line);
    if (!tried.has(words)) {
      if (tried.size === mostTried) return 'not-tried';
      tried.set(words, verdictsAfter(line, on));
    }
    const [before, after] = [now.get(key), tried.get(words)?.get(key)];
    if (after === undefined) return [];
    // A run that is asked for sets it or does not; what ends an obstacle may leave others to the next line.
    const isRun = line.does === 'rebind' || line.does === 'reconcile' || line.does === 'undo';
    return after.is === 'step' || (!isRun && isLess(before, after.obstacles)) ? 'helps' : after.obstacles;
  };
}

/** An obstacle less, and no other. */
function isLess(before: Verdict | undefined, after: readonly Obstacle[]): boolean {
  if (before?.is !== 'left' || after.length >= before.obstacles.length) return false;
  return after.every((one) => before.obstacles.some((other) => isSame(one, other)));
}

/** What it says may be put otherwise. */
function isSame(one: Obstacle, other: Obstacle): boolean {
  if (one.code !== 'excluded' || other.code !== 'excluded') return one.code === other.code;
  return one.list === other.list && one.entry === other.entry;
}

function waitsForWindow({ obstacles }: Plan['blocked'][number]): boolean {
  return obstacles.some(({ code }) => code === 'outside-window');
}

type Setting = Extract<OfferedLine, { does: 'end-exclusion' | 'exclude' | 'replace-of-application' | 'set' }>;

/** The configuration once a line has changed it. */
function withSettings(line: Setting, configuration: Policy): Policy {
  const { exclude, applicationIds } = configuration;
  switch (line.does) {
    case 'end-exclusion': {
      const entries = exclude[line.list].filter((one) => one !== line.entry);
      return { ...configuration, exclude: { ...exclude, [line.list]: entries } };
    }
    case 'exclude':
      return { ...configuration, exclude: { ...exclude, [line.list]: [...exclude[line.list], line.entry] } };
    case 'replace-of-application':
      return { ...configuration, applicationIds: [...applicationIds, `{${line.id.replace(/[{}]/g, '')}}`] };
    case 'set':
      return line.settings.reduce(
        (before, [name, value]) => withSetting(before, name.split('.'), value),
        configuration,
      );
  }
}

function withSetting<Whole extends object>(
  whole: Whole,
  [name = '', ...rest]: readonly string[],
  value: string,
): Whole {
  const part: unknown = Object(whole)[name];
  if (name === 'window' && rest.length === 0) {
    const [from, to] = value.split('-');
    return { ...whole, window: { ...Object(part), from, to } };
  }
  return { ...whole, [name]: rest.length === 0 ? value : withSetting(Object(part), rest, value) };
}
