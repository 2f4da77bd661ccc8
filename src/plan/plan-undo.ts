import type { Certificate } from '../certificates/certificate.ts';
import { momentText } from '../certificates/named-certificate.ts';
import { givenRenewal, pairText, type Renewal } from '../certificates/renewal.ts';
import type { Thumbprint } from '../certificates/thumbprint.ts';
import type { Configuration } from '../documents/configuration.ts';
import { firstClauses } from '../documents/finding.ts';
import type { JournalLine } from '../documents/runs/journal.ts';
import type { Ledger } from '../documents/runs/ledger.ts';
import type { Outcome } from '../documents/runs/outcome.ts';
import {
  type BlockedEntry,
  isLook,
  type Note,
  type Plan,
  type SkippedEntry,
  type Step,
} from '../documents/runs/plan.ts';
import { sealPlan } from '../documents/runs/seal-plan.ts';
import { foldJournal } from '../documents/runs/step-progress.ts';
import { changed, isLeftBroken } from '../documents/runs/step-states.ts';
import type { Consumer } from '../holders/consumer.ts';
import {
  administrationLast,
  carriersOf,
  differences,
  type Holder,
  type HolderNow,
  holdersByKey,
  holding,
  isTls,
  sameHolder,
  servicesOf,
  thumbprintOf,
  whyNotUnderRun,
} from '../holders/holder.ts';
import { restartOf, type ServiceSeen } from '../holders/kind-rules.ts';
import type { KeyText } from '../holders/record-key.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { inexpressibleBy } from '../holders/tls/netsh-options.ts';
import type { TlsRecord } from '../holders/tls/tls-record.ts';
import { leftByHand, leftKindOf } from '../holders/what-left.ts';
import { CertRebindError } from '../text/errors.ts';
import { groupBy } from '../text/group.ts';
import { bindingsByRecord, type StandingBinding, usersOfRecord } from './bindings-of-records.ts';
import { certificatesOfPlan } from './named-certificates.ts';
import { type CertificatesByThumbprint, certificatesByThumbprint } from './renewal-pair.ts';
import { restartText, whyNoRestartNow } from './restarts.ts';

export interface UndoRequest {
  readonly snapshot: Snapshot;
  readonly ledger: Pick<Ledger, 'retired'>;
  /** From the run that is to be undone. */
  readonly run: string;
  readonly journal: readonly JournalLine[];
  readonly outcome: Outcome;
  /** Also put back what others have changed since. */
  readonly force: boolean;
  readonly configuration: Pick<Configuration, 'window' | 'now'>;
}

/**
 * Whether an undo without a named run can mean this one: it changed something that was meant to stay, or left something
 * broken. The newest such run is taken. Undos are skipped, so that a second undo finishes what the first could not roll back and never applies
 * again what the first undid; rehearsals clean up after themselves.
 */
export function isMeantByUndo({ journal, outcome }: Pick<UndoRequest, 'journal' | 'outcome'>): boolean {
  const opened = journal.find((line) => line.type === 'opened');
  if (opened === undefined) return false;
  const { changed: done, stillOld } = outcome.counts;
  const isOnlyLook = stillOld === 0 || opened.plan.steps.every(isLook);
  if (done === 0 && isOnlyLook && !outcome.steps.some(isLeftBroken)) return false;
  return opened.plan.purpose !== 'undo' && opened.plan.purpose !== 'rehearsal';
}

/**
 * Plans how exactly the records that a run changed, or could not roll back, become what they were before it, the last one
 * first. The plan is like any other: journaled, verified, and can be undone itself.
 * @throws CertRebindError `plan-stale` naming the holders that others changed since, unless forced;
 *   `no-such-run` when the journal of the run is not whole
 */
