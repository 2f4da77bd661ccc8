import type { Thumbprint } from '../certificates/thumbprint.ts';
import type { Consumer } from '../holders/consumer.ts';
import type { BlockCode, SkipCode } from '../text/codes.ts';

/** Who uses which certificate. */
export interface Usage {
  readonly schema: 'certrebind/usage/1';
  /** One entry for each certificate and store, those in use first. */
  readonly certificates: readonly UsedCertificate[];
  /** Whether the stores were looked at; where not, what consumers name is listed below as missing and may be there. */
  readonly certificatesKnown: boolean;
  /** What consumers name and no store has. */
  readonly missing: readonly MissingCertificate[];
  /** Consumers of certificates that this program knows no way to find, by name, and what could not be read here. */
  readonly notLookedAt: readonly string[];
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
  readonly notAfter: string;
  readonly store: string;
  /** `null` where nothing is known of keys. */
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
  /** A renewal would be brought here by this program, as far as nothing but the certificate speaks against it. */
  readonly handled: boolean;
  /** Why not; not there where it would. */
  readonly reason?: SkipCode | BlockCode;
  /** What has it changed: a line of this program, or the command of its maker; not there where there is none. */
  readonly command?: string;
  /** Where its hash stands, beside IIS and HTTP.SYS, and as it is written there. */
  readonly place?: string;
  readonly written?: string;
  /** Whether its service may read the private key; not there where that is not known or does not matter. */
  readonly readsKey?: boolean;
};
