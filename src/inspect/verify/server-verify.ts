import { isAboutClients } from '../../documents/finding.ts';
import { scopeOf } from '../../documents/scope.ts';
import type { Finding } from '../../documents/status.ts';
import { bindingsByRecord } from '../../plan/bindings-of-records.ts';
import { namesOfRecord, whyExcluded } from '../../plan/exclusions.ts';
import type { OutstandingRenewals } from '../../plan/outstanding-renewals.ts';
import { diagnose, renewalsOf } from '../findings/diagnose.ts';
import type { DoctorFacts } from '../findings/facts.ts';
import { placesOf } from '../findings/places.ts';
import type { VerifiedEndpoint, Verify } from './document.ts';

/** What endpoints serve, and of the findings those that are about clients. */
export function verifyOf(facts: DoctorFacts): Verify {
  const renewals = renewalsOf(facts);
  const endpoints = withReplaced(facts, renewals);
  const all = diagnose(facts, renewals);
  const findings = all.filter((found) => isAboutClients(found) && isOnWire(found, endpoints));
  const places = placesOf(facts, renewals, all);
  return { schema: 'certrebind/verify/1', ...scopeOf(facts.snapshot, endpoints), endpoints, places, findings };
}

/** Of what CertRebind does not change, only what an endpoint serves counts here; status and doctor name the rest. */
function isOnWire({ code, key }: Finding, endpoints: readonly VerifiedEndpoint[]): boolean {
  if (code !== 'change-by-hand') return true;
  return endpoints.some((one) => one.key === key && one.result === 'served' && one.matches !== true);
}

/** Which endpoints serve a certificate that a known renewal replaced, whatever their records name, and nobody decided so. */
function withReplaced(
  { snapshot, configuration, wire }: DoctorFacts,
  { succession: { successorOf }, held }: OutstandingRenewals,
): readonly VerifiedEndpoint[] {
  const bindings = bindingsByRecord(snapshot.sites);
  const kept = new Set(held.flatMap(({ renewal, onOld }) => onOld.map((key) => `${key} ${renewal.old}`)));
  return wire.map((one) => {
    const found = successorOf(one.thumbprint);
    if (found.is !== 'known' || kept.has(`${one.key} ${one.thumbprint}`)) return one;
    const replacedBy = found.renewal.new;
    const names = namesOfRecord(one.key, bindings.get(one.key) ?? []);
    const why = whyExcluded(names, [one.thumbprint, replacedBy], configuration.exclude);
    return why === null ? { ...one, replacedBy } : one;
  });
}
