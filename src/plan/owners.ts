import type { Consumer } from '../model/holders/consumer.ts';
import { reportedKindOfApplication } from '../model/holders/reported.ts';
import { reportedRules } from '../model/holders/reported-kinds.ts';
import { iisAppId } from '../model/holders/tls-record.ts';

export const winrmAppId = '{afebb9ad-9b97-4a91-9ab5-daf4d59122f6}';

/**
 * Application ids under which products document their records (fidelity: application-ids). They only name an owner for
 * people: an id is set by whoever writes the record, so nothing is decided by it.
 */
const owners: ReadonlyMap<string, string> = new Map([
  [iisAppId, 'IIS'],
  [winrmAppId, 'WinRM'],
  ['{ce66697b-3aa0-49d1-bdbd-a25c8359fd5d}', 'Work Folders'],
]);

/** The product that usually uses an application id; `null` when it is not known. */
export function ownerOf(appId: string): string | null {
  const kind = reportedKindOfApplication(appId);
  return owners.get(appId.toLowerCase()) ?? (kind === null ? null : reportedRules[kind].called);
}

/** Products that put their own copy of the hash and an IIS site behind one and the same address:port record. */
export function sharesRecords(consumer: Consumer): boolean {
  return consumer.kind === 'sstp' || consumer.kind === 'rd-gateway';
}
