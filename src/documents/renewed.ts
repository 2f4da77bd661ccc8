import type { KeyText } from '../kinds/record-key.ts';
import type { NamedCertificate } from '../model/certificates/named-certificate.ts';
import type { Thumbprint } from '../model/certificates/thumbprint.ts';
import type { Finding } from './status.ts';
import type { WrittenElsewhere } from './written.ts';

/** Whether everything uses the renewed certificates. */
export interface Renewed {
  readonly schema: 'certrebind/renewed/1';
  readonly server: string;
  readonly at: string;
  /** When the endpoints were dialled; `null` if none was. */
  readonly dialledAt: string | null;
  /** No place has an old certificate but by a person's decision, and nothing else about renewals is open. */
  readonly isUsed: boolean;
  /** Those that an old one is still used of first; then those that replaced one, and those without a known renewal. */
  readonly certificates: readonly RenewedCertificate[];
  /** What else about renewals `status` reports: other places, refused imports, watched folders. */
  readonly open: readonly Pick<Finding, 'code' | 'severity' | 'title' | 'hint' | 'commands'>[];
  /** What of this server was not looked at, with the reason. */
  readonly notLookedAt: readonly string[];
  /** What is not looked at on any server. */
  readonly neverLookedAt: readonly string[];
  /** Texts that name one of these certificates, or one that it replaces; absent where none were searched. */
  readonly written?: WrittenElsewhere;
}

export interface RenewedCertificate extends Omit<NamedCertificate, 'names' | 'notAfter'> {
  /** `null` if it is in no store. */
  readonly notAfter: string | null;
  /** Empty: no renewal is known, and the places are those that the next one would reach. */
  readonly replaces: readonly Thumbprint[];
  readonly counts: Readonly<Record<RenewedPlace['is'], number>>;
  readonly places: readonly RenewedPlace[];
}

export interface RenewedPlace {
  readonly key: KeyText;
  /** The sites, or the service. */
  readonly name: string;
  /** Where clients reach it; empty if that is not known. */
  readonly address: string;
  /** `kept`: a person decided for the old one. `unclear`: only matching names suggest a new one. `next`: none is known. */
  readonly is: 'new' | 'old' | 'kept' | 'unclear' | 'next';
  /** What clients get; where no handshake showed it, what is set. */
  readonly certificate: Thumbprint;
  /** Who brings the new certificate there: CertRebind by itself, or with the commands; or a person. `null` for nobody. */
  readonly by: 'itself' | 'command' | 'person' | null;
  /** When it moves by itself; `null` if that is not known. */
  readonly at: string | null;
  /** Empty where there is nothing to say. */
  readonly why: string;
  /** What to type, in this order. */
  readonly commands: readonly string[];
  /** What else is wrong there for clients; `null` for nothing. */
  readonly trouble: string | null;
}
