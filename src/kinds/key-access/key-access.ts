import type { KeyRights } from '../../model/certificates/certificate.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { accessListOf } from '../../model/windows/access-list.ts';
import { builtInOnly, sidOf } from '../../model/windows/administrators.ts';
import type { ServiceAccount } from '../../model/windows/service-account.ts';
import type { KindRules, NamesCertificate } from '../kind-rules.ts';
import { holderKey, type KeyText } from '../record-key.ts';

/** Who may read the private key of a certificate beside SYSTEM, the administrators and the owner. */
export interface KeyAccess extends NamesCertificate {
  readonly thumbprint: Thumbprint;
  /** The security descriptor of the key as it was read, as SDDL; kept with the run. */
  readonly sddl: string;
  /** Accounts that get the right to read, or lose what they were given, as SIDs; other accounts are not touched. */
  readonly asked: readonly { readonly sid: string; readonly reads: boolean }[];
}

/** Only the accounts that are asked for count; changes of other accounts' rights do not count as a difference. */
export const keyAccessRules: KindRules<KeyAccess> = {
  differences: (wanted, found) =>
    [...new Set([...wanted.asked, ...found.asked].map(({ sid }) => sid))]
      .filter((sid) => mayRead(wanted, sid) !== mayRead(found, sid))
      .map((sid) => `read for ${accountName(sid)}`),
  withCertificate: (value) => value,
};

export function keyAccessKey(thumbprint: string): KeyText {
  return holderKey('key', thumbprint);
}

/** As a key was read. The key is the same for every store, so no store is named. */
export function keyAccess(thumbprint: Thumbprint, sddl: string): KeyAccess {
  return { thumbprint, store: '', sddl, asked: [] };
}

/** What access would be lost with a new key, and what of that cannot be carried over. */
export interface LostAccess {
  /** Accounts that read the old key and not the new one, as SIDs, sorted. */
  readonly accounts: readonly string[];
  /** Why nothing is carried over to them; `null` when it can be. */
  readonly refused: string | null;
}

/** Groups too wide to mean anybody in particular: Everyone, anonymous log-ons, authenticated users, users. */
const tooWide: readonly string[] = ['S-1-1-0', 'S-1-5-7', 'S-1-5-11', 'S-1-5-32-545'];
/** Accounts that can read every key, or could before anybody gave rights: the system, administrators, and owners. */
const always: readonly string[] = ['S-1-5-18', 'S-1-5-32-544', 'S-1-3-4', 'S-1-3-0'];

export function lostAccess(old: KeyRights | undefined, successor: KeyRights | undefined): LostAccess | null {
  if (!isRead(old) || !isRead(successor)) return null;
  const [before, after] = [readersOf(old.sddl), readersOf(successor.sddl)];
  if (before === null || after === null) return { accounts: [], refused: 'has permissions that cannot be read' };
  const lost = before.readers.filter((sid) => !after.readers.includes(sid) && !always.includes(sid));
  const accounts = lost.filter((sid) => sid !== before.owner && !tooWide.includes(sid)).sort();
  const wide = lost.filter((sid) => tooWide.includes(sid));
  const refused = before.denies || after.denies ? 'has deny entries' : null;
  return {
    accounts,
    refused: refused ?? (wide.length > 0 ? `could be read by ${wide.map(accountName).join(', ')}` : null),
  };
}

/** Whether a key shows that an account may not read it; a key that was not read shows nothing. */
export function lacksAccount(rights: KeyRights | undefined, sid: string): boolean {
  if (!isRead(rights)) return false;
  const found = readersOf(rights.sddl);
  return found !== null && !found.denies && !found.readers.some((one) => one === sid || tooWide.includes(one));
}

/**
 * Whether a service may read a key; `null` if its list was not read or denies rights, or if its account may be in it by
 * another SID.
 */
export function serviceReads(
  rights: KeyRights | undefined,
  { serviceSid, accountSid }: ServiceAccount,
): boolean | null {
  const found = isRead(rights) ? readersOf(rights.sddl) : null;
  if (found === null || found.denies) return null;
  const own = [serviceSid, ...(accountSid === null ? [] : [accountSid]), ...ofEveryService];
  if (own.some((sid) => found.readers.includes(sid))) return true;
  return accountSid === null ? null : false;
}

/** Everyone, services, authenticated users, users, all services. */
const ofEveryService: readonly string[] = ['S-1-1-0', 'S-1-5-6', 'S-1-5-11', 'S-1-5-32-545', 'S-1-5-80-0'];

/** Whether rights were read, and not only a reason why not. */
export function isRead(rights: KeyRights | undefined): rights is Extract<KeyRights, { sddl: string }> {
  return rights !== undefined && 'sddl' in rights;
}

/** The name of an account that every Windows has; others are written by their SID. */
export function accountName(sid: string): string {
  const name = names.get(sid);
  return name === undefined ? sid : `${name} (${sid})`;
}

export const networkService = 'S-1-5-20';

const names: ReadonlyMap<string, string> = new Map([
  ['S-1-1-0', 'Everyone'],
  ['S-1-5-7', 'ANONYMOUS LOGON'],
  ['S-1-5-11', 'Authenticated Users'],
  ['S-1-5-18', 'SYSTEM'],
  ['S-1-5-19', 'LOCAL SERVICE'],
  [networkService, 'NETWORK SERVICE'],
  ['S-1-5-32-544', 'Administrators'],
  ['S-1-5-32-545', 'Users'],
]);

/** Bits of reading a file; generic ones are written as they are asked for. */
const readBit = 0x1;
const genericRead = 0x80000000;
const genericAll = 0x10000000;

/** The requested right for an account takes precedence over what was read. */
export function mayRead({ asked, sddl }: KeyAccess, sid: string): boolean {
  return asked.find((one) => one.sid === sid)?.reads ?? readersOf(sddl)?.readers.includes(sid) ?? false;
}

/** `null` if the list cannot be understood, or if there is none and everybody can read. */
interface Readers {
  readonly readers: readonly string[];
  readonly denies: boolean;
  readonly owner: string | null;
}

function readersOf(sddl: string): Readers | null {
  const list = accessListOf(sddl);
  if (list.is !== 'list') return null;
  const entries = list.entries.filter(({ inheritedOnly }) => !inheritedOnly);
  const reading = entries.filter(
    ({ effect, rights, certain }) =>
      effect === 'allow' && certain && (rights & (readBit | genericRead | genericAll)) !== 0,
  );
  const owner = /^O:(S-1(?:-\d+)+|[A-Z]{2})/.exec(sddl)?.[1];
  return {
    readers: [...new Set(reading.map(({ who }) => sidOf(who, builtInOnly)))],
    denies: entries.some(({ effect }) => effect === 'deny'),
    owner: owner === undefined ? null : sidOf(owner, builtInOnly),
  };
}
