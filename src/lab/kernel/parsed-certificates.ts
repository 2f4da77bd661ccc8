import { X509Certificate } from 'node:crypto';
import { type Certificate, parseCertificate } from '../../certificates/certificate.ts';
import { type Chain, chainBuilder } from '../../certificates/certificate-chain.ts';
import type { LabState } from './lab-state.ts';

type Authorities = Pick<LabState, 'authorities' | 'switches'>;

/**
 * A certificate of a lab with its chain to the authorities, without the properties of a store. Its bytes never change
 * and are needed in every snapshot and every handshake, so each is parsed once.
 */
export function parsedCertificate(der: string, state: Authorities): Certificate {
  const { certificates, chainOf } = knownUnder(storedAuthorities(state));
  const certificate = certificates.get(der) ?? parse(der, chainOf);
  certificates.set(der, certificate);
  return certificate;
}

/**
 * DER (base64) of the certificates sent with it: its issuers from the lowest up, without the root (fidelity:
 * served-chain).
 */
export function sentWith(der: string, state: Authorities): readonly string[] {
  const authorities = storedAuthorities(state);
  const { issuers } = knownUnder(authorities);
  const found = issuers.get(der) ?? issuersOf(new X509Certificate(bytesOf(der)), authorities);
  issuers.set(der, found);
  return found;
}

interface Known {
  readonly chainOf: (der: Uint8Array) => Chain;
  /** By DER. */
  readonly certificates: Map<string, Certificate>;
  readonly issuers: Map<string, readonly string[]>;
}

const known = new WeakMap<readonly string[], Known>();

function knownUnder(authorities: readonly string[]): Known {
  const found = known.get(authorities) ?? {
    chainOf: chainBuilder(authorities.map(bytesOf)),
    certificates: new Map(),
    issuers: new Map(),
  };
  known.set(authorities, found);
  return found;
}

/** Those in the stores CA and Root now; the third is the intermediate of renewals, if that is to be missing. */
export function storedAuthorities({ authorities, switches }: Authorities): readonly string[] {
  if (switches['renewal-issuer'] !== 'missing') return authorities;
  const fewer = withoutThird.get(authorities) ?? authorities.filter((_, at) => at !== 2);
  withoutThird.set(authorities, fewer);
  return fewer;
}

const withoutThird = new WeakMap<readonly string[], readonly string[]>();

function parse(der: string, chainOf: Known['chainOf']): Certificate {
  const bytes = bytesOf(der);
  return parseCertificate(bytes, {
    store: 'My',
    key: 'unknown',
    archived: false,
    renewedTo: null,
    friendlyName: null,
    ...chainOf(bytes),
  });
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
