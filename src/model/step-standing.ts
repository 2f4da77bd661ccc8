import type { Step } from './plan.ts';
import type { KeyText } from './record-key.ts';
import { lostOrChangedOptions, type RecordNow, sameRecord, type TlsRecord, withCertificate } from './tls-record.ts';

/**
 * How a record stands to a step of a plan. `wanted-with-other-options` and `before-with-other-options`: the certificate
 * is the one of that side, and something else about the record is not.
 */
export type Standing =
  | 'as-before'
  | 'as-wanted'
  | 'wanted-with-other-options'
  | 'before-with-other-options'
  | 'absent'
  | 'foreign'
  | 'unknown';

export function standingOf(step: Step, now: RecordNow): Standing {
  if (now.state === 'unknown') return 'unknown';
  const [before, wanted] = [step.before, wantedRecord(step)];
  const record = now.state === 'holds' ? now.record : null;
  if (same(record, wanted)) return 'as-wanted';
  if (same(record, before)) return 'as-before';
  if (record === null) return 'absent';
  if (record.thumbprint === wanted?.thumbprint) return 'wanted-with-other-options';
  if (record.thumbprint === before?.thumbprint) return 'before-with-other-options';
  return 'foreign';
}

/** The whole record as the step means it to be; `null` when the step takes it away. */
export function wantedRecord(step: Step): TlsRecord | null {
  switch (step.action) {
    case 'swap':
      return withCertificate(step.before, step.after.thumbprint, step.after.store);
    case 'restore':
      return step.record;
    case 'remove':
      return null;
  }
}

export function keyOfStep(step: Step): KeyText {
  return step.action === 'restore' ? step.record.key : step.before.key;
}

/** What a change got wrong beside the certificate itself, by name. */
export function differences(wanted: TlsRecord, found: TlsRecord): readonly string[] {
  return [...(wanted.store === found.store ? [] : ['store']), ...lostOrChangedOptions(wanted, found)];
}

function same(a: TlsRecord | null, b: TlsRecord | null): boolean {
  return a === null || b === null ? a === b : sameRecord(a, b);
}
