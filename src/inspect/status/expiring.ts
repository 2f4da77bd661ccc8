import type { Renewal } from '../../certificates/renewal.ts';
import type { Thumbprint } from '../../certificates/thumbprint.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { ExpiringCertificate } from '../../documents/status.ts';
import { recordsOf, standingHolders, thumbprintOf } from '../../holders/holder.ts';
import type { KeyText } from '../../holders/record-key.ts';
import type { Snapshot } from '../../holders/snapshot.ts';
import { bindingsByRecord } from '../../plan/bindings-of-records.ts';
import { isMoved } from '../../plan/decide-holder.ts';
import { certificateInWords } from '../../plan/named-certificates.ts';
import { append } from '../../text/group.ts';
import type { Endings } from '../findings/endings.ts';

const hour = 3600_000;
const day = 24 * hour;

/** Certificates in use that are near their end and that nothing renews on this server. */
export function expiringCertificates(
  snapshot: Snapshot,
  pending: readonly Pick<Renewal, 'old'>[],
  { isNear }: Pick<Endings, 'isNear'>,
  configuration: Pick<Configuration, 'holders'>,
): readonly ExpiringCertificate[] {
  const keys = keysInUse(snapshot, configuration);
  const renewed = new Set(pending.map(({ old }) => old));
  const seen = new Set<string>();
  return snapshot.certificates.flatMap((certificate) => {
    const { thumbprint, subject, notAfter } = certificate;
    const left = Date.parse(notAfter) - Date.parse(snapshot.takenAt);
    if (!isNear(certificate) || renewed.has(thumbprint) || seen.has(thumbprint)) return [];
    const records = keys.get(thumbprint);
    if (records === undefined) return [];
    seen.add(thumbprint);
    return {
      thumbprint,
      subject,
      words: certificateInWords(certificate),
      notAfter,
      daysLeft: Math.floor(left / day),
      hoursLeft: Math.floor(left / hour),
      records,
    };
  });
}

/** The certificates that are named by records under IIS bindings, and by holders of the kinds that are moved. */
export function certificatesInUse(
  snapshot: Snapshot,
  configuration: Pick<Configuration, 'holders'>,
): readonly Thumbprint[] {
  return [...keysInUse(snapshot, configuration).keys()];
}

/** The holders in use, by the certificate they name. */
function keysInUse(
  snapshot: Snapshot,
  configuration: Pick<Configuration, 'holders'>,
): ReadonlyMap<Thumbprint, readonly KeyText[]> {
  const standing = bindingsByRecord(snapshot.sites);
  const holding = [
    ...recordsOf(snapshot).filter(({ key }) => standing.has(key)),
    ...standingHolders(snapshot)
      .filter((each) => isMoved(each, configuration))
      .map(({ holder }) => ({ key: holder.key, thumbprint: thumbprintOf(holder) })),
  ];
  const keys = new Map<Thumbprint, [KeyText, ...KeyText[]]>();
  for (const { key, thumbprint } of holding) if (thumbprint !== null) append(keys, thumbprint, key);
  return keys;
}
