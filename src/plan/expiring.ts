import type { KeyText } from '../model/record-key.ts';
import type { Renewal } from '../model/renewal.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ExpiringCertificate } from '../model/status.ts';
import type { Thumbprint } from '../model/thumbprint.ts';
import { bindingsByRecord } from './bindings-of-records.ts';
import { certificateInWords } from './named-certificates.ts';

const day = 24 * 3600_000;

/** Certificates under IIS bindings that end within so many days, and that nothing renews on this server. */
export function expiringCertificates(
  snapshot: Snapshot,
  pending: readonly Pick<Renewal, 'old'>[],
  withinDays: number,
): readonly ExpiringCertificate[] {
  const keys = keysInUse(snapshot);
  const renewed = new Set(pending.map(({ old }) => old));
  const seen = new Set<string>();
  return snapshot.certificates.flatMap((certificate) => {
    const { thumbprint, subject, notAfter } = certificate;
    const left = Date.parse(notAfter) - Date.parse(snapshot.takenAt);
    if (left > withinDays * day || renewed.has(thumbprint) || seen.has(thumbprint)) return [];
    const records = keys.get(thumbprint);
    if (records === undefined) return [];
    seen.add(thumbprint);
    return {
      thumbprint,
      subject,
      words: certificateInWords(certificate),
      notAfter,
      daysLeft: Math.floor(left / day),
      records,
    };
  });
}

/** The certificates that records under IIS bindings name. */
export function certificatesInUse(snapshot: Pick<Snapshot, 'sites' | 'records'>): readonly Thumbprint[] {
  return [...keysInUse(snapshot).keys()];
}

/** The records under IIS bindings, by the certificate they name. */
function keysInUse({
  sites,
  records,
}: Pick<Snapshot, 'sites' | 'records'>): ReadonlyMap<Thumbprint, readonly KeyText[]> {
  const standing = bindingsByRecord(sites);
  const keys = new Map<Thumbprint, KeyText[]>();
  for (const { key, thumbprint } of records) {
    if (thumbprint === null || !standing.has(key)) continue;
    const list = keys.get(thumbprint);
    if (list === undefined) keys.set(thumbprint, [key]);
    else list.push(key);
  }
  return keys;
}
