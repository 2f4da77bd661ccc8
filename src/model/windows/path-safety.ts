import type { AccessEntry } from './access-list.ts';
import {
  type Administrators,
  nobodyTrusted,
  sidOf,
  type TrustedAccounts,
  trustedKey,
  trustedValue,
  whyNotTrusted,
} from './administrators.ts';
import { accountsOf, type Flaw, flawsOf, type WindowsRights, whyOf } from './path-flaws.ts';

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
