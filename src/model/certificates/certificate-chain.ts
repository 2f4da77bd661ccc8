import type { X509Certificate } from 'node:crypto';
import { messageFrom } from '../../base/errors.ts';
import { groupBy } from '../../base/group.ts';
import { memoize } from '../../base/memoize.ts';
import {
  type Certificate,
  distinguishedName,
  firstPart,
  hashOf,
  isoTime,
  isSignedBy,
  openX509,
  publicKeyOf,
  usagesOf,
} from './certificate.ts';
import { certificateParts } from './certificate-der.ts';
import { dayMs } from './deadline.ts';
import { parseRevocationList } from './revocation-list.ts';
import { parseThumbprint, type Thumbprint, toThumbprint } from './thumbprint.ts';
import type { Authority, Trust } from './trust.ts';
import type { TrustForServers, TrustList, TrustListEntry } from './trust-list.ts';
import { allowsUsage, serverAuthentication } from './usages.ts';

/** What the machine stores of authorities, as it was read. */
export interface AuthorityStores {
  /** DER, of the stores CA and Root; a certificate in both counts as one of Root. */
  readonly authorities: readonly { readonly der: Uint8Array; readonly store: 'CA' | 'Root' }[];
  /** Thumbprints: of public roots that Windows has fetched, and of what nobody shall trust. */
  readonly fetched: readonly string[];
  readonly disallowed: readonly string[];
  readonly publicRoots: TrustList | null;
  readonly disallowedList: TrustList | null;
  /** DER, of any issuer, however old; those that were found. */
  readonly revocationLists: readonly Uint8Array[];
  /** When the lists were last looked for; `null` if that is not known. */
  readonly updatedAt: string | null;
  /** By policy Windows does not fetch public roots. */
  readonly updatesOff: boolean;
}

/** What these authorities say about a certificate; the root at its end does not count as an intermediate. */
export type Chain = Pick<Certificate, 'chain' | 'intermediates' | 'issuedBy' | 'disallowed'>;

/** Chains of the certificates of one server. */
export interface ChainBuilder {
  /** Of a certificate (DER) that can be read. */
  chainOf(der: Uint8Array): Chain;
  /** The authorities above all of them. */
  trust(): Trust;
  /** What could say something of them, and cannot be read. */
  notChecked(): readonly NotChecked[];
}

/** With the reason as the end of a sentence. */
export interface NotChecked {
  readonly where: string;
  readonly text: string;
  readonly why: string;
}

const highestChain = 10;

/** The longest list, of revoked certificates or of roots, that is parsed. */
export const longestList = 4 * 1024 ** 2;

/** With what came with a certificate as if it were in the store CA, where a root counts for nothing. */
export function withAuthorities(stores: AuthorityStores, ders: readonly Uint8Array[]): AuthorityStores {
  return { ...stores, authorities: [...stores.authorities, ...ders.map((der) => ({ der, store: 'CA' as const }))] };
}

/**
 * Builds chains from the certificates of the stores CA and Root, by every path, fetching nothing. A chain that breaks
 * above the issuer stays unknown: Windows fetches roots when they are first needed, so a missing one proves nothing, and
 * one that the list of public roots names counts as there.
 * @param asOf milliseconds
 */
