/** The parts of a server that can be missing from a snapshot, by their names in captures. */
export const partNames = [
  'records',
  'options of the TLS records',
  'certificates',
  'other certificates',
  'keys',
  'renewal properties',
  'site states',
  'tasks',
  'lifecycle',
  'netsh',
  'others',
  'ftps',
] as const;

export type PartName = (typeof partNames)[number];

/** `not-given`: an import did not get it. `not-read`: the server did not answer. `withheld`: a capture leaves it out. */
export type WhyUnknown = 'not-given' | 'not-read' | 'withheld';

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

/** Whether a certificate that is not in the snapshot is certainly in no store of the server. */
export function seesEveryCertificate(seen: PartsSeen): boolean {
  return isKnown(seen, 'certificates') && isKnown(seen, 'other certificates');
}

/** Whether a waiting renewal would be seen: the log announces it, and so does the old certificate. */
export function seesRenewals(seen: PartsSeen): boolean {
  return isKnown(seen, 'lifecycle') || (isKnown(seen, 'certificates') && isKnown(seen, 'renewal properties'));
}

/** Whether a pending renewal would be seen: it is pending if a record still holds the old certificate. */
export function seesPending(seen: PartsSeen): boolean {
  return isKnown(seen, 'records') && seesRenewals(seen);
}

export function unknownParts(why: WhyUnknown, parts: readonly PartName[]): readonly UnknownPart[] {
  return parts.map((part) => ({ part, why }));
}

const reasons: Readonly<Record<WhyUnknown, string>> = {
  'not-given': 'not given',
  'not-read': 'could not be read',
  withheld: 'left out of the capture',
};

export function reasonText(why: WhyUnknown): string {
  return reasons[why];
}

const names: Readonly<Record<PartName, string>> = {
  records: 'TLS records',
  'options of the TLS records': 'options of the TLS records',
  certificates: 'certificates',
  'other certificates': 'certificates other than those given',
  keys: 'private keys',
  'renewal properties': 'renewal properties of certificates',
  'site states': 'states of sites',
  tasks: 'tasks of Task Scheduler',
  lifecycle: 'certificate lifecycle log',
  netsh: 'options that netsh supports',
  others: 'thumbprints that other products store',
  ftps: 'certificates of FTP sites',
};

export function partText(part: PartName): string {
  return names[part];
}

/** `TLS records, certificates (not given); private keys (could not be read)` */
export function unknownText(unknown: readonly UnknownPart[]): string {
  const whys = [...new Set(unknown.map(({ why }) => why))];
  return whys
    .map((reason) => {
      const parts = unknown.filter(({ why }) => why === reason).map(({ part }) => partText(part));
      return `${parts.join(', ')} (${reasonText(reason)})`;
    })
    .join('; ');
}

/** The part of a server, as `sources` names it, in which something could not be read. */
export type UnreadablePart = 'sites' | 'records' | 'certificates';

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

/** What the reader of one part of a server could not read. */
export function unreadableIn(part: UnreadablePart, entries: readonly Unreadable[]): readonly UnreadableEntry[] {
  return entries.map((entry) => ({ part, ...entry }));
}
