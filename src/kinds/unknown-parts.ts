/** The parts of a server that can be missing from a snapshot, by their names in captures. */
export const partNames = ['keys', 'tasks', 'lifecycle', 'netsh', 'others', 'ftps'] as const;

export type PartName = (typeof partNames)[number];

/** `not-read`: the server did not answer. `withheld`: a capture leaves it out. */
export type WhyUnknown = 'not-read' | 'withheld';

/** A part that is not known. Empty lists of the snapshot mean nothing there, and no decision uses them. */
export interface UnknownPart {
  readonly part: PartName;
  readonly why: WhyUnknown;
}

/** What of a snapshot tells which parts are known. */
export interface PartsSeen {
  readonly notLookedAt: readonly UnknownPart[];
}

/** Every decision checks this for each part that it uses. */
export function isKnown({ notLookedAt }: PartsSeen, part: PartName): boolean {
  return notLookedAt.every((unknown) => unknown.part !== part);
}

export function unknownParts(why: WhyUnknown, parts: readonly PartName[]): readonly UnknownPart[] {
  return parts.map((part) => ({ part, why }));
}

export const whyTexts: Readonly<Record<WhyUnknown, string>> = {
  'not-read': 'could not be read',
  withheld: 'left out of the capture',
};

export const partTexts: Readonly<Record<PartName, string>> = {
  keys: 'private keys',
  tasks: 'tasks of Task Scheduler',
  lifecycle: 'certificate lifecycle log',
  netsh: 'options that netsh supports',
  others: 'thumbprints that other products store',
  ftps: 'certificates of FTP sites',
};

/** `private keys, certificate lifecycle log (could not be read); tasks of Task Scheduler (left out of the capture)` */
export function unknownText(unknown: readonly UnknownPart[]): string {
  const whys = [...new Set(unknown.map(({ why }) => why))];
  return whys
    .map((reason) => {
      const parts = unknown.filter(({ why }) => why === reason).map(({ part }) => partTexts[part]);
      return `${parts.join(', ')} (${whyTexts[reason]})`;
    })
    .join('; ');
}

/** The part of a server, as `sources` names it, in which something could not be read. */
export type UnreadablePart = 'sites' | 'records' | 'certificates' | 'files';

export interface Unreadable {
  /** The site, the registry key, the store or the file that holds it. */
  readonly where: string;
  /** What stands there, as written; empty when there is nothing to show. */
  readonly text: string;
  readonly why: string;
}

export interface UnreadableEntry extends Unreadable {
  readonly part: UnreadablePart;
}

/** It only vouches for certificates, or condemns them: no change needs it, and it names none. */
export function isBesideStores({ part, where }: UnreadableEntry): boolean {
  return part === 'certificates' && /^(?:store (?:CA|Root)$|revocation list|list of )/.test(where);
}

/** What the reader of one part of a server could not read. */
export function unreadableIn(part: UnreadablePart, entries: readonly Unreadable[]): readonly UnreadableEntry[] {
  return entries.map((entry) => ({ part, ...entry }));
}
