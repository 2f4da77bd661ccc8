import { validateSecrets } from './generated/validate-secrets.js';
import { parserOf } from './parser-of.ts';

/** The file of secrets. */
export interface Secrets {
  readonly schema: 'certrebind/secrets/1';
  /** By name. */
  readonly secrets: Readonly<Record<string, StoredSecret>>;
}

/** @pattern ^[A-Za-z0-9+/]+={0,2}$ */
type Base64 = string;

/** As given; or encrypted by the data protection of Windows, in Base64, which only the same machine can decrypt. */
export type StoredSecret = string | { readonly dpapi: Base64 };

/** Values that no other machine can read. Never sent in a way in which PowerShell could log a value. */
export interface MachineProtection {
  /**
   * @returns Base64, for the same name on the same machine
   * @throws CertRebindError of exit 7, `secret-withheld` among them
   */
  protect(name: string, value: string): Promise<string>;
  /** @throws CertRebindError the same, and `secret-unreadable` */
  unprotect(name: string, base64: string): Promise<string>;
}

export const parseSecrets = parserOf<Secrets>('certrebind/secrets/1', validateSecrets);

export function nameOfSecret(reference: string): string {
  return reference.slice('secret:'.length);
}
