import { finding, listed } from '../../documents/finding.ts';
import { isReplacedBy } from '../../documents/refused.ts';
import type { Finding } from '../../documents/status.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { coversHost } from '../../model/certificates/host-name.ts';
import { momentText } from '../../model/certificates/named-certificate.ts';
import type { Evidence } from './facts.ts';

/** Renewals that a hook brought and that were refused, until a certificate that is no older is in use for their names. */
export function refusalFindings({ refused, inUse, endings }: Evidence): readonly Finding[] {
  return refused.refusals.flatMap((refusal) => {
    const { at, command, what, names, message, hint } = refusal;
    const coveredBy = (one: Certificate) => names.filter((name) => coversHost(one, name));
    if (inUse.some((one) => isReplacedBy(refusal, one, coveredBy(one)))) return [];
    const concerned = inUse.filter((one) => names.some((name) => coversHost(one, name)));
    const near = concerned.find(endings.mustAct);
    const of = names.length === 0 ? '' : ` for ${listed(names)}`;
    const [certificate] = near === undefined ? concerned : [near];
    return finding('renewal-refused', `${command} of ${what}${of} at ${momentText(at)}: ${message}`, {
      since: at,
      severity: near === undefined ? 'warning' : 'error',
      certificate: certificate?.thumbprint ?? null,
      endsAt: certificate?.notAfter ?? null,
      ...(hint === null ? {} : { hint }),
    });
  });
}
