import type { Thumbprint } from '../certificates/thumbprint.ts';
import type { Configuration } from '../documents/configuration.ts';
import type { SkippedEntry } from '../documents/runs/plan.ts';
import type { TlsRecord } from '../holders/tls/tls-record.ts';
import type { StandingBinding } from './bindings-of-records.ts';
import { exclusions } from './exclusions.ts';
import { ownerOf } from './owners.ts';

/**
 * Why a record is never changed to this certificate: no IIS binding uses it, or the configuration excludes it; `null` when
 * it may be changed.
 */
export type WhyLeftAlone = (
  record: TlsRecord,
  bindings: readonly StandingBinding[],
  successor: Thumbprint | null,
) => Pick<SkippedEntry, 'reason' | 'detail'> | null;

export function leftAlone({ exclude, applicationIds }: Configuration): WhyLeftAlone {
  const whyExcluded = exclusions(exclude);
  const ownApplications = new Set(applicationIds.map((id) => id.toLowerCase()));
  return ({ key, thumbprint, appId }, bindings, successor) => {
    const detail = whyExcluded(key, bindings, [thumbprint, successor]);
    if (detail !== null) return { reason: 'excluded', detail };
    if (bindings.length === 0 && !ownApplications.has(appId.toLowerCase())) {
      const owner = ownerOf(appId);
      const id = owner === null ? `application id ${appId}` : `${owner}, application id ${appId}`;
      return { reason: 'other-program', detail: `No IIS binding uses it (${id}).` };
    }
    return null;
  };
}
