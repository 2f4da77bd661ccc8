import type { NamedCertificate } from '../model/certificates/named-certificate.ts';
import type { Thumbprint } from '../model/certificates/thumbprint.ts';
import type { WrittenElsewhere } from './written.ts';

/**
 * `in-use`: something names it. `too-soon`: its successor has not been at work for long enough. `successor-gone`: that is
 * not there with its key, or nothing uses it. `other-usages`: it is for more than TLS. `template`: Windows issued it by a
 * template, and archives it itself. `unsettled`: its renewal is not finished everywhere. `taken-back`: at some place its
 * predecessor was set again instead of it. `key-unknown`: it is not known what its key is, so that it cannot be deleted.
 */
export type RetireReason =
  | 'in-use'
  | 'too-soon'
  | 'successor-gone'
  | 'other-usages'
  | 'template'
  | 'unsettled'
  | 'taken-back'
  | 'key-unknown';

/** What `retire` did, or would do. */
export interface Retirement {
  readonly schema: 'certrebind/retire/1';
  readonly dryRun: boolean;
  /** How long a successor has to be at work, in days; with `--delete` also how long it has been archived. */
  readonly afterDays: number;
  /** Why nothing was judged; `null` if it was. */
  readonly refused: string | null;
  readonly cases: readonly RetiredCase[];
  readonly certificates: readonly NamedCertificate[];
  /** Where a certificate may be used, or named, that nobody looked. */
  readonly notLookedAt: readonly string[];
  /** Texts that name one that is archived or deleted; absent where none were searched. */
  readonly written?: WrittenElsewhere;
}

export interface RetiredCase {
  readonly thumbprint: Thumbprint;
  readonly store: string;
  readonly successor: Thumbprint;
  /** `deleted`: for good, with its key unless `message` says that another needs it. `failed`: Windows refused it; `message` says how. */
  readonly becomes: 'archived' | 'deleted' | 'stays' | 'failed';
  readonly why: RetireReason | null;
  readonly message: string;
}
