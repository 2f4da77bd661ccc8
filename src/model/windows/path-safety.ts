import { type AccessEntry, accessListOf } from './access-list.ts';
import {
  type Administrators,
  accountText,
  isAdministrator,
  nobodyTrusted,
  sidOf,
  type TrustedAccounts,
  trustedKey,
  trustedValue,
  whyNotTrusted,
} from './administrators.ts';

/** Whether a file or folder that runs or steers code as SYSTEM could be changed by others, every parent included. */
export interface PathSafety {
  /** As it was asked for. */
  readonly path: string;
  readonly is: WindowsRights['is'];
  /** Empty if only administrators and SYSTEM can change it or, if it is missing, create it. */
  readonly dangers: readonly PathDanger[];
}

/**
 * What a server reports about paths, and the accounts that count as its administrators besides those of every Windows.
 */
export interface PathJudgement {
  /** In the order in which they were asked for. */
  readonly paths: readonly PathSafety[];
  readonly trusted: TrustedAccounts;
}

export interface PathDanger {
  /** The path itself, or the parent that lets others replace it. */
  readonly where: string;
  /** As the end of a sentence: `can be written by Users (S-1-5-32-545)`. */
  readonly why: string;
  /** The command that removes the right; `null` if the command for a folder above does. */
  readonly mend: string | null;
  /** The command that declares these accounts as administrators; `null` if none of them can be trusted like that. */
  readonly trust: string | null;
}

/** For servers without files to check. */
export function nothingKnownOf(paths: readonly string[]): PathJudgement {
  return { paths: paths.map((path) => ({ path, is: 'missing', dangers: [] })), trusted: nobodyTrusted };
}

/** What is wrong with a Windows path, in words and with the Windows commands that fix it. */
export function windowsDangers(chain: readonly WindowsRights[], administrators: Administrators): readonly PathDanger[] {
  return flawsOf(chain, administrators).map((flaw) => ({
    where: flaw.path,
    why: whyOf(flaw, administrators),
    mend: mendingLine(flaw, administrators),
    trust: trustingLine(flaw, administrators),
  }));
}

/**
 * One call of icacls, in words that cmd and PowerShell read alike. Read rights of others stay. Inherited entries are
 * removed by ending the inheritance and writing out what stays: icacls removes entries before it converts inherited
 * ones, so that `/inheritance:d /remove:g` removes nothing. `/grant:r` replaces an entry that is passed on in the same
 * way (fidelity: icacls-grants).
 */
function mendingLine(flaw: Flaw, administrators: Administrators): string | null {
  // A backslash before a quotation mark would take it into the path.
  const path = flaw.path.endsWith('\\') ? flaw.path : `"${flaw.path}"`;
  switch (flaw.kind) {
    case 'link':
      return `${flaw.is === 'folder' ? 'rmdir' : 'del'} ${path}`;
    case 'owner':
      return `icacls ${path} /setowner "*S-1-5-32-544"`;
    case 'no-list':
      return `icacls ${path} /inheritance:r /grant:r ${ownGrants(flaw).join(' ')}`;
    case 'unknown-list':
      return `icacls ${path} /reset`;
    case 'writable': {
      if (flaw.mendedAbove) return null;
      // Letters whose account is not known here cannot be passed to icacls.
      if (flaw.by.some(({ who }) => !sidOf(who, administrators).startsWith('S-'))) return `icacls ${path} /reset`;
      const grant = ({ who, passedOn }: AccessEntry) => grantText(sidOf(who, administrators), passedOn, 'RX');
      const inherits = flaw.by.some(({ inherited }) => inherited);
      const kept = (inherits ? flaw.others : flaw.by).map(grant);
      const grants = [...new Set([...(inherits ? ownGrants(flaw) : []), ...kept])];
      return `icacls ${path}${inherits ? ' /inheritance:r' : ''} /grant:r ${grants.join(' ')}`;
    }
  }
}

function trustingLine(flaw: Flaw, administrators: Administrators): string | null {
  const who = flaw.kind === 'owner' ? [flaw.owner] : flaw.kind === 'writable' ? accountsOf(flaw.by) : [];
  const sids = who.map((each) => sidOf(each, administrators));
  if (sids.length === 0 || sids.some((sid) => whyNotTrusted(sid) !== null)) return null;
  const all = [...new Set([...administrators.trusted.accounts, ...sids])];
  return `reg add ${trustedKey} /v ${trustedValue} /t REG_MULTI_SZ /d "${all.join('\\0')}" /f /reg:64`;
}

/** What SYSTEM and Administrators need. */
function ownGrants({ is }: Flaw): readonly string[] {
  const passedOn = is === 'folder' ? ['OI', 'CI'] : [];
  return ['S-1-5-18', 'S-1-5-32-544'].map((sid) => grantText(sid, passedOn, 'F'));
}

function grantText(sid: string, passedOn: readonly string[], right: string): string {
  return `"*${sid}:${passedOn.map((flag) => `(${flag})`).join('')}${right}"`;
}

/** What Windows reports about one file or folder. */
export interface WindowsRights {
  readonly path: string;
  readonly is: 'file' | 'folder' | 'missing';
  readonly reparsePoint: boolean;
  /** A SID, or its two letters in SDDL. */
  readonly owner: string;
  readonly sddl: string;
}

