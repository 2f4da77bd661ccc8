const ntds = 'SOFTWARE\\Microsoft\\Cryptography\\Services\\NTDS\\SystemCertificates';

/** Below HKEY_LOCAL_MACHINE; each sub-key is a certificate. */
export const ntdsStore = `${ntds}\\MY\\Certificates`;
/** Where a certificate is kept that left that store and is not in My; nothing of Windows reads it. */
export const ntdsKept = `${ntds}\\CertRebind\\Certificates`;

/** Where clients of LDAP get its certificate: its port, StartTLS, and the global catalog. */
export const ldapsPlaces: readonly { readonly port: number; readonly startTls?: 'ldap' }[] = [
  { port: 636 },
  { port: 389, startTls: 'ldap' },
  { port: 3269 },
];
