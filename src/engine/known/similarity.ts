import type { Configuration } from '../../documents/configuration.ts';
import { algorithm, type Certificate } from '../../model/certificates/certificate.ts';
import { dayMs } from '../../model/certificates/deadline.ts';
import { certificateNames, coversHost } from '../../model/certificates/host-name.ts';
import { lifeMs, longestLifeDays } from '../../model/certificates/longest-life.ts';
import { type Authority, comparedOrganisation, isTrusted, type Vouched } from '../../model/certificates/trust.ts';
import { allowsUsage, serverAuthentication } from '../../model/certificates/usages.ts';

/**
 * Whether one certificate renews another, as far as the two themselves tell. `renewal`: it follows. `replacement`: issued
 * anew before its time, and ends earlier. `unclear`: a person has to say. `unrelated`: nothing follows from it.
 */
export type Similarity =
  | { readonly is: 'renewal' | 'replacement'; readonly names: NamesKept }
  | { readonly is: 'unclear'; readonly why: Doubt }
  | { readonly is: 'unrelated'; readonly why: Difference };

/** Why a person has to say whether it is a renewal. */
export type Doubt =
  | 'other-authority'
  | 'was-private'
  | 'was-untrusted'
  | 'self-signed'
  | 'other-template'
  | 'chain-unknown'
  | 'key-type'
  | 'names-lost'
  | 'names-merged'
  | 'used-elsewhere';

export type Difference =
  | 'not-usable'
  | 'not-newer'
  | 'names-differ'
  | 'not-for-servers'
  | 'less-trusted'
  | 'issuer-excluded'
  | 'same-hour-pair';

/** How the names of the new one stand to those of the old one; the first is preferred. */
export type NamesKept = 'equal' | 'more' | 'covered' | 'fewer';

/** What the two are judged with. */
export interface SimilarityInput {
  /** Milliseconds. */
  readonly asOf: number;
  readonly policy: Pick<Configuration, 'issuers' | 'issuersOnly'>;
  readonly vouchedFor: (certificate: Certificate) => Vouched;
  /** Hosts that clients ask for where the old one is used. */
  readonly hostsOf: (old: Certificate) => readonly string[];
  /** Whether something other than a certificate binding, which does not use the old one, uses this one. */
  readonly isUsedElsewhere: (successor: Certificate, old: Certificate) => boolean;
  /** Whether a person or a program moved these names between two such authorities before. */
  readonly isIssuerChangeKnown: (old: Certificate, successor: Certificate) => boolean;
  /**
   * Whether a person or a program named the new certificate: then its authority speaks against it only where clients of a
   * public one would get a private one. Whether it is trusted is for the guards to say.
   */
  readonly isNamed?: true;
}

const hourMs = 3600_000;

export function similarityOf(old: Certificate, successor: Certificate, around: SimilarityInput): Similarity {
  const difference = differenceOf(old, successor, around);
  if (difference !== null) return { is: 'unrelated', why: difference };
  const names = namesKept(old, successor);
  if (names === null) return { is: 'unrelated', why: 'names-differ' };
  const doubt = doubtOf(old, successor, names, around);
  if (doubt !== null) return { is: 'unclear', why: doubt };
  return { is: endsInTime(old, successor, around) ? 'renewal' : 'replacement', names };
}

/** Whether both were issued at once for the same names, with keys of two kinds: each is renewed by its own successor. */
export function areTwins(one: Certificate, other: Certificate): boolean {
  const apart = Math.abs(Date.parse(one.notBefore) - Date.parse(other.notBefore));
  return apart < hourMs && differInKeyAlone(one, other);
}

/** Whether they are for the same names, with keys of two kinds. */
export function differInKeyAlone(one: Certificate, other: Certificate): boolean {
  return algorithm(one) !== algorithm(other) && namesKept(one, other) === 'equal';
}

/** What rules it out, whatever its names are. */
function differenceOf(old: Certificate, successor: Certificate, around: SimilarityInput): Difference | null {
  const { asOf, policy, vouchedFor } = around;
  const begins = Date.parse(successor.notBefore);
  if (successor.key === 'missing' || successor.archived || successor.authority === true) return 'not-usable';
  if (begins > asOf || Date.parse(successor.notAfter) <= asOf) return 'not-usable';
  if (!allowsUsage(successor.ekus, serverAuthentication)) return 'not-for-servers';
  if (!isNewer(old, successor, around)) return 'not-newer';
  if (policy.issuersOnly && !policy.issuers.includes(successor.issuer)) return 'issuer-excluded';
  const [before, after] = [vouchedFor(old).ofAuthorities, vouchedFor(successor).anchor];
  const isForGuards = around.isNamed && isTrusted(before);
  if (!isForGuards && (after === 'disallowed' || (isTrusted(before) && after === 'none'))) return 'less-trusted';
  if (before === 'public' && after === 'private' && !isAdmitted(old, successor, around)) return 'less-trusted';
  const apart = begins - Date.parse(old.notBefore);
  return apart < hourMs && algorithm(old) !== algorithm(successor) ? 'same-hour-pair' : null;
}

