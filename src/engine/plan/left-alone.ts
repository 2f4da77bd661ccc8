import type { SkipCode } from '../../base/codes/plan-codes.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { CertificateBinding } from '../../kinds/tls/certificate-binding.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import type { StandingBinding } from './bindings-of-records.ts';
import { namesOfRecord, whyExcluded } from './exclusions.ts';
import { ownerOf } from './owners.ts';
import type { Reason } from './reason.ts';

/**
 * Why a record is never changed to this certificate: no IIS binding uses it, or the configuration excludes it; `null` when
 * it may be changed.
 */
export function leftAlone(
  { key, thumbprint, appId }: CertificateBinding,
  bindings: readonly StandingBinding[],
  successor: Thumbprint | null,
  { exclude, applicationIds }: Configuration,
): Reason<SkipCode> | null {
  const excluded = whyExcluded(namesOfRecord(key, bindings), [thumbprint, successor], exclude);
  if (excluded !== null) return { code: 'excluded', text: excluded };
  if (bindings.length > 0 || applicationIds.some((id) => id.toLowerCase() === appId.toLowerCase())) return null;
  const owner = ownerOf(appId);
  const id = owner === null ? `application id ${appId}` : `${owner}, application id ${appId}`;
  return { code: 'other-program', text: `No IIS binding uses it (${id}).` };
}
