import { lookedAt, withWaiting } from '../../documents/looked.ts';
import type { RetiredCase, Retirement } from '../../documents/retirement.ts';
import type { Ledger, RetiredCertificate } from '../../documents/runs/ledger.ts';
import { namedCertificates } from '../../engine/known/named-certificates.ts';
import { renewalsFromNames, waitsOfNames } from '../../engine/known/renewals-from-names.ts';
import { waitsOfSetBacks } from '../../engine/known/set-backs.ts';
import {
  casesOfRetirement,
  daysToRetire,
  type RetireCase,
  retiredBefore,
  waitsOfRetirement,
  whyNothingRetires,
} from '../../engine/plan/retire.ts';
import { notLookedAt } from '../../engine/views/usage.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { type Change, changeOne } from '../../server/server.ts';
import { reasonText } from '../../shell/print/retire-text.ts';
import { clock, type Session } from '../session.ts';

/**
 * At the end of a run of everything that is pending: what waits for days was seen on this one. Of an hourly run, what has waited is
 * archived; deleting is for a person.
 */
export async function noteLook(
  session: PendingRun,
  signal: AbortSignal,
  seen: Snapshot,
  { archives }: { readonly archives: boolean },
): Promise<void> {
  const { state, configuration } = session;
  const { looked: before, ...ledger } = await state.readLedger();
  const looked = lookedAt(before, Date.parse(seen.takenAt));
  const known = { ...ledger, looked };
  const rule = { afterDays: daysToRetire(configuration), deletes: true };
  const ofNames = waitsOfNames(renewalsFromNames(seen, known, configuration));
  // What cannot be judged now goes on waiting.
  const ofRetirement =
    whyNothingRetires(seen, known) === null
      ? waitsOfRetirement(casesOfRetirement(seen, known, rule))
      : Object.keys(looked.since);
  const now = withWaiting(looked, [...waitsOfSetBacks(known), ...ofRetirement, ...ofNames]);
  if (JSON.stringify(now) !== JSON.stringify(before)) await state.writeLooked(now);
  if (!archives || configuration.retire === undefined) return;
  await retireReplaced(session, signal, { afterDays: configuration.retire.after, deletes: false, wait: true });
}

/** A person looks too: where no task does, a clock that seems to have jumped is right on the next day. */
export async function noteDay({ state }: Worked): Promise<void> {
  await state.assertSafe();
  const { looked } = await state.readLedger();
  if (looked === undefined) return;
  await state.writeLooked(lookedAt(looked, clock.now().getTime()));
}

type PendingRun = Pick<Session, 'server' | 'state' | 'configuration'>;
type Worked = Pick<Session, 'server' | 'state'>;

interface Rule {
  readonly afterDays: number;
  /** What was archived before goes for good. */
  readonly deletes: boolean;
}

/**
 * Everything is read again under the lock; only what is still free goes.
 * @param agreed what a person agreed to; without it, all
 */
export async function retireReplaced(
  session: Worked,
  signal: AbortSignal,
  { wait, agreed, ...rule }: Rule & { readonly wait: boolean; readonly agreed?: ReadonlySet<string> },
): Promise<Retirement> {
  const lock = await session.state.lock({ wait, signal });
  try {
    await session.state.assertSafe();
    const { found, retirement } = await lookForRetired(session, rule);
    const cases: RetiredCase[] = [];
    for (const one of found) {
      const made = caseOf(one);
      if (made.becomes === 'stays') cases.push(made);
      else if (agreed?.has(agreement(made)) === false) cases.push({ ...made, becomes: 'stays' });
      else cases.push(await (made.becomes === 'archived' ? archive(made, session) : remove(made, one, session)));
    }
    return { ...retirement, dryRun: false, cases };
  } finally {
    await lock.release();
  }
}

export function agreement({ thumbprint, store, becomes }: RetiredCase): string {
  return `${becomes} ${thumbprint} ${store}`;
}

async function archive(one: RetiredCase, session: Worked): Promise<RetiredCase> {
  const { thumbprint, store, successor } = one;
  const remembered: RetiredCertificate = { thumbprint, store, successor, at: clock.now().toISOString() };
  return carryOut(one, { do: 'archive-certificate', thumbprint, store, archived: true }, remembered, session);
}

/** The key first: a certificate without its key can be deleted later, and nobody would find a key without its certificate. */
async function remove(one: RetiredCase, { key }: RetireCase, session: Worked): Promise<RetiredCase> {
  const { thumbprint, store } = one;
  const before = retiredBefore(await session.state.readLedger(), one);
  if (before === null) throw new TypeError('only what was archived before is deleted');
  const beginning = (what: 'key' | 'certificate'): RetiredCertificate => ({
    ...before,
    deleting: { what, at: clock.now().toISOString() },
  });
  if (key === 'deleted') {
    const made = await carryOut(one, { do: 'delete-key', thumbprint, store }, beginning('key'), session);
    if (made.becomes === 'failed') return made;
  }
  return carryOut(one, { do: 'delete-certificate', thumbprint, store }, beginning('certificate'), session);
}

/** It is remembered first: what was done and is not remembered would look as if somebody else had done it. */
async function carryOut(
  one: RetiredCase,
  change: Change,
  remembered: RetiredCertificate,
  { server, state }: Worked,
): Promise<RetiredCase> {
  const before = await state.readLedger();
  const replaced = new Set(before.renewals.map(({ renewal }) => renewal.old));
  // Of what is gone is known as long as of its renewal: then no run is left that could be undone.
  const others = before.retired.filter(
    (other) =>
      other !== retiredBefore(before, one) &&
      (other.deleting?.what !== 'certificate' || replaced.has(other.thumbprint)),
  );
  await state.writeLedger({ ...before, retired: [...others, remembered] });
  const error = await changeOne(server, change);
  if (error === null) return one;
  // Of one without an answer nothing is known, so it stays remembered.
  if (error.code !== 'silent') await state.writeLedger(before);
  return { ...one, becomes: 'failed', message: error.message };
}

/** What would be done now; nothing of it is done yet. */
export async function lookForRetired(
  { server, state }: Worked,
  rule: Rule,
): Promise<{ readonly found: readonly RetireCase[]; readonly retirement: Retirement }> {
  const [snapshot, ledger]: [Snapshot, Ledger] = [await server.snapshot(), await state.readLedger()];
  const refused =
    (await state.unfinishedRuns()).length > 0
      ? 'A run was interrupted and is not recovered yet.'
      : whyNothingRetires(snapshot, ledger);
  const found = refused === null ? casesOfRetirement(snapshot, ledger, rule) : [];
  const named = found.flatMap(({ certificate, successor }) => [certificate.thumbprint, successor]);
  const retirement: Retirement = {
    schema: 'certrebind/retire/1',
    dryRun: true,
    afterDays: rule.afterDays,
    refused,
    cases: found.map(caseOf),
    certificates: namedCertificates(snapshot, named),
    notLookedAt: notLookedAt(snapshot),
  };
  return { found, retirement };
}

function caseOf(one: RetireCase): RetiredCase {
  const { certificate, successor, becomes, why } = one;
  const { thumbprint, store } = certificate;
  return { thumbprint, store, successor, becomes, why, message: reasonText(one) };
}
