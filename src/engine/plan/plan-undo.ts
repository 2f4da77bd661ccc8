import { CertRebindError } from '../../base/errors.ts';
import { groupBy } from '../../base/group.ts';
import { firstClauses } from '../../documents/finding.ts';
import type { JournalLine } from '../../documents/runs/journal.ts';
import type { Ledger } from '../../documents/runs/ledger.ts';
import type { Outcome } from '../../documents/runs/outcome.ts';
import { isVerifyOnly, type Note, type Obstacle, type Plan, putsBack, type Step } from '../../documents/runs/plan.ts';
import { foldJournal } from '../../documents/runs/step-progress.ts';
import { changed, isLeftBroken } from '../../documents/runs/step-states.ts';
import {
  administrationLast,
  differences,
  type Holder,
  type HolderNow,
  holding,
  isTls,
  sameHolder,
  thumbprintOf,
} from '../../kinds/holder.ts';
import { restartOf } from '../../kinds/kind-rules.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { momentText } from '../../model/certificates/named-certificate.ts';
import { givenRenewal, pairText, type Renewal } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { type Decided, leftWith } from './decide-step.ts';
import type { Policy } from './overrides.ts';
import { putTogether } from './put-together.ts';
import { certificateOf } from './server-survey.ts';
import { consumersNow, isUnread, type Today, todayOf, whyNotSet } from './why-not-set.ts';

export interface UndoRequest {
  readonly snapshot: Snapshot;
  readonly ledger: Pick<Ledger, 'retired'>;
  /** From the run that is to be undone. */
  readonly run: string;
  readonly journal: readonly JournalLine[];
  readonly outcome: Outcome;
  /** Also put back what others have changed since, and a certificate that has expired or has no key that can be used. */
  readonly force: boolean;
  readonly configuration: Policy;
  /** What later runs set last at each place. */
  readonly later: ReadonlyMap<KeyText, LaterChange>;
}

export interface LaterChange {
  readonly run: string;
  readonly wanted: Holder | null;
}

/**
 * Whether an undo without a named run can mean this one: it changed something that was meant to stay, or left something
 * broken. The newest such run is taken. Undos are skipped, so that a second undo finishes what the first could not roll back and never applies
 * again what the first undid; rehearsals clean up after themselves.
 */
export function isUndoCandidate({ journal, outcome }: Pick<UndoRequest, 'journal' | 'outcome'>): boolean {
  const opened = journal.find((line) => line.type === 'opened');
  if (opened === undefined) return false;
  const { changed: done, stillOld } = outcome.counts;
  const isOnlyCheck = stillOld === 0 || opened.plan.steps.every(isVerifyOnly);
  if (done === 0 && isOnlyCheck && !outcome.steps.some(isLeftBroken)) return false;
  return opened.plan.purpose !== 'undo' && opened.plan.purpose !== 'rehearsal';
}

/**
 * Plans how exactly the records that a run changed, or could not roll back, become what they were before it, the last one
 * first. The plan is like any other: journaled, verified, and can be undone itself.
 * @throws CertRebindError `plan-stale` naming the holders that later runs or others changed since, unless forced;
 *   `no-such-run` when the journal of the run is not whole
 */
