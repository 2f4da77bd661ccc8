import type { Thumbprint } from './thumbprint.ts';

/** The pair old → new, how it was learnt, and whether something besides the event confirms it. */
export interface Renewal {
  readonly old: Thumbprint;
  readonly new: Thumbprint;
  readonly source: 'event' | 'renewal-property' | 'same-names' | 'given';
  readonly corroborated: boolean;
  readonly eventRecordId: number | null;
}

/** The pair that a person gave. */
export function givenRenewal(old: Thumbprint, successor: Thumbprint): Renewal {
  return { old, new: successor, source: 'given', corroborated: true, eventRecordId: null };
}

/** A pair as one text, by which it is looked up. */
export function pairText(pair: Pick<Renewal, 'old' | 'new'>): string {
  return `${pair.old} ${pair.new}`;
}
