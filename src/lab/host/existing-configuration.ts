import { parseApplicationHost } from '../../kinds/iis/application-host.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import { toRecordKey } from '../../kinds/record-key.ts';
import type { PlannedCertificate, PlannedRecord } from './blueprint.ts';

/** Public authorities take about as many names in one certificate. */
const namesInOne = 100;

/**
 * Records and certificates that fit an existing configuration: a record for every https binding, and certificates that
 * cover the hosts of their records. Records without a host get the first certificate.
 * @throws CertRebindError `bad-xml`, `bad-input` as `parseApplicationHost`
 */
export function recordsFor(
  applicationHost: string,
  where: string,
): {
  readonly sites: number;
  readonly certificates: readonly PlannedCertificate[];
  readonly records: readonly PlannedRecord[];
  readonly centralHosts: readonly string[];
} {
  const { sites } = parseApplicationHost(applicationHost, where);
  const hosts = new Map<KeyText, Set<string>>();
  for (const { recordKey, parts } of sites.flatMap((site) => site.bindings)) {
    if (recordKey === null) continue;
    const known = hosts.get(recordKey) ?? new Set<string>();
    if (parts !== null && parts.host !== '') known.add(parts.host);
    hosts.set(recordKey, known);
  }
  const keys = [...hosts.keys()];
  const isCentral = (key: KeyText): boolean => toRecordKey(key)?.table === 'ccs';
  const groups: Set<string>[] = [];
  const records = keys.map((key): PlannedRecord => {
    if (isCentral(key)) return { key, certificate: null };
    const wanted = [...(hosts.get(key) ?? [])];
    if (wanted.length === 0) return { key, certificate: 0 };
    const last = groups.at(-1);
    const group = last === undefined || last.size + wanted.length > namesInOne ? new Set<string>() : last;
    if (group !== last) groups.push(group);
    for (const host of wanted) group.add(host);
    return { key, certificate: groups.length - 1 };
  });
  const names = groups.length === 0 ? [['lab.example.com']] : groups.map((group) => [...group]);
  return {
    sites: sites.length,
    certificates: names.map((group, at) => ({
      names: group,
      store: 'My',
      keyType: 'rsa',
      friendlyName: `Lab certificate ${at + 1}`,
    })),
    records,
    centralHosts: keys.filter(isCentral).flatMap((key) => [...(hosts.get(key) ?? [])]),
  };
}
