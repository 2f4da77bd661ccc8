import type { Thumbprint } from './thumbprint.ts';

/** The pair old → new, how it was learnt, and whether something besides the event confirms it. */
export interface Renewal {
  readonly old: Thumbprint;
  readonly new: Thumbprint;
  readonly source: 'event' | 'renewal-property' | 'same-names' | 'given';
  readonly corroborated: boolean;
  readonly eventRecordId: number | null;
  /**
   * The new certificate ends before the old one, and not by mistake: the old one was revoked, or issued anew. Then no
   * window and no shorter life holds it.
   */
  readonly early?: 'revoked' | 'reissued';
  /** Of a pair that was given and leads to another authority: the next such step for these names needs no person. */
  readonly moved?: Move;
}

export interface Move {
  /** Organisations, or names of issuers. */
  readonly between: readonly [string, string];
  readonly names: readonly string[];
}

/** The pair that a person gave. */
export function givenRenewal(old: Thumbprint, successor: Thumbprint): Renewal {
  return { old, new: successor, source: 'given', corroborated: true, eventRecordId: null };
}

/** A pair as one text, by which it is looked up. */
export function pairText(pair: Pick<Renewal, 'old' | 'new'>): string {
  return `${pair.old} ${pair.new}`;
}
