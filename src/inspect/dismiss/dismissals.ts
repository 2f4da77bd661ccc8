import type { Dismissal, Ledger } from '../../documents/runs/ledger.ts';
import type { Finding } from '../../documents/status.ts';
import { canonicalDigest } from '../../text/canonical-json.ts';

/** What a person takes off the views: it comes back when one of the facts changes that the finding is made of. */
export function dismissalOf(finding: Finding, by: string, at: string): Dismissal {
  const { code, key: place, certificate } = finding;
  return { code, place, certificate, facts: factsOf(finding), by, at };
}

export function isDismissed(finding: Finding, { dismissed }: Pick<Ledger, 'dismissed'>): boolean {
  if (finding.severity === 'error') return false;
  return dismissed.some(
    ({ code, place, facts }) => code === finding.code && place === finding.key && facts === factsOf(finding),
  );
}

/** Of what was dismissed, what these findings still are; the rest needs no place in the ledger. */
export function stillDismissed(dismissed: Ledger['dismissed'], findings: readonly Finding[]): Ledger['dismissed'] {
  return dismissed.filter((one) => findings.some((found) => isDismissed(found, { dismissed: [one] })));
}

/** Nothing in it depends on the time; a warning that becomes an error is another one. */
function factsOf({ code, severity, key, site, certificate, renewal, run, message }: Finding): string {
  const pair = renewal === null ? null : [renewal.old, renewal.new];
  return canonicalDigest({ code, severity, key, site, certificate, pair, run, message });
}
