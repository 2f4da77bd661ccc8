import type { PlannedRepair } from '../../base/codes/finding-codes.ts';
import { CertRebindError } from '../../base/errors.ts';
import { compareText, distinct } from '../../base/order.ts';
import { typeText } from '../../documents/finding.ts';
import type { Note, Plan, SkippedEntry, Step } from '../../documents/runs/plan.ts';
import type { Finding } from '../../documents/status.ts';
import { tlsHolder } from '../../kinds/holder.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { CertificateBinding } from '../../kinds/tls/certificate-binding.ts';
import { givenRenewal } from '../../model/certificates/renewal.ts';
import { keyOf, type UsedBinding, usersOfRecord } from '../known/bindings-of-records.ts';
import { endpointsToProve } from '../known/endpoints.ts';
import { namesOfRecord, whyExcluded } from '../known/exclusions.ts';
import { sameStore } from '../known/renewal-pair.ts';
import { guardSettings } from './decide-step.ts';
import type { Policy } from './overrides.ts';
import { judgeDebts, type OwedValue } from './plan-debts.ts';
import { partsOfRebind } from './plan-rebind.ts';
import { putTogether } from './put-together.ts';
import { answeredInstead, certificateOf, isOrphan, type Survey, surveyServer } from './server-survey.ts';
import { whyNotSet, whyNotWritten } from './why-not-set.ts';

/**
 * Every record as the latest run that dealt with it left it, complete, as it was read back then. Records that a run
 * removed, or could not bring into a known state, are not included.
 */
export type LastKnown = ReadonlyMap<KeyText, CertificateBinding>;

export interface RepairRequest {
  readonly repair: PlannedRepair;
  readonly snapshot: Snapshot;
  readonly configuration: Policy;
  readonly lastKnown: LastKnown;
  readonly owed: readonly OwedValue[];
  /** The findings of this code that only a person can repair; they become notes. */
  readonly byHand: readonly Finding[];
}

/**
 * The plan that repairs every finding of one code. Like any other plan it is guarded, journaled, verified, and can be
 * undone. What only a person can decide becomes a note with the command to type.
 * @throws CertRebindError `no-repair` if there are such findings and none can be repaired
 */
export function planRepair(request: RepairRequest): Plan {
  const { snapshot, configuration, byHand } = request;
  const sorted = {
    steps: [],
    blocked: [],
    skipped: [],
    renewals: [],
    ...sort(request, surveyServer(snapshot, configuration, [])),
  };
  if (byHand.length > 0 && sorted.steps.length + sorted.blocked.length + sorted.skipped.length === 0) {
    throw noRepair(byHand);
  }
  return putTogether(snapshot, {
    purpose: 'repair',
    policy: guardSettings(configuration),
    ...sorted,
    notes: byHand.map(handNote),
  });
}

/** The record to create for a binding without one; `null` if its certificate is not known for certain. */
export function recordToRestore(key: KeyText, survey: Survey, lastKnown: LastKnown): CertificateBinding | null {
  const known = lastKnown.get(key);
  if (known === undefined || known.thumbprint === null) return null;
  const why = whyNotSet({ key, now: null, wanted: tlsHolder(known), consumers: [] }, survey, 'run');
  return why.every(({ code }) => code === 'excluded') ? known : null;
}

/** Why an orphaned record is not removed; `null` if it may be removed and could be rolled back. */
export function whyNotRemoved(record: CertificateBinding, survey: Survey): string | null {
  const { keptBy, unreadableBindings } = survey;
  if (unreadableBindings.length > 0) return 'A binding that cannot be read may use it.';
  const keeper = keptBy.get(record.thumbprint ?? '');
  if (keeper !== undefined) return `${keeper} uses the same certificate and may use this record.`;
  const lost = whyNotWritten(record, survey);
  return lost === null ? null : `CertRebind could not restore it, because ${lost}`;
}

type Sorted = Pick<Plan, 'steps' | 'skipped' | 'blocked' | 'renewals'>;

function sort({ repair, configuration, lastKnown, owed }: RepairRequest, survey: Survey): Partial<Sorted> {
  switch (repair) {
    case 'binding-without-record':
    case 'binding-falls-back':
      return unlessExcluded(toRestore(survey, lastKnown, repair), survey);
    case 'orphaned-record':
      return unlessExcluded(toRemove(survey), survey);
    case 'certificate-elsewhere':
      return moveToStores(survey, configuration);
    case 'not-restored': {
      const judged = judgeDebts(owed, survey.snapshot, configuration);
      return { steps: judged.flatMap(({ now }) => (now.is === 'owed' ? now.step : [])) };
    }
  }
}

