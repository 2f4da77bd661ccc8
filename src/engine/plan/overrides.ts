import type { BlockCode } from '../../base/codes/plan-codes.ts';
import type { Configuration } from '../../documents/configuration.ts';

/** What a person says for one call alone, whatever the configuration says. */
export interface Overrides {
  /** Changes and restarts may begin outside of the window. */
  readonly now?: boolean;
  /** Guards that only warn. */
  readonly allow?: readonly BlockCode[];
}

/** What a plan goes by: the configuration of the server, as far as this call does not overrule it. */
export type Policy = Configuration & Pick<Overrides, 'now'>;

/** Guards that are overruled warn, so that the plan and the outcome name them. */
export function policyFor(configuration: Configuration, { now = false, allow = [] }: Overrides = {}): Policy {
  const guards = { ...configuration.guards, ...Object.fromEntries(allow.map((guard) => [guard, 'warn' as const])) };
  return { ...configuration, guards, now };
}
