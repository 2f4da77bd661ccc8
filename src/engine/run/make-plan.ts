import { blockEntry } from '../../base/codes/plan-codes.ts';
import { keepsOld, type Ledger, type Listing } from '../../documents/runs/ledger.ts';
import type { Plan } from '../../documents/runs/plan.ts';
import { meetsFirst } from '../../documents/runs/plan.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Arriving } from '../../model/certificates/certificate-with-key.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import type { SnapshotExtent } from '../../server/server.ts';
import type { RunContext } from './context.ts';
import { report } from './execution.ts';
import { assertAgreed, planWanted } from './plan-wanted.ts';
import type { Facts, RunRequest } from './request.ts';

export interface MadePlan {
  readonly plan: Plan;
  readonly snapshot: Snapshot;
  readonly listing: Listing | null;
}

/** Keys and certificates arrive up to some seconds after the event (fidelity: late-keys). */
const pausesMs = [500, 1000, 2000, 4000, 8000];
/** If the clock differs a little from the authority's, a certificate looks as if it were not valid yet. */
const longestWaitForValidityMs = 10 * 60_000;

/**
 * A plan from a fresh snapshot. While only certificates or keys block that may be late, these are read again; when they
 * have arrived, everything is read again, so that the plan never uses facts from before the wait.
 */
export async function makePlan(context: RunContext, request: RunRequest, ledger: Ledger): Promise<MadePlan> {
  // Most events concern no certificate that is in use, and then nothing has to be known of who vouches for them.
  const extent = isBriefEnough(request, ledger) ? 'brief' : 'whole';
  const arriving = request.wanted.want === 'pairs' ? request.wanted.arriving : undefined;
  const lookAndPlan = async (wide: SnapshotExtent) => {
    const seen = await look(context, wide, arriving);
    return { ...seen, plan: await planFrom(context, request, { snapshot: seen.snapshot, ledger }) };
  };
  let { snapshot, listing, plan } = await lookAndPlan(extent);
  if (extent === 'brief' && plan.steps.length + plan.blocked.length > 0)
    ({ snapshot, listing, plan } = await lookAndPlan('whole'));
  const pauses = [...pausesMs];
  let waited = false;
  // What an undo misses was removed, and will not arrive later.
  while (!request.dryRun && plan.purpose !== 'undo' && !context.signal.aborted) {
    const wait = waitFor(plan, snapshot, pauses, context.clock.now());
    if (wait === null) break;
    waited = true;
    report(context, 'late', pausesMs.length - pauses.length, pausesMs.length, plan.blocked[0]?.key ?? null);
    if (!(await slept(context, wait))) break;
    snapshot = await readAgain(context, snapshot, plan);
    plan = await planFrom(context, request, { snapshot, ledger });
  }
  if (waited && plan.blocked.length === 0) ({ snapshot, listing, plan } = await lookAndPlan('whole'));
  return {
    plan,
    snapshot,
    // Only a run that takes every event may remember the listing: then queued starts end without reading the server.
    listing: request.wanted.want === 'pending' ? listing : null,
  };
}

/** An event alone: names are not judged, and no missing intermediate is waited for. */
function isBriefEnough({ wanted, configuration }: RunRequest, { decisions }: Ledger): boolean {
  const isEvent = wanted.want === 'pending' && wanted.event !== undefined;
  return isEvent && configuration.successors === 'recorded' && !decisions.some(keepsOld);
}

/** The time is taken before the request, so that an event that arrives in between counts as not listed. */
async function look(
  context: RunContext,
  extent: SnapshotExtent,
  arriving: Arriving | undefined,
): Promise<{ snapshot: Snapshot; listing: Listing | null }> {
  report(context, 'read', 0, 1);
  const listedAt = context.clock.now().toISOString();
  const snapshot = await context.server.snapshot(extent, arriving);
  const { lastRecordId, events } = snapshot.lifecycle;
  return { snapshot, listing: { listedAt, lastRecordId, lastTimeCreated: events.at(-1)?.timeCreated ?? null } };
}

async function planFrom(context: RunContext, request: RunRequest, facts: Facts): Promise<Plan> {
  report(context, 'plan', 0, 1);
  const plan = await planWanted(context.state, request, facts);
  assertAgreed(plan, request.agreed);
  return plan;
}

/** How long to wait before the next reading; `null` if waiting is useless, or has been long enough. */
function waitFor(plan: Plan, snapshot: Snapshot, pauses: number[], now: Date): number | null {
  // These last for hours or days.
  const lasting = (code: string) => code === 'outside-window' || code === 'set-back';
  const soon = plan.blocked.filter(({ obstacles }) => obstacles.some(({ code }) => !lasting(code)));
  const codes = soon.flatMap(({ obstacles }) => obstacles.map(({ code }) => code));
  if (soon.length === 0 || codes.some((code) => blockEntry(code)?.waits === undefined)) return null;
  // A certificate that a person named exists, or its thumbprint was mistyped.
  if (soon.some((entry) => meetsFirst('certificate-missing', entry) && entry.renewal.source === 'given')) return null;
  const wanted = new Set(newCertificates(plan));
  const begins = snapshot.certificates
    .filter(({ thumbprint }) => wanted.has(thumbprint))
    .map((one) => Date.parse(one.notBefore));
  const wait = Math.max(...begins) - now.getTime();
  return wait > longestWaitForValidityMs ? null : wait > 0 ? wait : (pauses.shift() ?? null);
}

function newCertificates(plan: Plan): readonly Thumbprint[] {
  return [...new Set(plan.blocked.map(({ renewal }) => renewal.new))];
}

/** Only the certificates in question, which is one short request however large the server is. */
async function readAgain(context: RunContext, snapshot: Snapshot, plan: Plan): Promise<Snapshot> {
  const asked = newCertificates(plan);
  const takenAt = context.clock.now().toISOString();
  const answered = await context.server.certificates(asked);
  const others = snapshot.certificates.filter(({ thumbprint }) => !asked.includes(thumbprint));
  return { ...snapshot, takenAt, certificates: [...others, ...answered] };
}

async function slept(context: RunContext, ms: number): Promise<boolean> {
  try {
    await context.clock.sleep(ms, context.signal);
  } catch (error) {
    if (!context.signal.aborted) throw error;
  }
  return !context.signal.aborted;
}
