import type { Renewal } from '../../certificates/renewal.ts';
import type { Thumbprint } from '../../certificates/thumbprint.ts';
import type { Configuration } from '../../documents/configuration.ts';
import { finding } from '../../documents/finding.ts';
import { isByHand } from '../../documents/runs/plan.ts';
import type { Finding } from '../../documents/status.ts';
import { holdersInUse, thumbprintOf } from '../../holders/holder.ts';
import type { KeyText } from '../../holders/record-key.ts';
import { reportedHolders } from '../../holders/reported/reported.ts';
import type { Snapshot } from '../../holders/snapshot.ts';
import { skippedBy } from '../../plan/plan-rebind.ts';

/** Holders that keep the old certificate although its renewal is here, until they name the new one or are excluded. */
export function byHandFindings(
  snapshot: Snapshot,
  renewals: readonly Renewal[],
  configuration: Configuration,
): readonly Finding[] {
  if (renewals.length === 0) return [];
  const names = new Map<KeyText, Thumbprint | null>([
    ...holdersInUse(snapshot).map((holder) => [holder.key, thumbprintOf(holder)] as const),
    ...reportedHolders(snapshot).map(({ key, thumbprint }) => [key, thumbprint] as const),
  ]);
  const skipped = skippedBy({ snapshot, renewals, configuration });
  return skipped.filter(isByHand).map(({ key, detail, command }) => {
    const held = names.get(key);
    const message =
      command === undefined || held == null
        ? detail.replace(/^It /, () => `${key} `)
        : `${key} still uses ${held}, which has been renewed.`;
    return finding('change-by-hand', message, { key, command: command ?? null });
  });
}
