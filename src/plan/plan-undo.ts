import type { Certificate } from '../model/certificate.ts';
import type { Consumer } from '../model/consumer.ts';
import { CertRebindError } from '../model/errors.ts';
import type { JournalLine } from '../model/journal.ts';
import { samePair } from '../model/ledger.ts';
import { cannotExpress } from '../model/netsh-options.ts';
import type { Outcome } from '../model/outcome.ts';
import type { BlockedEntry, Note, Plan, SkippedEntry, Step } from '../model/plan.ts';
import { sealPlan } from '../model/plan-document.ts';
import type { KeyText } from '../model/record-key.ts';
import type { Renewal } from '../model/renewal.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { differences, keyOfStep, wantedRecord } from '../model/step-standing.ts';
import type { Thumbprint } from '../model/thumbprint.ts';
import { sameRecord, type TlsRecord } from '../model/tls-record.ts';
import { bindingsByRecord, toConsumer } from './bindings-of-records.ts';
import { ownerOf } from './owners.ts';

export interface UndoRequest {
  readonly snapshot: Snapshot;
  /** Of the run that is to be undone. */
  readonly run: string;
  readonly journal: readonly JournalLine[];
  readonly outcome: Outcome;
  /** Put back what others have changed since, too. */
  readonly force: boolean;
}

/**
 * Plans how exactly the records that a run changed become what they were before it, the last one first. The plan is one
 * like any other: journaled, proven, and itself to be undone.
 * @throws CertRebindError `plan-stale` naming the records that others changed since, unless forced;
 *   `no-such-run` when the journal of the run is not whole
 */
export function planUndo({ snapshot, run, journal, outcome, force }: UndoRequest): Plan {
  const opened = journal.find((line) => line.type === 'opened');
  if (opened === undefined) {
    throw new CertRebindError('no-such-run', {
      message: `The journal of run ${run} holds nothing to undo.`,
      where: run,
    });
  }
  const changed = new Set(outcome.steps.filter(({ result }) => result === 'changed').map(({ id }) => id));
  const records = new Map(snapshot.records.map((record) => [record.key, record]));
  const cases = opened.plan.steps
    .filter(({ id }) => changed.has(id))
    .toReversed()
    .map((step): Case => {
      const now = records.get(keyOfStep(step)) ?? null;
      return { step, now, renewal: renewalOf(step, opened.plan.renewals) };
    });
  const foreign = cases.filter(isForeign);
  if (foreign.length > 0 && !force) throw staleError(run, foreign);

  const sorted = cases.map((one) => decide(one, snapshot));
  const steps = sorted.flatMap(({ step }) => step ?? []).map((step, index): Step => ({ ...step, id: index + 1 }));
  return sealPlan({
    schema: 'certrebind/plan/1',
    server: snapshot.server,
    asOf: snapshot.takenAt,
    policy: [],
    renewals: distinctPairs(cases.map(({ renewal }) => renewal)),
    steps,
    blocked: sorted.flatMap(({ blocked }) => blocked ?? []),
    skipped: sorted.flatMap(({ skipped }) => skipped ?? []),
    notes: [],
  });
}

/** A step of the run, with the record as it is now; `null` for none. */
interface Case {
  readonly step: Step;
  readonly renewal: Renewal;
  readonly now: TlsRecord | null;
}

interface Decision {
  readonly step?: Step;
  readonly blocked?: BlockedEntry;
  readonly skipped?: SkippedEntry;
}

/** Neither as the run left it nor as it was before. */
function isForeign({ step, now }: Case): boolean {
  return !same(now, wantedRecord(step)) && !same(now, step.before);
}

/** In place where nothing but the certificate differs, or where the rest cannot be written here; else the whole record. */
function decide(one: Case, snapshot: Snapshot): Decision {
  const { step, now, renewal } = one;
  const key = keyOfStep(step);
  const consumers = consumersNow(key, step, snapshot);
  const shared = { id: step.id, consumers, verify: step.verify };
  const { before } = step;
  if (same(now, before)) {
    return { skipped: { key, consumers, reason: 'already', detail: 'It is as it was before the run.' } };
  }
  if (before === null) {
    // That nobody can connect any more is what is wanted here, and nothing that could be proven.
    return now === null ? {} : { step: { ...shared, action: 'remove', before: now, verify: [], notes: [] } };
  }
  const certificate = certificateOf(before, snapshot);
  if (before.thumbprint !== null && certificate === null) {
    return { blocked: goneEntry(one, consumers, renewal, snapshot) };
  }
  const notes = certificateNotes(certificate);
  const lost = now === null ? [] : differences(before, now).filter((name) => name !== 'store');
  const inexpressible = lost.length === 0 && now !== null ? [] : cannotExpress(before, snapshot.netsh);
  if (inexpressible.length > 0) notes.push(limitedNote(inexpressible));
  if (now !== null && before.thumbprint !== null && (lost.length === 0 || inexpressible.length > 0)) {
    const after = { thumbprint: before.thumbprint, store: before.store };
    return { step: { ...shared, action: 'swap', before: now, after, renewal, notes } };
  }
  return { step: { ...shared, action: 'restore', before: now, record: before, notes } };
}

