import type { Renewal } from '../model/renewal.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ExpiringCertificate } from '../model/status.ts';
import { bindingsByRecord } from './bindings-of-records.ts';

const day = 24 * 3600_000;

/** Certificates under IIS bindings that end within so many days, and that nothing renews on this server. */
export function expiringCertificates(
  snapshot: Snapshot,
  pending: readonly Pick<Renewal, 'old'>[],
  withinDays: number,
): readonly ExpiringCertificate[] {
  const standing = bindingsByRecord(snapshot.sites);
  const renewed = new Set(pending.map(({ old }) => old));
  const seen = new Set<string>();
  return snapshot.certificates.flatMap((certificate) => {
    const { thumbprint, subject, notAfter } = certificate;
    const left = Date.parse(notAfter) - Date.parse(snapshot.takenAt);
    if (left > withinDays * day || renewed.has(thumbprint) || seen.has(thumbprint)) return [];
    const records = snapshot.records.filter((record) => record.thumbprint === thumbprint && standing.has(record.key));
    if (records.length === 0) return [];
    seen.add(thumbprint);
    return { thumbprint, subject, notAfter, daysLeft: Math.floor(left / day), records: records.map(({ key }) => key) };
  });
}
