import { groupBy } from '../../base/group.ts';
import type { Configuration } from '../../documents/configuration.ts';
import { type Ledger, type LedgerRenewal, pairsKept } from '../../documents/runs/ledger.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { byThumbprint } from '../../model/certificates/named-certificate.ts';
import { lineageOf, pairText, type Renewal, reachable } from '../../model/certificates/renewal.ts';
import { pastRenewals, type SharesBefore, sharesBefore } from '../../model/certificates/schedule.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { announcedPair, isLater, lastAnnouncements, renewalsFromEvents, renewalsFromProperties } from './renewals.ts';
import { type NamesDoubt, type NamesFound, renewalsFromNames } from './renewals-from-names.ts';
import { type ClosedRenewals, resolveChains, type UnresolvedRenewal } from './resolve-chains.ts';

/** What follows a certificate. What only an event tells, which any account could have written, is never among it. */
export type Successor =
  | { readonly is: 'none' }
  /** The end of the way, never a certificate that was itself replaced. */
  | { readonly is: 'known'; readonly renewal: Renewal }
  /** Issued anew, ending earlier: not taken before that time. */
  | { readonly is: 'later'; readonly renewal: Renewal; readonly until: string }
  /** Recorded, and none of them is the end. */
  | ({ readonly is: 'unclear' } & UnresolvedRenewal)
  /** Only matching names suggest it, and a person has to decide. */
  | ({ readonly is: 'doubtful' } & NamesDoubt);

/** What follows each certificate of a server, and what each one replaced; made once for a look or a plan. */
export interface Succession {
  successorOf(old: Thumbprint | null): Successor;
  /** Every certificate that one replaces, however many renewals ago; never itself. */
  replacedBy(successor: Thumbprint): ReadonlySet<Thumbprint>;
  /** What one replaces directly; of several, what ended last of those that are here. */
  predecessorOf(successor: Thumbprint): Predecessor | null;
  /** What the renewals before one left of the certificates that they replaced. */
  sharesBefore: SharesBefore;
  /** Every pair that this server, a run or a person vouches for, each once. */
  readonly pairs: readonly Renewal[];
  /** What `successorOf` answers from: those that count, joined. */
  readonly resolved: ClosedRenewals;
  /** What plans are made of, as learnt, untrusted events included. */
  readonly links: readonly Renewal[];
}

export interface Predecessor {
  readonly renewal: Renewal;
  /** `null` if it is not here, or began later. */
  readonly certificate: Certificate | null;
}

/** A renewal is a fact: nothing that was decided about single places takes it away. */
export function successionOf(snapshot: Snapshot, ledger: Ledger, configuration: Configuration): Succession {
  const names = renewalsFromNames(snapshot, ledger, configuration);
  const told = toldHere(snapshot, names);
  const known = new Set(told.map(pairText));
  const kept = pairsKept(ledger);
  const toldOf = groupBy(told, ({ old }) => old);
  const given = givenRenewals(ledger, kept, snapshot).filter(
    (renewal) => !known.has(pairText(renewal)) && !reachable(toldOf, [renewal.new]).has(renewal.old),
  );
  // An event may have left the log since, and what was given may have been rolled back; matching names are judged anew.
  const isLearntAgain = ({ renewal }: LedgerRenewal) =>
    renewal.source !== 'same-names' && (renewal.source !== 'given' || kept.has(pairText(renewal)));
  const links = withRemembered([...told, ...given], ledger.renewals.filter(isLearntAgain));
  const counts = (one: Renewal) => one.corroborated && one.old !== one.new;
  const [learnt, entries] = [links.filter(counts), ledger.renewals.filter(({ renewal }) => counts(renewal))];
  const pairs = [
    ...new Map([...learnt, ...entries.map(({ renewal }) => renewal)].map((one) => [pairText(one), one])).values(),
  ];
  // What the policy leaves out now, or names no longer tell, is not put behind what plans are made of.
  const ends = new Set(learnt.map((link) => link.new));
  const more = entries.filter(({ renewal }) => !ends.has(renewal.old));
  const resolved = resolveChains(withRemembered(learnt, more));
  const successors = new Map<Thumbprint | null, Successor>([
    ...names.doubts.map((doubt) => [doubt.old.thumbprint, { is: 'doubtful', ...doubt }] as const),
    ...names.waiting.map((one) => [one.renewal.old, { is: 'later', ...one }] as const),
    ...resolved.unresolved.map((doubt) => [doubt.old, { is: 'unclear', ...doubt }] as const),
    ...resolved.renewals.map((renewal) => [renewal.old, { is: 'known', renewal }] as const),
  ]);
  return {
    successorOf: (old) => successors.get(old) ?? { is: 'none' },
    replacedBy: lineageOf(pairs),
    predecessorOf: predecessorsAmong(pairs, snapshot),
    sharesBefore: sharesBefore([
      ...(ledger.pastRenewals ?? []),
      ...pastRenewals(pairs, byThumbprint(snapshot.certificates)),
    ]),
    pairs,
    resolved,
    links,
  };
}

