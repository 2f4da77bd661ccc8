import type { Outcome } from './answers.ts';
import type { SetRoleValue } from './holders/kind-in-lab.ts';
import { afterStart, usesNow } from './holders/kinds.ts';
import type { LabState } from './lab-state.ts';
import type { LabRequest } from './requests.ts';
import { isSameName, serviceNow, withService } from './services.ts';
import { refuse, windowsErrors } from './windows-errors.ts';

/** What is so already stays so. What a service reads when it starts, it goes on using. */
export function controlService(
  state: LabState,
  { service, order }: Extract<LabRequest, { kind: 'control-service' }>,
): Outcome {
  const now = serviceNow(state, service);
  if (now === null) return refuse(state, windowsErrors.noSuchService);
  if (now.state === (order === 'stop' ? 'stopped' : 'started')) return { state };
  if (order === 'stop') {
    const isNeeded = now.dependents.some((one) => one.state === 'started');
    return isNeeded ? refuse(state, windowsErrors.dependentsRun) : { state: withService(state, service, 'stopped') };
  }
  const started = afterStart(withService(state, service, 'started'), service);
  return started === null ? refuse(state, windowsErrors.serviceError) : { state: started };
}

/** A value in the registry of a role. Services that run go on with what they have read. */
export function setRoleValue(state: LabState, { key, name, value }: SetRoleValue): Outcome {
  const { roles } = state;
  const found = Object.keys(roles?.registry ?? {}).find((one) => isSameName(one, key));
  if (roles === undefined || found === undefined) return refuse(state, windowsErrors.notFound);
  const registry = { ...roles.registry, [found]: { ...roles.registry[found], [name]: value } };
  const wire = { ...state.wire, services: { ...usesNow(state), ...state.wire.services } };
  return { state: { ...state, wire, roles: { ...roles, registry } } };
}
