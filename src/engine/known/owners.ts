import type { Consumer } from '../../kinds/consumer.ts';
import { isConsumer, placesOf } from '../../kinds/place.ts';
import { toRecordKey } from '../../kinds/record-key.ts';
import { reportedKindOfApplication } from '../../kinds/reported/reported.ts';
import { reportedRules } from '../../kinds/reported/reported-kinds.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { sstpAppId } from '../../kinds/sstp/sstp.ts';
import { type CertificateBinding, iisAppId } from '../../kinds/tls/certificate-binding.ts';

export const winrmAppId = '{afebb9ad-9b97-4a91-9ab5-daf4d59122f6}';

/**
 * Application ids that products document for their records (fidelity: application-ids). They only name an owner for
 * people: the writer of a record chooses its id, so no decision depends on it.
 */
const owners: ReadonlyMap<string, string> = new Map([
  [iisAppId, 'IIS'],
  [winrmAppId, 'WinRM'],
  [sstpAppId, 'SSTP'],
  ['{ce66697b-3aa0-49d1-bdbd-a25c8359fd5d}', 'Work Folders'],
  ['{214124cd-d05b-4309-9af9-9caa44b2b74a}', 'IIS Express'],
]);

/** The product that usually uses an application id; `null` when it is not known. */
export function ownerOf(appId: string): string | null {
  const kind = reportedKindOfApplication(appId);
  return owners.get(appId.toLowerCase()) ?? (kind === null ? null : reportedRules[kind].called);
}

/** Products that use a record of IIS by address and keep their own copy of the hash (fidelity: listener-hashes). */
export function coOwners(snapshot: Snapshot): (record: CertificateBinding) => readonly Consumer[] {
  const sharing = placesOf(snapshot)
    .filter(isConsumer)
    .filter(({ consumer }) => sharesRecords(consumer));
  return ({ key, thumbprint }) => {
    const at = toRecordKey(key);
    return sharing.flatMap(({ hashes, port, consumer }) =>
      at?.table === 'ip' && thumbprint !== null && hashes.includes(thumbprint) && (port ?? at.port) === at.port
        ? consumer
        : [],
    );
  };
}

export function sharesRecords(consumer: Consumer): boolean {
  return consumer.kind === 'sstp' || consumer.kind === 'rd-gateway';
}