export function planUndo({ snapshot, ledger, run, journal, outcome, force, configuration }: UndoRequest): Plan {
  const opened = journal.find((line) => line.type === 'opened');
  if (opened === undefined) {
    throw new CertRebindError('no-such-run', {
      message: `Run ${run} changed nothing that can be undone.`,
      where: run,
    });
  }
  const ends = new Map(outcome.steps.map((end) => [end.id, end]));
  const left = foldJournal(journal);
  const holders = holdersByKey(snapshot);
  const all = administrationLast(opened.plan.steps.toReversed()).flatMap((step): readonly Case[] => {
    const end = ends.get(step.id);
    const isBroken = end !== undefined && isLeftBroken(end);
    if (end === undefined || !(isBroken || changed(end.state))) return [];
    const broken = isBroken ? (left.get(step.id)?.now ?? null) : null;
    return [{ step, broken, now: holders.get(step.key) ?? null, renewal: renewalOf(step, opened.plan.renewals) }];
  });
  const foreign = force ? [] : all.filter(isForeign);
  // Somebody else may have mended what the run had left broken, which says nothing against the rest.
  const mended = foreign.filter(({ broken }) => broken !== null);
  if (foreign.length > mended.length) throw staleError(run, foreign);
  const cases = all.filter((one) => !mended.includes(one));

  const today = surveyOf(snapshot, ledger, configuration);
  const sorted = cases.map((one) => decide(one, today));
  const steps = sorted.flatMap(({ step }) => step ?? []).map((step, index): Step => ({ ...step, id: index + 1 }));
  const renewals = [...groupBy(cases, ({ renewal }) => pairText(renewal)).values()].map(([first]) => first.renewal);
  return sealPlan({
    schema: 'certrebind/plan/2',
    purpose: 'undo',
    undoes: run,
    server: snapshot.server,
    asOf: snapshot.takenAt,
    policy: [],
    renewals,
    certificates: certificatesOfPlan(snapshot, { renewals, steps }),
    steps,
    blocked: sorted.flatMap(({ blocked }) => blocked ?? []),
    skipped: sorted.flatMap(({ skipped }) => skipped ?? []),
    notes: [...mended.map((one) => mendedNote(run, one)), ...sorted.flatMap(({ note }) => note ?? [])],
  });
}

/** A step of the run, with the holder as it is now; `null` if it does not exist. */
interface Case {
  readonly step: Step;
  readonly renewal: Renewal;
  readonly now: Holder | null;
  /** As the run left it, if it could not put it back; `null` if its change stands. */
  readonly broken: HolderNow | null;
}

/** What of today's server is looked up for every record of the run. */
interface Survey {
  readonly bindings: ReadonlyMap<KeyText, readonly StandingBinding[]>;
  readonly certificates: CertificatesByThumbprint;
  readonly retired: Ledger['retired'];
  readonly inexpressible: (record: TlsRecord) => readonly string[];
  /** Holders through which this run came in, or may have. */
  readonly carriers: ReadonlyMap<KeyText, 'yes' | 'unknown'>;
  /** What would have to be restarted, by the keys of holders. */
  readonly services: ReadonlyMap<KeyText, ServiceSeen>;
  /** Why a service is not restarted now, as a clause; `null` if it may be. */
  readonly whyNoRestart: string | null;
}

function surveyOf(
  snapshot: Snapshot,
  { retired }: UndoRequest['ledger'],
  configuration: UndoRequest['configuration'],
): Survey {
  const { sites, certificates, netsh } = snapshot;
  return {
    bindings: bindingsByRecord(sites),
    certificates: certificatesByThumbprint(certificates),
    retired,
    inexpressible: inexpressibleBy(netsh),
    carriers: carriersOf(snapshot),
    services: servicesOf(snapshot),
    whyNoRestart: whyNoRestartNow(snapshot, configuration),
  };
}

interface Decision {
  readonly step?: Step;
  readonly blocked?: BlockedEntry;
  readonly skipped?: SkippedEntry;
  /** Of the whole plan: there is no step that could have it. */
  readonly note?: Note;
}

/** Neither as the run left it nor as it was before the run. */
function isForeign({ step, now, broken }: Case): boolean {
  if (leftKindOf(step.key) !== null) return false;
  if (broken?.state === 'holds' && sameHolder(broken.holder, now)) return false;
  if (broken?.state === 'absent' && now === null) return false;
  return !sameHolder(step.wanted, now) && !sameHolder(step.before, now);
}

function mendedNote(run: string, { step: { key }, now }: Case): Note {
  const state = now === null ? 'it is gone' : `it uses ${thumbprintOf(now) ?? 'no certificate'}`;
  const text = `${key} is not as run ${run} left it: ${state}. CertRebind leaves it. To roll it back too: certrebind undo ${run} --force`;
  return { code: 'not-restored', text };
}

