import { type AccessEntry, accessListOf } from './access-list.ts';

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
    const whys = dangersIn(sddl, level < 2 ? anyWriting : takingOver);
    return [...dangers, ...whys.map((why) => ({ where: path, why }))];
  });
}

const anyWriting = 0x2 | 0x4 | 0x10 | 0x40 | 0x100 | 0x10000 | 0x40000 | 0x80000 | 0x10000000 | 0x40000000;
/** DELETE_CHILD, DELETE, WRITE_DAC, WRITE_OWNER and everything. */
const takingOver = 0x40 | 0x10000 | 0x40000 | 0x80000 | 0x10000000;

/** What others may do of `mask`. Denials are not looked at: they can only take something away. */
function dangersIn(sddl: string, mask: number): readonly string[] {
  const list = accessListOf(sddl);
  switch (list.is) {
    case 'open':
      return ['can be written by everybody'];
    case 'unreadable':
      return ['has a list of rights that cannot be understood'];
    case 'list': {
      const writers = list.entries.filter((entry) => allows(entry, mask)).map(({ who }) => who);
      return [...new Set(writers)].map((who) => `can be written by ${who}`);
    }
  }
}

/** A condition counts as if it held: who can meet it, and when, is not known here. */
function allows({ effect, inheritedOnly, rights, who }: AccessEntry, mask: number): boolean {
  return effect === 'allow' && !inheritedOnly && !isTrusted(who) && (rights & mask) !== 0;
}

/** SYSTEM, Administrators, TrustedInstaller, built-in Administrator; the owner's own rights go with the owner. */
function isTrusted(who: string): boolean {
  return /^(?:SY|BA|LA|CO|OW|S-1-5-18|S-1-5-32-544|S-1-3-[04]|S-1-5-21(?:-\d+){3}-500|S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464)$/i.test(
    who,
  );
}
