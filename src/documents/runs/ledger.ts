import { pairText, type Renewal } from '../../certificates/renewal.ts';
import type { Thumbprint } from '../../certificates/thumbprint.ts';
import type { FindingCode } from '../../codes/finding-codes.ts';
import type { BlockCode } from '../../codes/plan-codes.ts';
import type { KeyText } from '../../holders/record-key.ts';
import { parserOf } from '../../text/document.ts';
import { validateLedger } from '../generated/validate-ledger.js';
import type { Looked } from '../looked.ts';
import type { Plan } from './plan.ts';
import type { RolledBack } from './rolled-back.ts';

/** What happened to each renewal. The event bookmark only says where to continue reading. */
export interface Ledger {
  readonly schema: 'certrebind/ledger/1';
  readonly entries: readonly LedgerEntry[];
  /** The last listing of the event log, with the moment before it began (same clock as the program's start). */
  readonly listing: Listing | null;
  /** Values that a run had to put back and could not, oldest first. */
  readonly debts: readonly Debt[];
  /** Findings that a person took off the views. */
  readonly dismissed: readonly Dismissal[];
  /** Certificates that this program archived, because nothing needs them any more. */
  readonly retired: readonly RetiredCertificate[];
  /** A document of its own, which comes along; absent where no hourly run has looked. */
  readonly looked?: Looked;
}

/** Remembered before it is archived: an archived certificate that is not here was archived by somebody else. */
export interface RetiredCertificate {
  readonly thumbprint: Thumbprint;
  readonly store: string;
  /** What took its place. */
  readonly successor: Thumbprint;
  readonly at: string;
  /** Remembered before that is deleted; absent while it is only archived. */
  readonly deleting?: { readonly what: 'key' | 'certificate'; readonly at: string };
}

/** Where a run left something else than before, and could not mend it. The journal of the run has the value. */
export interface Debt {
  readonly run: string;
  readonly step: number;
  readonly key: KeyText;
  readonly at: string;
}

/** A finding that is hidden as long as the facts that it is made of stay the same. */
export interface Dismissal {
  readonly code: FindingCode;
  readonly key: KeyText | null;
  /** Digest of the facts. */
  readonly facts: string;
  readonly by: string;
  readonly at: string;
}

export interface Listing {
  readonly listedAt: string;
  readonly lastRecordId: number | null;
  readonly lastTimeCreated: string | null;
}

export interface LedgerEntry {
  readonly renewal: Renewal;
  /**
   * `settled`: every holder except those of `heldAt` has the new certificate. `pending`: waits for the certificate, its
   * key or its time. `blocked`: by a guard. `failed`: tried, and tried again by the next run. `undone`: the new
   * certificate was rolled back, by a person or because a record or its endpoint got worse, or could not be rolled back; only
   * a person can apply it again.
   */
  readonly state: 'settled' | 'blocked' | 'pending' | 'undone' | 'failed';
  readonly reasons: readonly BlockCode[];
  readonly run: string | null;
  readonly at: string;
  /**
   * Records that hold the new certificate while one of their endpoints still served an older one; if the renewal was
   * undone, those that hold the old one while an endpoint still served the new one. Absent for none.
   */
  readonly stillOld?: readonly KeyText[];
  /**
   * FTP sites and listeners where the new certificate was rolled back, while the rest of the renewal stays applied; only a
   * person can apply it there again. Absent for none.
   */
  readonly heldAt?: readonly KeyText[];
  /** Places that answer for any host name, and the names that the new certificate lacks there; absent for none. */
  readonly namesLost?: readonly { readonly key: KeyText; readonly hosts: readonly string[] }[];
  /**
   * Why the new certificate was rolled back, kept until it is applied or a person tries it; absent where it was not, and in
   * entries of earlier versions.
   */
  readonly rolledBack?: RolledBack;
  /** The file of the old certificate's private key; absent where it was not read. */
  readonly keyFile?: string;
}

export const emptyLedger: Ledger = {
  schema: 'certrebind/ledger/1',
  entries: [],
  listing: null,
  debts: [],
  dismissed: [],
  retired: [],
};

/** As in the file; a part that did not exist when it was written is empty. */
type WrittenLedger = Pick<Ledger, 'schema' | 'entries' | 'listing'> & Partial<Ledger>;

const parseWritten = parserOf<WrittenLedger>('ledger', 1, validateLedger);

/**
 * Beyond this number the oldest settled entries are removed: a renewal that returns is found `already` and settled
 * again.
 */
const settledEntriesKept = 1000;

