/**
 * Accounts whose rights to a file or folder are not a danger: administrators of the server can change what runs there
 * anyway.
 */
export interface Administrators {
  /** The built-in Administrator of the machine, as Windows expands `LA`; `null` if Windows does not tell. */
  readonly local: string | null;
  /** Domain Admins of the machine's own domain, as Windows expands `DA`. */
  readonly domain: string | null;
  /** Enterprise Admins of its forest, as Windows expands `EA`. */
  readonly forest: string | null;
  /** Accounts that an administrator trusts in addition. */
  readonly trusted: TrustedAccounts;
}

/** The list of additional accounts that administrators trust, from `HKLM\SOFTWARE\CertRebind`. */
export interface TrustedAccounts {
  /** SIDs, in force. */
  readonly accounts: readonly string[];
  /** Entries that are not in force. */
  readonly refused: readonly { readonly account: string; readonly why: string }[];
}

export const trustedKey = 'HKLM\\SOFTWARE\\CertRebind';
export const trustedValue = 'TrustedAccounts';

export const nobodyTrusted: TrustedAccounts = { accounts: [], refused: [] };

/** For servers where Windows reports no domain and no other account is trusted: what is certain everywhere. */
export const builtInOnly: Administrators = { local: null, domain: null, forest: null, trusted: nobodyTrusted };

/**
 * The administrators as Windows expands the letters of its rights. A text that is not such a SID counts for nobody, so
 * that rights are refused rather than trusted (fidelity: domain-letters).
 */
export function administratorsFrom(
  { local, domain, forest }: { readonly local: string; readonly domain: string; readonly forest: string },
  trusted: TrustedAccounts,
): Administrators {
  return { local: withRid(local, 500), domain: withRid(domain, 512), forest: withRid(forest, 519), trusted };
}

/**
 * SYSTEM, Administrators, TrustedInstaller, the built-in Administrator of machine, domain and forest, Domain Admins and
 * Enterprise Admins of its own, and whom administrators trust besides. The owner's own rights go with the owner.
 * @param who a SID, or its two letters
 */
export function isAdministrator(who: string, administrators: Administrators): boolean {
  const { local, domain, forest, trusted } = administrators;
  const sid = sidOf(who, administrators);
  return (
    alwaysTrusted.has(sid) ||
    sid === local ||
    sid === domain ||
    sid === forest ||
    [domain, forest].some((admins) => admins !== null && sid === admins.replace(/\d+$/, '500')) ||
    trusted.accounts.includes(sid)
  );
}

/** The account with its number, and with its name where every Windows has it: `Users (S-1-5-32-545)`. */
export function accountText(who: string, administrators: Administrators): string {
  const sid = sidOf(who, administrators);
  if (sid === everybody) return 'everyone';
  const unix = /^S-1-22-([12])-(\d+)$/.exec(sid);
  if (unix !== null) return `${unix[1] === '1' ? 'user' : 'group'} ${unix[2]}`;
  const name = names.get(sid) ?? domainNames.get(ridOf(sid) ?? '');
  return name === undefined ? sid : `${name} (${sid})`;
}

/** The SID behind two letters; the letters themselves where they are not known here. */
export function sidOf(who: string, { domain, forest }: Administrators): string {
  const upper = who.toUpperCase();
  const ofDomain = domainLetters.get(upper);
  if (ofDomain !== undefined) {
    const admins = ofDomain.of === 'domain' ? domain : forest;
    return admins === null ? upper : admins.replace(/\d+$/, ofDomain.rid);
  }
  return sidOfLetters.get(upper) ?? upper;
}

/**
 * Parses the list of trusted accounts. One account, one group that somebody created, or one service can be trusted;
 * groups of everybody who signs in, and of everything that runs, cannot.
 */
export function parseTrustedAccounts(texts: readonly string[]): TrustedAccounts {
  const written = [...new Set(texts.map((text) => text.trim().toUpperCase()).filter((text) => text !== ''))];
  const judged = written.map((account) => ({ account, why: whyNotTrusted(account) }));
  return {
    accounts: judged.flatMap(({ account, why }) => (why === null ? [account] : [])),
    refused: judged.flatMap(({ account, why }) => (why === null ? [] : [{ account, why }])),
  };
}

/** Why an account cannot be trusted, as the end of a sentence; `null` when it can. */
export function whyNotTrusted(sid: string): string | null {
  if (!/^S-1(?:-\d+)+$/.test(sid)) return 'is not a SID';
  const rid = ridOf(sid);
  if (rid !== null) return domainNames.has(rid) ? `is ${domainNames.get(rid)}, a group of too many accounts` : null;
  if (/^S-1-5-80(?:-\d+){5}$/.test(sid) || operators.has(sid)) return null;
  const name = names.get(sid);
  return name === undefined
    ? 'is not an account or group of a computer or domain, and not a service'
    : `is ${name}, a group of too many accounts`;
}

