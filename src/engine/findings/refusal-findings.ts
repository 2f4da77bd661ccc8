import { finding, listed } from '../../documents/finding.ts';
import { isReplacedBy, type Refused } from '../../documents/refused.ts';
import type { Finding } from '../../documents/status.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { coversHost } from '../../model/certificates/host-name.ts';
import { momentText } from '../../model/certificates/named-certificate.ts';
import type { Endings } from './endings.ts';

/** Renewals that a hook brought and that were refused, until a certificate that is no older is in use for their names. */
export function refusalFindings(
  { refusals }: Refused,
  inUse: readonly Certificate[],
  { mustAct }: Endings,
): readonly Finding[] {
  return refusals.flatMap((refusal) => {
    const { at, command, what, names, message, hint } = refusal;
    const coveredBy = (one: Certificate) => names.filter((name) => coversHost(one, name));
    if (inUse.some((one) => isReplacedBy(refusal, one, coveredBy(one)))) return [];
    const concerned = inUse.filter((one) => names.some((name) => coversHost(one, name)));
    const near = concerned.find(mustAct);
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
