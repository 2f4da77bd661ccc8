/** Whether a file or folder that runs or steers code as SYSTEM could be changed by others, every parent included. */
export interface PathSafety {
  /** As it was asked for. */
  readonly path: string;
  readonly exists: boolean;
  /** Empty when only administrators and SYSTEM can change it. */
  readonly dangers: readonly PathDanger[];
}

export interface PathDanger {
  /** The path itself, or the parent through which it could be exchanged. */
  readonly where: string;
  /** As the end of a sentence: `can be written by S-1-5-32-545`. */
  readonly why: string;
}

/** What Windows tells of one file or folder. */
export interface WindowsRights {
  readonly path: string;
  readonly exists: boolean;
  readonly reparsePoint: boolean;
  /** A SID, or its two letters in SDDL. */
  readonly owner: string;
  readonly sddl: string;
}

/**
 * Judges a path by what Windows tells of it and of its parents, the path itself first. The path and its own folder must
 * not be writable at all (a library beside a program is code too); in the folders above it is enough that nobody can
 * delete or rename what is in them or give himself the right to.
 */
export function windowsDangers(chain: readonly WindowsRights[]): readonly PathDanger[] {
  return chain.flatMap(({ path, exists, reparsePoint, owner, sddl }, level) => {
    if (!exists) return [];
    const dangers: PathDanger[] = [];
    if (reparsePoint) dangers.push({ where: path, why: 'is a link' });
    if (!isTrusted(owner)) dangers.push({ where: path, why: `belongs to ${owner === '' ? 'nobody known' : owner}` });
    for (const who of writersIn(sddl, level < 2 ? anyWriting : takingOver)) {
      dangers.push({ where: path, why: `can be written by ${who}` });
    }
    return dangers;
  });
}

const anyWriting = 0x2 | 0x4 | 0x10 | 0x40 | 0x100 | 0x10000 | 0x40000 | 0x80000 | 0x10000000 | 0x40000000;
/** DELETE_CHILD, DELETE, WRITE_DAC, WRITE_OWNER and everything. */
const takingOver = 0x40 | 0x10000 | 0x40000 | 0x80000 | 0x10000000;

/** SYSTEM, Administrators, TrustedInstaller, built-in Administrator; the owner's own rights go with the owner. */
function isTrusted(who: string): boolean {
  return /^(?:SY|BA|LA|CO|OW|S-1-5-18|S-1-5-32-544|S-1-3-[04]|S-1-5-21(?:-\d+){3}-500|S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464)$/i.test(
    who,
  );
}

/** Whom entries that allow something beyond `mask` name, without those who may do it anyway. */
function writersIn(sddl: string, mask: number): readonly string[] {
  const list = /D:([A-Z_]*)((?:\([^()]*\))*)/.exec(sddl);
  // Without a list of rights everybody may do everything.
  if (list === null || list[1]?.includes('NO_ACCESS') === true) return ['everybody'];
  const entries = [...(list[2] ?? '').matchAll(/\(([^()]*)\)/g)].map(([, entry = '']) => entry.split(';'));
  const writers = entries.flatMap(([type = '', flags = '', rights = '', , , who = '']) => {
    const allows = type === 'A' || type === 'OA' || type === 'XA';
    if (!allows || flagsOf(flags).includes('IO') || isTrusted(who)) return [];
    return (rightsOf(rights) & mask) === 0 ? [] : [who];
  });
  return [...new Set(writers)];
}

function flagsOf(text: string): readonly string[] {
  return text.match(/../g) ?? [];
}

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
  GR: 0,
  FA: 0x1f01ff,
  FW: 0x120116,
  FR: 0x120089,
  FX: 0x1200a0,
};

/** Letters that are not known may mean anything. */
function rightsOf(text: string): number {
  if (/^0x[0-9a-f]+$/i.test(text)) return Number.parseInt(text, 16);
  return flagsOf(text).reduce((sum, pair) => sum | (letters[pair] ?? 0x10000000), 0);
}
