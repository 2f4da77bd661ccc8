import { distinct } from '../../base/order.ts';
import type { Certificate } from './certificate.ts';
import type { Thumbprint } from './thumbprint.ts';

/**
 * What the machine says of an authority. `programme`: Windows takes it for a root of public certificates, whether it is
 * in a store yet or would be fetched when a chain needs it. `machine`: an administrator or a domain made it a root.
 */
export type TrustSource = 'programme' | 'machine' | 'none' | 'disallowed';

/** An authority above some certificate of this server, and who signed it. */
export interface Authority {
  readonly thumbprint: Thumbprint;
  readonly subject: string;
  /** The first organisation of the subject. */
  readonly organisation: string | null;
  /** The authorities whose key verifies its signature; itself if it is self-signed. */
  readonly issuedBy: readonly Thumbprint[];
  readonly standing: TrustSource;
  /** Certificates of servers are beyond its usages. */
  readonly notForServers?: true;
  /** Of a root, where the programme sets it: certificates from this moment on are not trusted. */
  readonly distrustsFrom?: string;
  /** Absent for a root that is in no store. */
  readonly notAfter?: string;
}

/** Who vouches for the certificates of a server, without the bytes: signatures were checked when it was read. */
export interface Trust {
  /** Those that some certificate leads up to. */
  readonly authorities: readonly Authority[];
  /**
   * Whether the list of public roots that this server has can be relied on: `old` after 90 days. `unused`: by policy only
   * the roots in the stores count.
   */
  readonly list: 'current' | 'old' | 'missing' | 'unused';
}

/** Where the chains of a certificate end. `unknown`: an issuer is missing, so that nothing can be said. */
export type Anchor = 'public' | 'private' | 'none' | 'disallowed' | 'unknown';

export interface Vouched {
  readonly anchor: Anchor;
  /** The same for the issuers alone: the certificate itself may be revoked or not trusted. */
  readonly ofAuthorities: Anchor;
  /** Every root that a chain ends in, sorted. */
  readonly roots: readonly Thumbprint[];
  /** The authorities that signed the certificate itself. */
  readonly issuers: readonly Authority[];
}

type Judged = Pick<Certificate, 'thumbprint' | 'issuer' | 'issuedBy' | 'selfSigned' | 'disallowed' | 'notBefore'>;

/** Judges certificates by every chain that can be built from what is on this server. */
export function evaluateTrust(trust: Trust | undefined, asOf: number): (certificate: Judged) => Vouched {
  const byThumbprint = new Map(trust?.authorities.map((one) => [one.thumbprint, one]));
  const known = new Map<Thumbprint, Vouched>();
  return (certificate) => {
    const found = known.get(certificate.thumbprint) ?? vouchedFor(certificate, trust, byThumbprint, asOf);
    known.set(certificate.thumbprint, found);
    return found;
  };
}

/** Whose certificate it is, as far as that decides when it is renewed. */
export function authorityOf(
  certificate: Judged | undefined,
  vouchedFor: ReturnType<typeof evaluateTrust>,
): 'public' | 'private' | 'self-signed' | 'unknown' {
  if (certificate === undefined) return 'unknown';
  if (certificate.selfSigned === true) return 'self-signed';
  const { ofAuthorities } = vouchedFor(certificate);
  return ofAuthorities === 'none' || ofAuthorities === 'disallowed' ? 'private' : ofAuthorities;
}

function vouchedFor(
  certificate: Judged,
  trust: Trust | undefined,
  byThumbprint: ReadonlyMap<Thumbprint, Authority>,
  asOf: number,
): Vouched {
  const above = (thumbprints: readonly Thumbprint[]) => thumbprints.flatMap((one) => byThumbprint.get(one) ?? []);
  const issuers = above(certificate.issuedBy ?? []);
  const reached = new Set(issuers);
  const roots: Authority[] = [];
  let isBarred = false;
  let isOpen = issuers.length === 0 && certificate.selfSigned !== true;
  // A set that grows while it is walked through is walked through to its new end.
  for (const authority of reached) {
    if (authority.standing === 'disallowed') isBarred = true;
    if (!mayVouch(authority, certificate, asOf)) continue;
    if (authority.standing === 'programme' || authority.standing === 'machine') roots.push(authority);
    const next = above(authority.issuedBy);
    if (next.length === 0) isOpen = true;
    for (const one of next) reached.add(one);
  }
  // A root that no store trusts may still be one of the programme.
  if (trust?.list === 'old' || trust?.list === 'missing')
    isOpen ||= [...reached].some(({ issuedBy, thumbprint }) => issuedBy.includes(thumbprint));
  const ofAuthorities = isBarred && roots.length === 0 ? 'disallowed' : anchorOf(roots, isOpen);
  return {
    anchor: certificate.disallowed === true ? 'disallowed' : ofAuthorities,
    ofAuthorities,
    roots: distinct(roots.map(({ thumbprint }) => thumbprint)),
    issuers,
  };
}

function mayVouch(authority: Authority, { notBefore }: Judged, asOf: number): boolean {
  const { standing, notForServers, distrustsFrom, notAfter } = authority;
  if (standing === 'disallowed' || notForServers === true) return false;
  if (notAfter !== undefined && Date.parse(notAfter) <= asOf) return false;
  return distrustsFrom === undefined || Date.parse(notBefore) < Date.parse(distrustsFrom);
}

function anchorOf(roots: readonly Authority[], isOpen: boolean): Anchor {
  if (roots.some(({ standing }) => standing === 'programme')) return 'public';
  if (roots.length > 0) return 'private';
  return isOpen ? 'unknown' : 'none';
}

/** Whether clients of this server could trust it: what is not known counts for neither. */
export function isTrusted(anchor: Anchor): boolean {
  return anchor === 'public' || anchor === 'private';
}

/** An organisation as it is compared: how a company is incorporated changes between generations of its authorities. */
export function comparedOrganisation(written: string): string {
  const text = written.normalize('NFKC').trim().toLowerCase();
  return text.replace(/,?\s(?:inc|llc|ltd|limited|gmbh|corp|corporation|nv-sa)\.?$/, '').trim();
}
