import { compareText } from '../../base/order.ts';
import { formatRecordKey, type RecordKey } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Endpoint } from '../../model/certificates/handshake.ts';
import { canonicalAddress } from '../../model/certificates/ip-address.ts';
import { type HasRecord, isAnyAddress, type UsedBinding } from './bindings-of-records.ts';

/** Used for a wildcard host: any label will do that has no record of its own. */
const sampleLabel = 'certrebind-probe';

/** The parts of a server that decide where its records are reached. */
export interface ListenerContext {
  readonly hasRecord: HasRecord;
  /** The only addresses that HTTP.SYS listens on; empty for all. */
  readonly listenOnly: readonly string[];
}

/**
 * Where a client reaches a record: for an SNI record its host at the addresses of its bindings; for a record by address
 * each host header of its bindings, and no name if one of them has none. Bindings of stopped sites only count if the
 * caller leaves them in. For a record of the central store it is as for one by server name, for each host. A host with its own SNI record
 * is not reached at a record by address.
 */
export function endpointsOf(
  key: RecordKey,
  bindings: readonly UsedBinding[],
  surroundings: ListenerContext,
): readonly Endpoint[] {
  const { hasRecord } = surroundings;
  const { port } = key;
  switch (key.table) {
    case 'ccs':
    case 'sni':
      return distinctEndpoints(
        bindings.flatMap(({ parts }) => {
          const address = listeningAddress(parts.address === '*' ? '0.0.0.0' : parts.address, port, surroundings);
          const serverName = askFor(key.table === 'sni' ? key.host : parts.host, port, hasRecord);
          return address === null ? [] : { address, port, serverName };
        }),
      );
    case 'ip': {
      const address = listeningAddress(key.address, port, surroundings);
      if (address === null) return [];
      return distinctEndpoints(
        bindings.flatMap(({ parts: { host } }) => {
          if (host !== '' && hasRecord(formatRecordKey({ table: 'sni', host, port }))) return [];
          return { address, port, serverName: askFor(host, port, hasRecord) };
        }),
      );
    }
  }
}

/** Where a record without IIS bindings is reached: only its key tells. */
export function endpointOfKey(key: RecordKey, surroundings: ListenerContext): readonly Endpoint[] {
  if (key.table === 'ccs') return [];
  const { port } = key;
  const address = listeningAddress(key.table === 'sni' ? '0.0.0.0' : key.address, port, surroundings);
  if (address === null) return [];
  return [{ address, port, serverName: key.table === 'sni' ? askFor(key.host, port, () => false) : null }];
}

/** Endpoints that answer now: nothing listens for a stopped site, and nothing at all without the web service. */
export function endpointsToProve(
  place: RecordKey,
  bindings: readonly UsedBinding[],
  { snapshot, hasRecord }: { readonly snapshot: Snapshot; readonly hasRecord: HasRecord },
): readonly Endpoint[] {
  const surroundings = { hasRecord, listenOnly: snapshot.listenOnly };
  if (place.table === 'ccs') return [];
  if (bindings.length === 0) return endpointOfKey(place, surroundings);
  if (snapshot.webService === 'stopped') return [];
  const running = bindings.filter(({ siteState }) => siteState !== 'stopped');
  return endpointsOf(place, running, surroundings);
}

/**
 * An address for a record of any address: the first of the listen list (fidelity: listen-list) that has no record of
 * its own at this port, because that record would answer there. `null` if there is none: a handshake would prove
 * nothing about this record.
 */
export function listeningAddress(
  address: string,
  port: number,
  { hasRecord, listenOnly }: ListenerContext,
): string | null {
  if (!isAnyAddress(address) || listenOnly.length === 0 || listenOnly.includes(address)) return address;
  const hasOwn = (listed: string) => hasRecord(formatRecordKey({ table: 'ip', address: listed, port }));
  const answersThere = (listed: string) =>
    listed.includes(':') ? address === '::' || !hasOwn('::') : address !== '::';
  return listenOnly.find((listed) => answersThere(listed) && !hasOwn(listed)) ?? null;
}

/** The name to send; a TLS client sends none for an address. */
function askFor(host: string, port: number, hasRecord: HasRecord): string | null {
  if (host === '' || canonicalAddress(host) !== null) return null;
  if (!host.startsWith('*.')) return host;
  const domain = host.slice(1);
  for (let attempt = 0; ; attempt += 1) {
    const name = `${sampleLabel}${attempt === 0 ? '' : attempt}${domain}`;
    if (!hasRecord(formatRecordKey({ table: 'sni', host: name, port }))) return name;
  }
}

function distinctEndpoints(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  if (endpoints.length < 2) return endpoints;
  const byText = new Map(endpoints.map((endpoint) => [`${endpoint.address} ${endpoint.serverName ?? ''}`, endpoint]));
  return [...byText].sort(([a], [b]) => compareText(a, b)).map(([, endpoint]) => endpoint);
}
