import { groupBy } from '../../base/group.ts';
import type { Configuration } from '../../documents/configuration.ts';
import { type Looked, waitIsOver } from '../../documents/looked.ts';
import { isWithin, type Ledger, type SetBack, samePair } from '../../documents/runs/ledger.ts';
import { kindOf } from '../../kinds/holder.ts';
import { thumbprintsByPlace } from '../../kinds/place.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { dayMs, mustActMs } from '../../model/certificates/deadline.ts';
import { momentText } from '../../model/certificates/named-certificate.ts';
import { pairText, type Renewal } from '../../model/certificates/renewal.ts';
import { faultsIn } from './certificate-faults.ts';
import type { CertificatesByThumbprint, RenewalPair } from './renewal-pair.ts';

const [waitsDays, remembersDays, timesKept] = [1, 30, 10];

/**
 * Of these places those where a run set the new certificate and the old one is again, as a run that looks now remembers
 * them. Several that went back together, as after a restored backup, are not counted, unless that happened before.
 * @param renewals by the places that hold the old certificate
 */
export function setBacksAt(
  renewals: ReadonlyMap<KeyText, Renewal>,
  { applied = [], decisions }: Pick<Ledger, 'applied' | 'decisions'>,
  snapshot: Snapshot,
): ReadonlyMap<KeyText, SetBack> {
  if (renewals.size === 0 || applied.length === 0) return new Map();
  const rows = new Map(applied.flatMap((row) => row.places.map((key) => [key, row] as const)));
  const known = new Map(decisions.flatMap((one) => (isSetBack(one) ? [[one.place, one] as const] : [])));
  const { takenAt: at } = snapshot;
  const back = [...renewals].flatMap(([key, renewal]) => {
    const row = rows.get(key);
    return row?.certificate === renewal.new ? { key, renewal, row, before: known.get(key) } : [];
  });
  const lasts = ({ before, renewal }: (typeof back)[number]) => before?.run === null && samePair(before, renewal);
  const fresh = groupBy(
    back.filter((one) => !lasts(one)),
    ({ renewal }) => pairText(renewal),
  );
  const held = [...fresh.values()].some(({ length }) => length > 1) ? thumbprintsByPlace(snapshot) : new Map();
  const isTogether = new Map(
    [...fresh].map(([pair, group]) => {
      const [kinds, successor] = [new Set(group.map(({ key }) => kindOf(key))), group[0].renewal.new];
      const isLeft = ([key, row]: readonly [KeyText, { certificate: string }]) =>
        row.certificate === successor && kinds.has(kindOf(key)) && held.get(key) === successor;
      return [pair, group.length > 1 && ![...rows].some(isLeft)];
    }),
  );
  return new Map(
    back.map((one) => {
      const { key, renewal, row, before } = one;
      if (before !== undefined && lasts(one)) return [key, before];
      const together = isTogether.get(pairText(renewal)) === true;
      const earlier =
        before !== undefined && isWithin(remembersDays * dayMs, before.at, Date.parse(at)) ? before : null;
      const counts = !together || earlier?.seen.at(-1)?.together === true;
      return [
        key,
        {
          ...{ place: key, old: renewal.old, new: renewal.new, what: 'set-back', by: 'unknown', cause: null },
          ...{ facts: null, event: null, run: null, at },
          attempts: (earlier?.attempts ?? 0) + Number(counts),
          seen: [...(earlier?.seen ?? []), { run: row.run, after: row.at, at, together }].slice(-timesKept),
        } satisfies SetBack,
      ];
    }),
  );
}

export function isSetBack(one: Ledger['decisions'][number]): one is SetBack {
  return one.what === 'set-back';
}

/** What those wait for that last, by the names under which that is remembered. */
export function waitsOfSetBacks({ decisions }: Pick<Ledger, 'decisions'>): readonly string[] {
  return [...new Set(decisions.filter((one) => isSetBack(one) && one.run === null).map(waitOf))];
}

function waitOf(one: Pick<SetBack, 'old' | 'new' | 'at'>): string {
  return `set-back ${pairText(one)} ${one.at}`;
}