/** In place if only the certificate differs, or if the rest cannot be written here; otherwise the whole record. */
function decide(one: Case, today: Survey): Decision {
  const { step, now, renewal } = one;
  const { key, before } = step;
  const consumers = consumersNow(step, today);
  const left = leftByHand(key, before?.value ?? null);
  if (left !== null) return { skipped: { key, consumers, reason: 'report-only', ...left } };
  if (sameHolder(before, now)) {
    return { skipped: { key, consumers, reason: 'already', detail: 'It is as it was before the run.' } };
  }
  const carries = today.carriers.get(key);
  const blocked = (reason: BlockedEntry['reason'], detail: string): Decision => ({
    blocked: blockedEntry(one, consumers, today, { reason, detail }),
  });
  if (carries !== undefined) return blocked('remote-session', whyNotUnderRun(carries));
  const service = today.services.get(key);
  if (service?.state === 'started' && today.whyNoRestart !== null)
    return blocked(
      'outside-window',
      `${restartText(service)} ${today.whyNoRestart} To roll back at once: certrebind undo --now`,
    );
  const restart = service === undefined ? {} : { restart: restartOf(service) };
  const shared = { id: step.id, key, before: now, consumers, verify: step.verify, ...restart };
  if (before === null) {
    // The record is to be removed, so no endpoint can prove anything.
    return now === null ? {} : { step: { ...shared, wanted: null, renewal: null, verify: [], notes: [] } };
  }
  const { thumbprint, store } = before.value;
  const certificate = certificateOf(before, today);
  const deleted = today.retired.find((one) => one.thumbprint === thumbprint)?.deleting;
  if (
    thumbprint !== null &&
    store !== '' &&
    (certificate === null || (deleted !== undefined && certificate.key !== 'usable'))
  ) {
    const why =
      deleted === undefined
        ? 'is no longer in My or WebHosting, so it cannot be restored'
        : `was deleted by certrebind retire at ${momentText(deleted.at)}, which is final`;
    return blocked('certificate-missing', `The old certificate ${thumbprint} ${why}.`);
  }
  const notes = certificateNotes(certificate);
  const lost = now === null ? [] : differences(before, now).filter((name) => name !== 'store');
  // Only certificate bindings are written by netsh, so only they can have options that it cannot write.
  const inexpressible = (lost.length === 0 && now !== null) || !isTls(before) ? [] : today.inexpressible(before.value);
  if (inexpressible.length > 0 && now !== null && thumbprint !== null && thumbprintOf(now) === thumbprint) {
    const text = `${key} has its old certificate, but netsh on this server cannot write ${inexpressible.join(', ')}. Set that yourself.`;
    return { note: { code: 'not-restored', text } };
  }
  if (inexpressible.length > 0) notes.push(limitedNote(inexpressible));
  if (now !== null && thumbprint !== null && (lost.length === 0 || inexpressible.length > 0)) {
    return { step: { ...shared, wanted: holding(now, thumbprint, store), renewal, notes } };
  }
  return { step: { ...shared, wanted: before, renewal: null, notes } };
}

/** The bindings that use the record today: those of the run may be gone. */
function consumersNow({ key, before, wanted, consumers }: Step, { bindings }: Survey): readonly Consumer[] {
  const holder = before ?? wanted;
  return holder !== null && isTls(holder) ? usersOfRecord(holder.value, bindings.get(key) ?? []) : consumers;
}

/** Prefers the store that the holder named. */
function certificateOf({ value: { thumbprint, store } }: Holder, { certificates }: Survey): Certificate | null {
  const found = thumbprint === null ? [] : (certificates.get(thumbprint) ?? []);
  return found.find((certificate) => certificate.store === store) ?? found[0] ?? null;
}

function certificateNotes(certificate: Certificate | null): Note[] {
  if (certificate?.archived !== true) return [];
  const text = `The old certificate ${certificate.thumbprint} is archived. If the server refuses it, CertRebind notices when it reads the setting back.`;
  return [{ code: 'old-archived', text }];
}

function blockedEntry(
  { step, now, renewal }: Case,
  consumers: readonly Consumer[],
  today: Survey,
  why: Pick<BlockedEntry, 'reason' | 'detail'>,
): BlockedEntry {
  const endsAt = now === null ? null : (certificateOf(now, today)?.notAfter ?? null);
  return { key: step.key, consumers, renewal, ...why, hosts: [], endsAt };
}

function limitedNote(inexpressible: readonly string[]): Note {
  const text = `Only the certificate is restored, because netsh on this server cannot write ${inexpressible.join(', ')}.`;
  return { code: 'undo-limited', text };
}

/** A repair belongs to no renewal; the ledger then gets the pair of what it changed. */
function renewalOf(step: Step, renewals: readonly Renewal[]): Renewal {
  if (step.renewal !== null) return step.renewal;
  const [before, wanted] = [thumbprintOf(step.before), thumbprintOf(step.wanted)];
  const known = renewals.find(({ old, new: successor }) => sameSides([old, successor], [before, wanted]));
  if (known !== undefined) return known;
  const [old, successor] = [before ?? wanted, wanted ?? before];
  if (old === null || successor === null) throw new TypeError(`step ${step.id} changes no certificate`);
  return givenRenewal(old, successor);
}

function sameSides(pair: readonly Thumbprint[], sides: readonly (Thumbprint | null)[]): boolean {
  return sides.every((side) => side !== null && pair.includes(side)) && sides[0] !== sides[1];
}

function staleError(run: string, foreign: readonly Case[]): CertRebindError {
  const clauses = foreign.map(({ step, now }) => {
    const state = now === null ? 'is gone' : `uses ${thumbprintOf(now) ?? 'no certificate'}`;
    return `${step.key} ${state}`;
  });
  return new CertRebindError('plan-stale', {
    message: `Someone else has changed something since run ${run}: ${firstClauses(clauses, 20)}.`,
    where: run,
  });
}
