import { blockEntry } from '../../base/codes/plan-codes.ts';
import { memoize } from '../../base/memoize.ts';
import { recogniseTask } from '../../documents/recognise-task.ts';
import { type Excluded, isVerifyOnly, type Obstacle } from '../../documents/runs/plan.ts';
import { type ExpectedTask, rebindTaskName, registeredMinute } from '../../documents/scheduled-tasks.ts';
import { type HolderInUse, placesOf, type ReportedPlace, reportedPlaces } from '../../kinds/place.ts';
import { isOfCentralStore, type KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { isKnown } from '../../kinds/unknown-parts.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { parseTask } from '../../model/windows/task.ts';
import { whyExcluded } from '../known/exclusions.ts';
import type { HoldingDecision } from '../known/held-renewals.ts';
import type { SetBackNow } from '../known/set-backs.ts';
import { placesInPlan, whyNotMoved } from '../plan/decide-holder.ts';
import { leftAlone } from '../plan/decide-record.ts';
import type { unrecordedRenewals } from '../plan/outstanding-renewals.ts';
import type { judgeDebts, OwedValue } from '../plan/plan-debts.ts';
import type { RenewalsNow } from '../plan/plan-pending.ts';
import { type Decisions, decisionsBy } from '../plan/plan-rebind.ts';
import type { Survey } from '../plan/server-survey.ts';

/** What becomes of the certificate of a place, if nobody types anything. */
export type Outlook =
  /** It is not known which certificate is there. */
  | { readonly is: 'not-read'; readonly because: 'central-store' | 'part-unknown' }
  | { readonly is: 'no-certificate' }
  /** No renewal of its certificate is known, and none led to it. */
  | { readonly is: 'nothing-follows' }
  | { readonly is: 'newest' }
  /** The next start sets the new one; `at` is `null` where the starts are not known. */
  | (To & { readonly is: 'moves'; readonly at: string | null })
  /** The next start would, but nothing starts CertRebind. */
  | (To & { readonly is: 'off' })
  /** Everything that is in the way ends by itself; `until` is `null` where nobody can tell when. */
  | (To & Against & { readonly is: 'waits'; readonly until: string | null })
  | (To & Against & { readonly is: 'blocked' })
  /** A run rolled the new one back, or a person took it back. */
  | (To & { readonly is: 'on-hold'; readonly decision: HoldingDecision })
  /** Somebody sets the old one again and again, or the new one is not to be used: CertRebind leaves it. */
  | (To & { readonly is: 'left'; readonly setBack: SetBackNow })
  /** The new one is set, and an endpoint served an older one when it was last dialled. */
  | (To & { readonly is: 'not-served' })
  | { readonly is: 'rollback-due'; readonly owed: JudgedDebt }
  /** A run was killed while it restarted what reads the place. */
  | { readonly is: 'interrupted'; readonly run: string }
  | (To & { readonly is: 'by-person'; readonly obstacle: Obstacle })
  /** Only its names tell that a newer one renews it, which the policy does not take. */
  | (To & { readonly is: 'by-names' })
  /** Issued anew, ending earlier. */
  | (To & { readonly is: 'later'; readonly until: string })
  | { readonly is: 'unclear'; readonly candidates: readonly [Thumbprint, ...Thumbprint[]] };

interface To {
  readonly renewal: Renewal;
}

interface Against {
  /** In the order in which a run meets them, without what excludes the place. */
  readonly obstacles: readonly [Obstacle, ...Obstacle[]];
}

type JudgedDebt = ReturnType<typeof judgeDebts>[number] & OwedValue;

export interface PlaceOutlook {
  readonly outlook: Outlook;
  /** The entries of the configuration for which nothing of that happens; also where nothing follows yet. */
  readonly excluded: readonly Excluded[];
}

/** Of what is no place that names a certificate: `not-read`. */
export type Outlooks = (place: KeyText) => PlaceOutlook;

/** What the outlook is made of; no finding is among it. */
export interface Known {
  readonly snapshot: Snapshot;
  readonly configuration: Parameters<typeof placesInPlan>[1] & Parameters<typeof leftAlone>[3];
  readonly expected: readonly ExpectedTask[];
  readonly openRuns: readonly {
    readonly run: string;
    readonly by: unknown;
    readonly restarting?: readonly { readonly key: KeyText }[];
  }[];
  readonly renewals: RenewalsNow;
  readonly unrecorded: ReturnType<typeof unrecordedRenewals>;
  readonly debts: ReturnType<typeof judgeDebts>;
  readonly survey: Survey;
}

/** The outlook of each place; the same for a record and for the holder that it is part of. */
export function outlooksOf(known: Known): Outlooks {
  const { snapshot, configuration } = known;
  const { recordsInThem } = placesInPlan(snapshot, configuration);
  const held = new Map(placesOf(snapshot).map(({ key, thumbprint }) => [key, thumbprint] as const));
  const verdicts = verdictsIn(known);
  const excludedAt = exclusionsAt(known);
  const judge = outlookOf(known, verdicts);
  const at = memoize((key: KeyText): PlaceOutlook => {
    const against = verdicts.get(key)?.obstacles;
    return {
      outlook: judge(key, held.get(key)),
      excluded: against === undefined ? excludedAt(key) : against.filter(isExcluded),
    };
  });
  return (place) => at(recordsInThem.get(place) ?? place);
}

function outlookOf(
  { snapshot, renewals: { succession, decisions, holdAt }, unrecorded, debts, openRuns, expected }: Known,
  verdicts: ReadonlyMap<KeyText, Verdict>,
) {
  const start = nextStart(snapshot, expected);
  const byNames = new Map(unrecorded.map(({ renewal }) => [renewal.old, renewal]));
  const owed = new Map(debts.flatMap((one) => (isDue(one) ? [[one.debt.key, one] as const] : [])));
  const interrupted = new Map(
    openRuns.flatMap(({ run, by, restarting = [] }) => (by === null ? restarting.map(({ key }) => [key, run]) : [])),
  );

  return (key: KeyText, thumbprint: Thumbprint | null | undefined): Outlook => {
    const [debt, run] = [owed.get(key), interrupted.get(key)];
    if (debt !== undefined) return { is: 'rollback-due', owed: debt };
    if (run !== undefined) return { is: 'interrupted', run };
    if (thumbprint === undefined)
      return { is: 'not-read', because: isOfCentralStore(key) ? 'central-store' : 'part-unknown' };
    if (thumbprint === null) return { is: 'no-certificate' };
    return ofVerdict(key, verdicts.get(key)) ?? ofCertificate(thumbprint);
  };

  /** `null` where no renewal of it was decided about. */
  function ofVerdict(key: KeyText, verdict: Verdict | undefined): Outlook | null {
    // What any account may have written is no renewal.
    if (verdict?.renewal?.corroborated !== true) return null;
    const { renewal } = verdict;
    if (verdict.isCheck) return { is: 'not-served', renewal };
    const [first, ...others] = verdict.obstacles.filter(({ code }) => code !== 'excluded');
    if (first === undefined)
      return start === 'off' ? { is: 'off', renewal } : { is: 'moves', renewal, at: start?.at ?? null };
    switch (first.code) {
      // Of the candidates of a plan some may be untrusted.
      case 'ambiguous':
      case 'already':
      case 'not-in-plan':
        return null;
      case 'held': {
        const decision = holdAt(key, renewal)?.decision;
        return decision === undefined ? null : { is: 'on-hold', renewal, decision };
      }
      case 'other-program':
      case 'report-only':
        return { is: 'by-person', renewal, obstacle: first };
      default: {
        const obstacles = [first, ...others] as const;
        const setBack = decisions.setBacks.get(key);
        if (first.code === 'set-back' && first.until === null && setBack !== undefined)
          return { is: 'left', renewal, setBack };
        const waits = obstacles.every(({ code }) => blockEntry(code)?.waits !== undefined);
        return waits
          ? { is: 'waits', renewal, obstacles, until: lastMoment(obstacles) }
          : { is: 'blocked', renewal, obstacles };
      }
    }
  }

  function ofCertificate(thumbprint: Thumbprint): Outlook {
    const next = succession.successorOf(thumbprint);
    switch (next.is) {
      case 'known':
        return { is: 'by-person', renewal: next.renewal, obstacle: leftOut };
      case 'later':
        return { is: 'later', renewal: next.renewal, until: next.until };
      case 'unclear': {
        const [candidate, ...more] = next.candidates;
        return { is: 'unclear', candidates: [candidate.new, ...more.map((one) => one.new)] };
      }
      case 'doubtful': {
        const [candidate, ...more] = next.candidates;
        return { is: 'unclear', candidates: [candidate.thumbprint, ...more.map((one) => one.thumbprint)] };
      }
      case 'none': {
        const renewal = byNames.get(thumbprint);
        if (renewal !== undefined) return { is: 'by-names', renewal };
        return succession.predecessorOf(thumbprint) === null ? { is: 'nothing-follows' } : { is: 'newest' };
      }
    }
  }
}

/** No plan names it: a copy of a hash that no kind of place stands for. */
const leftOut: Obstacle = { code: 'report-only', text: 'CertRebind does not change it.' };

/** What a run would do at a place now: `isCheck`, if only its endpoints are dialled again. */
interface Verdict {
  readonly renewal: Renewal | null;
  readonly isCheck: boolean;
  readonly obstacles: readonly Obstacle[];
}

/** Of everything that is known to be renewed, and what the next run is about before that. */
function verdictsIn({ snapshot, configuration, renewals }: Known): ReadonlyMap<KeyText, Verdict> {
  const { holdAt, succession } = renewals;
  const { resolved } = succession;
  const isNone = resolved.renewals.length + resolved.unresolved.length === 0;
  const all = isNone
    ? []
    : verdictsOf(decisionsBy({ snapshot, renewals: [], closed: resolved, configuration, holdAt }));
  return new Map([...all, ...verdictsOf(renewals.decisions)]);
}

function verdictsOf({ steps, blocked, skipped }: Decisions): readonly (readonly [KeyText, Verdict])[] {
  return [
    ...steps.map((step) => {
      const { key, renewal } = step;
      return [key, { renewal, isCheck: isVerifyOnly(step), obstacles: [] }] as const;
    }),
    ...[...blocked, ...skipped].map(
      ({ key, renewal, obstacles }) => [key, { renewal, isCheck: false, obstacles }] as const,
    ),
  ];
}

function isExcluded(one: Obstacle): one is Excluded {
  return one.code === 'excluded';
}

function isDue({ now }: JudgedDebt): boolean {
  return now.is === 'owed' || now.is === 'stuck';
}

function lastMoment(obstacles: readonly Obstacle[]): string | null {
  const moments = obstacles.flatMap((one) => ('until' in one ? (one.until ?? []) : []));
  return moments.length < obstacles.length ? null : (moments.sort().at(-1) ?? null);
}

/** What excludes each place, whether a renewal of its certificate is known or not. */
function exclusionsAt({ snapshot, configuration, survey }: Known): (key: KeyText) => readonly Excluded[] {
  const reported = new Map<KeyText, ReportedPlace>(reportedPlaces(snapshot).map((place) => [place.key, place]));
  const ofHolder = (inUse: HolderInUse) => whyNotMoved(inUse, configuration, null).filter(isExcluded);
  return (key) => {
    const [record, inUse, place] = [survey.records.get(key), survey.inUse.get(key), reported.get(key)];
    if (record !== undefined)
      return leftAlone(record, survey.bindings.get(key) ?? [], null, configuration).filter(isExcluded);
    if (inUse !== undefined) return ofHolder(inUse);
    return place === undefined ? [] : whyExcluded(place, [place.thumbprint], configuration.exclude);
  };
}

/** When a task starts CertRebind next; `off`: no task does; `null`: not known, as of a capture. */
function nextStart(
  snapshot: Pick<Snapshot, 'tasks' | 'takenAt' | 'notLookedAt'>,
  expected: readonly ExpectedTask[],
): { readonly at: string | null } | 'off' | null {
  if (!isKnown(snapshot, 'tasks')) return null;
  const own = snapshot.tasks.filter((task) => task.enabled && recogniseTask(task, expected).kind === 'ours');
  if (!own.some(({ name }) => name === rebindTaskName)) return 'off';
  const starts = own.flatMap(({ xml, name }) => {
    const minute = registeredMinute(parseTask(xml, name));
    return minute === null ? [] : nextHourly(minute, Date.parse(snapshot.takenAt));
  });
  return { at: starts.sort()[0] ?? null };
}

const hourMs = 3600_000;

export function nextHourly(minute: number, now: number): string {
  const begun = Math.floor(now / hourMs) * hourMs + minute * 60_000;
  return new Date(begun > now ? begun : begun + hourMs).toISOString();
}