/** What is wrong with one place. */
export type Flaw = Pick<WindowsRights, 'path' | 'is'> &
  (
    | { readonly kind: 'link' }
    | { readonly kind: 'owner'; readonly owner: string }
    /** Has no list of rights, or one that cannot be understood. */
    | { readonly kind: 'no-list' | 'unknown-list' }
    | {
        readonly kind: 'writable';
        /** Entries by which others can write. */
        readonly by: readonly AccessEntry[];
        /** All rights that others have. */
        readonly others: readonly AccessEntry[];
        /** All of these entries are inherited from a folder above that is reported too. */
        readonly mendedAbove: boolean;
      }
  );

/**
 * Judges a path by what Windows reports about it and its parents, the path itself first. Others must not be able to
 * write to the path or its own folder at all (a library beside a program is code too); in the folders above it is
 * enough that they cannot delete or rename the content or give themselves the right to. For a missing path the nearest
 * existing folder counts as its own, because anything created there can lead to it.
 */
export function flawsOf(chain: readonly WindowsRights[], administrators: Administrators): readonly Flaw[] {
  const there = chain.filter(({ is }) => is !== 'missing');
  const ownFolder = there.length === chain.length ? 1 : 0;
  const flaws: Flaw[] = [];
  let above: readonly AccessEntry[] = [];
  for (const [level, rights] of [...there.entries()].reverse()) {
    const found = flawsAt(rights, level <= ownFolder, administrators, above);
    above = found.flatMap((flaw) => (flaw.kind === 'writable' ? flaw.by : []));
    flaws.unshift(...found);
  }
  return flaws;
}

/** As the end of a sentence. */
export function whyOf(flaw: Flaw, administrators: Administrators): string {
  switch (flaw.kind) {
    case 'link':
      return 'is a link';
    case 'owner':
      return `belongs to ${flaw.owner === '' ? 'an unknown account' : accountText(flaw.owner, administrators)}`;
    case 'no-list':
      return 'can be written by everyone';
    case 'unknown-list':
      return 'has permissions that cannot be read';
    case 'writable': {
      const accounts = accountsOf(flaw.by).map((who) => accountText(who, administrators));
      return `can be written by ${accounts.join(' and ')}`;
    }
  }
}

/** SIDs or letters of the accounts, each once. */
function accountsOf(entries: readonly AccessEntry[]): readonly string[] {
  return [...new Set(entries.map(({ who }) => who))];
}

/**
 * Why the content of a registry key is not trusted: accounts other than the administrators that are certain on every
 * server can change it. `null` if nobody else can.
 */
export function registryDanger(
  rights: Pick<WindowsRights, 'owner' | 'sddl'>,
  administrators: Administrators,
): string | null {
  const certain: Administrators = { ...administrators, trusted: nobodyTrusted };
  const key = { ...rights, path: '', is: 'folder', reparsePoint: false } as const;
  const [flaw] = flawsIn(key, registryWriting, certain, []);
  return flaw === undefined ? null : whyOf(flaw, certain);
}

const deleting = 0x10000;
/** WRITE_DAC, WRITE_OWNER and everything. */
const takingOver = 0x40000 | 0x80000 | 0x10000000;
const deletingChild = 0x40;
const anyWriting = 0x2 | 0x4 | 0x10 | deletingChild | 0x100 | deleting | takingOver | 0x40000000;
/** KEY_SET_VALUE and KEY_CREATE_LINK. Creating sub-keys is not a danger, because they are never read. */
const registryWriting = 0x2 | 0x20 | deleting | takingOver | 0x40000000;

function flawsAt(
  rights: WindowsRights,
  isOwn: boolean,
  administrators: Administrators,
  above: readonly AccessEntry[],
): readonly Flaw[] {
  const mask = isOwn ? anyWriting : deletingChild | deleting | takingOver;
  const isVolumeRoot = rights.path === '/' || /^[A-Za-z]:\\$/.test(rights.path);
  // The root of a volume is in no folder from which it could be moved (fidelity: volume-root-rights).
  return flawsIn(rights, isVolumeRoot ? mask & ~deleting : mask, administrators, above);
}

function flawsIn(
  { path, is, reparsePoint, owner, sddl }: WindowsRights,
  mask: number,
  administrators: Administrators,
  above: readonly AccessEntry[],
): readonly Flaw[] {
  const flaws: Flaw[] = [];
  if (reparsePoint) flaws.push({ path, is, kind: 'link' });
  if (!isAdministrator(owner, administrators)) flaws.push({ path, is, kind: 'owner', owner });
  const list = accessListOf(sddl);
  switch (list.is) {
    case 'open':
      flaws.push({ path, is, kind: 'no-list' });
      break;
    case 'unreadable':
      flaws.push({ path, is, kind: 'unknown-list' });
      break;
    case 'list': {
      const others = list.entries.filter((entry) => concernsOthers(entry, administrators));
      const by = others.filter(({ rights }) => (rights & mask) !== 0);
      const mendedAbove = by.every(({ inherited, who }) => inherited && above.some((entry) => entry.who === who));
      if (by.length > 0) flaws.push({ path, is, kind: 'writable', by, others, mendedAbove });
    }
  }
  return flaws;
}

/**
 * Denials are ignored: they can only remove rights. A condition counts as fulfilled, because it is not known here who
 * can fulfil it and when.
 */
function concernsOthers({ effect, inheritedOnly, who }: AccessEntry, administrators: Administrators): boolean {
  return effect === 'allow' && !inheritedOnly && !isAdministrator(who, administrators);
}
