import type { Certificate } from '../../certificates/certificate.ts';
import { coversHost } from '../../certificates/host-name.ts';
import { finding } from '../../documents/finding.ts';
import type { Finding } from '../../documents/status.ts';
import { isAnyAddress, keyOf } from '../../plan/bindings-of-records.ts';
import { certificateOf, type Survey } from '../../plan/server-survey.ts';
import { append } from '../../text/group.ts';

/** The most examples per record; more would not help the reader. */
const hostsNamed = 5;

/**
 * Records of one address that answer before the records by name of bindings on the same address and port (fidelity:
 * endpoint-precedence), and do not cover those names.
 */
export function shadowedNames(survey: Survey): readonly Finding[] {
  const hosts = namesByEndpoint(survey);
  return [...survey.records.values()].flatMap((record) => {
    const key = keyOf(record.key);
    const certificate = certificateOf(record, survey);
    if (key.table !== 'ip' || isAnyAddress(key.address) || certificate === null) return [];
    const bound = firstUncovered(certificate, hosts.get(`${key.address} ${key.port}`) ?? []);
    // Names bound to every address are reached here only if their clients connect to this address, which is not known.
    const lost = bound.length > 0 ? bound : firstUncovered(certificate, hosts.get(`* ${key.port}`) ?? []);
    if (lost.length === 0) return [];
    const named = `${lost.join(', ')}${lost.length < hostsNamed ? '' : ' …'}`;
    const message = `The TLS record ${record.key} may also answer for ${named}, and its certificate ${certificate.thumbprint} does not cover them.`;
    return finding('shadowed-names', message, { key: record.key, severity: bound.length > 0 ? 'warning' : 'info' });
  });
}

/** The hosts of SNI bindings that have their own record, by the address and port they are bound to. */
function namesByEndpoint({ bindings, records }: Survey): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, [string, ...string[]]>();
  for (const [key, standing] of bindings) {
    if (keyOf(key).table !== 'sni' || !records.has(key)) continue;
    for (const { parts } of standing) {
      append(names, `${isAnyAddress(parts.address) ? '*' : parts.address} ${parts.port}`, parts.host);
    }
  }
  return names;
}

/** Stops early: with many addresses and many names on one port a full comparison would take their product. */
function firstUncovered(certificate: Certificate, hosts: readonly string[]): readonly string[] {
  const lost: string[] = [];
  for (const host of hosts) {
    if (!coversHost(certificate, host)) lost.push(host);
    if (lost.length === hostsNamed) break;
  }
  return lost;
}
