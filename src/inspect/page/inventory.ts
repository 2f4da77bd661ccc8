import type { ValidateFunction } from 'ajv';
import { validateInventory } from '../../documents/generated/validate-inventory.js';
import type { Finding } from '../../documents/status.ts';
import { checkDocument, type DocumentKind, parseJson } from '../../text/document.ts';

/** Certificates and findings of many servers, as `Get-CertRebindInventory` lists them. */
export interface Inventory {
  readonly schema: 'certrebind/inventory/1';
  readonly takenAt: string;
  readonly entries: readonly InventoryEntry[];
}

/** One row; which properties tell something depends on its kind. */
export interface InventoryEntry {
  readonly server: string;
  /** `missing`: something names a certificate that no store there has. */
  readonly kind: 'server' | 'certificate' | 'missing' | 'finding';
  /** Of a certificate: the host it is named after. */
  readonly name?: string | null;
  readonly issuer?: string | null;
  readonly store?: string | null;
  readonly thumbprint?: string | null;
  readonly notBefore?: string | null;
  readonly notAfter?: string | null;
  /** Sites, or kinds of other consumers, with commas between; empty if nothing uses it. */
  readonly usedBy?: string | null;
  /** Of a finding; of a server: its first action, or why it did not answer, with the code `unreachable`. */
  readonly code?: string | null;
  readonly severity?: Finding['severity'] | null;
  readonly record?: string | null;
  readonly site?: string | null;
  readonly title?: string | null;
  readonly message?: string | null;
  readonly since?: string | null;
  readonly command?: string | null;
  /** When clients will be served an expired certificate because of it. */
  readonly dueAt?: string | null;
  /** The host names that a new certificate lacks, with commas between. */
  readonly missingNames?: string | null;
  /** Of a server: how many places a handshake showed with the newest certificate, and how many there are. */
  readonly verified?: number | null;
  readonly places?: number | null;
  readonly enabled?: boolean | null;
  readonly lastRunAt?: string | null;
  readonly lastResult?: string | null;
  /** Of CertRebind on a server; `null` if it is not known. */
  readonly version?: string | null;
}

const inventoryKind: DocumentKind<Inventory> = {
  name: 'inventory',
  version: 1,
  validate: validateInventory as ValidateFunction<Inventory>,
};

/** @throws CertRebindError `bad-document` or `later-schema` */
export function parseInventory(text: string, where: string): Inventory {
  return checkDocument(parseJson(text, where), inventoryKind, where);
}
