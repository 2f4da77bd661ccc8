import { type HolderNow, sameHolder, thumbprintOf } from '../../kinds/holder.ts';
import type { Step } from './plan.ts';

/**
 * How a holder relates to a step of a plan. `wanted-with-other-options` and `before-with-other-options`: the
 * certificate is right for that side, and something else differs.
 */
export type Comparison =
  | 'as-before'
  | 'as-wanted'
  | 'wanted-with-other-options'
  | 'before-with-other-options'
  | 'absent'
  | 'foreign'
  | 'unknown';

export function compareStep({ before, wanted }: Step, now: HolderNow): Comparison {
  if (now.state === 'unknown') return 'unknown';
  const holder = now.state === 'holds' ? now.holder : null;
  if (sameHolder(wanted, holder)) return 'as-wanted';
  if (sameHolder(before, holder)) return 'as-before';
  if (holder === null) return 'absent';
  if (wanted !== null && thumbprintOf(holder) === thumbprintOf(wanted)) return 'wanted-with-other-options';
  if (before !== null && thumbprintOf(holder) === thumbprintOf(before)) return 'before-with-other-options';
  return 'foreign';
}

export function isAsBefore({ before }: Step, now: HolderNow): boolean {
  return now.state !== 'unknown' && sameHolder(before, now.state === 'holds' ? now.holder : null);
}
