import type { BlockCode } from './codes.ts';
import type { GuardSetting } from './plan.ts';
import type { Thumbprint } from './thumbprint.ts';

/** The policy of one server; every field has a default, so an absent file is a valid configuration. */
export interface Configuration {
  readonly schema: 'certrebind/configuration/1';
  readonly guards: Readonly<Partial<Record<BlockCode, GuardSetting>>>;
  /** Never touched, whatever happens. Sites by name, records by key, certificates by thumbprint. */
  readonly exclude: {
    readonly sites: readonly string[];
    readonly records: readonly string[];
    readonly thumbprints: readonly Thumbprint[];
  };
  /** Application ids whose records may be swapped though no IIS binding stands on them. */
  readonly applicationIds: readonly string[];
  /** `same-names` also takes a newer certificate with the old one's names as its successor. */
  readonly successors: 'recorded' | 'same-names';
  /** Issuers (subject text) from which a `same-names` successor may come, beside the old one's own. */
  readonly issuers: readonly string[];
  readonly deadline: { readonly action: 'alert' | 'swap'; readonly days: number };
  /** What is put back when a step fails: that step, or every step of the run. */
  readonly undo: 'step' | 'run';
  readonly handshake: { readonly timeoutMs: number; readonly attempts: number };
  /** Closed runs kept in the state folder. */
  readonly keepRuns: number;
}