/** What becomes of a place that was set back. */
export interface SetBackNow {
  readonly setBack: SetBack;
  /** When an unattended run applies the renewal again, in milliseconds; `null`: never. */
  readonly until: number | null;
  /** Why it does not wait as others do: the old certificate cannot serve clients, or must be replaced; `null` for nothing. */
  readonly urgent: string | null;
  /** The new certificate is revoked or not trusted, so nobody sets it again. */
  readonly isRevoked: boolean;
  /** What happened, as sentences. */
  readonly text: string;
}

/** At once for a person; otherwise after a day, the second time never; where it is urgent at once, then once a day. */
export function judgeSetBack(
  setBack: SetBack,
  pair: RenewalPair,
  store: string,
  { certificates, asOf, configuration, looked, byPerson }: SetBackFacts,
): SetBackNow {
  const { seen, attempts, at } = setBack;
  const urgent = whyUrgent(pair, store, { certificates, asOf, configuration });
  const last = seen.at(-1);
  const wait = { from: Date.parse(at), days: waitsDays, now: asOf };
  const daily = seen.length > 1 && last !== undefined ? Date.parse(last.after) + dayMs : asOf;
  const unattended = urgent !== null ? daily : attempts > 1 ? null : waitIsOver(looked, waitOf(setBack), wait);
  // A guard compares it with the old one, which may be no better.
  const isRevoked = pair.anchors.new === 'disallowed';
  const until = isRevoked ? null : byPerson ? asOf : unattended;
  const then = isRevoked
    ? `The new certificate ${pair.renewal.new} is revoked or not trusted, so it is not applied again.`
    : until === null
      ? `CertRebind leaves it.${rhythmText(seen)}`
      : until > asOf
        ? `It is applied again at ${momentText(new Date(until).toISOString())}${urgent === null ? '' : ', at most once a day'}.`
        : 'The next run applies it again.';
  const times =
    seen.length > 1
      ? `The old certificate came back ${seen.length} times in ${remembersDays} days: ${seen.map(timeText).join('; ')}.`
      : `The old certificate is back${last === undefined ? '' : `: ${timeText(last)}`}.`;
  const together = last?.together === true ? ' All such places went back together, as after a restored backup.' : '';
  return {
    setBack,
    until,
    urgent,
    isRevoked,
    text: `${times}${together}${urgent === null ? '' : ` ${urgent}`} ${then}`,
  };
}

export interface SetBackFacts {
  readonly certificates: CertificatesByThumbprint;
  readonly asOf: number;
  readonly configuration: Pick<Configuration, 'deadline'>;
  readonly looked: Looked | undefined;
  readonly byPerson: boolean;
}

function whyUrgent(
  { renewal: { old: thumbprint }, old, anchors }: RenewalPair,
  store: string,
  { certificates, asOf, configuration }: Pick<SetBackFacts, 'certificates' | 'asOf' | 'configuration'>,
): string | null {
  const entries = certificates.get(thumbprint) ?? [];
  const from = store === '' ? (old?.store ?? '') : store;
  const fault = faultsIn(from, { which: 'old', thumbprint, entries, asOf }).find(([, text]) => text !== null);
  if (fault !== undefined) return fault[1];
  if (old?.disallowed === true || anchors.old === 'disallowed')
    return `The old certificate ${thumbprint} is revoked or not trusted.`;
  const isDue = old !== null && asOf >= Date.parse(old.notAfter) - mustActMs(old, configuration.deadline);
  return isDue ? `The old certificate expires at ${momentText(old.notAfter)}.` : null;
}

function timeText({ after, at }: SetBack['seen'][number]): string {
  const minutes = minutesBetween(after, at);
  const later = minutes > 120 ? `${Math.round(minutes / 60)} hours` : `${minutes} minutes`;
  return `seen at ${momentText(at)}, ${later} after the new one was set`;
}

/** What runs every so often sets it back within that time, each time. */
function rhythmText(seen: SetBack['seen']): string {
  const longest = Math.max(...seen.map(({ after, at }) => minutesBetween(after, at)));
  // The hourly task may start a little early or late.
  const every = [15, 30, 60].find((minutes) => longest <= minutes + 2);
  return every === undefined ? '' : ` A tool that runs every ${every} minutes or more often sets it.`;
}

function minutesBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 60_000);
}
