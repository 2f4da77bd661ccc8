import type { Consumer } from '../model/holders/consumer.ts';
import { iisAppId } from '../model/holders/tls-record.ts';

/**
 * Application ids under which products document their records (fidelity: application-ids). They only name an owner for
 * people: an id is set by whoever writes the record, so nothing is decided by it.
 */
const owners: ReadonlyMap<string, string> = new Map([
  [iisAppId, 'IIS'],
  ['{5d89a20c-beab-4389-9447-324788eb944a}', 'AD FS'],
  ['{f955c070-e044-456c-ac00-e9e4275b3f04}', 'Web Application Proxy'],
  ['{afebb9ad-9b97-4a91-9ab5-daf4d59122f6}', 'WinRM'],
  ['{ba195980-cd49-458b-9e23-c84ee0adcd75}', 'SSTP'],
]);

/** The product that usually uses an application id; `null` when it is not known. */
export function ownerOf(appId: string): string | null {
  return owners.get(appId.toLowerCase()) ?? null;
}

/** Products that put their own copy of the hash and an IIS site behind one and the same address:port record. */
export function sharesRecords(consumer: Consumer): boolean {
  return consumer.kind === 'sstp' || consumer.kind === 'rd-gateway';
}
