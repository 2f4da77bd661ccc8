import { canonicalDigest } from '../../base/canonical-json.ts';
import { listed, withoutTime } from '../../documents/finding.ts';
import type { Dismissal, Ledger } from '../../documents/runs/ledger.ts';
import type { Finding } from '../../documents/status.ts';
import { thumbprintsByPlace } from '../../kinds/place.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import type { Endings } from './endings.ts';

/** What the places of a server hold, and which certificates nothing may be hidden of. */
export interface HeldNow {
  readonly held: ReadonlyMap<KeyText, Thumbprint | null>;
  /** Of whose end people are warned. */
  readonly near: ReadonlySet<Thumbprint>;
  /** Those that must be replaced now: nothing is hidden of them. */
  readonly ending: ReadonlySet<Thumbprint>;
}

export function heldCertificates(snapshot: Snapshot, { isNear, mustAct }: Endings): HeldNow {
  const among = (isMeant: (one: Certificate) => boolean) =>
    new Set(snapshot.certificates.filter(isMeant).map(({ thumbprint }) => thumbprint));
  return {
    held: thumbprintsByPlace(snapshot),
    near: among(isNear),
    ending: among((one) => one.disallowed === true || mustAct(one)),
  };
}

/** What a person takes off the views: a row for each place of a finding, with the certificate that it holds. */
export function dismissalsOf(finding: Finding, now: HeldNow, by: string, at: string): readonly Dismissal[] {
  const { code, keys } = finding;
  const row = { code, facts: factsOf(finding, now), by, at };
  if (keys.length === 0) return [{ ...row, place: null, certificate: finding.certificate }];
  return keys.map((place) => ({ ...row, place, certificate: now.held.get(place) ?? null }));
}

/** Never an error, and nothing about a certificate that must be replaced now. */
export function isDismissible(finding: Finding, now: HeldNow): boolean {
  return finding.severity !== 'error' && endingOf(finding, now) === null;
}

/** The certificate of a finding that must be replaced now: it ends very soon, has expired or is revoked; `null` if none. */
export function endingOf(finding: Finding, now: HeldNow): Thumbprint | null {
  return certificatesOf(finding, now).find((one) => now.ending.has(one)) ?? null;
}

function certificatesOf({ certificate, keys }: Finding, { held }: HeldNow): readonly Thumbprint[] {
  return [certificate, ...keys.map((key) => held.get(key) ?? null)].filter((one) => one !== null);
}

/** Whether a finding is hidden: at each of its places, with the certificate that is there. */
export function dismissedBy(dismissed: Ledger['dismissed'], now: HeldNow): (finding: Finding) => boolean {
  const known = new Set(dismissed.map(textOf));
  return (finding) =>
    isDismissible(finding, now) && dismissalsOf(finding, now, '', '').every((one) => known.has(textOf(one)));
}

/** Of what was dismissed, what these findings still are; the rest needs no place in the ledger. */
export function stillDismissed(
  dismissed: Ledger['dismissed'],
  findings: readonly Finding[],
  now: HeldNow,
): Ledger['dismissed'] {
  const rows = findings.filter((one) => isDismissible(one, now)).flatMap((one) => dismissalsOf(one, now, '', ''));
  const found = new Set(rows.map(textOf));
  return dismissed.filter((one) => found.has(textOf(one)));
}

function textOf({ code, place, certificate, facts }: Dismissal): string {
  return `${code} ${place} ${certificate} ${facts}`;
}

/**
 * Nothing in it depends on the other places that have the same; and of time only whether people are warned of the end of
 * its certificate, which is worth to be told to who dismissed it before.
 */
function factsOf(finding: Finding, now: HeldNow): string {
  const { code, severity, keys, renewal, missingNames, message } = finding;
  const pair = renewal === null ? null : [renewal.old, renewal.new];
  const said = pair === null ? withoutTime(message).replace(listed(keys), '') : null;
  const isNear = certificatesOf(finding, now).some((one) => now.near.has(one));
  return canonicalDigest({ code, severity, pair, missingNames, said, isNear });
}
