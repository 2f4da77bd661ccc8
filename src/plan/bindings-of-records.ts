import type { BindingParts, RunState, Site } from '../model/binding.ts';
import type { Consumer } from '../model/consumer.ts';
import { type KeyText, type RecordKey, toRecordKey } from '../model/record-key.ts';
import { compareText } from './order.ts';

/** A binding that stands on a TLS record, with what decisions about the record need of it. */
export interface StandingBinding {
  readonly site: string;
  readonly siteState: RunState;
  readonly information: string;
  readonly parts: BindingParts;
}

/** The bindings of all sites by the record they stand on, each list in a fixed order. */
export function bindingsByRecord(sites: readonly Site[]): ReadonlyMap<KeyText, readonly StandingBinding[]> {
  const byRecord = new Map<KeyText, StandingBinding[]>();
  for (const site of sites) {
    for (const { recordKey, parts, information } of site.bindings) {
      if (recordKey === null || parts === null) continue;
      const standing = { site: site.name, siteState: site.state, information, parts };
      const list = byRecord.get(recordKey);
      if (list === undefined) byRecord.set(recordKey, [standing]);
      else list.push(standing);
    }
  }
  for (const list of byRecord.values()) {
    list.sort((a, b) => compareText(a.site, b.site) || compareText(a.information, b.information));
  }
  return byRecord;
}

export function toConsumer({ site, siteState, information }: StandingBinding): Consumer {
  return { kind: 'iis-binding', site, information, siteState };
}

/** The hosts that clients can ask for at a record, and whether any other host is answered too. */
export interface ServedHosts {
  /** Every host with the sites it belongs to (none for a record without IIS bindings), sorted. */
  readonly hosts: readonly { readonly host: string; readonly sites: readonly string[] }[];
  readonly catchAll: boolean;
}

/**
 * An SNI record serves its own host. A record by address serves the host headers of its bindings; a binding without one
 * answers for every host, and on a specific address at least that address is a name clients may use.
 */
export function servedHosts(key: RecordKey, bindings: readonly StandingBinding[]): ServedHosts {
  const sitesOf = new Map<string, string[]>();
  let catchAll = key.table === 'ip' && bindings.length === 0;
  if (key.table === 'sni' && bindings.length === 0) sitesOf.set(key.host, []);
  for (const { site, parts } of bindings) {
    if (key.table === 'ip' && parts.host === '') catchAll = true;
    const host = key.table === 'sni' ? key.host : parts.host || specificAddress(key);
    if (host === null) continue;
    const sites = sitesOf.get(host);
    if (sites === undefined) sitesOf.set(host, [site]);
    else if (sites.at(-1) !== site) sites.push(site);
  }
  const hosts = [...sitesOf].map(([host, sites]) => ({ host, sites }));
  return { hosts: hosts.sort((a, b) => compareText(a.host, b.host)), catchAll };
}

/** Reads the key of a record that came out of a snapshot, where only valid keys are. */
export function keyOf(text: KeyText): RecordKey {
  const key = toRecordKey(text);
  if (key === null) throw new TypeError(`not a record key: ${text}`);
  return key;
}

export function isAnyAddress(address: string): boolean {
  return address === '*' || address === '0.0.0.0' || address === '::';
}

function specificAddress(key: RecordKey): string | null {
  return key.table === 'ip' && !isAnyAddress(key.address) ? key.address : null;
}
