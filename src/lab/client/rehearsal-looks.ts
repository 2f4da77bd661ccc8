import type { RehearsalLook } from '../../documents/rehearsal.ts';
import { keyOption } from '../../holders/tls/netsh-options.ts';
import { thumbprintOf } from '../kernel/certificates.ts';
import { lifecycleAccess } from '../kernel/event-log.ts';
import { fieldsOf, findEntry } from '../kernel/http-sys.ts';
import type { LabState } from '../kernel/lab-state.ts';
import { runNetsh } from '../kernel/netsh.ts';
import { findTlsBinding } from '../kernel/sites.ts';

/** What a rehearsal reads from a lab; none if the lab has no such thing. */
export function seenInLab(state: LabState, look: RehearsalLook, now: string): readonly string[] {
  switch (look.look) {
    case 'event-xml':
      return state.lifecycle.events.filter(({ recordId }) => recordId === look.recordId).map(({ xml }) => xml);
    case 'binding-certificate':
      return certificateOf(state, look.site, look.information);
    case 'netsh-record': {
      const { name, value } = keyOption(look.key);
      return [runNetsh(state, ['http', 'show', 'sslcert', `${name}=${value}`], now).output];
    }
    case 'intermediates':
      return state.authorities.map(thumbprintOf);
    case 'log-access':
      return [lifecycleAccess(state.switches)];
    case 'engine-line':
    case 'engine-json':
      return [];
  }
}

/** Hash and store as a binding object shows them (fidelity: certificate-hash-case, store-name-case). */
function certificateOf(state: LabState, site: string, information: string): readonly string[] {
  const key = findTlsBinding(state, site, information)?.key;
  const entry = key === undefined ? null : findEntry(state.httpSys, key);
  if (entry === null) return [];
  const { thumbprint, store } = fieldsOf(entry);
  const { 'certificate-hash-case': hashCase, 'store-name-case': storeCase } = state.switches;
  const name = store ?? 'MY';
  return [
    (hashCase === 'upper' ? thumbprint : thumbprint?.toLowerCase()) ?? '',
    storeCase === 'upper' ? name.toUpperCase() : name,
  ];
}
