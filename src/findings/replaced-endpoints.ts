import { lineageOf } from '../model/certificates/lineage.ts';
import type { VerifiedEndpoint } from '../model/documents/verify.ts';
import { bindingsByRecord } from '../plan/bindings-of-records.ts';
import { exclusions, whyHolderExcluded } from '../plan/exclusions.ts';
import { renewalsInForce } from '../plan/outstanding-renewals.ts';
import type { DoctorFacts } from './doctor/facts.ts';

/**
 * Which endpoints serve a certificate that a known renewal replaced, whatever their records name. Where certificates
 * replace each other, none is the older one.
 */
export function withReplaced(
  { snapshot, ledger, configuration }: Pick<DoctorFacts, 'snapshot' | 'ledger' | 'configuration'>,
  endpoints: readonly VerifiedEndpoint[],
): readonly VerifiedEndpoint[] {
  const renewals = renewalsInForce(snapshot, ledger, configuration).filter(({ corroborated }) => corroborated);
  const replaces = lineageOf(renewals);
  const successors = new Map(
    renewals.flatMap(({ old, new: by }) => (replaces(old).has(by) ? [] : [[old, by] as const])),
  );
  const excluded = exclusions(configuration.exclude);
  const bindings = bindingsByRecord(snapshot.sites);
  return endpoints.map((one) => {
    const replacedBy = one.thumbprint === null ? undefined : successors.get(one.thumbprint);
    if (replacedBy === undefined) return one;
    const isExcluded =
      excluded(one.key, bindings.get(one.key) ?? [], [one.thumbprint, replacedBy]) !== null ||
      whyHolderExcluded(one.key, configuration.exclude) !== null;
    return isExcluded ? one : { ...one, replacedBy };
  });
}
