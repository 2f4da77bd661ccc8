import type { Outcome } from '../../documents/runs/outcome.ts';
import { isApplied } from '../../documents/runs/step-states.ts';
import type { VerifiedEndpoint } from '../../documents/verify.ts';
import { isOfCentralStore } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Certificate, ServedCertificate } from '../../model/certificates/certificate.ts';
import { endpointId, type Observation } from '../../model/certificates/handshake.ts';
import { byThumbprint } from '../../model/certificates/named-certificate.ts';
import { chainState } from '../../model/certificates/served-chain.ts';
import { endpointsOfServer, type ServerEndpoint } from '../plan/endpoints-of-server.ts';

/** What an endpoint served, against what its holder names. */
export function judgeServed(
  { key, expected }: ServerEndpoint,
  { handshake: seen, certificate }: Pick<Observation, 'handshake' | 'certificate'>,
  stored: ReadonlyMap<string, Certificate>,
): VerifiedEndpoint {
  const { result, thumbprint } = seen;
  const matches = result === 'served' && expected !== null ? thumbprint === expected : null;
  const chain = thumbprint === null ? null : chainState(seen, stored.get(thumbprint));
  const judged: VerifiedEndpoint = { ...seen, key, expected: expected ?? '', matches, chain };
  if (certificate === undefined || !isOfCentralStore(key)) return judged;
  // One of the same issuer in a store has the same intermediates above it.
  const alike = [...stored.values()].find(({ issuer }) => issuer === certificate.issuer);
  return { ...judged, chain: chainState(seen, alike), certificate: shown(certificate) };
}

/** The same without what only a store could say. */
function shown(certificate: ServedCertificate): ServedCertificate {
  const { thumbprint, subject, issuer, commonName, dnsNames, ipAddresses, notBefore, notAfter } = certificate;
  return { thumbprint, subject, issuer, commonName, dnsNames, ipAddresses, notBefore, notAfter };
}

/** What endpoints served when a run last dialled them, as far as their holders still name what it set. */
export function servedInRun({ steps }: Pick<Outcome, 'steps'>, snapshot: Snapshot): readonly VerifiedEndpoint[] {
  const stored = byThumbprint(snapshot.certificates);
  const left = new Map(steps.filter(({ state }) => isApplied(state)).map((step) => [step.key, step]));
  return endpointsOfServer(snapshot).flatMap((one) => {
    const { now, after = [] } = left.get(one.key) ?? {};
    if (one.skipped !== null || now?.state !== 'holds' || now.thumbprint !== one.expected) return [];
    const seen = after.find(({ endpoint }) => endpointId(endpoint) === endpointId(one.endpoint));
    return seen === undefined || seen.result === 'skipped' ? [] : judgeServed(one, { handshake: seen }, stored);
  });
}