/** What this server itself tells: by events, renewal properties and, by policy, matching names. */
export function toldHere(snapshot: Snapshot, { links }: Pick<NamesFound, 'links'>): readonly Renewal[] {
  return [...renewalsFromEvents(snapshot), ...renewalsFromProperties(snapshot), ...links];
}

function predecessorsAmong(pairs: readonly Renewal[], { certificates }: Snapshot): Succession['predecessorOf'] {
  const [before, here] = [groupBy(pairs, (one) => one.new), byThumbprint(certificates)];
  return (successor) => {
    const begun = here.get(successor)?.notBefore ?? '';
    const found = (before.get(successor) ?? []).map((renewal): Predecessor => {
      const certificate = here.get(renewal.old);
      return { renewal, certificate: certificate !== undefined && certificate.notBefore < begun ? certificate : null };
    });
    const ended = ({ certificate }: Predecessor) => certificate?.notAfter ?? '';
    return found.reduce<Predecessor | null>((last, one) => (last && ended(last) > ended(one) ? last : one), null);
  };
}

/**
 * With what runs knew of certificates that nothing leads away from any more. Of one certificate the last entry counts,
 * and going back to what it replaced is no renewal.
 */
function withRemembered(known: readonly Renewal[], entries: readonly LedgerRenewal[]): readonly Renewal[] {
  const byOld = new Map<Thumbprint, readonly Renewal[]>(groupBy(known, ({ old }) => old));
  for (const { renewal } of entries.toReversed()) {
    const { old, new: successor } = renewal;
    if (old !== successor && !byOld.has(old) && !reachable(byOld, [successor]).has(old)) byOld.set(old, [renewal]);
  }
  return [...byOld.values()].flat();
}

/**
 * Of what was given for one certificate, the last counts; and a later event for it comes before that, as does everything
 * else that is known where it was rolled back or undone at some place.
 */
function givenRenewals({ renewals }: Ledger, kept: ReadonlySet<string>, snapshot: Snapshot): readonly Renewal[] {
  const now = Date.parse(snapshot.takenAt);
  const announced = groupBy([...lastAnnouncements(snapshot).values()], (event) => announcedPair(event)?.old);
  const links = new Map<Thumbprint, LedgerRenewal>();
  for (const entry of renewals) {
    const { renewal } = entry;
    if (renewal.source !== 'given' || kept.has(pairText(renewal))) continue;
    links.delete(renewal.new);
    links.set(renewal.old, entry);
  }
  return [...links.values()]
    .filter(({ renewal, at }) => {
      const known = { event: renewal.eventRecordId, at };
      return !announced.get(renewal.old)?.some((event) => isLater(event, known, now));
    })
    .map(({ renewal }) => renewal);
}