export function chainBuilder(stores: AuthorityStores, asOf: number): ChainBuilder {
  const disallowed = new Set(stores.disallowed);
  const fetched = new Set(stores.fetched);
  const notChecked = new Map<string, NotChecked>();
  const leave = (where: string, text: string, why: string) =>
    notChecked.set(`${where} ${text}`, { where, text, why: `not checked: ${why}` });
  const bySubject = authoritiesBySubject(stores.authorities, leave);
  const named = ({ issuer }: X509Certificate) => bySubject.get(issuer) ?? [];
  const revocationLists = stores.revocationLists.flatMap((der) => {
    if (der.length <= longestList) return parseRevocationList(der) ?? [];
    leave('revocation list', hashOf('sha1', der), `it is larger than ${longestList / 1024 ** 2} MB`);
    return [];
  });
  /** Read only where a certificate names it as its issuer. */
  const keyOf = memoize(publicKeyOf);
  const needed = new Set<Known>();
  const absent = new Map<Thumbprint, Authority>();

  const isDisallowed = (certificate: X509Certificate, thumbprint: string) =>
    disallowed.has(thumbprint) ||
    (stores.disallowedList !== null &&
      [thumbprint, ...otherHashes(certificate)].some((hash) => stores.disallowedList?.entry(hash) != null));

  const isRevoked = (certificate: X509Certificate, issuers: readonly Known[]) => {
    if (revocationLists.length === 0) return false;
    const { issuerName, serialNumber } = certificateParts(certificate.raw);
    const lists = revocationLists.filter((list) => list.issuerName.equals(issuerName) && list.names(serialNumber));
    return lists.some((list) => issuers.some((issuer) => list.isSignedBy(keyOf(issuer.certificate))));
  };

  /** Each is asked for twice, and an authority once for every certificate below it; one that is read no more is forgotten. */
  const verified = new WeakMap<X509Certificate, readonly Known[]>();
  const issuersOf = (certificate: X509Certificate): readonly Known[] => {
    const known = verified.get(certificate);
    if (known !== undefined) return known;
    const candidates = named(certificate);
    const found = candidates.filter(
      (one) => certificate.checkIssued(one.certificate) && isSignedBy(certificate, keyOf(one.certificate)),
    );
    verified.set(certificate, found);
    for (const one of found.length > 0 ? [] : candidates) {
      if (keyOf(one.certificate) === null)
        leave(
          `store ${one.isRoot ? 'Root' : 'CA'}`,
          distinguishedName(certificate.issuer),
          'CertRebind cannot read the key of this authority',
        );
    }
    return found;
  };

  /** The authorities that signed it. Those above them are needed too: the set grows while `trust` walks through it. */
  const signers = (certificate: X509Certificate): readonly Thumbprint[] => {
    const issuers = issuersOf(certificate);
    for (const one of issuers) needed.add(one);
    const here = issuers.map(({ thumbprint }) => thumbprint);
    if (stores.publicRoots === null || stores.updatesOff || isSelfIssued(certificate)) return here;
    const { issuerName, authorityKey } = certificateParts(certificate.raw);
    const roots = stores.publicRoots
      .withSubject(hashOf('md5', issuerName))
      .filter(
        ({ identifier, keyIdentifier }) =>
          keyIdentifier === authorityKey && !here.some((thumbprint) => thumbprint === identifier),
      );
    return [...here, ...roots.flatMap((root) => needAbsent(root, distinguishedName(certificate.issuer)))];
  };

  /** One way up, as far as it leads. */
  function pathOf(certificate: X509Certificate): Pick<Chain, 'chain' | 'intermediates'> {
    const intermediates: string[] = [];
    let current = certificate;
    while (intermediates.length < highestChain) {
      if (isSelfIssued(current)) return { chain: 'complete', intermediates };
      const [issuer] = issuersOf(current);
      if (issuer === undefined) {
        const isMissing = intermediates.length === 0 && named(current).every((one) => keyOf(one.certificate) !== null);
        return { chain: isMissing ? 'incomplete' : 'unknown', intermediates };
      }
      current = issuer.certificate;
      if (!isSelfIssued(current)) intermediates.push(distinguishedName(current.subject));
    }
    return { chain: 'unknown', intermediates };
  }

  function authorityOf(one: Known): Authority {
    const { certificate, thumbprint, notAfter } = one;
    return {
      thumbprint,
      subject: distinguishedName(certificate.subject),
      organisation: firstPart(certificate.subject, 'O'),
      issuedBy: signers(certificate),
      ...standingOf(one),
      ...(allowsUsage(usagesOf(certificate), serverAuthentication) ? {} : { notForServers: true }),
      notAfter,
    };
  }

  function standingOf({ certificate, thumbprint, isRoot }: Known): Pick<Authority, 'standing' | 'distrustsFrom'> {
    if (isDisallowed(certificate, thumbprint)) return { standing: 'disallowed' };
    const trusted = stores.publicRoots?.entry(thumbprint)?.trusted;
    if (trusted !== undefined && (isRoot || !stores.updatesOff)) return publicStanding(trusted, asOf);
    if (fetched.has(thumbprint)) return { standing: 'programme' };
    return { standing: isRoot ? 'machine' : 'none' };
  }

  function needAbsent({ identifier, trusted }: TrustListEntry, subject: string): readonly Thumbprint[] {
    const thumbprint = toThumbprint(identifier);
    if (thumbprint === null) return [];
    const standing = disallowed.has(identifier) ? { standing: 'disallowed' as const } : publicStanding(trusted, asOf);
    absent.set(thumbprint, { thumbprint, subject, organisation: null, issuedBy: [thumbprint], ...standing });
    return [thumbprint];
  }

  return {
    chainOf(der) {
      const certificate = openX509(der);
      const issuers = issuersOf(certificate);
      return {
        ...(bySubject.size === 0 ? { chain: 'unknown', intermediates: [] } : pathOf(certificate)),
        issuedBy: signers(certificate),
        ...(isDisallowed(certificate, thumbprintOf(certificate)) || isRevoked(certificate, issuers)
          ? { disallowed: true }
          : {}),
      };
    },
    trust: () => ({
      authorities: [...Array.from(needed, authorityOf), ...absent.values()],
      list: listState(stores, asOf),
    }),
    notChecked: () => [...notChecked.values()],
  };
}

