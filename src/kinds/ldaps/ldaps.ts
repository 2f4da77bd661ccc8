import type { Certificate } from '../../model/certificates/certificate.ts';
import { coversComputer } from '../../model/certificates/host-name.ts';
import { type Thumbprint, toThumbprint } from '../../model/certificates/thumbprint.ts';
import { type MovableKindRules, type NamesCertificate, ordinary, type Standing } from '../kind-rules.ts';
import { holderKey } from '../record-key.ts';

const ntds = 'SOFTWARE\\Microsoft\\Cryptography\\Services\\NTDS\\SystemCertificates';

/** Below HKEY_LOCAL_MACHINE; each sub-key is a certificate. */
export const ntdsStore = `${ntds}\\MY\\Certificates`;
/** Where a certificate is kept that left that store and is not in My; nothing of Windows reads it. */
export const ntdsKept = `${ntds}\\CertRebind\\Certificates`;

/** Where clients of LDAP get its certificate: its port, StartTLS, and the global catalog. */
export const ldapsPorts: readonly { readonly port: number; readonly startTls?: 'ldap' }[] = [
  { port: 636 },
  { port: 389, startTls: 'ldap' },
  { port: 3269 },
];

/** The certificate of LDAP on a domain controller, where the store of its service has one (fidelity: ldaps-store). */
export interface LdapsSetting extends NamesCertificate {
  /** What else is in that store. */
  readonly others: readonly Thumbprint[];
}

export const ldapsKey = holderKey('ldaps', 'NTDS');

const called = 'Active Directory (LDAPS)';

export const ldapsRules: MovableKindRules<'ldaps', LdapsSetting> = {
  ...ordinary,
  plural: 'LDAPS',
  showsAtOnce: true,
  anonymised: ({ others }, names) => ({ others: others.map((one) => names.thumbprint(one)) }),
  anonymisedName: (name) => name,
  user: () => called,
  owner: () => called,
  alsoNames: ({ others }) => others,
  differences: (wanted, found) =>
    wanted.others.join() === found.others.join() ? [] : ['other certificates of its store'],
  unfit: ({ others }, successor, { name }) => whyNotChosen(others.length + 1, successor, name),
  endpoints: () => () =>
    ldapsPorts.map((at) => ({
      endpoint: { address: '0.0.0.0', serverName: null, ...at },
      host: '',
      site: called,
      state: 'unknown',
    })),
};

/** A domain controller takes no certificate that does not name it (KB 321051), and one of several as it likes. */
function whyNotChosen(count: number, certificate: Certificate, server: string): string | null {
  if (count > 1) return `The store of its service has ${count} certificates. Leave there the one that it is to use.`;
  return coversComputer(certificate, server) ? null : `It does not cover the name ${server}.`;
}

/** From the names of the sub-keys; `null` where there is none, so that another certificate is served. */
export function ldapsSetting(subKeys: readonly string[]): LdapsSetting | null {
  const [thumbprint, ...others] = subKeys.flatMap((name) => toThumbprint(name) ?? []).sort();
  return thumbprint === undefined ? null : { thumbprint, store: '', others };
}

export function ldapsHolder(value: LdapsSetting): Standing<'ldaps', LdapsSetting> {
  return { kind: 'ldaps', key: ldapsKey, value };
}