const everybody = 'S-1-1-0';
const trustedInstaller = 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464';
const operators: ReadonlySet<string> = new Set(['S-1-5-32-549', 'S-1-5-32-551']);

/** Letters, SID and name of accounts that every Windows has. Source: MS-DTYP 2.4.2.4 and 2.5.1.1. */
const accounts: readonly (readonly [string, string, string])[] = [
  ['WD', everybody, 'Everyone'],
  ['CO', 'S-1-3-0', 'Creator Owner'],
  ['CG', 'S-1-3-1', 'Creator Group'],
  ['OW', 'S-1-3-4', 'Owner Rights'],
  ['NU', 'S-1-5-2', 'Network'],
  ['IU', 'S-1-5-4', 'Interactive'],
  ['SU', 'S-1-5-6', 'Service'],
  ['AN', 'S-1-5-7', 'Anonymous Logon'],
  ['AU', 'S-1-5-11', 'Authenticated Users'],
  ['RC', 'S-1-5-12', 'Restricted'],
  ['SY', 'S-1-5-18', 'SYSTEM'],
  ['LS', 'S-1-5-19', 'Local Service'],
  ['NS', 'S-1-5-20', 'Network Service'],
  ['BA', 'S-1-5-32-544', 'Administrators'],
  ['BU', 'S-1-5-32-545', 'Users'],
  ['BG', 'S-1-5-32-546', 'Guests'],
  ['PU', 'S-1-5-32-547', 'Power Users'],
  ['AO', 'S-1-5-32-548', 'Account Operators'],
  ['SO', 'S-1-5-32-549', 'Server Operators'],
  ['PO', 'S-1-5-32-550', 'Print Operators'],
  ['RE', 'S-1-5-32-552', 'Replicator'],
  ['BO', 'S-1-5-32-551', 'Backup Operators'],
  ['RU', 'S-1-5-32-554', 'Pre-Windows 2000 Compatible Access'],
  ['RD', 'S-1-5-32-555', 'Remote Desktop Users'],
  ['NO', 'S-1-5-32-556', 'Network Configuration Operators'],
  ['MU', 'S-1-5-32-558', 'Performance Monitor Users'],
  ['LU', 'S-1-5-32-559', 'Performance Log Users'],
  ['IS', 'S-1-5-32-568', 'IIS_IUSRS'],
  ['CY', 'S-1-5-32-569', 'Cryptographic Operators'],
  ['ER', 'S-1-5-32-573', 'Event Log Readers'],
  ['HA', 'S-1-5-32-578', 'Hyper-V Administrators'],
  ['RM', 'S-1-5-32-580', 'Remote Management Users'],
  ['AC', 'S-1-15-2-1', 'All Application Packages'],
];
const sidOfLetters: ReadonlyMap<string, string> = new Map(accounts.map(([letters, sid]) => [letters, sid]));
const names: ReadonlyMap<string, string> = new Map(accounts.map(([, sid, name]) => [sid, name]));

/** Letters of groups of the machine's own domain and forest. */
const domainLetters: ReadonlyMap<string, { readonly of: 'domain' | 'forest'; readonly rid: string }> = new Map([
  ['DA', { of: 'domain', rid: '512' }],
  ['DU', { of: 'domain', rid: '513' }],
  ['DG', { of: 'domain', rid: '514' }],
  ['DC', { of: 'domain', rid: '515' }],
  ['DD', { of: 'domain', rid: '516' }],
  ['CA', { of: 'domain', rid: '517' }],
  ['SA', { of: 'forest', rid: '518' }],
  ['EA', { of: 'forest', rid: '519' }],
  ['PA', { of: 'domain', rid: '520' }],
]);

/** Groups and accounts of a machine or domain that have many members, by the last number of their SID. */
const domainNames: ReadonlyMap<string, string> = new Map([
  ['501', 'Guest'],
  ['513', 'Domain Users'],
  ['514', 'Domain Guests'],
  ['515', 'Domain Computers'],
]);

/** `LA` as letters: it means the machine's own account, wherever Windows writes it. */
const alwaysTrusted: ReadonlySet<string> = new Set([
  'S-1-5-18',
  'S-1-5-32-544',
  'S-1-3-0',
  'S-1-3-4',
  trustedInstaller,
  'LA',
]);

function withRid(sid: string, rid: number): string | null {
  return new RegExp(`^S-1-5-21(?:-\\d+){3}-${rid}$`).test(sid) ? sid : null;
}

/** The last number of the SID of an account of a machine or domain; `null` for every other SID. */
function ridOf(sid: string): string | null {
  return /^S-1-5-21(?:-\d+){3}-(\d+)$/.exec(sid)?.[1] ?? null;
}
