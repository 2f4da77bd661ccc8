import type { Thumbprint } from './thumbprint.ts';

/** A certificate in one LocalMachine store. The same certificate in two stores is two entries. */
export interface Certificate {
  readonly thumbprint: Thumbprint;
  readonly sha256: string;
  /** `My` or `WebHosting`. */
  readonly store: string;
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  /** First common name of the subject; counts as a name only without a SAN dNSName. */
  readonly commonName: string | null;
  /** SAN dNSName entries, lower case, A-labels. */
  readonly dnsNames: readonly string[];
  /** SAN iPAddress entries, canonical. */
  readonly ipAddresses: readonly string[];
  readonly notBefore: string;
  readonly notAfter: string;
  /** Extended key usages as OIDs; `null` when the extension is absent, which allows every usage. */
  readonly ekus: readonly string[] | null;
  /** For example `RSA 2048`, `EC P-256`. */
  readonly keyType: string;
  readonly key: KeyState;
  readonly archived: boolean;
  /** Renewal property (CERT_RENEWAL_PROP_ID 64): the thumbprint of the successor. */
  readonly renewedTo: Thumbprint | null;
  readonly friendlyName: string | null;
  /** Whether the issuing certificates can be found on this server (built locally, nothing fetched). */
  readonly chain: 'complete' | 'incomplete' | 'unknown';
}

/** `unknown`: there is a key, but whoever asked is not SYSTEM and so cannot tell whether SYSTEM can open it. */
export type KeyState = 'usable' | 'unusable' | 'missing' | 'unknown';
