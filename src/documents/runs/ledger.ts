import type { FindingCode } from '../../base/codes/finding-codes.ts';
import type { BlockCode } from '../../base/codes/plan-codes.ts';
import type { Integer, Time } from '../../base/document.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import { pairText, type Renewal } from '../../model/certificates/renewal.ts';
import type { PastRenewal } from '../../model/certificates/schedule.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { validateLedger } from '../generated/validate-ledger.js';
import type { Looked } from '../looked.ts';
import { parserOf } from '../parser-of.ts';

/** What is remembered of a server. The event bookmark only says where to continue reading. */
export interface Ledger {
  readonly schema: 'certrebind/ledger/1';
  /** Every pair that a run has worked on: a fact, whatever was decided about single places. */
  readonly renewals: readonly LedgerRenewal[];
  /** What persons decided, and runs found, about single places. */
  readonly decisions: readonly Decision[];
  /** The last listing of the event log, with the moment before it began (same clock as the program's start). */
  readonly listing: Listing | null;
  /** Values that a run had to restore and could not, oldest first. */
  readonly pendingRollbacks: readonly PendingRollback[];
  /** Findings that a person took off the views. */
  readonly dismissed: readonly Dismissal[];
  /** Certificates that this program archived, because nothing needs them any more. */
  readonly retired: readonly RetiredCertificate[];
  /** How much each renewal left, also after its old certificate was deleted; absent for none. */
  readonly pastRenewals?: readonly PastRenewal[];
  /** Where runs set a certificate, each place with its last one; absent for none. */
  readonly applied?: readonly {
    readonly run: string;
    readonly at: Time;
    readonly certificate: Thumbprint;
    readonly places: readonly KeyText[];
  }[];
  /** A document of its own, which comes along; absent where no hourly run has looked. */
  readonly looked?: Looked;
}

export interface LedgerRenewal {
  readonly renewal: Renewal;
  /** The last run with a step for it; `null` if none had one. */
  readonly run: string | null;
  readonly at: Time;
  /**
   * Why the last run left a part of it open, so that the same is not reported every hour; empty if every place that could
   * get the new certificate has it, or a decision keeps it from that. What is open now is asked of a plan made now.
   * @anyText
   */
  readonly left: readonly (BlockCode | 'failed' | 'not-in-plan')[];
  /** The file of the old certificate's private key; absent where it was not read. */
  readonly keyFile?: string;
}

/**
 * `keeps-old`: a person undid it, gave it up, or went back. `on-hold`: a run rolled it back. `interrupted`: runs that
 * changed it were killed, in a row. `serves-old`: the new certificate is set, and an endpoint still served an older one;
 * `serves-new`: the old one is set again, and an endpoint still served the new one. `lost-names`: clients may still ask
 * for `hosts`, which the new certificate lacks. `set-back`: a run had set the new certificate, and the old one was there
 * again; `run` is the one that applied it again, or saw that it is over, and `null` as long as it lasts. `not-undone`: a
 * person undid `run`, or (`null`) went back to the old certificate, and this place still has the new one.
 */
export type DecisionKind =
  | 'keeps-old'
  | 'on-hold'
  | 'interrupted'
  | 'serves-old'
  | 'serves-new'
  | 'lost-names'
  | 'set-back'
  | 'not-undone';

/** About one place and one pair of certificates. */
export interface Decision {
  readonly place: KeyText;
  readonly old: Thumbprint;
  readonly new: Thumbprint;
  readonly what: DecisionKind;
  readonly by: 'person' | 'run' | 'unknown';
  /** Why a run rolled it back; `null` for everything else. */
  readonly cause: RollbackCause | null;
  /** How often a run tried it in vain since a person last asked for it; of `set-back` how often that counts. */
  readonly attempts: Integer;
  /** Digest of what could matter to a handshake, as of then (`factsNow`); `null` if it is not known. */
  readonly facts: string | null;
  /** The event that had announced the pair until then; `null` for none. */
  readonly event: Integer | null;
  readonly run: string | null;
  readonly at: Time;
  readonly hosts?: readonly string[];
  /** Of `set-back`: when a run (`run`) had set the new one, and the old one was seen again, with others or alone. */
  readonly seen?: readonly {
    readonly run: string;
    readonly after: Time;
    readonly at: Time;
    readonly together: boolean;
  }[];
}

export type SetBack = Decision & Required<Pick<Decision, 'seen'>> & { readonly what: 'set-back' };

/**
 * `chain`: sent without the intermediate `issuer`, which says the same of every place. `handshake`: clients could not
 * connect; `protocol`: TLS itself refused it; `name`: another certificate answered for a name; `server`: Windows did not
 * make the change as asked. `interrupted`: the run was killed. `at`: the place where it showed; absent in what an earlier
 * version remembered.
 */
export type RollbackCause = { readonly said: string; readonly at?: KeyText } & (
  | { readonly kind: 'chain'; readonly issuer: string }
  | { readonly kind: 'handshake' | 'protocol' | 'name' | 'server' | 'interrupted' }
);

