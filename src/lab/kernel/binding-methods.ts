import type { KeyText } from '../../kinds/record-key.ts';
import { iisAppId } from '../../kinds/tls/certificate-binding.ts';
import { normaliseStore } from '../../model/certificates/store-name.ts';
import { toThumbprint } from '../../model/certificates/thumbprint.ts';
import type { Outcome } from './answers.ts';
import { findCertificate, whyNotBindable } from './certificates.ts';
import {
  defaultOptions,
  fieldsOf,
  findEntry,
  putEntry,
  putRecord,
  type RecordFields,
  removeRecord,
  withCertificate,
} from './http-sys.ts';
import type { HttpSysTables, LabState, RegistryEntry } from './lab-state.ts';
import type { LabRequest } from './requests.ts';
import { findTlsBinding } from './sites.ts';
import { refuse, windowsErrors } from './windows-errors.ts';

type BindingMethod = Extract<LabRequest, { kind: 'binding-method' }>;

/**
 * The native methods of a binding object. They change the record that the binding uses, and so affect every other
 * binding on it (fidelity: binding-methods).
 */
export function callBindingMethod(state: LabState, request: BindingMethod, now: string): Outcome {
  const found = findTlsBinding(state, request.site, request.information);
  if (found === null) return refuse(state, windowsErrors.notFound);
  const existing = findEntry(state.httpSys, found.key);
  if (request.method === 'RemoveSslCertificate') {
    return { state: { ...state, httpSys: removeRecord(state.httpSys, found.key) } };
  }
  const store = request.store ?? 'MY';
  const thumbprint = /^[0-9A-Fa-f]{40}$/.test(request.hash) ? toThumbprint(request.hash) : null;
  if (thumbprint === null) {
    // Not a hex string (fidelity: binding-methods).
    const message = 'Value does not fall within the expected range.';
    return { state, result: { kind: 'failed', hresult: 0x80070057, message } };
  }
  // A record of the central store names no certificate.
  if (found.key.startsWith('(')) return refuse(state, windowsErrors.badParameter);
  const obstacle = whyNotBindable(state, thumbprint, store, now);
  if (obstacle !== null) return refuse(state, obstacle);
  if (existing === null) {
    if (request.method !== 'AddSslCertificate') return refuse(state, windowsErrors.notFound);
    const fields: RecordFields = { ...defaultOptions, thumbprint, store, appId: iisAppId };
    return { state: { ...state, httpSys: putRecord(state.httpSys, found.key, fields, state.switches) } };
  }
  const held = fieldsOf(existing);
  const hasLeft =
    held.thumbprint !== null && findCertificate(state, held.thumbprint, normaliseStore(held.store)) === null;
  if (hasLeft && state.switches['rebind-orphaned'] === 'refuses') return refuse(state, windowsErrors.noLogonSession);
  return { state: { ...state, httpSys: rebound(state, found.key, existing, thumbprint, store) } };
}

/** fidelity: rebind-options */
function rebound(
  { httpSys, switches }: LabState,
  key: KeyText,
  existing: RegistryEntry,
  thumbprint: string,
  store: string,
): HttpSysTables {
  const changed = { subKey: existing.subKey, values: withCertificate(existing.values, thumbprint, store) };
  switch (switches['rebind-options']) {
    case 'kept':
      return putEntry(httpSys, key, changed);
    case 'flags-lost':
      return putRecord(httpSys, key, { ...fieldsOf(changed), flags: 0 }, switches);
    case 'all-lost':
      return putRecord(httpSys, key, { ...fieldsOf(changed), ...defaultOptions }, switches);
  }
}
