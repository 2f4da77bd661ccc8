import { X509Certificate } from 'node:crypto';
import { CertRebindError } from '../../base/errors.ts';
import { parseThumbprint } from '../../model/certificates/thumbprint.ts';
import { thumbprintOf } from '../kernel/certificates.ts';
import { type LabAuthority, makeAuthority, revoke } from './authority.ts';
import { unusedKey } from './keys.ts';
import type { LabHost } from './lab-host.ts';

export interface NewAuthority {
  readonly name: string;
  readonly organisation?: string;
  /** The name of another authority of the lab. */
  readonly crossSignedBy?: string;
}

/** An authority that the lab can issue from: its certificates, DER (base64), the root first. */
export interface ListedAuthority {
  readonly name: string;
  readonly certificates: readonly string[];
}

export function authoritiesOf(host: LabHost): readonly ListedAuthority[] {
  return [...host.contents().issuers].map(([name, { root, intermediate, renewing, crossed }]) => ({
    name,
    certificates: [root, intermediate, renewing, crossed].flatMap((der) => der?.toString('base64') ?? []),
  }));
}

/** Nothing of it is in the server's stores yet. @throws CertRebindError `bad-input` */
export async function addAuthority(host: LabHost, { name, organisation, crossSignedBy }: NewAuthority): Promise<null> {
  const { issuers, keys } = host.contents();
  if (issuers.has(name))
    throw new CertRebindError('bad-input', { message: `This lab has an authority ${JSON.stringify(name)} already.` });
  const used = new Set(keys.values());
  for (const { rootKey, intermediateKey } of issuers.values()) used.add(intermediateKey).add(rootKey);
  const rootKey = unusedKey('ec', used);
  const intermediateKey = unusedKey('ec', used.add(rootKey));
  const options = {
    ...(organisation === undefined ? {} : { organisation }),
    ...(crossSignedBy === undefined ? {} : { crossSignedBy: host.authority(crossSignedBy) }),
  };
  host.addAuthority(name, await makeAuthority(name, rootKey, intermediateKey, new Date(), options));
  return null;
}

/**
 * Puts a certificate of the server, or of its authorities, on the list of its issuer, which the server then has.
 * @throws CertRebindError `bad-thumbprint`; `bad-input` when the lab does not have it, or not its issuer
 */
export async function revokeOnHost(host: LabHost, written: string): Promise<null> {
  const thumbprint = parseThumbprint(written, 'lab revoke');
  const { certificates, authorities, revocationLists } = host.state();
  const der = [...certificates.map((one) => one.der), ...authorities].find((one) => thumbprintOf(one) === thumbprint);
  const certificate = der === undefined ? null : new X509Certificate(Buffer.from(der, 'base64'));
  const key = certificate === null ? null : keyOfIssuer(certificate, [...host.contents().issuers.values()]);
  if (certificate === null || key === null) {
    const why = certificate === null ? 'is in no store of this lab' : 'was issued by no authority of this lab';
    throw new CertRebindError('bad-input', { message: `The certificate ${thumbprint} ${why}.`, where: thumbprint });
  }
  const lists = revocationLists.map((list) => Buffer.from(list, 'base64'));
  const list = await revoke(certificate.raw, key, lists);
  host.perform({ kind: 'set-revocation-list', der: list.toString('base64') });
  return null;
}

function keyOfIssuer(certificate: X509Certificate, issuers: readonly LabAuthority[]): string | null {
  for (const { root, rootKey, intermediate, renewing, intermediateKey } of issuers) {
    const issued = (der: Buffer) => {
      const issuer = new X509Certificate(der);
      return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
    };
    if (issued(intermediate) || issued(renewing)) return intermediateKey;
    if (issued(root)) return rootKey;
  }
  return null;
}
