import { type Group, groupBy } from '../../base/group.ts';
import type { JournalEntry } from '../../documents/runs/journal.ts';
import { type StepProgress, stepError } from '../../documents/runs/step-progress.ts';
import { isApplied } from '../../documents/runs/step-states.ts';
import { thumbprintOf } from '../../kinds/holder.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { idsOf } from './execution.ts';

/**
 * For holders of one kind. One replacement for each new certificate goes first, so that a bad certificate affects one holder:
 * one whose endpoint answers now, because only there a handshake can prove something; else one that is dialled at all;
 * else the first.
 */
export function chooseCanaries(steps: readonly StepProgress[]): readonly StepProgress[] {
  return [...byNewCertificate(steps).values()].map(
    (group) =>
      group.find(({ before }) => before.some(({ handshake }) => handshake.result === 'served')) ??
      group.find(({ step }) => step.verify.length > 0) ??
      group[0],
  );
}

/**
 * Certificates whose canary failed keep their other records from being tried: `refused`. A record that others changed
 * meanwhile says nothing about the certificate, and an endpoint that still serves the old one says little yet:
 * `another` is tried instead.
 */
export function judgeCanaries(
  canaries: readonly StepProgress[],
  rest: readonly StepProgress[],
  mayTryAnother = true,
): {
  readonly another: readonly StepProgress[];
  readonly rest: readonly StepProgress[];
  readonly refused: readonly JournalEntry[];
} {
  const groups = byNewCertificate(rest);
  const another = new Set<StepProgress>();
  const untried = new Set(rest);
  const refused: JournalEntry[] = [];
  for (const canary of canaries) {
    const group = groups.get(newCertificate(canary)) ?? [];
    const isStillOld = canary.state === 'still-old';
    if (group.length === 0 || (isApplied(canary.state) && !(isStillOld && mayTryAnother))) continue;
    if (isStillOld || canary.error?.code === 'changed-meanwhile') {
      for (const next of chooseCanaries(group)) another.add(next);
    } else {
      const { key } = canary.step;
      const message = `The same certificate failed at ${key} first, so this one was not changed.`;
      refused.push({ type: 'not-attempted', steps: idsOf(group), error: stepError('canary-failed', message, key) });
      for (const one of group) untried.delete(one);
    }
  }
  // Where several go first, one may fail with the certificate of another that says nothing.
  return {
    another: [...another].filter((one) => untried.has(one)),
    rest: [...untried].filter((progress) => !another.has(progress)),
    refused,
  };
}

function byNewCertificate(steps: readonly StepProgress[]): ReadonlyMap<Thumbprint | null, Group<StepProgress>> {
  return groupBy(
    steps.filter((progress) => newCertificate(progress) !== null),
    newCertificate,
  );
}

/** Only renewals set a certificate on many records; repairs are independent of each other. */
function newCertificate({ step }: StepProgress): Thumbprint | null {
  return step.renewal === null ? null : thumbprintOf(step.wanted);
}