/** @throws CertRebindError `bad-document` or `later-schema` */
export function parseLedger(text: string, where: string): Ledger {
  const { schema, entries, listing, debts = [], dismissed = [], retired = [] } = parseWritten(text, where);
  return { schema, entries, listing, debts, dismissed, retired };
}

/** What is remembered of the pair old → new, no matter which event or property announced it. */
export function ledgerEntryOf(ledger: Ledger, renewal: Renewal): LedgerEntry | null {
  return ledger.entries.find((entry) => samePair(entry.renewal, renewal)) ?? null;
}

/**
 * Whether a start for this event has nothing left to do: a run that listed the log after this start began has seen the
 * event, and no part of it is open. An older listing proves nothing, because record numbers start again at 1 when the
 * log is cleared (fidelity: record-ids-restart); a listing from the future does not either, because then the clock was
 * wrong.
 */
export function alreadySettled(
  ledger: Ledger,
  recordId: number,
  { startedAt, now }: { readonly startedAt: Date; readonly now: Date },
): boolean {
  const { listing } = ledger;
  if (listing === null || listing.lastRecordId === null || listing.lastRecordId < recordId) return false;
  const listedAt = Date.parse(listing.listedAt);
  if (listedAt < startedAt.getTime() || listedAt > now.getTime()) return false;
  return ledger.entries
    .filter(({ renewal }) => renewal.eventRecordId === recordId)
    .every(({ state }) => state === 'settled' || state === 'undone');
}

/**
 * The ledger with these entries instead of earlier ones for the same pairs, as the last. What was only looked at again
 * keeps its place: of two decisions the later one counts.
 */
export function withEntries(ledger: Ledger, entries: readonly LedgerEntry[], listing: Listing | null): Ledger {
  const now = new Map(entries.map((entry) => [pairText(entry.renewal), entry]));
  const kept = ledger.entries.flatMap((before) => {
    const entry = now.get(pairText(before.renewal));
    if (entry === undefined) return before;
    return entry.at === before.at && entry.run === before.run ? entry : [];
  });
  const made = entries.filter((entry) => !kept.includes(entry));
  return { ...ledger, entries: withoutOldSettled([...kept, ...made]), listing: listing ?? ledger.listing };
}

/**
 * What happened to a pair, with the event that announced it. A run by hand, or one that learnt the pair from a renewal
 * property, does not know the event; the next run does, and would report the same again.
 */
export function withKnownEvent(entry: LedgerEntry, ledger: Ledger): LedgerEntry {
  const eventRecordId = entry.renewal.eventRecordId ?? ledgerEntryOf(ledger, entry.renewal)?.renewal.eventRecordId;
  return eventRecordId === undefined ? entry : { ...entry, renewal: { ...entry.renewal, eventRecordId } };
}

/**
 * What happened to a pair, including what earlier runs put back and this one did not try again, and the endpoints that
 * they left on an older certificate and this one did not see again.
 */
export function withOpenBefore(entry: LedgerEntry, ledger: Ledger, { steps }: Pick<Plan, 'steps'>): LedgerEntry {
  if (entry.state === 'undone') return entry;
  const tried = new Set(steps.map(({ key }) => key));
  const known = ledgerEntryOf(ledger, entry.renewal);
  const untried = (keys: readonly KeyText[] | undefined) => keys?.filter((key) => !tried.has(key)) ?? [];
  const heldAt = [...new Set([...untried(known?.heldAt), ...(entry.heldAt ?? [])])];
  const unseen = known?.state === 'undone' ? [] : untried(known?.stillOld);
  const stillOld = [...new Set([...unseen, ...(entry.stillOld ?? [])])];
  return {
    ...entry,
    ...(unseen.length > 0 && entry.state === 'settled' && { state: 'failed' }),
    ...(heldAt.length > 0 && { heldAt }),
    ...(stillOld.length > 0 && { stillOld }),
  };
}

/**
 * Whether a remembered time is at most this many milliseconds ago. A time in the future comes from a clock that was
 * wrong.
 */
export function isWithin(ms: number, time: string, now: number): boolean {
  const passed = now - Date.parse(time);
  return passed >= 0 && passed < ms;
}

export function samePair(a: Renewal, b: Renewal): boolean {
  return a.old === b.old && a.new === b.new;
}

function withoutOldSettled(entries: readonly LedgerEntry[]): readonly LedgerEntry[] {
  const mayGo = ({ state, heldAt }: LedgerEntry) => state === 'settled' && heldAt === undefined;
  const surplus = entries.filter(mayGo).length - settledEntriesKept;
  let dropped = 0;
  return entries.filter((entry) => !mayGo(entry) || ++dropped > surplus);
}
