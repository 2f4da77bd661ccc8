import type { BlockCode, SkipCode } from '../base/codes/plan-codes.ts';
import type { Consumer } from '../kinds/consumer.ts';
import type { KeyText } from '../kinds/record-key.ts';
import type { Thumbprint } from '../model/certificates/thumbprint.ts';
import type { WrittenElsewhere } from './written.ts';

/** Who uses which certificate. */
export interface Usage {
  readonly schema: 'certrebind/usage/1';
  /** One entry for each certificate and store, those in use first. */
  readonly certificates: readonly UsedCertificate[];
  /** What consumers name and no store has. */
  readonly missing: readonly MissingCertificate[];
  /** Consumers of certificates that this program cannot find, by name, and what could not be read here. */
  readonly notLookedAt: readonly string[];
  /** Texts that name one of these certificates; absent where none were searched. */
  readonly written?: WrittenElsewhere;
}

export interface UsedCertificate {
  readonly thumbprint: Thumbprint;
  /** The shortest beginning that no other certificate here has; commands take it. */
  readonly short: string;
  readonly name: string;
  /** Common name of the issuer. */
  readonly issuer: string;
  readonly subject: string;
  readonly names: readonly string[];
  readonly notBefore: string;
  readonly notAfter: string;
  readonly store: string;
  /** `null` if nothing is known of keys. */
  readonly hasKey: boolean | null;
  readonly consumers: readonly HandledConsumer[];
}

export interface MissingCertificate {
  /** As the consumer names it: SSTP keeps a SHA-256. */
  readonly thumbprint: string;
  readonly store: string | null;
  readonly consumers: readonly HandledConsumer[];
}

export type HandledConsumer = Consumer & {
  /** The place, as verify, status and plans name it. */
  readonly key: KeyText;
  /** This program would apply a renewal here, unless something about the new certificate is against it. */
  readonly handled: boolean;
  /** Why not, or why the renewal that is known is not applied now; absent if it would be. */
  readonly reason?: SkipCode | BlockCode;
  /** The same as sentences, with what would let it; absent where the command says all. */
  readonly why?: string;
  /** How to change it: a command of this program, or of its vendor; absent if there is none. */
  readonly command?: string;
  /** Where its hash is stored, outside IIS and HTTP.SYS, and how it is written there. */
  readonly place?: string;
  readonly written?: string;
  /** The service that is restarted for a new certificate; absent for none. */
  readonly restarts?: string;
  /** Whether its service may read the private key; absent if that is not known or does not matter. */
  readonly readsKey?: boolean;
};
