import { groupBy } from '../../base/group.ts';
import type { Configuration } from '../../documents/configuration.ts';
import { lookedAt, waitIsOver } from '../../documents/looked.ts';
import type { RetireReason } from '../../documents/retirement.ts';
import {
  type Decision,
  keepsOld,
  type Ledger,
  type LedgerRenewal,
  type RetiredCertificate,
} from '../../documents/runs/ledger.ts';
import { placesNaming, thumbprintsByPlace } from '../../kinds/place.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { isBesideStores, isKnown, type PartName } from '../../kinds/unknown-parts.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { lineageOf, pairText } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { clientAuthentication, serverAuthentication } from '../../model/certificates/usages.ts';

/** A certificate that a run replaced: what becomes of it, or why it stays. */
export interface RetireCase {
  readonly certificate: Certificate;
  readonly successor: Thumbprint;
  readonly becomes: 'archived' | 'deleted' | 'stays';
  /** Of one that is deleted: whether its key goes too, stays because another certificate has the same, or is gone already. */
  readonly key?: KeyFate;
  readonly why: RetireReason | null;
  /** What `why` speaks of: the places that name it, or from when on it may go. */
  readonly detail: readonly string[];
}

type KeyFate = 'deleted' | 'shared' | 'gone';

/** Everything that could name a certificate; where one of these is not known, nothing is retired. */
const partsThatName: readonly PartName[] = ['ftps', 'others'];

/** Why nothing at all can be retired now, as a sentence; `null` if that can be judged. */
export function whyNothingRetires(snapshot: Snapshot, ledger: Ledger): string | null {
  const jump = clockJump(snapshot, ledger);
  if (jump !== null) return `${jump} Nothing is archived or deleted on that day.`;
  const unknown = partsThatName.filter((part) => !isKnown(snapshot, part));
  if (unknown.length > 0) return `This part of the server is not known: ${unknown.join(', ')}.`;
  if (!snapshot.unreadable.every(isBesideStores))
    return 'Something on this server that may name a certificate could not be read.';
  const roles = (snapshot.roles ?? []).filter(({ why }) => why !== null);
  if (roles.length > 0)
    return `It is not known which certificate is used by ${roles.map(({ kind }) => kind).join(', ')}.`;
  return ledger.pendingRollbacks.length > 0 ? 'A setting that an earlier run changed has not been restored yet.' : null;
}

/**
 * Of the places that are still there: where a place was removed, nothing of it can be settled any more. What keeps the old
 * certificate keeps it no longer where the place names another one.
 */
function decisionsHere(snapshot: Snapshot, { decisions }: Ledger): readonly Decision[] {
  const there = thumbprintsByPlace(snapshot);
  return decisions.filter((one) => {
    const named = there.get(one.place);
    return named !== undefined && !(keepsOld(one) && named !== null && named !== one.old);
  });
}

/** As a sentence, where the clock went further than to the next day since the last look of the hourly run but one. */
export function clockJump({ takenAt }: Pick<Snapshot, 'takenAt'>, { looked }: Pick<Ledger, 'looked'>): string | null {
  if (looked === undefined) return null;
  const { jumpedFrom, day } = lookedAt(looked, Date.parse(takenAt));
  return jumpedFrom === null
    ? null
    : `Between two looks of the hourly task the date went from ${jumpedFrom} to ${day}: the server was off, or its clock was set.`;
}

/**
 * Every certificate of the stores that a run of this program replaced, with what is to become of it: archived, and where
 * `deletes` later deleted. Its names and dates decide nothing: only that nothing names it, and how long its successor has
 * been at work, then how long it has been archived.
 */
