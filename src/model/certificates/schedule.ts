import type { Certificate } from './certificate.ts';
import { late } from './deadline.ts';
import { lifeMs } from './longest-life.ts';
import type { Renewal } from './renewal.ts';
import type { Thumbprint } from './thumbprint.ts';

/** A renewal that has been. */
export interface PastRenewal extends Pick<Renewal, 'old' | 'new'> {
  /** The part of the old certificate's life that was left when the new one was issued; negative after its end. */
  readonly leftShare: number;
}

export type SharesBefore = (certificate: Thumbprint) => readonly number[];

/** Authorities date certificates back by up to an hour, which is noticed in lives of days. */
const mostLeft = 0.55;

/** Those of which both certificates are here, the earlier first. Going back to an older one is none, nor is replacing a revoked one. */
export function pastRenewals(
  renewals: readonly Renewal[],
  known: ReadonlyMap<string, Certificate>,
): readonly PastRenewal[] {
  const past = renewals.flatMap((renewal) => {
    const [old, successor] = [known.get(renewal.old), known.get(renewal.new)];
    if (old === undefined || successor === undefined || renewal.early !== undefined || !renewal.corroborated) return [];
    const leftShare = (Date.parse(old.notAfter) - Date.parse(successor.notBefore)) / lifeMs(old);
    return leftShare < 1 ? { at: Date.parse(successor.notBefore), old: renewal.old, new: renewal.new, leftShare } : [];
  });
  return past.sort((a, b) => a.at - b.at).map(({ at, ...one }) => one);
}

/**
 * What the last two renewals before a certificate left, the last one first. What was issued anew with more than half of
 * the life left is none of them.
 */
export function sharesBefore(renewals: readonly PastRenewal[]): SharesBefore {
  const last = new Map<Thumbprint, PastRenewal>();
  const cameAt = new Map(renewals.map((one, place) => [one.new, place]));
  const isLater = (one: PastRenewal, than: PastRenewal) =>
    (cameAt.get(one.old) ?? -1) - (cameAt.get(than.old) ?? -1) || one.leftShare - than.leftShare;
  for (const one of renewals) {
    // Of several that one replaced, as where a place keeps an earlier one, that which came last counts, or ended last.
    const known = last.get(one.new);
    if (known === undefined || isLater(one, known) > 0) last.set(one.new, one);
  }
  return (certificate) => {
    const shares: number[] = [];
    const seen = new Set([certificate]);
    for (const each of seen) {
      const link = last.get(each);
      if (link === undefined || shares.length === 2) break;
      if (link.leftShare <= mostLeft) shares.push(link.leftShare);
      seen.add(link.old);
    }
    return shares;
  };
}

/**
 * The part of a life that is left when a certificate is renewed, where two renewals in a row came on a schedule: in time,
 * and alike within a third. Once teaches nothing. The lesser of both.
 */
export function learnedShare([last, before]: readonly number[]): number | null {
  if (last === undefined || before === undefined) return null;
  const [lesser, greater] = [Math.min(last, before), Math.max(last, before)];
  return lesser > late * greater ? lesser : null;
}

/**
 * The part of its life that is left when a certificate is renewed: as much as last time, or by a rule: autoenrolment of Windows leaves
 * 1/5, most ACME clients 1/3.
 */
export function usualShare([last = 0]: readonly number[], authority: string): number {
  return last > 0 ? last : authority === 'private' ? 1 / 5 : 1 / 3;
}
