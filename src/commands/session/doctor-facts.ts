import type { DoctorFacts } from '../../findings/doctor/facts.ts';
import { type LastKnown, noteRun } from '../../findings/doctor/last-known.ts';
import { needsLastKnown } from '../../findings/doctor/record-findings.ts';
import type { Snapshot } from '../../model/documents/snapshot.ts';
import type { State } from '../../state/state.ts';
import { installationFacts } from '../setup/place-program.ts';
import { statusFacts } from './read-status.ts';
import type { Session } from './session.ts';

/** Everything that doctor compares, with what the endpoints served where they were dialled. */
export async function doctorFacts(
  session: Session,
  snapshot: Snapshot,
  { wire, days }: { readonly wire: DoctorFacts['wire']; readonly days: number | null },
): Promise<DoctorFacts> {
  return {
    ...(await statusFacts(session, snapshot)),
    wire,
    lastKnown: needsLastKnown(snapshot) ? await lastKnown(session.state) : new Map(),
    endsWithinDays: days ?? session.configuration.deadline.days,
    installation: await installationFacts(session),
  };
}

/** One run after the other: with ten thousand runs, only one is held in memory at a time. */
async function lastKnown(state: State): Promise<DoctorFacts['lastKnown']> {
  const known: LastKnown = new Map();
  for (const { run, summary } of await state.listRuns()) {
    if (summary !== null && summary.steps > 0) noteRun(known, await state.readRun(run));
  }
  return known;
}
