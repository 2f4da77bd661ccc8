import { append, groupBy } from '../../base/group.ts';
import { compareText } from '../../base/order.ts';
import type { Consumer } from '../../kinds/consumer.ts';
import type { BindingParts, RunState, Site } from '../../kinds/iis/binding.ts';
import { formatRecordKey, type KeyText, type RecordKey, toRecordKey } from '../../kinds/record-key.ts';
import type { CertificateBinding } from '../../kinds/tls/certificate-binding.ts';
import { ownerOf } from './owners.ts';

/** A binding that uses a certificate binding, with what decisions about the record need to know about it. */
export interface UsedBinding {
  readonly site: string;
  readonly siteState: RunState;
  readonly information: string;
  readonly parts: BindingParts;
}

/** The bindings of all sites by the record they use, each list in a fixed order. */
export function bindingsByRecord(sites: readonly Site[]): ReadonlyMap<KeyText, readonly UsedBinding[]> {
  const byRecord = new Map<KeyText, [UsedBinding, ...UsedBinding[]]>();
  for (const site of sites) {
    for (const { recordKey, parts, information } of site.bindings) {
      if (recordKey === null || parts === null) continue;
      append(byRecord, recordKey, { site: site.name, siteState: site.state, information, parts });
    }
  }
  for (const list of byRecord.values()) {
    list.sort((a, b) => compareText(a.site, b.site) || compareText(a.information, b.information));
  }
  return byRecord;
}

/**
 * Bindings of any address, by the record of any IPv6 address that answers their IPv6 clients (fidelity:
 * ipv6-any-record). IIS writes `0.0.0.0` for `*`; a record of `[::]` beside it belongs to another product, such as
 * SSTP.
 */
export function bindingsBehindIpv6(
  records: Iterable<KeyText>,
  standing: ReadonlyMap<KeyText, readonly UsedBinding[]>,
): ReadonlyMap<KeyText, readonly UsedBinding[]> {
  const behind = new Map<KeyText, readonly UsedBinding[]>();
  for (const key of records) {
    const place = keyOf(key);
    if (place.table !== 'ip' || place.address !== '::' || standing.has(key)) continue;
    const bindings = standing.get(formatRecordKey({ table: 'ip', address: '0.0.0.0', port: place.port }));
    if (bindings !== undefined) behind.set(key, bindings);
  }
  return behind;
}

/** Bindings by name without a record of their own, by the port at which a record of any address answers their clients. */
export function bindingsWithoutRecord(
  standing: ReadonlyMap<KeyText, readonly UsedBinding[]>,
  hasRecord: HasRecord,
): ReadonlyMap<number, readonly UsedBinding[]> {
  const missing = [...standing].flatMap(([key, bindings]) => {
    const place = keyOf(key);
    return place.table === 'sni' && !hasRecord(key) ? bindings.map((binding) => ({ port: place.port, binding })) : [];
  });
  const byPort = groupBy(missing, ({ port }) => port);
  return new Map([...byPort].map(([port, some]) => [port, some.map(({ binding }) => binding)]));
}

/** The bindings that use a record; if none does, the program with its application id. */
export function usersOfRecord({ appId }: CertificateBinding, bindings: readonly UsedBinding[]): readonly Consumer[] {
  if (bindings.length === 0) return [{ kind: 'http-sys', appId, owner: ownerOf(appId) }];
  return bindings.map(({ site, siteState, information }) => ({ kind: 'iis-binding', site, information, siteState }));
}

/** What clients can ask for at a record. */
export interface ServedHosts {
  /** Every host with the sites it belongs to (none for a record without IIS bindings), sorted. */
  readonly hosts: readonly ServedHost[];
  /** Whether any other host is answered too. */
  readonly catchAll: boolean;
  /** A specific address that is answered for any host: clients may use it instead of a name, though few can. */
  readonly address: ServedHost | null;
}

export interface ServedHost {
  readonly host: string;
  readonly sites: readonly string[];
}

/**
 * An SNI record serves its own host. A record by address serves the host headers of its bindings, or any host, but for
 * those with a record of their own.
 */
export function servedHosts(key: RecordKey, bindings: readonly UsedBinding[], hasRecord: HasRecord): ServedHosts {
  const sitesOf = (some: readonly UsedBinding[] = []) => [...new Set(some.map(({ site }) => site))];
  if (key.table === 'sni')
    return { hosts: [{ host: key.host, sites: sitesOf(bindings) }], catchAll: false, address: null };
  const byHost = groupBy(bindings, ({ parts }) => parts.host);
  const anyHost = sitesOf(byHost.get(''));
  const hosts = [...byHost].flatMap(([host, some]) =>
    host === '' || hasOwnRecord(host, key, hasRecord) ? [] : { host, sites: sitesOf(some) },
  );
  const isSpecific = key.table === 'ip' && !isAnyAddress(key.address);
  return {
    hosts: hosts.sort((a, b) => compareText(a.host, b.host)),
    catchAll: anyHost.length > 0 || (key.table === 'ip' && bindings.length === 0),
    address: isSpecific && anyHost.length > 0 ? { host: key.address, sites: anyHost } : null,
  };
}

/** Whether HTTP.SYS has a record of this key. */
export type HasRecord = (key: KeyText) => boolean;

/** Whether an SNI record answers for a name in place of a record of any address (fidelity: endpoint-precedence, wildcard-records). */
export function hasOwnRecord(name: string, key: RecordKey | null, hasRecord: HasRecord): boolean {
  if (key?.table !== 'ip' || !isAnyAddress(key.address)) return false;
  const { port } = key;
  return [name, wildcardOf(name)].some((host) => hasRecord(formatRecordKey({ table: 'sni', host, port })));
}

/**
 * The certificate binding by which clients of an IIS binding are answered that has none of its own (fidelity:
 * endpoint-precedence, wildcard-records, ipv6-any-record); `null` where nothing answers.
 */
export function recordInstead({ address, port, host }: BindingParts, hasRecord: HasRecord): KeyText | null {
  const places: RecordKey[] = [
    ...(isAnyAddress(address) ? [] : [{ table: 'ip', address, port } as const]),
    ...(host === '' ? [] : [{ table: 'sni', host: wildcardOf(host), port } as const]),
    ...(address.includes(':') ? [{ table: 'ip', address: '::', port } as const] : []),
    { table: 'ip', address: '0.0.0.0', port },
  ];
  return places.map(formatRecordKey).find(hasRecord) ?? null;
}

function wildcardOf(name: string): string {
  return `*${name.slice(name.indexOf('.'))}`;
}

/** Reads the key of a record from a snapshot, where only valid keys occur. */
export function keyOf(text: KeyText): RecordKey {
  const key = toRecordKey(text);
  if (key === null) throw new TypeError(`not a record key: ${text}`);
  return key;
}

export function isAnyAddress(address: string): boolean {
  return address === '*' || address === '0.0.0.0' || address === '::';
}
