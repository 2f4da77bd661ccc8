import { X509Certificate } from 'node:crypto';
import { type Certificate, parseCertificate } from '../../../model/certificate.ts';

/**
 * A certificate of a lab as parsed, with its chain to these authorities and the properties of no store. The bytes never
 * change and are read with every snapshot and every handshake, so each is parsed once.
 */
export function parsedCertificate(der: string, authorities: readonly string[]): Certificate {
  const known = parsed.get(authorities) ?? new Map<string, Certificate>();
  parsed.set(authorities, known);
  const certificate = known.get(der) ?? parse(der, authorities);
  known.set(der, certificate);
  return certificate;
}

const parsed = new WeakMap<readonly string[], Map<string, Certificate>>();

function parse(der: string, authorities: readonly string[]): Certificate {
  const bytes = Buffer.from(der, 'base64');
  return parseCertificate(bytes, {
    store: 'My',
    key: 'unknown',
    archived: false,
    renewedTo: null,
    friendlyName: null,
    chain: chainOf(
      new X509Certificate(bytes),
      authorities.map((authority) => new X509Certificate(Buffer.from(authority, 'base64'))),
    ),
  });
}

function chainOf(certificate: X509Certificate, authorities: readonly X509Certificate[]): Certificate['chain'] {
  let current = certificate;
  for (let length = 0; length <= authorities.length; length += 1) {
    if (current.subject === current.issuer) return 'complete';
    const issuer = authorities.find((authority) => current.checkIssued(authority));
    if (issuer === undefined) return 'incomplete';
    current = issuer;
  }
  return 'incomplete';
}