export function casesOfRetirement(
  snapshot: Snapshot,
  ledger: Ledger,
  { afterDays, deletes }: { readonly afterDays: number; readonly deletes: boolean },
): readonly RetireCase[] {
  const naming = placesNaming(snapshot);
  const isPast = ({ what, run }: Decision) => what === 'lost-names' || (what === 'set-back' && run !== null);
  const decided = decisionsHere(snapshot, ledger);
  const undecided = new Set(decided.flatMap((one) => (isPast(one) ? [] : pairText(one))));
  const mayReplace = new Map(decided.filter(keepsOld).map((one) => [one.new, one.old]));
  const isFinished = ({ renewal, left: open }: LedgerRenewal) => open.length === 0 && !undecided.has(pairText(renewal));
  const replacedBy = lineageOf(ledger.renewals.filter(isFinished).map(({ renewal }) => renewal));
  const atWork = snapshot.certificates.filter((one) => opens(one) && naming(one.thumbprint).length > 0);
  const replaced = groupBy(ledger.renewals, ({ renewal }) => renewal.old);
  const now = Date.parse(snapshot.takenAt);
  const left = new Set(snapshot.certificates);
  return snapshot.certificates.flatMap((certificate): readonly RetireCase[] => {
    const entry = replaced.get(certificate.thumbprint)?.at(-1);
    if (entry === undefined || entry.run === null) return [];
    const retired = certificate.archived ? retiredBefore(ledger, certificate) : null;
    if (certificate.archived && (retired === null || !deletes)) return [];
    const successor = entry.renewal.new;
    const stays = (why: RetireReason, detail: readonly string[] = []): readonly RetireCase[] => [
      { certificate, successor, becomes: 'stays', why, detail },
    ];
    const places = naming(certificate.thumbprint).map(({ key }) => key);
    if (places.length > 0) return stays('in-use', places);
    const keptInstead = mayReplace.get(certificate.thumbprint);
    if (keptInstead !== undefined) return stays('taken-back', [keptInstead]);
    if (!isFinished(entry)) return stays('unsettled');
    if (certificate.template !== undefined) return stays('template');
    if (!isForTlsAlone(certificate)) return stays('other-usages', certificate.ekus ?? []);
    // With short lifetimes a successor is replaced itself before its predecessor may go.
    const follows = (one: Thumbprint) => one === successor || replacedBy(one).has(successor);
    if (!atWork.some(({ thumbprint }) => follows(thumbprint))) return stays('successor-gone');
    const from = Date.parse(retired?.at ?? entry.at);
    const due = waitIsOver(ledger.looked, waitOf(certificate), { from, days: afterDays, now });
    if (due > now && retired?.deleting === undefined) return stays('too-soon', [new Date(due).toISOString()]);
    if (retired === null) return [{ certificate, successor, becomes: 'archived', why: null, detail: [] }];
    const key = fateOfKey(certificate, retired, left);
    if (key === null) return stays('key-unknown');
    left.delete(certificate);
    return [{ certificate, successor, becomes: 'deleted', key, why: null, detail: [] }];
  });
}

/** How many days it takes by itself; what a person means who names none. */
export function daysToRetire({ retire }: Pick<Configuration, 'retire'>): number {
  return retire?.after ?? 14;
}

/** What those wait for that may go when they have waited, by the names under which that is remembered. */
export function waitsOfRetirement(cases: readonly RetireCase[]): readonly string[] {
  const waiting = cases.filter(({ becomes, why }) => becomes !== 'stays' || why === 'too-soon');
  return waiting.map(({ certificate }) => waitOf(certificate));
}

function waitOf({ thumbprint, store, archived }: Certificate): string {
  return `${archived ? 'delete' : 'archive'} ${thumbprint} ${store}`;
}

/** What is remembered of a certificate that this program archived; `null` where somebody else did. */
export function retiredBefore(
  { retired }: Pick<Ledger, 'retired'>,
  { thumbprint, store }: Pick<Certificate, 'thumbprint' | 'store'>,
): RetiredCertificate | null {
  return retired.find((one) => one.thumbprint === thumbprint && one.store === store) ?? null;
}

/**
 * `null` where it cannot be said. One key in two certificates is in one container, so whoever has the same public key may need it.
 * @param left the certificates that stay, as far as is known
 */
function fateOfKey(
  certificate: Certificate,
  { deleting }: RetiredCertificate,
  left: ReadonlySet<Certificate>,
): KeyFate | null {
  for (const other of left)
    if (other !== certificate && other.key !== 'missing' && other.publicKey === certificate.publicKey) return 'shared';
  if (opens(certificate)) return 'deleted';
  // What was begun and left no key was done.
  const isGone = certificate.key === 'missing' || (certificate.key === 'unusable' && deleting !== undefined);
  return isGone ? 'gone' : null;
}

/** One without usages may be for anything, mail and files that it encrypted included. */
function isForTlsAlone({ ekus }: Certificate): boolean {
  const known: readonly string[] = [serverAuthentication, clientAuthentication];
  return ekus !== null && ekus.length > 0 && ekus.every((usage) => known.includes(usage));
}

/** For SYSTEM, or for the administrator who asks: only for them are the rights on a key read (fidelity: key-as-system). */
function opens({ key, keyRights }: Certificate): boolean {
  return key === 'usable' || (key === 'unknown' && keyRights !== undefined);
}
