import type { Endpoint } from '../model/handshake.ts';
import { canonicalIpv6, formatRecordKey, isIpv4, type KeyText, type RecordKey } from '../model/record-key.ts';
import type { StandingBinding } from './bindings-of-records.ts';
import { compareText } from './order.ts';

/** Asked for where a binding has a wildcard host: any label will do that no record of its own answers. */
const sampleLabel = 'certrebind-probe';

/**
 * Where a client meets a record: for an SNI record its host at the addresses of its bindings; for a record by address
 * each host header of its bindings, and no name when one of them has none. Bindings of stopped sites count only when
 * the caller leaves them in; a central-store record has no certificate of its own to prove.
 *
 * @param hasRecord tells whether HTTP.SYS has a record of this key; a host with its own SNI record is not met here
 */
export function endpointsOf(
  key: RecordKey,
  bindings: readonly StandingBinding[],
  hasRecord: (key: KeyText) => boolean,
): readonly Endpoint[] {
  switch (key.table) {
    case 'ccs':
      return [];
    case 'sni': {
      const serverName = askFor(key.host, key.port, hasRecord);
      return distinctEndpoints(
        bindings.map(({ parts }) => ({ address: plainAddress(parts.address), port: key.port, serverName })),
      );
    }
    case 'ip':
      return distinctEndpoints(
        bindings.flatMap(({ parts: { host } }) => {
          if (host !== '' && hasRecord(formatRecordKey({ table: 'sni', host, port: key.port }))) return [];
          return { address: key.address, port: key.port, serverName: askFor(host, key.port, hasRecord) };
        }),
      );
  }
}

/** Where a record without IIS bindings is met: nothing but its key tells. */
export function endpointOfKey(key: RecordKey): readonly Endpoint[] {
  switch (key.table) {
    case 'ccs':
      return [];
    case 'sni':
      return [{ address: '0.0.0.0', port: key.port, serverName: askFor(key.host, key.port, () => false) }];
    case 'ip':
      return [{ address: key.address, port: key.port, serverName: null }];
  }
}

/** The name to send; a TLS client sends none for an address. */
function askFor(host: string, port: number, hasRecord: (key: KeyText) => boolean): string | null {
  if (host === '' || isIpv4(host) || canonicalIpv6(host) !== null) return null;
  if (!host.startsWith('*.')) return host;
  const domain = host.slice(1);
  for (let attempt = 0; ; attempt += 1) {
    const name = `${sampleLabel}${attempt === 0 ? '' : attempt}${domain}`;
    if (!hasRecord(formatRecordKey({ table: 'sni', host: name, port }))) return name;
  }
}

function plainAddress(address: string): string {
  return address === '*' ? '0.0.0.0' : address;
}

function distinctEndpoints(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  if (endpoints.length < 2) return endpoints;
  const byText = new Map(endpoints.map((endpoint) => [`${endpoint.address} ${endpoint.serverName ?? ''}`, endpoint]));
  return [...byText].sort(([a], [b]) => compareText(a, b)).map(([, endpoint]) => endpoint);
}
