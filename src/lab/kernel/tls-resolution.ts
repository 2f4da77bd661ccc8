import { formatRecordKey, type KeyText, type RecordKey, toRecordKey } from '../../kinds/record-key.ts';
import { normaliseStore } from '../../model/certificates/store-name.ts';
import type { Connection } from './answers.ts';
import { findCertificate, keyNow, thumbprintOf } from './certificates.ts';
import type { Connecting } from './holders/kind-in-lab.ts';
import { fieldsOf, findEntry, listenList } from './http-sys.ts';
import type { LabState } from './lab-state.ts';
import { hasListeningSite, hasTlsBinding, isAny } from './sites.ts';

/** A chain of renewal properties is not followed further than this. */
const longestChain = 20;

/**
 * The record that answers a client (fidelity: endpoint-precedence, wildcard-records); `null` when none does.
 * @param address the server's address that the client reached; `*` and the any-address stand for one without a record
 * of its own
 */
export function resolveRecord(
  state: LabState,
  address: string,
  port: number,
  serverName: string | null,
): KeyText | null {
  const exact = isAny(address) ? null : present(state, { table: 'ip', address, port });
  const name = serverName === null ? null : namedRecord(state, serverName.toLowerCase(), port);
  const central =
    serverName !== null && centralCertificate(state, serverName) !== null
      ? present(state, { table: 'ccs', port })
      : null;
  const any = anyAddress(state, address, port);
  switch (state.switches['endpoint-precedence']) {
    case 'address-name-central-any':
      return exact ?? name ?? central ?? any;
    case 'name-address-central-any':
      return name ?? exact ?? central ?? any;
    case 'address-any-name-central':
      return exact ?? any ?? name ?? central;
  }
}

/** What a client that connects there is served, ignoring faults. */
export function connect(
  state: LabState,
  { address, port, serverName }: Omit<Connecting, 'kind'>,
  now: string,
): Connection {
  const listed = listenList(state.switches);
  if (listed.length > 0 && !listed.includes(address)) return { outcome: 'not-listening' };
  const record = resolveRecord(state, address, port, serverName);
  const otherProduct = record !== null && !hasTlsBinding(state, record);
  if (!otherProduct && !hasListeningSite(state, address, port)) return { outcome: 'not-listening' };
  if (record === null) return { outcome: 'refused', why: 'no certificate binding answers there' };
  const thumbprint = servedThumbprint(state, record, serverName, now);
  if (thumbprint === null) return { outcome: 'refused', why: `the certificate of ${record} cannot be used` };
  return { outcome: 'served', thumbprint, record };
}

/** What a client inside TLS gets where the service that it asks for does not answer: a status of HTTP, or anything else for a reset. */
export function unanswered(service: string, position: string): Connection {
  const status = Number(position);
  return Number.isNaN(status)
    ? { outcome: 'refused', why: 'the connection was reset' }
    : { outcome: 'refused', why: `${service} answers HTTP/1.1 ${status}`, status };
}

/** The certificate that clients get for a record; `null` if the handshake fails. */
function servedThumbprint(state: LabState, record: KeyText, serverName: string | null, now: string): string | null {
  const entry = findEntry(state.httpSys, record);
  if (entry === null) return null;
  const { thumbprint, store } = fieldsOf(entry);
  if (thumbprint === null) return serverName === null ? null : centralCertificate(state, serverName);
  const followed = followsRenewal(state, record) ? successor(state, thumbprint, normaliseStore(store), now) : null;
  return followed ?? usable(state, thumbprint, normaliseStore(store), now);
}

/** The certificate if it can be served from this store now; `null` when it cannot. */
export function usable(state: LabState, thumbprint: string, store: string, now: string): string | null {
  const certificate = findCertificate(state, thumbprint, store);
  if (certificate !== null) return keyNow(certificate, now) === 'usable' ? thumbprint : null;
  // fidelity: removed-certificate
  const loaded = state.wire.loaded.some((entry) => entry.thumbprint === thumbprint);
  return loaded && state.switches['removed-certificate'] === 'still-served' ? thumbprint : null;
}

/** fidelity: wire-follows-renewal */
function followsRenewal({ switches }: LabState, record: KeyText): boolean {
  switch (switches['wire-follows-renewal']) {
    case 'never':
      return false;
    case 'at-once':
      return true;
    case 'address-records':
      return toRecordKey(record)?.table === 'ip';
  }
}

/** The last usable certificate of the chain of renewal properties; `null` when there is none. */
function successor(state: LabState, thumbprint: string, store: string, now: string): string | null {
  let current = findCertificate(state, thumbprint, store);
  let found: string | null = null;
  for (let length = 0; current !== null && current.renewedTo !== null && length < longestChain; length += 1) {
    current = findCertificate(state, current.renewedTo, store);
    if (current !== null && keyNow(current, now) === 'usable') found = current.thumbprint;
  }
  return found;
}

function namedRecord(state: LabState, serverName: string, port: number): KeyText | null {
  const own = present(state, { table: 'sni', host: serverName, port });
  if (own !== null || state.switches['wildcard-names'] === 'literal') return own;
  const parent = serverName.split('.').slice(1).join('.');
  return parent === '' ? null : present(state, { table: 'sni', host: `*.${parent}`, port });
}

/** An IPv6 client finds the IPv6 any-address first (fidelity: ipv6-any-record). */
function anyAddress(state: LabState, address: string, port: number): KeyText | null {
  const v4 = present(state, { table: 'ip', address: '0.0.0.0', port });
  if (!address.includes(':') || (state.switches['ipv6-any-record'] === 'ignored' && v4 !== null)) return v4;
  return present(state, { table: 'ip', address: '::', port }) ?? v4;
}

function present(state: LabState, key: RecordKey): KeyText | null {
  const text = formatRecordKey(key);
  return findEntry(state.httpSys, text) === null ? null : text;
}

/** A file of the central store is named after the host, a wildcard with `_` instead of the `*`. */
function centralCertificate({ centralStore }: LabState, serverName: string): string | null {
  if (!centralStore.enabled) return null;
  const host = serverName.toLowerCase();
  const wildcard = `_.${host.split('.').slice(1).join('.')}`;
  const file =
    centralStore.files.find((candidate) => candidate.host.toLowerCase() === host) ??
    centralStore.files.find((candidate) => candidate.host.toLowerCase() === wildcard);
  return file === undefined ? null : thumbprintOf(file.der);
}
