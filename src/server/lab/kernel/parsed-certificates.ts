import { X509Certificate } from 'node:crypto';
import { type Certificate, parseCertificate } from '../../../model/certificates/certificate.ts';
import { chainBuilder } from '../../../model/certificates/certificate-chain.ts';
import type { LabState } from './lab-state.ts';

interface Parsed {
  /** With its chain to the authorities, without the properties of a store. */
  readonly certificate: Certificate;
  /**
   * DER (base64) of the certificates sent with it: its issuers from the lowest up, without the root (fidelity:
   * served-chain).
   */
  readonly sentWith: readonly string[];
}

/**
 * A parsed certificate of a lab. Its bytes never change and are needed in every snapshot and every handshake, so each
 * is parsed once.
 */
export function parsedCertificate(der: string, state: Pick<LabState, 'authorities' | 'switches'>): Parsed {
  const authorities = storedAuthorities(state);
  const known = parsed.get(authorities) ?? new Map<string, Parsed>();
  parsed.set(authorities, known);
  const certificate = known.get(der) ?? parse(der, authorities);
  known.set(der, certificate);
  return certificate;
}

const parsed = new WeakMap<readonly string[], Map<string, Parsed>>();

/** Those in the stores CA and Root now; the third is the intermediate of renewals, if that is to be missing. */
export function storedAuthorities({
  authorities,
  switches,
}: Pick<LabState, 'authorities' | 'switches'>): readonly string[] {
  if (switches['renewal-issuer'] !== 'missing') return authorities;
  const fewer = withoutThird.get(authorities) ?? authorities.filter((_, at) => at !== 2);
  withoutThird.set(authorities, fewer);
  return fewer;
}

const withoutThird = new WeakMap<readonly string[], readonly string[]>();

function parse(der: string, authorities: readonly string[]): Parsed {
  const bytes = Buffer.from(der, 'base64');
  const certificate = parseCertificate(bytes, {
    store: 'My',
    key: 'unknown',
    archived: false,
    renewedTo: null,
    friendlyName: null,
    ...chainBuilder(authorities.map((authority) => Buffer.from(authority, 'base64')))(bytes),
  });
  return { certificate, sentWith: issuersOf(new X509Certificate(bytes), authorities) };
}

function issuersOf(certificate: X509Certificate, authorities: readonly string[]): readonly string[] {
  const known = authorities.map((der) => ({ der, authority: new X509Certificate(Buffer.from(der, 'base64')) }));
  const issuers: string[] = [];
  let current = certificate;
  while (current.subject !== current.issuer && issuers.length < known.length) {
    const issuer = known.find(({ authority }) => current.checkIssued(authority));
    if (issuer === undefined || issuer.authority.subject === issuer.authority.issuer) break;
    issuers.push(issuer.der);
    current = issuer.authority;
  }
  return issuers;
}
