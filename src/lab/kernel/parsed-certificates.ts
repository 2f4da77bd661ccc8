import type { X509Certificate } from 'node:crypto';
import { type Certificate, inNoStore, openX509, parseCertificate } from '../../model/certificates/certificate.ts';
import {
  type AuthorityStores,
  type Chain,
  type ChainBuilder,
  chainBuilder,
  type NotChecked,
} from '../../model/certificates/certificate-chain.ts';
import type { Trust } from '../../model/certificates/trust.ts';
import { thumbprintOf } from './certificates.ts';
import type { LabState } from './lab-state.ts';

type Authorities = Pick<LabState, 'authorities' | 'roots' | 'withheld' | 'revocationLists' | 'switches'>;

/**
 * A certificate of a lab with its chain to the authorities, without the properties of a store. Its bytes never change
 * and are needed in every snapshot and every handshake, so each is parsed once.
 */
export function parsedCertificate(der: string, state: Authorities): Certificate {
  const { certificates, chains } = knownUnder(state);
  const certificate = certificates.get(der) ?? parse(der, chains);
  certificates.set(der, certificate);
  return certificate;
}

/**
 * DER (base64) of the certificates sent with it: its issuers from the lowest up, without the root (fidelity:
 * served-chain).
 */
export function sentWith(der: string, state: Authorities): readonly string[] {
  const { issuers } = knownUnder(state);
  const found = issuers.get(der) ?? issuersOf(openX509(bytesOf(der)), state);
  issuers.set(der, found);
  return found;
}

interface Known extends Pick<LabState, 'roots' | 'revocationLists'> {
  readonly rootStore: string;
  readonly chains: ChainBuilder;
  /** By DER. */
  readonly certificates: Map<string, Certificate>;
  readonly issuers: Map<string, readonly string[]>;
}

const known = new WeakMap<readonly string[], Known[]>();

function knownUnder(state: Authorities): Known {
  const authorities = storedAuthorities(state);
  const { roots, revocationLists } = state;
  const rootStore = state.switches['root-store'];
  const under = known.get(authorities) ?? [];
  known.set(authorities, under);
  const found = under.find(
    (one) => one.rootStore === rootStore && one.roots === roots && one.revocationLists === revocationLists,
  );
  if (found !== undefined) return found;
  const made: Known = {
    rootStore,
    roots,
    revocationLists,
    chains: chainBuilder(storesOf(state), Date.now()),
    certificates: new Map(),
    issuers: new Map(),
  };
  under.push(made);
  return made;
}

/** Roots that Windows has fetched are of the public programme; by policy it fetches none (fidelity: trust-lists). */
function storesOf(state: Authorities): AuthorityStores {
  const { roots, revocationLists, switches } = state;
  return {
    authorities: storedAuthorities(state).map((der) => ({
      der: bytesOf(der),
      store: roots.includes(thumbprintOf(der)) ? 'Root' : 'CA',
    })),
    fetched: switches['root-store'] === 'fetched' ? roots : [],
    disallowed: [],
    publicRoots: null,
    disallowedList: null,
    revocationLists: revocationLists.map(bytesOf),
    updatedAt: null,
    updatesOff: switches['root-store'] === 'only-stored',
  };
}

/** The chain of a certificate (DER) that is in no store. */
export function chainIn(state: Authorities, der: Buffer): Chain {
  return knownUnder(state).chains.chainOf(der);
}

/** Who vouches for the certificates that were parsed. */
export function trustOf(state: Authorities): Trust {
  return knownUnder(state).chains.trust();
}

export function notCheckedIn(state: Authorities): readonly NotChecked[] {
  return knownUnder(state).chains.notChecked();
}

/** Those in the stores CA and Root now, without the intermediate of renewals if that is to be missing. */
export function storedAuthorities({ authorities, withheld, switches }: Authorities): readonly string[] {
  if (switches['renewal-issuer'] !== 'missing') return authorities;
  const fewer = withoutOne.get(authorities) ?? authorities.filter((der) => thumbprintOf(der) !== withheld);
  withoutOne.set(authorities, fewer);
  return fewer;
}

const withoutOne = new WeakMap<readonly string[], readonly string[]>();

function parse(der: string, { chainOf }: ChainBuilder): Certificate {
  const bytes = bytesOf(der);
  return { ...parseCertificate(bytes, { ...inNoStore, store: 'My' }), ...chainOf(bytes) };
}

/** Of two with one key, the way to a root of the store comes first; one that cannot be read is passed over. */
function issuersOf(certificate: X509Certificate, state: Authorities): readonly string[] {
  const stored = storedAuthorities(state)
    .flatMap((der) => {
      try {
        const authority = openX509(bytesOf(der));
        const isRoot = state.roots.includes(thumbprintOf(der));
        return [{ der, authority, rank: isRoot ? 0 : authority.subject === authority.issuer ? 2 : 1 }];
      } catch {
        return [];
      }
    })
    .sort((a, b) => a.rank - b.rank);
  const issuers: string[] = [];
  let current = certificate;
  while (current.subject !== current.issuer && issuers.length < stored.length) {
    const issuer = stored.find(({ authority }) => current.checkIssued(authority));
    if (issuer === undefined || issuer.authority.subject === issuer.authority.issuer) break;
    issuers.push(issuer.der);
    current = issuer.authority;
  }
  return issuers;
}

function bytesOf(der: string): Buffer {
  return Buffer.from(der, 'base64');
}
