import { append, groupBy } from '../../base/group.ts';
import type { Configuration } from '../../documents/configuration.ts';
import { waitIsOver } from '../../documents/looked.ts';
import type { Ledger } from '../../documents/runs/ledger.ts';
import { changeableCertificates, placesNaming } from '../../kinds/place.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { algorithm, type Certificate } from '../../model/certificates/certificate.ts';
import { certificateNames } from '../../model/certificates/host-name.ts';
import { byThumbprint } from '../../model/certificates/named-certificate.ts';
import { pairText, type Renewal } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { evaluateTrust } from '../../model/certificates/trust.ts';
import { endpointsOfServer } from './endpoints-of-server.ts';
import { isIssuerChangeKnown } from './issuer-changes.ts';
import { renewalsFromEvents, renewalsFromProperties } from './renewals.ts';
import { type Doubt, type NamesKept, type SimilarityInput, similarityOf } from './similarity.ts';

/** What matching names suggest about the certificates that are in use. */
export interface NamesFound {
  /** One link each; a replacement that ends earlier only when its time has come. */
  readonly links: readonly Renewal[];
  /** Those that a person has to decide; nothing follows from them. */
  readonly doubts: readonly NamesDoubt[];
  /** Issued anew, ending earlier: not taken before that time, since a person may have meant another place. */
  readonly waiting: readonly { readonly renewal: Renewal; readonly until: string }[];
}

export interface NamesDoubt {
  readonly old: Certificate;
  readonly candidates: readonly [Certificate, ...Certificate[]];
  readonly why: Doubt | 'issued-together';
}

const hourMs = 3600_000;
/** How long a certificate that ends before the one it replaces is left alone. */
const replacementWaitsDays = 1;

/**
 * Judges every certificate in use, and what was found to follow it, against those that share a name with it. Nothing where
 * the policy takes only what is recorded.
 */
export function renewalsFromNames(snapshot: Snapshot, ledger: Ledger, configuration: Configuration): NamesFound {
  if (configuration.successors !== 'same-names') return { links: [], doubts: [], waiting: [] };
  const around = surroundings(snapshot, ledger, configuration);
  const sharing = sharingNames(snapshot.certificates);
  const inUse = changeableCertificates(snapshot);
  const open = snapshot.certificates.filter(({ thumbprint }) => inUse.has(thumbprint));
  const here = groupBy(snapshot.certificates, ({ thumbprint }) => thumbprint);
  const recorded = groupBy(
    [...renewalsFromEvents(snapshot), ...renewalsFromProperties(snapshot)].filter(({ corroborated }) => corroborated),
    (renewal) => renewal.old,
  );
  const seen = new Set<Thumbprint>();
  const links: Renewal[] = [];
  const doubts: NamesDoubt[] = [];
  const waiting: NamesFound['waiting'][number][] = [];
  for (let old = open.pop(); old !== undefined; old = open.pop()) {
    if (seen.has(old.thumbprint)) continue;
    seen.add(old.thumbprint);
    // One change takes a place to the newest, also where that follows what is recorded.
    open.push(...(recorded.get(old.thumbprint) ?? []).flatMap((renewal) => here.get(renewal.new) ?? []));
    const found = successorAmong(old, sharing(old), around, (one) => inUse.has(one.thumbprint));
    if (found === null) continue;
    if (found.is === 'unclear') {
      doubts.push({ old, candidates: found.candidates, why: found.why });
      continue;
    }
    const { successor } = found;
    const renewal: Renewal = {
      old: old.thumbprint,
      new: successor.thumbprint,
      source: 'same-names',
      corroborated: true,
      eventRecordId: null,
      ...(found.is === 'replacement'
        ? { early: old.disallowed === true ? ('revoked' as const) : ('reissued' as const) }
        : {}),
    };
    const from = Date.parse(successor.notBefore);
    const until =
      renewal.early === 'reissued'
        ? waitIsOver(ledger.looked, waitOf(renewal), { from, days: replacementWaitsDays, now: around.asOf })
        : null;
    if (until !== null && until > around.asOf) waiting.push({ renewal, until: new Date(until).toISOString() });
    else {
      links.push(renewal);
      open.push(successor);
    }
  }
  return { links, doubts, waiting };
}

/** What those wait for that end earlier, or have waited for and are not applied yet. */
export function waitsOfNames({ links, waiting }: NamesFound): readonly string[] {
  const reissued = links.filter(({ early }) => early === 'reissued');
  return [...reissued, ...waiting.map(({ renewal }) => renewal)].map(waitOf);
}

function waitOf(renewal: Renewal): string {
  return `reissued ${pairText(renewal)}`;
}