/** An authority of the stores. */
interface Known {
  readonly certificate: X509Certificate;
  readonly thumbprint: Thumbprint;
  readonly isRoot: boolean;
  readonly notAfter: string;
}

/** By subject; of two with one name the root ends the chain sooner, as it does for clients. */
function authoritiesBySubject(
  stored: AuthorityStores['authorities'],
  leave: (where: string, text: string, why: string) => void,
): ReadonlyMap<string, readonly Known[]> {
  const byThumbprint = new Map<Thumbprint, Known>();
  for (const { der, store } of stored) {
    try {
      const certificate = openX509(der);
      const thumbprint = thumbprintOf(certificate);
      const isRoot = store === 'Root' || byThumbprint.get(thumbprint)?.isRoot === true;
      byThumbprint.set(thumbprint, { certificate, thumbprint, isRoot, notAfter: isoTime(certificate.validTo) });
    } catch (thrown) {
      leave(`store ${store}`, hashOf('sha1', der), messageFrom(thrown));
    }
  }
  const inOrder = [...byThumbprint.values()].sort(
    (a, b) => Number(isSelfIssued(b.certificate)) - Number(isSelfIssued(a.certificate)),
  );
  return groupBy(inOrder, ({ certificate }) => certificate.subject);
}

/** A root that the programme has ended for servers may still be made one by an administrator, who has to say so. */
function publicStanding(trusted: TrustForServers, asOf: number): Pick<Authority, 'standing' | 'distrustsFrom'> {
  const { forServers, endsAt, distrustsFrom } = trusted;
  if (!forServers || (endsAt !== undefined && Date.parse(endsAt) <= asOf)) return { standing: 'none' };
  return { standing: 'programme', ...(distrustsFrom === undefined ? {} : { distrustsFrom }) };
}

const listTrustedMs = 90 * dayMs;

function listState({ publicRoots, updatedAt, updatesOff }: AuthorityStores, asOf: number): Trust['list'] {
  if (updatesOff) return 'unused';
  if (publicRoots === null) return 'missing';
  return asOf - Date.parse(updatedAt ?? publicRoots.publishedAt) <= listTrustedMs ? 'current' : 'old';
}

/**
 * What a list of disallowed certificates may name besides their SHA-1: the hash that was signed, and MD5 of the public
 * key (fidelity: trust-lists).
 */
function otherHashes(certificate: X509Certificate): readonly string[] {
  const { signed, publicKey } = certificateParts(certificate.raw);
  return [
    ...['md5', 'sha1', 'sha256', 'sha384', 'sha512'].map((hash) => hashOf(hash, signed)),
    hashOf('md5', publicKey),
  ];
}

function isSelfIssued({ subject, issuer }: X509Certificate): boolean {
  return subject === issuer;
}

function thumbprintOf(certificate: X509Certificate): Thumbprint {
  return parseThumbprint(certificate.fingerprint, 'authority');
}
