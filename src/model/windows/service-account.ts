import { createHash } from 'node:crypto';

/** The accounts with which a service of Windows opens files. */
export interface ServiceAccount {
  /** Its own SID, which its process has in addition to the account it logs on as. */
  readonly serviceSid: string;
  /** Of the account that it logs on as; `null` if its name does not tell the SID, for example a domain account. */
  readonly accountSid: string | null;
}

/** @param logsOnAs `ObjectName` of the service in the registry (fidelity: service-key) */
export function serviceAccount(service: string, logsOnAs: string): ServiceAccount {
  return { serviceSid: serviceSid(service), accountSid: sidOf(logsOnAs) };
}

/** `S-1-5-80-` and the SHA-1 of its name in upper case (fidelity: service-sid). */
function serviceSid(service: string): string {
  const hash = createHash('sha1').update(Buffer.from(service.toUpperCase(), 'utf16le')).digest();
  return ['S-1-5-80', ...[0, 4, 8, 12, 16].map((at) => hash.readUInt32LE(at))].join('-');
}

function sidOf(account: string): string | null {
  const virtual = /^NT SERVICE\\(.+)$/i.exec(account)?.[1];
  return virtual === undefined ? (builtIn.get(account.toLowerCase().replaceAll(' ', '')) ?? null) : serviceSid(virtual);
}

/** SYSTEM, the account whose key access HTTP.SYS shares. */
export const localSystem = 'S-1-5-18';

const builtIn: ReadonlyMap<string, string> = new Map([
  ['localsystem', localSystem],
  ['ntauthority\\system', localSystem],
  ['ntauthority\\localservice', 'S-1-5-19'],
  ['ntauthority\\networkservice', 'S-1-5-20'],
]);
