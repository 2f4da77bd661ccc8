import type { Certificate } from '../../certificates/certificate.ts';
import type { Renewal } from '../../certificates/renewal.ts';
import { vouching } from '../../certificates/trust.ts';
import type { Configuration } from '../../documents/configuration.ts';
import { finding, listed } from '../../documents/finding.ts';
import type { Finding } from '../../documents/status.ts';
import { holdersInUse, thumbprintOf } from '../../holders/holder.ts';
import type { Snapshot } from '../../holders/snapshot.ts';
import { certificateInWords } from '../../plan/named-certificates.ts';

/**
 * Public certificates in use of which nothing shows how their renewal would be learnt: not by their names, which the policy
 * leaves out, and no earlier renewal led to them. Programs that call CertRebind are only known once they have done so.
 */
export function unnoticedCertificates(
  snapshot: Snapshot,
  inForce: readonly Renewal[],
  { successors }: Pick<Configuration, 'successors'>,
): readonly Certificate[] {
  if (successors === 'same-names') return [];
  const vouchedFor = vouching(snapshot.trust, Date.parse(snapshot.takenAt));
  const inUse = new Set(holdersInUse(snapshot).map(thumbprintOf));
  const learnt = new Set(inForce.flatMap((renewal) => [renewal.old, renewal.new]));
  const found = snapshot.certificates.filter(
    (one) => inUse.has(one.thumbprint) && !learnt.has(one.thumbprint) && vouchedFor(one).anchor === 'public',
  );
  return [...new Map(found.map((one) => [one.thumbprint, one])).values()];
}

export function unnoticedFindings(unnoticed: readonly Certificate[]): readonly Finding[] {
  return unnoticed.length === 0 ? [] : [finding('renewal-unnoticed', unnoticedText(unnoticed))];
}

export function unnoticedText(unnoticed: readonly Certificate[]): string {
  return `Nothing shows how CertRebind would learn of a renewal of ${listed(unnoticed.map(certificateInWords))}.`;
}
