import type { Certificate } from '../certificates/certificate.ts';
import type { Thumbprint } from '../certificates/thumbprint.ts';
import { clientAuthentication, serverAuthentication } from '../certificates/usages.ts';
import type { RetireReason } from '../documents/retirement.ts';
import type { Ledger, LedgerEntry } from '../documents/runs/ledger.ts';
import { holdersInUse, otherUses, thumbprintOf } from '../holders/holder.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { isKnown, type PartName } from '../holders/unknown-parts.ts';
import { groupBy } from '../text/group.ts';

/** A certificate that a run replaced: archived, or why it stays. */
export interface RetireCase {
  readonly certificate: Certificate;
  readonly successor: Thumbprint;
  readonly why: RetireReason | null;
  /** What `why` speaks of: the places that name it, or from when on it may go. */
  readonly detail: readonly string[];
}

/** Everything that could name a certificate; where one of these is not known, nothing is retired. */
const partsThatName: readonly PartName[] = ['ftps', 'others'];

/** Why nothing at all can be retired now, as a sentence; `null` if that can be judged. */
export function whyNothingRetires(snapshot: Snapshot, ledger: Ledger): string | null {
  const unknown = partsThatName.filter((part) => !isKnown(snapshot, part));
  if (unknown.length > 0) return `This part of the server is not known: ${unknown.join(', ')}.`;
  if (snapshot.unreadable.length > 0) return 'Something on this server that may name a certificate could not be read.';
  const roles = (snapshot.roles ?? []).filter(({ why }) => why !== null);
  if (roles.length > 0)
    return `It is not known which certificate is used by ${roles.map(({ kind }) => kind).join(', ')}.`;
  if (ledger.debts.length > 0) return 'A setting that an earlier run changed has not been restored yet.';
  const held = ledger.entries.some(
    ({ heldAt = [], rolledBack, state }) => heldAt.length > 0 || (state === 'undone' && rolledBack !== undefined),
  );
  return held ? 'A renewal was rolled back and is not settled.' : null;
}

/**
 * Every certificate of the stores that a run of this program replaced, not yet archived, with what is to become of it. Its
 * date and its names decide nothing: only that nothing names it, and how long its successor has been at work.
 */
export function casesOfRetirement(snapshot: Snapshot, ledger: Ledger, afterMs: number): readonly RetireCase[] {
  const names = placesThatName(snapshot);
  const replaced = groupBy(ledger.entries, ({ renewal }) => renewal.old);
  const now = Date.parse(snapshot.takenAt);
  return snapshot.certificates
    .filter(({ archived, thumbprint }) => !archived && replaced.has(thumbprint))
    .flatMap((certificate): readonly RetireCase[] => {
      const entry = replaced.get(certificate.thumbprint)?.at(-1);
      if (entry === undefined || entry.run === null || entry.renewal.old === entry.renewal.new) return [];
      const successor = entry.renewal.new;
      const judged = (why: RetireReason | null, detail: readonly string[] = []) => [
        { certificate, successor, why, detail },
      ];
      const places = [...names(certificate)];
      if (places.length > 0) return judged('in-use', places);
      if (!isFinished(entry)) return judged('unsettled');
      if (certificate.template !== undefined) return judged('template');
      if (!isForTlsAlone(certificate)) return judged('other-usages', certificate.ekus ?? []);
      if (!isAtWork(successor, snapshot, names)) return judged('successor-gone');
      const due = Date.parse(entry.at) + afterMs;
      return due > now ? judged('too-soon', [new Date(due).toISOString()]) : judged(null);
    });
}

function isFinished({ state, stillOld = [], heldAt = [] }: LedgerEntry): boolean {
  return state === 'settled' && stillOld.length === 0 && heldAt.length === 0;
}

/** One without usages may be for anything, mail and files that it encrypted included. */
function isForTlsAlone({ ekus }: Certificate): boolean {
  const known: readonly string[] = [serverAuthentication, clientAuthentication];
  return ekus !== null && ekus.length > 0 && ekus.every((usage) => known.includes(usage));
}

function isAtWork(successor: Thumbprint, { certificates }: Snapshot, names: NamedAt): boolean {
  return certificates.some((one) => one.thumbprint === successor && one.key === 'usable' && names(one).length > 0);
}

type NamedAt = (certificate: Certificate) => readonly string[];

/** Every place that names a certificate, whatever becomes of it there, by either of its hashes. */
function placesThatName(snapshot: Snapshot): NamedAt {
  const places = groupBy(
    [
      ...holdersInUse(snapshot).map((holder) => ({
        hash: thumbprintOf(holder)?.toString() ?? '',
        key: holder.key as string,
      })),
      ...otherUses(snapshot).map(({ hash, key }) => ({ hash: hash.toUpperCase(), key: key as string })),
    ],
    ({ hash }) => hash,
  );
  return ({ thumbprint, sha256 }) => [
    ...new Set(
      [thumbprint.toString(), sha256.toUpperCase()].flatMap((hash) => places.get(hash) ?? []).map(({ key }) => key),
    ),
  ];
}
