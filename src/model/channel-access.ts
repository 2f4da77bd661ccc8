/**
 * Whether service accounts may write to an event log, by its access descriptor (SDDL); `null` where its words do not tell.
 * A service's token holds one of the accounts below and the groups; the first entry for any of them decides, as Windows
 * does it (fidelity: event-writers).
 */
export function servicesMayWrite(sddl: string): boolean | null {
  const [, list, rest = ''] = /D:[A-Z]*((?:\([^()]*\))*)(.*)$/.exec(sddl) ?? [];
  // Without a list everybody may do everything.
  if (list === undefined) return /^(?:[OG]:[^:]*)+$/.test(sddl) ? true : null;
  // Conditions hold brackets of their own.
  if (rest !== '' && !rest.startsWith('S:')) return null;
  const entries = Array.from(list.matchAll(/\(([^()]*)\)/g), ([, entry = '']) => entryOf(entry));
  const answers = serviceAccounts.map((account) => decided(entries, account));
  return answers.includes(true) ? true : answers.includes(null) ? null : false;
}

interface AccessEntry {
  /** `null`: of a kind not known here. */
  readonly allows: boolean | null;
  /** Whether it is about writing; `null` where its rights are in words not known here. */
  readonly writes: boolean | null;
  readonly trustee: string;
}

/** LocalService, NetworkService, the services with SIDs of their own, and the pools of IIS. */
const serviceAccounts: readonly RegExp[] = [
  /^(?:LS|S-1-5-19)$/,
  /^(?:NS|S-1-5-20)$/,
  /^S-1-5-80-/,
  /^(?:IS|S-1-5-32-568|S-1-5-82-.*)$/,
];

/** SERVICE, authenticated users, everyone. */
const groups = /^(?:SU|S-1-5-6|AU|S-1-5-11|WD|S-1-1-0)$/;

/** What the rights of an event log are in numbers: 1 reading, 2 writing, 4 clearing. */
const writing = 0x2;
const genericWriting = 0x5000_0000;

function decided(entries: readonly AccessEntry[], account: RegExp): boolean | null {
  const first = entries.find(
    ({ trustee, writes }) => writes !== false && (groups.test(trustee) || account.test(trustee)),
  );
  if (first === undefined) return false;
  return first.writes === null ? null : first.allows;
}

function entryOf(text: string): AccessEntry {
  const [kind, flags = '', rights = '', , , trustee = ''] = text.split(';');
  const allows = kind === 'A' ? true : kind === 'D' ? false : null;
  // It is only for what is made below.
  return { allows, writes: flags.includes('IO') ? false : mayWrite(rights), trustee };
}

function mayWrite(rights: string): boolean | null {
  if (/^(?:0x[0-9A-Fa-f]+|\d+)$/.test(rights)) return (Number(rights) & (writing | genericWriting)) !== 0;
  if (!/^(?:[A-Z]{2})+$/.test(rights)) return null;
  const words = rights.match(/../g) ?? [];
  if (words.some((word) => ['DC', 'GA', 'GW', 'FA', 'FW', 'KA', 'KW'].includes(word))) return true;
  return words.every((word) => ['CC', 'LC', 'GR', 'GX', 'RC', 'SD', 'WD', 'WO'].includes(word)) ? false : null;
}
