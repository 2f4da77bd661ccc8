/** Who may do what with a file or a registry key, from the text of a security descriptor. */
export type AccessList =
  | { readonly is: 'list'; readonly entries: readonly AccessEntry[] }
  /** There is not a list, and everybody may do everything. */
  | { readonly is: 'open' }
  /** Not fully understood, so nothing about it counts as known. */
  | { readonly is: 'unreadable' };

export interface AccessEntry {
  readonly effect: 'allow' | 'deny';
  /** Has no effect on the file itself, only on what is created below it. */
  readonly inheritedOnly: boolean;
  /** Inherited from a folder above, and removed there. */
  readonly inherited: boolean;
  /** What is created below gets it too, from the flags `OI`, `CI` and `NP`. */
  readonly passedOn: readonly string[];
  /** Access mask; every bit where its letters are not known. */
  readonly rights: number;
  /** Without a condition, and every letter of its rights is known. */
  readonly certain: boolean;
  /** A SID, or its two letters. */
  readonly who: string;
}

/**
 * Reads the list of rights from SDDL as Windows writes it (owner, group, list, audits). Conditions of entries must have
 * balanced brackets and are skipped. Source: MS-DTYP 2.5.1.1.
 */
export function accessListOf(sddl: string): AccessList {
  const text = framed(sddl);
  const parts = text === null ? undefined : descriptor.exec(text.frame)?.groups;
  if (text === null || parts === undefined) return { is: 'unreadable' };
  const { flags = '', list } = parts;
  if (list === undefined || flags.includes('NO_ACCESS_CONTROL')) return { is: 'open' };
  const count = list.length / 2;
  const entries = text.brackets.slice(0, count).map(entryOf);
  const understood = entries.flatMap((entry) => entry ?? []);
  const isWhole = understood.length === count && text.brackets.slice(count).every((audit) => auditEntry.test(audit));
  return isWhole ? { is: 'list', entries: understood } : { is: 'unreadable' };
}

/**
 * The text with each outermost bracket emptied, and what was in them; `null` when brackets or quotes do not close. Quoted
 * text may hold brackets of its own.
 */
function framed(text: string): { readonly frame: string; readonly brackets: readonly string[] } | null {
  const brackets: string[] = [];
  let frame = '';
  let inside = '';
  let depth = 0;
  let quoted = false;
  for (const letter of text) {
    if (letter === '"') quoted = !quoted;
    if (letter === ')' && !quoted) {
      depth -= 1;
      if (depth < 0) return null;
      if (depth === 0) brackets.push(inside);
    }
    if (depth === 0) {
      frame += letter;
      inside = '';
    } else {
      inside += letter;
    }
    if (letter === '(' && !quoted) depth += 1;
  }
  return depth === 0 && !quoted ? { frame, brackets } : null;
}

const sid = '(?:[A-Z]{2}|S-1(?:-\\d+)+)';
const descriptor = new RegExp(
  `^(?:O:${sid})?(?:G:${sid})?(?:D:(?<flags>(?:P|AI|AR|NO_ACCESS_CONTROL)*)(?<list>(?:\\(\\))*))?(?:S:(?:P|AI|AR)*(?:\\(\\))*)?$`,
);
/** A, D and with an object's type OA, OD; with a condition XA, XD and ZA. */
const accessEntry = new RegExp(
  `^(?<type>O?[AD]|X[AD]|ZA);(?<flags>(?:OI|CI|NP|IO|ID)*);(?<rights>[^;]*);[0-9a-fA-F-]*;[0-9a-fA-F-]*;(?<who>${sid})(?:;\\(.*\\))?$`,
  's',
);
/** Audits, labels, attributes and policies: none of them gives anybody a right. */
const auditEntry = /^(?:AU|AL|OU|OL|XU|ML|RA|SP|TL|FL);/;

function entryOf(text: string): AccessEntry | null {
  const parts = accessEntry.exec(text)?.groups;
  if (parts === undefined) return null;
  const { type = '', flags = '', rights = '', who = '' } = parts;
  return {
    effect: type.endsWith('A') ? 'allow' : 'deny',
    inheritedOnly: pairsOf(flags).includes('IO'),
    inherited: pairsOf(flags).includes('ID'),
    passedOn: pairsOf(flags).filter((flag) => flag === 'OI' || flag === 'CI' || flag === 'NP'),
    rights: rightsOf(rights) ?? everything,
    certain: /^O?[AD]$/.test(type) && rightsOf(rights) !== null,
    who,
  };
}

const everything = 0xffffffff;

/** Of files and of registry keys, for which Windows prefers the letters of directory services (DC: add a file, LC: read). */
const letters: Readonly<Record<string, number>> = {
  CC: 0x1,
  DC: 0x2,
  LC: 0x4,
  SW: 0x8,
  RP: 0x10,
  WP: 0x20,
  DT: 0x40,
  LO: 0x80,
  CR: 0x100,
  SD: 0x10000,
  RC: 0x20000,
  WD: 0x40000,
  WO: 0x80000,
  GA: 0x10000000,
  GX: 0x20000000,
  GW: 0x40000000,
  GR: 0x80000000,
  FA: 0x1f01ff,
  FW: 0x120116,
  FR: 0x120089,
  FX: 0x1200a0,
  KA: 0xf003f,
  KW: 0x20006,
  KR: 0x20019,
  KX: 0x20019,
};

/** `null` if it is not known, and so may mean anything. */
function rightsOf(text: string): number | null {
  if (/^0x[0-9a-f]{1,8}$/i.test(text)) return Number.parseInt(text, 16);
  if (text.length % 2 !== 0) return null;
  const known = pairsOf(text).map((pair) => letters[pair] ?? null);
  return known.reduce((sum, right) => (sum === null || right === null ? null : sum | right), 0);
}

function pairsOf(text: string): readonly string[] {
  return text.match(/../gs) ?? [];
}
