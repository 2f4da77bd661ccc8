import { type AccessEntry, accessListOf } from './access-list.ts';
import { type Administrators, accountText, isAdministrator, nobodyTrusted } from './administrators.ts';

/** What Windows tells of one file or folder. */
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
    /** Without a list of rights, or with one that is not understood. */
    | { readonly kind: 'no-list' | 'unknown-list' }
    | {
        readonly kind: 'writable';
        /** Entries by which others can write. */
        readonly by: readonly AccessEntry[];
        /** All that others have. */
        readonly others: readonly AccessEntry[];
        /** Every one of these entries comes from a folder above that is told of too. */
        readonly mendedAbove: boolean;
      }
  );

/**
 * Judges a path by what Windows tells of it and of its parents, the path itself first. The path and its own folder must
 * not be writable at all (a library beside a program is code too); in the folders above it is enough that nobody can
 * delete or rename what is in them or give himself the right to. Of a path that is missing the nearest folder that is
 * there counts as its own, since whatever is put there leads to it.
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
    case 'writable':
      return `can be written by ${accountsOf(flaw.by)
        .map((who) => accountText(who, administrators))
        .join(' and ')}`;
  }
}

/** SIDs or letters of the accounts, each once. */
export function accountsOf(entries: readonly AccessEntry[]): readonly string[] {
  return [...new Set(entries.map(({ who }) => who))];
}

/**
 * Why what a registry key says is not believed: others than the administrators that are certain on every server can
 * change it. `null` when nobody else can.
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
/** KEY_SET_VALUE and KEY_CREATE_LINK. A key below it can be made by anybody, and is never read. */
const registryWriting = 0x2 | 0x20 | deleting | takingOver | 0x40000000;

function flawsAt(
  rights: WindowsRights,
  isOwn: boolean,
  administrators: Administrators,
  above: readonly AccessEntry[],
): readonly Flaw[] {
  const mask = isOwn ? anyWriting : deletingChild | deleting | takingOver;
  // Nothing is above the root of a volume that it could be taken out of (fidelity: volume-root-rights).
  return flawsIn(rights, isVolumeRoot(rights.path) ? mask & ~deleting : mask, administrators, above);
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
 * Denials are not looked at: they can only take something away. A condition counts as if it held: who can meet it, and
 * when, is not known here.
 */
function concernsOthers({ effect, inheritedOnly, who }: AccessEntry, administrators: Administrators): boolean {
  return effect === 'allow' && !inheritedOnly && !isAdministrator(who, administrators);
}

function isVolumeRoot(path: string): boolean {
  return path === '/' || /^[A-Za-z]:\\$/.test(path);
}