export function planUndo(request: UndoRequest): Plan {
  const { snapshot, run, journal, outcome, force, configuration, later } = request;
  const opened = journal.find((line) => line.type === 'opened');
  if (opened === undefined) {
    throw new CertRebindError('no-such-run', {
      message: `Run ${run} changed nothing that can be undone.`,
      where: run,
    });
  }
  const ends = new Map(outcome.steps.map((end) => [end.id, end]));
  const left = foldJournal(journal);
  const today = todayOf(snapshot, configuration);
  const all = administrationLast(opened.plan.steps.toReversed()).flatMap((step): readonly Case[] => {
    const end = ends.get(step.id);
    const isBroken = end !== undefined && isLeftBroken(end);
    // What only was checked changed nothing.
    if (end === undefined || isVerifyOnly(step) || !(isBroken || changed(end.state))) return [];
    const broken = isBroken ? (left.get(step.id)?.now ?? null) : null;
    const now = today.holders.get(step.key) ?? null;
    const found = { step, broken, now };
    const since = isForeign(found) ? later.get(step.key) : undefined;
    const laterRun = since !== undefined && sameHolder(since.wanted, now) ? since.run : null;
    return [{ ...found, laterRun, renewal: renewalOf(found, laterRun, opened.plan.renewals) }];
  });
  const foreign = force ? [] : all.filter((one) => isForeign(one) && !isUnread(one.step.key, today));
  // Somebody else may have mended what the run had left broken, which says nothing against the rest.
  const mended = foreign.filter(({ broken }) => broken !== null);
  if (foreign.length > mended.length) throw staleError(run, foreign);
  const cases = all.filter((one) => !mended.includes(one));

  const sorted = cases.map((one) => decide(one, today, request));
  const steps = sorted.flatMap(({ step }) => step ?? []);
  const renewals = [...groupBy(cases, ({ renewal }) => pairText(renewal)).values()].map(([first]) => first.renewal);
  return putTogether(snapshot, {
    purpose: 'undo',
    undoes: run,
    policy: [],
    renewals,
    steps,
    blocked: sorted.flatMap(({ blocked }) => blocked ?? []),
    skipped: sorted.flatMap(({ skipped }) => skipped ?? []),
    notes: [
      ...mended.map((one) => mendedNote(run, one)),
      ...sorted.flatMap(({ note }) => note ?? []),
      // Said before it is done: what a person undid stays so, but not for ever.
      ...(steps.some(putsBack) ? [{ code: 'keeps-old', text: keptUntil } as const] : []),
    ],
  });
}

const keptUntil =
  'A place that is undone keeps the old certificate until the next renewal, or until a rebind applies this one again.';

/** A step of the run, with the holder as it is now; `null` if it does not exist. */
interface Case {
  readonly step: Step;
  readonly renewal: Renewal;
  readonly now: Holder | null;
  /** As the run left it, if it could not put it back; `null` if its change stands. */
  readonly broken: HolderNow | null;
  /** The later run that made it what it is now; `null` if none did. */
  readonly laterRun: string | null;
}

/** `note`: of the whole plan, where there is no step that could have it. */
type Decision = Decided & { readonly note?: Note };

/** Neither as the run left it nor as it was before the run. */
function isForeign({ step, now, broken }: Pick<Case, 'step' | 'now' | 'broken'>): boolean {
  if (broken?.state === 'holds' && sameHolder(broken.holder, now)) return false;
  if (broken?.state === 'absent' && now === null) return false;
  return !sameHolder(step.wanted, now) && !sameHolder(step.before, now);
}

function mendedNote(run: string, { step: { key }, now }: Case): Note {
  const text = `${key} is not as run ${run} left it: it ${stateText(now)}. CertRebind leaves it. The command rolls it back too.`;
  return { code: 'not-restored', text, command: `certrebind undo ${run} --force` };
}

/** In place if only the certificate differs, or if the rest cannot be written here; otherwise the whole record. */
function decide(one: Case, today: Today, { run, force, ledger }: UndoRequest): Decision {
  const { step, now, renewal } = one;
  const { key, before } = step;
  const consumers = consumersNow(step, today);
  if (sameHolder(before, now)) {
    return leftWith({ key, consumers }, renewal, [{ code: 'already', text: 'It is as it was before the run.' }]);
  }
  const certificate = before === null ? null : certificateOf(before.value, today);
  const deleted = whyDeleted(before, certificate, ledger);
  const against = whyNotSet({ ...step, now, wanted: before }, today, 'person');
  const kept = [
    deleted ?? [],
    against.filter(({ code }) => code !== deleted?.code && !(force && forced.has(code))),
  ].flat();
  if (kept.length > 0) {
    const obstacles = kept.map((why) => ({ ...why, text: [why.text, ...overrideHints(why, run)].join(' ') }));
    return leftWith({ key, consumers }, renewal, obstacles);
  }
  const service = today.inUse.get(key)?.service ?? null;
  const restart = service === null ? {} : { restart: restartOf(service) };
  const shared = { id: step.id, key, before: now, consumers, verify: step.verify, ...restart };
  if (before === null) {
    // The record is to be removed, so no endpoint can prove anything.
    return now === null ? {} : { step: { ...shared, wanted: null, renewal: null, verify: [], notes: [] } };
  }
  const { thumbprint, store } = before.value;
  const notes = against.map(({ text }): Note => ({ code: 'undo-forced', text }));
  if (certificate?.archived === true) {
    const text = `The old certificate ${thumbprint} is archived. If the server refuses it, CertRebind notices when it reads the setting back.`;
    notes.push({ code: 'old-archived', text });
  }
  const lost = now === null ? [] : differences(before, now).filter((name) => name !== 'store');
  // Only certificate bindings are written by netsh, so only they can have options that it cannot write.
  const inexpressible = (lost.length === 0 && now !== null) || !isTls(before) ? [] : today.inexpressible(before.value);
  if (inexpressible.length > 0 && now !== null && thumbprint !== null && thumbprintOf(now) === thumbprint) {
    const text = `${key} has its old certificate, but netsh on this server cannot write ${inexpressible.join(', ')}. Set that yourself.`;
    return { note: { code: 'not-restored', text } };
  }
  if (inexpressible.length > 0) {
    const text = `Only the certificate is restored, because netsh on this server cannot write ${inexpressible.join(', ')}.`;
    notes.push({ code: 'undo-limited', text });
  }
  if (now !== null && thumbprint !== null && (lost.length === 0 || inexpressible.length > 0)) {
    return { step: { ...shared, wanted: holding(now, thumbprint, store), renewal, notes } };
  }
  return { step: { ...shared, wanted: before, renewal: null, notes } };
}

