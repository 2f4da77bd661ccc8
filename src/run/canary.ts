import type { Thumbprint } from '../model/thumbprint.ts';
import { notAttempted } from './change-steps.ts';
import { type StepProgress, stepError } from './execution.ts';

/**
 * One swap for each new certificate goes first, so that a bad certificate costs one record: one whose endpoint answers
 * now, since only there a handshake can prove something; else one that is dialled at all; else the first.
 */
export function chooseCanaries(steps: readonly StepProgress[]): readonly StepProgress[] {
  return [...byNewCertificate(steps).values()].flatMap((group) => {
    const canary =
      group.find(({ before }) => before.some(({ handshake }) => handshake.result === 'served')) ??
      group.find(({ step }) => step.verify.length > 0) ??
      group[0];
    return canary === undefined ? [] : [canary];
  });
}

/**
 * Certificates whose canary failed keep their other records from being tried. A record that others changed meanwhile
 * says nothing about the certificate; `another` is then tried in its place.
 */
export function judgeCanaries(
  canaries: readonly StepProgress[],
  rest: readonly StepProgress[],
): { readonly another: readonly StepProgress[]; readonly rest: readonly StepProgress[] } {
  const groups = byNewCertificate(rest);
  const another: StepProgress[] = [];
  for (const canary of canaries) {
    const group = groups.get(newCertificate(canary)) ?? [];
    if (canary.result === 'changed' || canary.result === 'already') continue;
    if (canary.error?.code === 'changed-meanwhile') another.push(...chooseCanaries(group));
    else notAttempted(group, failedCanary(canary));
  }
  const untried = rest.filter(({ error }) => error === null);
  return { another, rest: untried.filter((progress) => !another.includes(progress)) };
}

function failedCanary({ key, error }: StepProgress): StepProgress['error'] {
  const why = error === null ? '' : ` (${error.code}: ${error.message})`;
  return stepError(
    'canary-failed',
    `The same certificate failed at ${key} first${why}, so this record was not touched.`,
    key,
  );
}

function byNewCertificate(steps: readonly StepProgress[]): ReadonlyMap<Thumbprint | null, readonly StepProgress[]> {
  const groups = new Map<Thumbprint | null, StepProgress[]>();
  for (const progress of steps) {
    const certificate = newCertificate(progress);
    if (certificate === null) continue;
    const group = groups.get(certificate);
    if (group === undefined) groups.set(certificate, [progress]);
    else group.push(progress);
  }
  return groups;
}

/** Only swaps bring in a certificate for many records; repairs stand each for itself. */
function newCertificate({ step }: StepProgress): Thumbprint | null {
  return step.action === 'swap' ? step.after.thumbprint : null;
}