/** The certificates in use that one certificate, which a person or a program named, follows, once it is valid. */
export function predecessorsByNames(
  snapshot: Snapshot,
  ledger: Ledger,
  configuration: Configuration,
  successor: Certificate,
): readonly Thumbprint[] {
  const now = surroundings(snapshot, ledger, configuration);
  const asOf = Math.max(now.asOf, Date.parse(successor.notBefore));
  const inUse = changeableCertificates(snapshot);
  const olds = byThumbprint(snapshot.certificates.filter(({ thumbprint }) => inUse.has(thumbprint)));
  const found = [...olds.values()].filter((old) => {
    const { is } = similarityOf(old, successor, { ...now, asOf, isNamed: true });
    return is === 'renewal' || is === 'replacement';
  });
  const isRenewed = (one: Certificate) => found.some((other) => similarityOf(one, other, now).is === 'renewal');
  return found.filter((one) => !isRenewed(one)).map(({ thumbprint }) => thumbprint);
}

function surroundings(snapshot: Snapshot, ledger: Ledger, configuration: Configuration): SimilarityInput {
  const asOf = Date.parse(snapshot.takenAt);
  const named = placesNaming(snapshot);
  const kinds = ({ thumbprint }: Certificate) => named(thumbprint).flatMap(({ kind }) => (kind === 'tls' ? [] : kind));
  const endpoints = groupBy(endpointsOfServer(snapshot), ({ expected }) => expected);
  // A run took the one for the other, and what waits for its window still has the old one.
  const applied = new Set(ledger.renewals.map(({ renewal }) => pairText(renewal)));
  return {
    asOf,
    policy: configuration,
    vouchedFor: evaluateTrust(snapshot.trust, asOf),
    hostsOf: ({ thumbprint }) =>
      (endpoints.get(thumbprint) ?? []).map(({ endpoint: { serverName, address } }) => serverName ?? address),
    isUsedElsewhere: (successor, old) => {
      if (applied.has(pairText({ old: old.thumbprint, new: successor.thumbprint }))) return false;
      const known = new Set(kinds(old));
      return kinds(successor).some((kind) => !known.has(kind));
    },
    isIssuerChangeKnown: isIssuerChangeKnown(ledger),
  };
}

/** Certificates that share a name with one, or have the wildcard above one of its names. */
function sharingNames(certificates: readonly Certificate[]): (old: Certificate) => readonly Certificate[] {
  const byName = new Map<string, [Certificate, ...Certificate[]]>();
  for (const certificate of certificates) {
    if (certificate.key === 'missing' || certificate.archived) continue;
    for (const name of certificateNames(certificate)) append(byName, name, certificate);
  }
  return (old) => {
    const found = new Map<Thumbprint, Certificate>();
    for (const name of certificateNames(old))
      for (const each of [name, `*${name.slice(name.indexOf('.'))}`])
        for (const one of byName.get(each) ?? []) if (!found.has(one.thumbprint)) found.set(one.thumbprint, one);
    found.delete(old.thumbprint);
    return [...found.values()];
  };
}

type Successor =
  | { readonly is: 'renewal' | 'replacement'; readonly successor: Certificate }
  | { readonly is: 'unclear'; readonly candidates: NamesDoubt['candidates']; readonly why: NamesDoubt['why'] };

/**
 * The one of several that is taken: the names that fit best, the same type of key, the newest. Two of them that were
 * issued together and that nothing uses yet are made for different services, and nothing tells which is for this one.
 */
function successorAmong(
  old: Certificate,
  others: readonly Certificate[],
  around: SimilarityInput,
  isInUse: (certificate: Certificate) => boolean,
): Successor | null {
  const judged = others.map((successor) => ({ successor, found: similarityOf(old, successor, around) }));
  const taken = judged.flatMap(({ successor, found }) => ('names' in found ? { successor, ...found } : []));
  if (taken.length === 0) {
    const [first, ...more] = judged.flatMap(({ successor, found }) =>
      found.is === 'unclear' ? { successor, why: found.why } : [],
    );
    if (first === undefined) return null;
    return { is: 'unclear', candidates: [first.successor, ...more.map((one) => one.successor)], why: first.why };
  }
  const fitting = preferred(taken, [
    ({ names }) => nameRank[names],
    ({ successor }) => Number(algorithm(successor) !== algorithm(old)),
  ]);
  const [newest, ...older] = fitting.toSorted(
    (a, b) => Date.parse(b.successor.notBefore) - Date.parse(a.successor.notBefore),
  );
  if (newest === undefined) return null;
  const twins = older.filter(
    ({ successor }) => Date.parse(newest.successor.notBefore) - Date.parse(successor.notBefore) < hourMs,
  );
  const usedTwins = [newest, ...twins].filter(({ successor }) => isInUse(successor));
  const [only = newest, ...others2] = usedTwins;
  if (twins.length > 0 && (usedTwins.length === 0 || others2.length > 0)) {
    const candidates = twins.map((one) => one.successor);
    return { is: 'unclear', candidates: [newest.successor, ...candidates], why: 'issued-together' };
  }
  return { is: only.is, successor: only.successor };
}

const nameRank: Readonly<Record<NamesKept, number>> = { equal: 0, more: 1, covered: 2, fewer: 3 };

/** Those of the lowest rank, by each ranking in turn. */
function preferred<One>(found: readonly One[], ranks: readonly ((one: One) => number)[]): readonly One[] {
  return ranks.reduce((left, rank) => {
    const best = Math.min(...left.map(rank));
    return left.filter((one) => rank(one) === best);
  }, found);
}
