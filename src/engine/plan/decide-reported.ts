import type { Obstacle } from '../../documents/runs/plan.ts';
import type { ReportedPlace } from '../../kinds/place.ts';
import { reportedKindOfApplication } from '../../kinds/reported/reported.ts';
import { makersCommand, reportedRules } from '../../kinds/reported/reported-kinds.ts';
import { sstpAppId, sstpByHand } from '../../kinds/sstp/sstp.ts';
import { type CertificateBinding, iisAppId } from '../../kinds/tls/certificate-binding.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import { whySuccessorUnfit } from '../known/certificate-faults.ts';
import { whyExcluded } from '../known/exclusions.ts';
import { winrmAppId } from '../known/owners.ts';
import type { RenewalPair } from '../known/renewal-pair.ts';
import type { PlanSurvey } from './decide-step.ts';

/**
 * How a person changes what is only reported. No command is given if the successor is not known, nor for a certificate that the
 * service could not use.
 */
export function whyReportedLeft(
  holder: ReportedPlace,
  pair: RenewalPair | undefined,
  { exclude, asOf }: Pick<PlanSurvey, 'exclude' | 'asOf'>,
): readonly Obstacle[] {
  const excluded = whyExcluded(holder, [holder.thumbprint, pair?.renewal.new ?? null], exclude);
  const { kind, thumbprint, value } = holder;
  const { stands } = value;
  const held = `${reportedRules[kind].called} still uses ${thumbprint}${stands === undefined ? '' : ` (in ${stands.place})`}.`;
  const byHand = (text: string, command?: string) =>
    [...excluded, { code: 'report-only', text, ...(command === undefined ? {} : { command }) }] as const;
  if (pair === undefined) return byHand(`${held} That certificate has more than one successor.`);
  const unfit = whySuccessorUnfit(pair, 'My', asOf);
  if (unfit !== null) return byHand(`${held} ${unfit}`);
  const { command, besides } = lineFor(holder, pair.renewal);
  return byHand(besides === null ? held : `${held} ${besides}`, command);
}

type Pair = Pick<Renewal, 'old' | 'new'>;

/** The vendor's command; without a renewal, with a placeholder for the new thumbprint. */
export function lineFor({ kind, thumbprint, value: { detail } }: ReportedPlace, renewal: Pair | null) {
  return makersCommand(reportedRules[kind], { detail, old: renewal?.old ?? thumbprint, new: renewal?.new ?? null });
}

/** How a renewal gets to a certificate binding that is not of IIS; nothing if its owner does that by itself. */
export function lineForRecord(
  { appId, thumbprint }: CertificateBinding,
  renewal: Pair | null,
): { readonly command?: string; readonly besides?: string | null } {
  const id = appId.toLowerCase();
  if (id === iisAppId || id === winrmAppId || (renewal !== null && renewal.old === renewal.new)) return {};
  if (id === sstpAppId) return sstpByHand(renewal?.new ?? null);
  const kind = reportedKindOfApplication(id);
  if (kind === null) return { command: `certrebind config add applicationIds ${id.replace(/[{}]/g, '')}` };
  return makersCommand(reportedRules[kind], { old: renewal?.old ?? thumbprint, new: renewal?.new ?? null });
}
