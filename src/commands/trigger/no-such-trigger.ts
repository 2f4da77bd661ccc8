import { CertRebindError } from '../../base/errors.ts';
import { nearest } from '../../base/nearest.ts';
import type { Trigger } from '../../documents/trigger.ts';

/** Names the trigger that was probably meant. */
export function noSuchTrigger(id: string, triggers: readonly Trigger[]): CertRebindError {
  const meant = nearest(
    id,
    triggers.map((each) => each.id),
  );
  const hint = meant === null ? {} : { hint: `Did you mean ${meant}?` };
  return new CertRebindError('no-such-trigger', {
    message: `There is no trigger ${JSON.stringify(id.slice(0, 60))}.`,
    ...hint,
  });
}
