import { finding, listed } from '../../documents/finding.ts';
import type { Finding } from '../../documents/status.ts';
import { recordsOf } from '../../holders/holder.ts';
import type { KeyText } from '../../holders/record-key.ts';
import type { Snapshot } from '../../holders/snapshot.ts';
import type { TlsRecord } from '../../holders/tls/tls-record.ts';
import { keyOf, type StandingBinding } from '../../plan/bindings-of-records.ts';
import { type LastKnown, restorable, whyNotRemoved } from '../../plan/plan-repair.ts';
import { isOrphan, type Survey } from '../../plan/server-survey.ts';
import { mayStandOn } from '../../plan/unreadable.ts';
import { distinct } from '../../text/order.ts';
import { type CandidateIndex, candidateFor } from './candidates.ts';
import { additionCommand, deletionCommand } from './commands.ts';

/**
 * IIS bindings without a TLS record, and TLS records without a binding.
 * @param owedAt where a later run restores the record, which has a finding of its own
 */
export function recordFindings(
  survey: Survey,
  lastKnown: LastKnown,
  candidates: CandidateIndex,
  owedAt: ReadonlySet<KeyText>,
): readonly Finding[] {
  // A record that cannot be read exists: it has its own finding, and a new record beside it would fix nothing.
  const missing = [...survey.bindings].filter(
    ([key]) => !survey.records.has(key) && !survey.unreadableRecords.keys.has(key) && !owedAt.has(key),
  );
  const orphans = [...survey.records.values()].filter((record) => isOrphan(record, survey));
  return [
    ...missing.map(([key, bindings]) => withoutRecord(key, bindings, survey, lastKnown, candidates)),
    ...orphans.map((record) => orphan(record, survey)),
  ];
}

/** Whether what earlier runs knew of records matters, which costs reading their journals. */
export function needsLastKnown(snapshot: Snapshot): boolean {
  const keys = new Set(recordsOf(snapshot).map(({ key }) => key));
  return snapshot.sites.some(({ bindings }) =>
    bindings.some(({ recordKey }) => recordKey !== null && !keys.has(recordKey)),
  );
}

function withoutRecord(
  key: KeyText,
  bindings: readonly StandingBinding[],
  survey: Survey,
  lastKnown: LastKnown,
  candidates: CandidateIndex,
): Finding {
  const sites = listed(distinct(bindings.map(({ site }) => site)));
  const severity = bindings.every(({ siteState }) => siteState === 'stopped') ? 'warning' : 'error';
  if (keyOf(key).table === 'ccs') {
    const message = `${sites}: the bindings use the central certificate store, but HTTP.SYS has no record for it.`;
    return finding('central-store-record-missing', message, { key, severity, command: additionCommand(key, null) });
  }
  const known = restorable(key, survey, lastKnown);
  const message = `${sites}: the binding has no TLS record.`;
  if (known === null) {
    if (survey.unreadableRecords.nameless > 0) {
      const doubt = `${message} One of the records that cannot be read may belong to it.`;
      return finding('binding-without-record', doubt, { key, severity, command: null });
    }
    const command = additionCommand(key, candidateFor(bindings, candidates));
    return finding('binding-without-record', message, { key, severity, command });
  }
  return finding('binding-without-record', `${message} The last run set ${known.thumbprint} there.`, {
    key,
    severity,
  });
}

function orphan(record: TlsRecord, survey: Survey): Finding {
  const { key, thumbprint } = record;
  const held = `Its certificate is ${thumbprint ?? 'not set'}.`;
  if (mayStandOn(survey.unreadableBindings, record)) {
    const doubt = `No IIS binding that can be read uses the TLS record ${key}, but one that cannot be read may. ${held}`;
    return finding('orphaned-record', doubt, { key, command: null });
  }
  const message = `No IIS binding uses the TLS record ${key}. ${held}`;
  const why = whyNotRemoved(record, survey);
  if (why === null) return finding('orphaned-record', message, { key });
  return finding('orphaned-record', `${message} ${why}`, { key, command: deletionCommand(key) });
}
