import { toKey } from '../../kinds/holder.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import { sstpKey, sstpParameters } from '../../kinds/sstp/sstp.ts';
import type { ArmedFault, FaultEffect, FaultPoint } from './faults.ts';
import { changedBy, connectToHolder, holdersWritingTo, isOwn } from './holders/kinds.ts';
import type { LabState } from './lab-state.ts';
import { netshCommand, netshKey } from './netsh-command.ts';
import type { LabRequest } from './requests.ts';
import { findTlsBinding } from './sites.ts';
import { resolveRecord } from './tls-resolution.ts';

/** The effects on this request, and the faults with their counts updated. */
export function strike(
  state: LabState,
  request: LabRequest,
): { readonly effects: readonly FaultEffect[]; readonly faults: readonly ArmedFault[] } {
  if (!state.faults.some(({ on }) => on.kind === request.kind)) return { effects: [], faults: state.faults };
  const keys = keysOf(state, request);
  const effects: FaultEffect[] = [];
  const faults = state.faults.map((fault) => {
    if (!matches(fault.on, request, keys)) return fault;
    const seen = fault.seen + 1;
    if (seen >= fault.nth && (fault.times === null || seen < fault.nth + fault.times)) effects.push(fault.effect);
    return { ...fault, seen };
  });
  return { effects, faults };
}

/** The records a request is about. */
export function keysOf(state: LabState, request: LabRequest): readonly KeyText[] {
  switch (request.kind) {
    case 'binding-method':
      return some(findTlsBinding(state, request.site, request.information)?.key);
    case 'netsh':
      return some(netshKey(netshCommand(request.args).words));
    case 'read-holder':
      return some(toKey(request.key));
    case 'set-role-value':
      return request.key === sstpParameters ? [sstpKey] : holdersWritingTo(state, request.key);
    case 'connect': {
      const other = connectToHolder(state, request, '');
      if (other !== null) return other.outcome === 'served' ? some(toKey(other.record)) : [];
      return some(resolveRecord(state, request.address, request.port, request.serverName));
    }
    case 'read-records':
      return request.keys.flatMap((key) => some(toKey(key)));
    default:
      return isOwn(request) ? some(changedBy(state, request)) : [];
  }
}

function matches(on: FaultPoint, request: LabRequest, keys: readonly KeyText[]): boolean {
  return (
    on.kind === request.kind &&
    (on.method === undefined || (request.kind === 'binding-method' && request.method === on.method)) &&
    (on.verb === undefined || (request.kind === 'netsh' && netshCommand(request.args).verb === on.verb)) &&
    (on.key === undefined || keys.some((key) => key === toKey(on.key ?? '')))
  );
}

function some<Found>(key: Found | null | undefined): readonly Found[] {
  return key === null || key === undefined ? [] : [key];
}
