import type { Integer, Time } from '../base/document.ts';
import { compareText } from '../base/order.ts';
import { validateInventory } from './generated/validate-inventory.js';
import { parserOf } from './parser-of.ts';
import type { Finding } from './status.ts';

/** Certificates and findings of many servers, as `Get-CertRebindInventory` lists them. */
export interface Inventory {
  readonly schema: 'certrebind/inventory/1';
  readonly takenAt: Time;
  readonly entries: readonly InventoryEntry[];
}

/** One row; which properties tell something depends on its kind. */
export interface InventoryEntry {
  /** @minLength 1 */
  readonly server: string;
  /** `missing`: something names a certificate that no store there has. */
  readonly kind: 'server' | 'certificate' | 'missing' | 'finding';
  /** Of a certificate: the host it is named after. */
  readonly name?: string | null;
  readonly issuer?: string | null;
  readonly store?: string | null;
  readonly thumbprint?: string | null;
  readonly notBefore?: Time | null;
  readonly notAfter?: Time | null;
  /** Sites, or kinds of other consumers, with commas between; empty if nothing uses it. */
  readonly usedBy?: string | null;
  /** Of a finding; of a server: its first action, or why it did not answer, with the code `unreachable`. */
  readonly code?: string | null;
  readonly severity?: Finding['severity'] | null;
  readonly record?: string | null;
  readonly site?: string | null;
  readonly title?: string | null;
  readonly message?: string | null;
  readonly since?: Time | null;
  readonly hint?: string | null;
  /** What to type, a line each. */
  readonly commands?: string | null;
  /** When clients will be served an expired certificate because of it. */
  readonly dueAt?: Time | null;
  /** The host names that a new certificate lacks, with commas between. */
  readonly missingNames?: string | null;
  /** Of a server: how many places a handshake showed with the newest certificate, and how many there are. */
  readonly verified?: Integer | null;
  readonly places?: Integer | null;
  /** The same of renewed certificates, as usage --renewed counts them: places with the new one, and with an old one. */
  readonly onNew?: Integer | null;
  readonly onOld?: Integer | null;
  /** How many parts of it were not looked at for that. */
  readonly notLookedAt?: Integer | null;
  readonly enabled?: boolean | null;
  readonly lastRunAt?: Time | null;
  readonly lastResult?: string | null;
  /** Of CertRebind on a server; `null` if it is not known. */
  readonly version?: string | null;
}

export const parseInventory = parserOf<Inventory>('certrebind/inventory/1', validateInventory);

/** A certificate, wherever it is. */
export interface FleetCertificate {
  readonly thumbprint: string;
  readonly name: string;
  readonly issuer: string;
  readonly notBefore: string | null;
  readonly notAfter: string;
  /** By server: what uses it there; empty if nothing does. */
  readonly at: ReadonlyMap<string, string>;
}

export function certificatesOf(entries: readonly InventoryEntry[]): readonly FleetCertificate[] {
  const found = new Map<string, FleetCertificate & { readonly at: Map<string, string> }>();
  for (const { kind, server, thumbprint, name, issuer, notBefore = null, notAfter, usedBy } of entries) {
    if (kind !== 'certificate' || !thumbprint || !notAfter) continue;
    const known = found.get(thumbprint);
    const one = known ?? { thumbprint, name: name ?? '', issuer: issuer ?? '', notBefore, notAfter, at: new Map() };
    // A certificate in two stores of a server is used by everything that uses it in either.
    const uses = [one.at.get(server), usedBy].filter(Boolean).join(', ');
    one.at.set(server, uses);
    if (known === undefined) found.set(thumbprint, one);
  }
  return [...found.values()].sort(
    (a, b) => compareText(a.notAfter, b.notAfter) || compareText(a.thumbprint, b.thumbprint),
  );
}

export function usersOf({ at }: FleetCertificate): readonly string[] {
  return [...at].filter(([, usedBy]) => usedBy !== '').map(([server]) => server);
}

export interface Older {
  readonly certificate: FleetCertificate;
  readonly newest: FleetCertificate;
}

/**
 * Certificates in use for which one with the same name ends later. Self-signed certificates are left out: nobody renews
 * them, and those with one name on many servers have nothing to do with each other.
 */
export function olderInUse(certificates: readonly FleetCertificate[]): readonly Older[] {
  const newest = new Map<string, FleetCertificate>();
  for (const one of certificates) if (one.issuer !== one.name) newest.set(one.name, one);
  return certificates.flatMap((certificate) => {
    const latest = newest.get(certificate.name);
    const isOlder = latest !== undefined && latest !== certificate && certificate.issuer !== certificate.name;
    return isOlder && usersOf(certificate).length > 0 ? [{ certificate, newest: latest }] : [];
  });
}
