import type { RunState } from '../../kinds/iis/binding.ts';
import type { ServiceSeen } from '../../kinds/kind-rules.ts';
import type { LabState } from './lab-state.ts';
import { classNow, registryKeyNow } from './roles.ts';

const services = 'SYSTEM\\CurrentControlSet\\Services';

/** A service of a role, as the service manager tells it. */
export interface ServiceNow {
  readonly state: RunState;
  readonly account: string;
  /** Those that need it, in the order in which they are stopped. */
  readonly dependents: readonly { readonly name: string; readonly state: RunState }[];
}

/** `null` if there is none. */
export function serviceNow(state: Pick<LabState, 'roles'>, name: string): ServiceNow | null {
  const key = registryKeyNow(state, `${services}\\${name}`);
  if (key === null) return null;
  return {
    state: runState(state, name),
    account: String(key.values.ObjectName ?? ''),
    dependents: dependentsOf(state, name).map((one) => ({ name: one, state: runState(state, one) })),
  };
}

/** How a snapshot shows it, with the connections that clients have open at its port. */
export function serviceSeen(state: Pick<LabState, 'roles'>, name: string, port: number | null): ServiceSeen {
  const service = serviceNow(state, name);
  const open = classNow(state, 'root/StandardCimv2', 'MSFT_NetTCPConnection') ?? [];
  return {
    name,
    state: service?.state ?? 'unknown',
    dependents: (service?.dependents ?? []).flatMap((one) => (one.state === 'started' ? one.name : [])),
    sessions:
      port === null ? null : open.filter(({ LocalPort, State }) => LocalPort === `${port}` && State === '5').length,
  };
}

/** The same server with the service stopped or running. */
export function withService(state: LabState, name: string, to: RunState): LabState {
  const { roles = { registry: {}, classes: {} } } = state;
  const others = (roles.stopped ?? []).filter((one) => !isSameName(one, name));
  if (to === 'stopped') return { ...state, roles: { ...roles, stopped: [...others, name] } };
  const starts = { ...roles.starts, [name]: (roles.starts?.[name] ?? 0) + 1 };
  return { ...state, roles: { ...roles, stopped: others, starts } };
}

function runState({ roles }: Pick<LabState, 'roles'>, name: string): RunState {
  return roles?.stopped?.some((one) => isSameName(one, name)) === true ? 'stopped' : 'started';
}

/** Who needs it, and who needs these: the last ones first. */
function dependentsOf(state: Pick<LabState, 'roles'>, name: string): readonly string[] {
  const all = registryKeyNow(state, services)?.subKeys ?? [];
  const direct = all.filter((one) =>
    isSameName(String(registryKeyNow(state, `${services}\\${one}`)?.values.DependOnService ?? ''), name),
  );
  return direct.flatMap((one) => [...dependentsOf(state, one), one]);
}

/** Names of services and of registry keys are compared without letter case. */
export function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