/** What a person sets against all advice. */
const forced: ReadonlySet<string> = new Set(['key-missing', 'key-unusable', 'expired', 'not-yet-valid']);

function overrideHints({ code }: Obstacle, run: string): readonly string[] {
  if (code === 'outside-window') return [`To roll back at once: certrebind undo ${run} --now`];
  return forced.has(code) ? [`To restore it anyway: certrebind undo ${run} --force`] : [];
}

/** Of a certificate that this program deleted, or began to, nothing is left that could be set. */
function whyDeleted(before: Holder | null, certificate: Certificate | null, { retired }: UndoRequest['ledger']) {
  const deleting = retired.find(({ thumbprint }) => thumbprint === thumbprintOf(before))?.deleting;
  if (before === null || before.value.store === '' || deleting === undefined || certificate?.key === 'usable')
    return undefined;
  const text = `The old certificate ${thumbprintOf(before)} was deleted by certrebind retire at ${momentText(deleting.at)}, which is final.`;
  return { code: 'certificate-missing', text } as const;
}

/** A repair belongs to no renewal; the ledger then gets the pair of what it changed. */
function renewalOf(
  { step, now }: Pick<Case, 'step' | 'now'>,
  laterRun: string | null,
  renewals: readonly Renewal[],
): Renewal {
  const [before, wanted] = [thumbprintOf(step.before), thumbprintOf(step.wanted)];
  const held = thumbprintOf(now);
  // What the later run brought is put back, so that it is what stays put back.
  if (laterRun !== null && before !== null && held !== null && held !== wanted) return givenRenewal(before, held);
  if (step.renewal !== null) return step.renewal;
  const known = renewals.find(({ old, new: successor }) => sameSides([old, successor], [before, wanted]));
  if (known !== undefined) return known;
  const [old, successor] = [before ?? wanted, wanted ?? before];
  if (old === null || successor === null) throw new TypeError(`step ${step.id} changes no certificate`);
  return givenRenewal(old, successor);
}

function sameSides(pair: readonly Thumbprint[], sides: readonly (Thumbprint | null)[]): boolean {
  return sides.every((side) => side !== null && pair.includes(side)) && sides[0] !== sides[1];
}

function stateText(now: Holder | null): string {
  return now === null ? 'is gone' : `uses ${thumbprintOf(now) ?? 'no certificate'}`;
}

function staleError(run: string, foreign: readonly Case[]): CertRebindError {
  const sentences = [...groupBy(foreign, ({ laterRun }) => laterRun)].map(([laterRun, cases]) => {
    const clauses = cases.map(({ step, now }) => `${step.key} ${stateText(now)}`);
    const who = laterRun === null ? 'Someone else has changed these' : `Run ${laterRun} has changed these`;
    return `${who} since run ${run}: ${firstClauses(clauses, 20)}.`;
  });
  const newest = foreign
    .flatMap(({ laterRun }) => laterRun ?? [])
    .sort()
    .at(-1);
  return new CertRebindError('plan-stale', {
    message: sentences.join(' '),
    where: run,
    hint: [
      ...(newest === undefined ? [] : ['Undo that run first:', `  certrebind undo ${newest}`]),
      ...[`To restore what run ${run} found, whatever changed since:`, `  certrebind undo ${run} --force`],
    ].join('\n'),
  });
}