/** A record to be made or removed, with the bindings that use it. */
interface Found extends Pick<Step, 'before' | 'wanted' | 'verify'> {
  readonly record: CertificateBinding;
  readonly bindings: readonly UsedBinding[];
}

function unlessExcluded(found: readonly Found[], survey: Survey): Partial<Sorted> {
  const steps: Step[] = [];
  const skipped: SkippedEntry[] = [];
  for (const { record, bindings, ...change } of found.toSorted((a, b) => compareText(a.record.key, b.record.key))) {
    const { key, thumbprint } = record;
    const consumers = usersOfRecord(record, bindings);
    const [first, ...others] = whyExcluded(namesOfRecord(key, bindings), [thumbprint], survey.exclude);
    if (first !== undefined) skipped.push({ key, consumers, renewal: null, obstacles: [first, ...others] });
    else steps.push({ id: 0, key, ...change, renewal: null, consumers, notes: [] });
  }
  return { steps, skipped };
}

function toRestore(survey: Survey, lastKnown: LastKnown, code: PlannedRepair): readonly Found[] {
  return [...survey.bindings].flatMap(([key, bindings]) => {
    const record = survey.records.has(key) ? null : recordToRestore(key, survey, lastKnown);
    if (record === null || (answeredInstead(bindings, survey) !== null) !== (code === 'binding-falls-back')) return [];
    return {
      record,
      bindings,
      before: null,
      wanted: tlsHolder(record),
      verify: endpointsToProve(keyOf(key), bindings, survey),
    };
  });
}

function toRemove(survey: Survey): readonly Found[] {
  const answering = answeringPorts(survey);
  return [...survey.records.values()]
    .filter((record) => isOrphan(record, survey) && whyNotRemoved(record, survey) === null)
    .map((record) => {
      const verify = mayBeUsed(record.key, answering) ? endpointsToProve(keyOf(record.key), [], survey) : [];
      return { record, bindings: [], before: tlsHolder(record), wanted: null, verify };
    });
}

/** The plan that sets the same certificate again, where that changes the store: every guard of a replacement applies. */
function moveToStores(survey: Survey, configuration: Policy): Partial<Sorted> {
  const { snapshot } = survey;
  const wrong = [...survey.records.values()].filter((record) => {
    const certificate = survey.bindings.has(record.key) ? certificateOf(record, survey) : null;
    return certificate !== null && !sameStore(certificate.store, record.store);
  });
  const held = distinct(wrong.flatMap(({ thumbprint }) => thumbprint ?? []));
  const renewals = held.map((thumbprint) => givenRenewal(thumbprint, thumbprint));
  const plan = partsOfRebind({ snapshot, renewals, configuration, reapply: true });
  const keys = new Set(wrong.map(({ key }) => key));
  return {
    renewals,
    steps: plan.steps.filter(({ key }) => keys.has(key)),
    blocked: plan.blocked.filter(({ key }) => keys.has(key)),
    skipped: plan.skipped.filter(({ key }) => keys.has(key)),
  };
}

/** Ports on which IIS listens, and whether a binding there answers for any host. */
function answeringPorts({ bindings }: Survey): ReadonlyMap<number, 'some-hosts' | 'any-host'> {
  const ports = new Map<number, 'some-hosts' | 'any-host'>();
  for (const { parts } of [...bindings.values()].flat()) {
    if (parts.host === '' || parts.host.startsWith('*.')) ports.set(parts.port, 'any-host');
    else if (!ports.has(parts.port)) ports.set(parts.port, 'some-hosts');
  }
  return ports;
}

/**
 * Whether an orphaned record may still serve somebody, which dialling its endpoint then shows: another product on a
 * port without IIS, a client that connects by address, or a site that answers for any host. A host that no IIS binding
 * knows is served nothing, so a handshake with it proves nothing.
 */
function mayBeUsed(key: KeyText, answering: ReadonlyMap<number, 'some-hosts' | 'any-host'>): boolean {
  const { table, port } = keyOf(key);
  return table !== 'sni' || answering.get(port) !== 'some-hosts';
}

function handNote({ key, message, hint, commands }: Finding): Note {
  const typed = commands.length === 0 ? '' : ` ${typeText(hint, commands)}`;
  return { code: 'repair-by-hand', text: `${key ?? 'server'}: ${message}${typed}` };
}

function noRepair(findings: readonly Finding[]): CertRebindError {
  const toDo = findings.map(({ hint, commands }) => (commands.length === 0 ? hint : typeText(hint, commands)));
  return new CertRebindError('no-repair', {
    message: `CertRebind cannot tell which certificate is right here: ${findings.map(({ key, message }) => `${key ?? 'server'}: ${message}`).join(' ')}`,
    hint: distinct(toDo).join('\n'),
  });
}