/** The bindings that stand on the record today: those of the run may be gone. */
function consumersNow(key: KeyText, step: Step, { sites }: Snapshot): readonly Consumer[] {
  const bindings = bindingsByRecord(sites).get(key) ?? [];
  if (bindings.length > 0) return bindings.map(toConsumer);
  const appId = step.before?.appId ?? wantedRecord(step)?.appId ?? '';
  return [{ kind: 'http-sys', appId, owner: ownerOf(appId) }];
}

/** Prefers the store that the record named. */
function certificateOf({ thumbprint, store }: TlsRecord, { certificates }: Snapshot): Certificate | null {
  const found = certificates.filter((certificate) => certificate.thumbprint === thumbprint);
  return found.find((certificate) => certificate.store === store) ?? found[0] ?? null;
}

function certificateNotes(certificate: Certificate | null): Note[] {
  if (certificate?.archived !== true) return [];
  const text = `The old certificate ${certificate.thumbprint} is archived; the record is read back, so a server that refuses it is noticed.`;
  return [{ code: 'old-archived', text }];
}

function goneEntry(
  { step, now }: Case,
  consumers: readonly Consumer[],
  renewal: Renewal,
  { certificates }: Snapshot,
): BlockedEntry {
  return {
    key: keyOfStep(step),
    consumers,
    renewal,
    reason: 'certificate-missing',
    detail: `The old certificate ${step.before?.thumbprint} is in neither My nor WebHosting any more, so it cannot be put back.`,
    hosts: [],
    endsAt: certificates.find(({ thumbprint }) => thumbprint === now?.thumbprint)?.notAfter ?? null,
  };
}

function limitedNote(inexpressible: readonly string[]): Note {
  const text = `Only the certificate is put back: netsh on this host cannot write ${inexpressible.join(', ')}.`;
  return { code: 'undo-limited', text };
}

/** A repair stands for no renewal; the ledger then has the pair of what it changed. */
function renewalOf(step: Step, renewals: readonly Renewal[]): Renewal {
  if (step.action === 'swap') return step.renewal;
  const [before, wanted] = [step.before?.thumbprint ?? null, wantedRecord(step)?.thumbprint ?? null];
  const known = renewals.find(({ old, new: successor }) => sameSides([old, successor], [before, wanted]));
  if (known !== undefined) return known;
  const [old, successor] = [before ?? wanted, wanted ?? before];
  if (old === null || successor === null) throw new TypeError(`step ${step.id} concerns no certificate`);
  return { old, new: successor, source: 'given', corroborated: true, eventRecordId: null };
}

function sameSides(pair: readonly Thumbprint[], sides: readonly (Thumbprint | null)[]): boolean {
  return sides.every((side) => side !== null && pair.includes(side)) && sides[0] !== sides[1];
}

function staleError(run: string, foreign: readonly Case[]): CertRebindError {
  const shown = foreign.slice(0, 20).map(({ step, now }) => {
    const state = now === null ? 'is gone' : `holds ${now.thumbprint ?? 'no certificate'}`;
    return `${keyOfStep(step)} ${state}`;
  });
  const more = foreign.length > shown.length ? `; and ${foreign.length - shown.length} more` : '';
  return new CertRebindError('plan-stale', {
    message: `Since run ${run}, others have changed records: ${shown.join('; ')}${more}.`,
    where: run,
  });
}

function distinctPairs(renewals: readonly Renewal[]): readonly Renewal[] {
  return renewals.filter((renewal, index) => renewals.findIndex((other) => samePair(other, renewal)) === index);
}

function same(a: TlsRecord | null, b: TlsRecord | null): boolean {
  return a === null || b === null ? a === b : sameRecord(a, b);
}
