import type { Parts } from '../windows/rows.ts';
import { serviceAccount } from '../windows/service-account.ts';
import { runStateOf } from './iis/binding.ts';
import type { ServiceSeen } from './kind-rules.ts';

/** A service as the adapter tells it, in a row `service <name> <state> <account> <dependent that runs>...`. */
export function serviceIn(parts: Parts, name: string, { opensKey = false } = {}): Omit<ServiceSeen, 'sessions'> {
  const [, state, account = '', ...dependents] =
    parts.rows('service').find(([each]) => each?.toUpperCase() === name.toUpperCase()) ?? [];
  return {
    name,
    state: runStateOf(state),
    dependents,
    ...(opensKey ? { runsAs: serviceAccount(name, account) } : {}),
  };
}