/** Clients that try again may get two in one second: then who names one of them says that it is the newer one. */
function isNewer(old: Certificate, successor: Certificate, { isNamed }: SimilarityInput): boolean {
  const later = Date.parse(successor.notBefore) - Date.parse(old.notBefore);
  const isOther = old.thumbprint !== successor.thumbprint;
  return later > 0 || (later === 0 && isNamed === true && isOther && namesKept(old, successor) === 'equal');
}

/** What names say comes first: who names the new certificate takes away the doubt about its authority, and no other. */
function doubtOf(old: Certificate, successor: Certificate, names: NamesKept, around: SimilarityInput): Doubt | null {
  if (around.isUsedElsewhere(successor, old)) return 'used-elsewhere';
  if (old.template !== undefined && (successor.template ?? old.template) !== old.template) return 'other-template';
  if (names === 'covered' && !certificateNames(old).some((name) => name.startsWith('*.'))) return 'names-merged';
  if (names === 'fewer' && !mayLoseNames(old, successor, around)) return 'names-lost';
  const ofFamily = around.isNamed || isAdmitted(old, successor, around) ? null : familyDoubt(old, successor, around);
  if (ofFamily !== null) return ofFamily;
  const isLate = around.asOf - Date.parse(old.notBefore) > lifeMs(old) / 2;
  return algorithm(old) !== algorithm(successor) && !isLate ? 'key-type' : null;
}

/** Admitted beyond what the certificates show: by the configuration, or because it was done before. */
function isAdmitted(
  old: Certificate,
  successor: Certificate,
  { policy, isIssuerChangeKnown }: SimilarityInput,
): boolean {
  return policy.issuers.includes(successor.issuer) || isIssuerChangeKnown(old, successor);
}

/** Whether one authority stands behind both, or why that cannot be said. */
function familyDoubt(old: Certificate, successor: Certificate, { vouchedFor }: SimilarityInput): Doubt | null {
  const [before, after] = [vouchedFor(old), vouchedFor(successor)];
  const isSameIssuer = old.issuer === successor.issuer;
  // A client that keeps its key, as certbot can, gets it certified again.
  const isSameKey = old.publicKey !== undefined && old.publicKey === successor.publicKey;
  if (successor.selfSigned === true) return 'self-signed';
  const isSameSigner = after.issuers.some((issuer) => before.issuers.includes(issuer));
  // Nothing but the issuer itself is known, and it signed both.
  if (isSameIssuer && isSameSigner && before.ofAuthorities === after.anchor) return null;
  if (before.ofAuthorities === 'unknown' || after.anchor === 'unknown') return 'chain-unknown';
  if (!isTrusted(before.ofAuthorities)) return 'was-untrusted';
  if (before.ofAuthorities === 'private' && after.anchor === 'public') return 'was-private';
  if (isSameIssuer || isSameKey || isSameOrganisation(before.issuers, after.issuers)) return null;
  if (after.anchor === 'public') return 'other-authority';
  const isSameRoot = after.roots.some((root) => before.roots.includes(root));
  if (!isSameRoot) return 'other-authority';
  return old.template !== undefined && old.template === successor.template ? null : 'other-template';
}

function isSameOrganisation(before: readonly Authority[], after: readonly Authority[]): boolean {
  const organisations = (authorities: readonly Authority[]) =>
    authorities.map(({ organisation }) => comparedOrganisation(organisation ?? '')).filter((text) => text !== '');
  const known = organisations(before);
  return organisations(after).some((organisation) => known.includes(organisation));
}

/** `null`: they have too little in common. */
export function namesKept(old: Certificate, successor: Certificate): NamesKept | null {
  const [before, after] = [new Set(certificateNames(old)), new Set(certificateNames(successor))];
  const kept = [...before].filter((name) => after.has(name));
  if (before.size === 0) return null;
  if (kept.length === before.size) return after.size === before.size ? 'equal' : 'more';
  if ([...before].every((name) => coversHost(successor, name))) return 'covered';
  // A wildcard that became a single name is another certificate.
  return kept.length === 0 ? null : 'fewer';
}

/** An order that shrank: nobody asks for the lost names here, and most are left. */
function mayLoseNames(old: Certificate, successor: Certificate, { hostsOf }: SimilarityInput): boolean {
  const names = certificateNames(old);
  const kept = names.filter((name) => coversHost(successor, name));
  const isAsked = hostsOf(old).some((host) => coversHost(old, host) && !coversHost(successor, host));
  return !isAsked && kept.length * 2 >= names.length;
}

/** It ends later, or earlier only because the longest life of public certificates has become shorter since. */
function endsInTime(old: Certificate, successor: Certificate, { vouchedFor }: SimilarityInput): boolean {
  if (Date.parse(successor.notAfter) > Date.parse(old.notAfter)) return true;
  const [before, now] = [Date.parse(old.notBefore), Date.parse(successor.notBefore)];
  const [longestBefore, longestNow] = [longestLifeDays(before), longestLifeDays(now)];
  const isCut = longestNow < longestBefore && lifeMs(old) > longestNow * dayMs;
  // To the whole of what is allowed now: a client asks for no less by itself.
  return isCut && vouchedFor(successor).anchor === 'public' && lifeMs(successor) >= (longestNow - 2) * dayMs;
}
