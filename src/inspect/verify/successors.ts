import { lineageOf } from '../../certificates/lineage.ts';
import type { Renewal } from '../../certificates/renewal.ts';
import type { Thumbprint } from '../../certificates/thumbprint.ts';

/** What replaces which certificate, by the old one. Where certificates replace each other, none is the older one. */
export function successorsOf(inForce: readonly Renewal[]): ReadonlyMap<Thumbprint, Thumbprint> {
  const replaces = lineageOf(inForce);
  return new Map(
    inForce.flatMap(({ old, new: by, corroborated }) =>
      corroborated && !replaces(old).has(by) ? [[old, by] as const] : [],
    ),
  );
}
