import type { Certificate } from '../certificates/certificate.ts';
import { certificateNames } from '../certificates/host-name.ts';
import type { Renewal } from '../certificates/renewal.ts';
import type { Thumbprint } from '../certificates/thumbprint.ts';
import { allowsUsage, serverAuthentication } from '../certificates/usages.ts';
import type { Configuration } from '../documents/configuration.ts';
import type { SkippedEntry } from '../documents/runs/plan.ts';
import { serviceReads } from '../holders/key-access/key-access.ts';
import { makersCommand, type ReportedHolder, reportedKindOfApplication } from '../holders/reported/reported.ts';
import { reportedRules } from '../holders/reported/reported-kinds.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { iisAppId, type TlsRecord } from '../holders/tls/tls-record.ts';
import type { HolderFacts, HolderSurvey } from './decide-holder.ts';
import { whyCertificateExcluded, whyHolderExcluded } from './exclusions.ts';
import { winrmAppId } from './owners.ts';
import { type RenewalPair, sameStore } from './renewal-pair.ts';

/** A holder that is only reported: how a person changes it. */
export function factsOfReported(
  holder: ReportedHolder,
  { configuration, snapshot }: Pick<HolderSurvey, 'configuration' | 'snapshot'>,
): HolderFacts {
  return {
    consumers: [holder.consumer],
    isMoved: false,
    whyNot(pair) {
      const detail = whyReportedExcluded(holder, [holder.thumbprint, pair?.renewal.new ?? null], configuration);
      return detail === null ? leftToPerson(holder, pair, snapshot) : { reason: 'excluded', detail };
    },
    swap: null,
  };
}

type SkipReason = Omit<SkippedEntry, 'key' | 'consumers'>;

/** `null` if nothing excludes it. */
export function whyReportedExcluded(
  { key }: Pick<ReportedHolder, 'key'>,
  thumbprints: readonly (Thumbprint | null)[],
  { exclude }: Configuration,
): string | null {
  return whyHolderExcluded(key, exclude) ?? whyCertificateExcluded(thumbprints, exclude);
}

/** No command is given if the successor is not known, nor for a certificate that the service could not use. */
function leftToPerson(holder: ReportedHolder, pair: RenewalPair | undefined, snapshot: Snapshot): SkipReason {
  const {
    rules,
    thumbprint,
    value: { stands },
  } = holder;
  const held = `${rules.called} still uses ${thumbprint}${stands === undefined ? '' : ` (in ${stands.place})`}.`;
  if (pair === undefined)
    return { reason: 'report-only', detail: `${held} That certificate has more than one successor.` };
  const unfit = whyUnfit(holder, pair, snapshot);
  if (unfit !== null) return { reason: 'report-only', detail: `${held} ${unfit}` };
  const { command, besides } = lineFor(holder, pair.renewal);
  const detail = [held, besides, keySentence(holder, pair)].filter((sentence) => sentence !== null).join(' ');
  return { reason: 'report-only', detail, command };
}

type Pair = Pick<Renewal, 'old' | 'new'>;

/** The vendor's command; without a renewal, with a placeholder for the new thumbprint. */
export function lineFor({ rules, value: { detail, stands } }: ReportedHolder, renewal: Pair | null) {
  return makersCommand(rules, { detail, stands, old: renewal?.old ?? null, new: renewal?.new ?? null });
}

/** Why it must not get the new certificate; `null` if nothing known is against it. */
function whyUnfit(holder: ReportedHolder, pair: RenewalPair, snapshot: Snapshot): string | null {
  const { called, isStrict } = holder.rules;
  const { renewal } = pair;
  const entry = inMy(pair);
  if (entry === undefined) return `It reads certificates from the store My, and ${renewal.new} is not there.`;
  if (entry.key === 'missing') return `The new certificate ${renewal.new} has no private key.`;
  if (isStrict !== true) return null;
  const unread = `${ownName(holder)} cannot read its private key. Give it that right in Manage Private Keys first.`;
  const why = whyNotStarted(entry, snapshot) ?? (readsKeyOf(holder, entry) === false ? unread : null);
  return why === null ? null : `${called} would not start with ${renewal.new}: ${why}`;
}

function inMy({ successors }: RenewalPair): Certificate | undefined {
  return successors.find(({ store }) => sameStore(store, 'My'));
}

/**
 * Whether the service of a holder may read the key of a certificate; `null` if that is not known or does not matter.
 */
export function readsKeyOf({ value: { stands } }: ReportedHolder, { keyRights }: Certificate): boolean | null {
  return stands?.runsAs === undefined ? null : serviceReads(keyRights, stands.runsAs);
}

/** The name of its service in lists of rights. */
export function ownName({ value: { stands } }: ReportedHolder): string {
  return `NT SERVICE\\${stands?.service ?? ''}`;
}

function keySentence(holder: ReportedHolder, pair: RenewalPair): string | null {
  if (holder.rules.isStrict !== true) return null;
  const entry = inMy(pair);
  const reads = entry !== undefined && readsKeyOf(holder, entry) === true;
  return `${ownName(holder)} ${reads ? 'can' : 'must be able to'} read the private key of the new certificate.`;
}

/** fidelity: reported-sql */
function whyNotStarted(certificate: Certificate, { server, takenAt }: Snapshot): string | null {
  if (!allowsUsage(certificate.ekus, serverAuthentication)) return 'it is not for server authentication.';
  if (Date.parse(certificate.notAfter) <= Date.parse(takenAt)) return 'it has expired.';
  if (Date.parse(certificate.notBefore) > Date.parse(takenAt)) return 'it is not valid yet.';
  const host = server.name.toLowerCase();
  const isForHost = certificateNames(certificate).some((name) => /^\*\./.test(name) || name.split('.')[0] === host);
  return isForHost ? null : `it does not cover the name ${server.name}.`;
}

/** How a renewal gets to a TLS record that is not of IIS; nothing if its owner does that by itself. */
export function lineForRecord(
  { appId }: TlsRecord,
  renewal: Pair | null,
): { readonly command?: string; readonly besides?: string | null } {
  const id = appId.toLowerCase();
  if (id === iisAppId || id === winrmAppId || (renewal !== null && renewal.old === renewal.new)) return {};
  const kind = reportedKindOfApplication(id);
  if (kind === null) return { command: `certrebind config add applicationIds ${id.replace(/[{}]/g, '')}` };
  return makersCommand(reportedRules[kind], { old: renewal?.old ?? null, new: renewal?.new ?? null });
}
