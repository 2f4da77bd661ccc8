import type { FindingCode } from '../../base/codes/finding-codes.ts';
import { groupBy } from '../../base/group.ts';
import { distinct } from '../../base/order.ts';
import { type FindingParts, finding, listed } from '../../documents/finding.ts';
import type { Finding } from '../../documents/status.ts';
import type { VerifiedEndpoint } from '../../documents/verify.ts';
import { centralStoreSource, isOfCentralStore } from '../../kinds/record-key.ts';
import { coversHost } from '../../model/certificates/host-name.ts';
import { momentText } from '../../model/certificates/named-certificate.ts';
import { certificateInWords } from '../plan/named-certificates.ts';
import type { Evidence } from './facts.ts';

/** What is wrong with certificates that IIS reads from files, as far as their endpoints show it. */
export function centralStoreFindings({ wire, snapshot: { sources, takenAt }, endings }: Evidence): readonly Finding[] {
  const folder = sources.find(({ part }) => part === centralStoreSource)?.from;
  const store = `the central certificate store${folder === undefined ? '' : ` in ${folder}`}`;
  const hint = `Replace its file in ${store}: CertRebind does not change it. Then run certrebind reconcile, which looks again.`;
  const central = wire.filter(({ key }) => isOfCentralStore(key));
  const served = groupBy(
    central.filter(({ result }) => result === 'served'),
    ({ key, thumbprint }) => `${key} ${thumbprint}`,
  );
  const ofFiles = [...served.values()].flatMap((endpoints): readonly Finding[] => {
    const [{ key, certificate, chain }] = endpoints;
    if (certificate === undefined) return [];
    const { thumbprint, notAfter, issuer } = certificate;
    const about = { key, certificate: thumbprint, endsAt: notAfter, hint, command: null };
    const told = (code: FindingCode, what: string, severity: FindingParts = {}) => {
      const message = `${certificateInWords(certificate)} for ${hostsText(endpoints)}, from ${store}, ${what}.`;
      return finding(code, message, { ...about, ...severity });
    };
    const isOver = Date.parse(notAfter) <= Date.parse(takenAt);
    const isNear = !isOver && endings.isNear(certificate);
    const severity = endings.mustAct(certificate) ? ({ severity: 'error' } as const) : {};
    const uncovered = endpoints.filter(
      ({ endpoint: { serverName } }) => serverName !== null && !coversHost(certificate, serverName),
    );
    return [
      isOver && told('certificate-expired', `expired at ${momentText(notAfter)}`),
      isNear && told('certificate-ends-soon', `expires at ${momentText(notAfter)}`, severity),
      uncovered.length > 0 && told('name-not-covered', `does not cover ${hostsText(uncovered)}`),
      chain === 'broken' && told('intermediate-not-sent', `is served without the certificate of its issuer ${issuer}`),
    ].filter((found) => found !== false);
  });
  const silent = groupBy(
    central.filter(({ result }) => result === 'unreachable' || result === 'not-listening'),
    ({ key }) => key,
  );
  const ofSilent = [...silent].map(([key, endpoints]) => {
    const why = endpoints.find(({ reason }) => reason !== null)?.reason;
    const text = `${hostsText(endpoints)} does not answer${why == null ? '' : `: ${why}`}. Its certificate is a file in ${store}.`;
    return finding('endpoint-unreachable', text, { key });
  });
  return [...ofFiles, ...ofSilent];
}

function hostsText(endpoints: readonly VerifiedEndpoint[]): string {
  return listed(
    distinct(endpoints.map(({ endpoint: { serverName, port, address } }) => `${serverName ?? address}:${port}`)),
  );
}