/** Remembered before it is archived: an archived certificate that is not here was archived by somebody else. */
export interface RetiredCertificate {
  readonly thumbprint: Thumbprint;
  readonly store: string;
  /** What took its place. */
  readonly successor: Thumbprint;
  readonly at: Time;
  /** Remembered before that is deleted; absent while it is only archived. */
  readonly deleting?: { readonly what: 'key' | 'certificate'; readonly at: Time };
}

/** Where a run left something else than before, and could not mend it. The journal of the run has the value. */
export interface PendingRollback {
  readonly run: string;
  readonly step: Integer;
  readonly key: KeyText;
  readonly at: Time;
}

/** A finding that is hidden as long as the facts that it is made of stay the same. */
export interface Dismissal {
  /** @anyText */
  readonly code: FindingCode;
  readonly place: KeyText | null;
  readonly certificate: Thumbprint | null;
  /** Digest of the facts. */
  readonly facts: string;
  readonly by: string;
  readonly at: Time;
}

export interface Listing {
  readonly listedAt: Time;
  readonly lastRecordId: Integer | null;
  readonly lastTimeCreated: string | null;
}

export const emptyLedger: Ledger = {
  schema: 'certrebind/ledger/1',
  renewals: [],
  decisions: [],
  listing: null,
  pendingRollbacks: [],
  dismissed: [],
  retired: [],
};

export const parseLedger = parserOf<Ledger>('certrebind/ledger/1', validateLedger);

/** Beyond this number the oldest renewals of which nothing is open are removed: one that returns is found `already`. */
const renewalsKept = 1000;

/** What is remembered of the pair old → new, no matter which event or property announced it. */
export function rememberedOf({ renewals }: Pick<Ledger, 'renewals'>, pair: Pair): LedgerRenewal | null {
  return renewals.find(({ renewal }) => samePair(renewal, pair)) ?? null;
}

/**
 * Whether a start for this event has nothing left to do: a run that listed the log after this start began has seen the
 * event, and no part of it is open. An older listing proves nothing, because record numbers may start again at 1 when
 * the log is cleared (fidelity: record-ids-restart); a listing from the future does not either, because then the clock was
 * wrong.
 */
export function alreadySettled(
  { listing, renewals }: Ledger,
  recordId: number,
  { startedAt, now }: { readonly startedAt: Date; readonly now: Date },
): boolean {
  if (listing === null || listing.lastRecordId === null || listing.lastRecordId < recordId) return false;
  const listedAt = Date.parse(listing.listedAt);
  if (listedAt < startedAt.getTime() || listedAt > now.getTime()) return false;
  return renewals.every(({ renewal, left }) => renewal.eventRecordId !== recordId || left.length === 0);
}

/**
 * With these instead of earlier ones for the same pairs, as the last. What was only looked at again keeps its place: of
 * two pairs for one certificate the later one counts. Of those with nothing left to do the newest are kept.
 */
export function withRenewals(
  before: readonly LedgerRenewal[],
  made: readonly LedgerRenewal[],
): readonly LedgerRenewal[] {
  const now = new Map(made.map((one) => [pairText(one.renewal), one]));
  const kept = before.flatMap((known) => {
    const one = now.get(pairText(known.renewal));
    if (one === undefined) return known;
    return one.at === known.at && one.run === known.run ? one : [];
  });
  const all = [...kept, ...made.filter((one) => !kept.includes(one))];
  let surplus = all.filter(({ left }) => left.length === 0).length - renewalsKept;
  return all.filter(({ left }) => left.length > 0 || surplus-- <= 0);
}

/** With the new ones instead of earlier ones of the same kind there, and without what was seen to be over, by place. */
export function withDecisions(
  before: readonly Decision[],
  made: readonly Decision[],
  over: ReadonlyMap<KeyText, ReadonlySet<DecisionKind>>,
): readonly Decision[] {
  const [known, now] = [new Set(before), new Set(made)];
  const fresh = made.filter((one) => !known.has(one));
  const replaced = new Set(fresh.map(placeAndKind));
  const isOver = (one: Decision) => replaced.has(placeAndKind(one)) || over.get(one.place)?.has(one.what) === true;
  return [...before.filter((one) => now.has(one) || !isOver(one)), ...fresh];
}

export function placeAndKind({ place, what }: Pick<Decision, 'place' | 'what'>): string {
  return `${what} ${place}`;
}

/** Runs that were killed in a row while they changed one place; after that it is left to a person. */
const mostKills = 3;

/** Whether it may keep a renewal from its place. A killed run says nothing, unless it is the third in a row there. */
export function keepsOld({ what, attempts }: Decision): boolean {
  return what === 'keeps-old' || what === 'on-hold' || (what === 'interrupted' && attempts >= mostKills);
}

/** The pairs (`pairText`) of which something was undone or rolled back at some place. */
export function pairsKept({ decisions }: Pick<Ledger, 'decisions'>): ReadonlySet<string> {
  return new Set(decisions.filter(keepsOld).map(pairText));
}

/**
 * Whether a remembered time is at most this many milliseconds ago. A time in the future comes from a clock that was
 * wrong.
 */
export function isWithin(ms: number, time: string, now: number): boolean {
  const passed = now - Date.parse(time);
  return passed >= 0 && passed < ms;
}

type Pair = Pick<Renewal, 'old' | 'new'>;

export function samePair(a: Pair, b: Pair): boolean {
  return a.old === b.old && a.new === b.new;
}
