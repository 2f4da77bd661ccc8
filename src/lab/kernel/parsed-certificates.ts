import { X509Certificate } from 'node:crypto';
import { type Certificate, parseCertificate } from '../../certificates/certificate.ts';
import { type AuthorityStores, type ChainBuilder, chainBuilder } from '../../certificates/certificate-chain.ts';
import type { Trust } from '../../certificates/trust.ts';
import { thumbprintOf } from './certificates.ts';
import type { LabState } from './lab-state.ts';

type Authorities = Pick<LabState, 'authorities' | 'switches'>;

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
  const authorities = storedAuthorities(state);
  const { issuers } = knownUnder(state);
  const found = issuers.get(der) ?? issuersOf(new X509Certificate(bytesOf(der)), authorities);
  issuers.set(der, found);
  return found;
}

interface Known {
  readonly chains: ChainBuilder;
  /** By DER. */
  readonly certificates: Map<string, Certificate>;
  readonly issuers: Map<string, readonly string[]>;
}

const known = new WeakMap<readonly string[], Map<string, Known>>();

function knownUnder(state: Authorities): Known {
  const authorities = storedAuthorities(state);
  const root = state.switches['root-store'];
  const byRoot = known.get(authorities) ?? new Map<string, Known>();
  known.set(authorities, byRoot);
  const found = byRoot.get(root) ?? {
    chains: chainBuilder(storesOf(authorities, root), Date.now()),
    certificates: new Map(),
    issuers: new Map(),
  };
  byRoot.set(root, found);
  return found;
}

/** The root is the first; where Windows has fetched it, it is one of the public programme (fidelity: trust-lists). */
function storesOf(authorities: readonly string[], root: string): AuthorityStores {
  const ders = authorities.map(bytesOf);
  const roots = authorities.slice(0, 1).map(thumbprintOf);
  return {
    authorities: ders.map((der, at) => ({ der, store: at === 0 ? 'Root' : 'CA' })),
    fetched: root === 'fetched' ? roots : [],
    disallowed: [],
    publicRoots: null,
    disallowedList: null,
    revocationLists: [],
    updatedAt: null,
    updatesOff: false,
  };
}

/** Who vouches for the certificates that were parsed. */
export function trustOf(state: Authorities): Trust {
  return knownUnder(state).chains.trust();
}

/** Those in the stores CA and Root now; the third is the intermediate of renewals, if that is to be missing. */
export function storedAuthorities({ authorities, switches }: Authorities): readonly string[] {
  if (switches['renewal-issuer'] !== 'missing') return authorities;
  const fewer = withoutThird.get(authorities) ?? authorities.filter((_, at) => at !== 2);
  withoutThird.set(authorities, fewer);
  return fewer;
}

const withoutThird = new WeakMap<readonly string[], readonly string[]>();

function parse(der: string, { chainOf }: ChainBuilder): Certificate {
  const bytes = bytesOf(der);
  const properties = { store: 'My', key: 'unknown', archived: false, renewedTo: null, friendlyName: null } as const;
  return { ...parseCertificate(bytes, properties), ...chainOf(bytes) };
}

function issuersOf(certificate: X509Certificate, authorities: readonly string[]): readonly string[] {
  const stored = authorities.map((der) => ({ der, authority: new X509Certificate(bytesOf(der)) }));
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
