import type { Renewal } from '../certificates/renewal.ts';
import type { Thumbprint } from '../certificates/thumbprint.ts';
import type { Configuration } from '../documents/configuration.ts';
import {
  type Leftover,
  type MeasuredFact,
  openFacts,
  type Rehearsal,
  type RehearsedStage,
  rehearsalHost,
  rehearsalMark,
} from '../documents/rehearsal.ts';
import type { Cost, Outcome } from '../documents/runs/outcome.ts';
import { changed, states } from '../documents/runs/step-states.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import type { RunContext } from '../run/context.ts';
import { performRun } from '../run/perform-run.ts';
import type { RunRequest } from '../run/request.ts';
import type { Change, Server } from '../server/server.ts';
import { CertRebindError } from '../text/errors.ts';
import {
  type Bench,
  type BenchContext,
  bindingsOn,
  changeOne,
  demandAct,
  demandWire,
  type Finding,
  factOf,
  measure,
  NotMeasured,
  served,
  setRecord,
} from './bench.ts';
import { type EventRequest, measureEvent } from './event.ts';
import { differencesBetween, leftoversIn } from './leftovers.ts';
import { measureLimits } from './limits.ts';
import { measureRecords, plainRecord, richRecord } from './records.ts';
import { measureTexts } from './texts.ts';

export interface RehearsalRequest extends EventRequest {
  /** Unique to this rehearsal. */
  readonly id: string;
  /** On the loopback address; nothing listens there. */
  readonly port: number;
  /** Tasks of this server that event 1001 starts as well, for the document. */
  readonly alsoStarted: readonly string[];
  readonly configuration: Configuration;
}

/**
 * Plays a renewal from the event to the undo on an endpoint made for it, measures the open facts about Windows on the
 * way, removes everything again and proves that by a second snapshot. The lock is held from start to end: a start of
 * the real task caused by the event waits, and then finds nothing to do.
 * @throws CertRebindError when nothing was made: `locked`, or a server that cannot be worked on
 */
export async function rehearse(context: RunContext, request: RehearsalRequest): Promise<Rehearsal> {
  const begun = context.clock.now();
  const lock = await context.state.lock({ wait: true, signal: context.signal });
  let before: Snapshot;
  let after: Snapshot;
  let played: Played;
  let copies: readonly string[];
  const intermediates = () => context.server.look({ look: 'intermediates' });
  try {
    // Leftovers of a killed rehearsal are not part of the state to return to.
    before = await sweep(context.server, await context.server.snapshot());
    const known = await intermediates();
    played = await play(context, request, before);
    after = await sweep(context.server, await context.server.snapshot());
    copies = (await intermediates()).filter((thumbprint) => !known.includes(thumbprint));
  } finally {
    await lock.release();
  }
  const { stages } = played;
  const limits = await measureLimits(context.server);
  const leftovers = leftoversIn(after).map(({ what }) => what);
  const differences = [
    ...differencesBetween(before, after),
    ...copies.map((thumbprint) => `the certificate ${thumbprint} in CA has come`),
  ];
  const clean = leftovers.length === 0 && differences.length === 0;
  const failed = stages.some(({ result }) => result === 'failed');
  return {
    schema: 'certrebind/rehearsal/1',
    rehearsal: request.id,
    server: before.server,
    at: begun.toISOString(),
    durationMs: context.clock.now().getTime() - begun.getTime(),
    exitCode: clean ? (failed ? 4 : 0) : 5,
    stages: [...stages, cleanUp(clean)],
    alsoStarted: request.alsoStarted,
    facts: allFacts({ ...played, findings: [...played.findings, engineFinding(context.server.cost())] }),
    limits,
    clean,
    leftovers,
    differences,
  };
}

interface Played {
  readonly stages: readonly RehearsedStage[];
  readonly findings: readonly Finding[];
  /** Why stages are missing; empty if none are. */
  readonly endedBy: string;
}

async function play(context: RunContext, request: RehearsalRequest, before: Snapshot): Promise<Played> {
  const stages: RehearsedStage[] = [];
  const findings: Finding[] = [];
  try {
    const bench = await setUpBench(context, request);
    findings.push(...(await measureRecords(bench, before.netsh)));
    findings.push(...(await measureTexts(bench)));
    const event = await measureEvent(bench, { ...request, lastRecordId: before.lifecycle.lastRecordId });
    findings.push(...event.findings);
    stages.push(...event.stages);
    stages.push(...(await swapAndUndo(context, bench, request, event.recordId)));
    findings.push(...(await measure(['removed-certificate'], () => removedCertificate(bench))));
  } catch (thrown) {
    if (!(thrown instanceof NotMeasured) && !(thrown instanceof CertRebindError)) {
      // A defect of this program must not leave a site behind either.
      await sweep(context.server, await context.server.snapshot());
      throw thrown;
    }
    stages.push({ stage: 'set-up', result: 'failed', detail: thrown.message });
    return { stages, findings, endedBy: thrown.message };
  } finally {
    await request.starts.release();
  }
  return { stages, findings, endedBy: '' };
}

/** The site first, because a certificate's key is tried from the moment the certificate exists. */
export async function setUpBench(
  context: BenchContext,
  { id, port }: Pick<RehearsalRequest, 'id' | 'port'>,
): Promise<Bench> {
  const { server } = context;
  const site = `${rehearsalMark}-${id}`;
  const { byAddress, byName } = bindingsOn(port);
  const bindings = [
    { information: byAddress.information, sslFlags: 0 },
    { information: byName.information, sslFlags: 1 },
  ];
  await demandAct(server, { act: 'add-site', name: site, bindings });
  const make = (friendlyName: string) =>
    demandAct(server, { act: 'add-certificate', name: rehearsalHost, friendlyName });
  const names = [`${rehearsalMark} ${id} new`, `${rehearsalMark} ${id} old`] as const;
  await make(names[0]);
  await make(names[1]);
  const oldMadeAt = context.clock.now().getTime();
  const { certificates } = await server.snapshot();
  const find = (wanted: string): Thumbprint => {
    const found = certificates.find(({ friendlyName }) => friendlyName === wanted);
    if (found === undefined) throw new NotMeasured('the certificates that were made are not in the store My');
    return found.thumbprint;
  };
  return { context, site, port, byAddress, byName, old: find(names[1]), oldMadeAt, successor: find(names[0]) };
}

/** The executor itself, with its journal, as for any renewal. */
async function swapAndUndo(
  context: RunContext,
  bench: Bench,
  request: RehearsalRequest,
  eventRecordId: number | null,
): Promise<readonly RehearsedStage[]> {
  const { old, successor } = bench;
  await setRecord(bench, richRecord(bench));
  const renewal: Renewal = { old, new: successor, source: 'event', corroborated: true, eventRecordId };
  const swapped = await performLocked(context, request, {
    command: 'rehearse',
    wanted: { want: 'pairs', renewals: [renewal], purpose: 'rehearsal' },
  });
  const step = swapped.steps.find(({ key }) => key === bench.byAddress.key);
  const isSwapped = step !== undefined && changed(step.state);
  const swap: RehearsedStage = {
    stage: 'replace',
    result: isSwapped ? 'done' : 'failed',
    detail: `run ${swapped.run}: ${swapped.result}${step?.error ? `, ${step.error.message}` : ''}${repaired(step?.repairedOptions ?? [])}`,
  };
  const verify: RehearsedStage = {
    stage: 'verify',
    result: isSwapped && step.state === 'verified' ? 'done' : 'not-done',
    detail: step === undefined ? 'nothing was replaced' : states[step.state].text,
  };
  if (!isSwapped) return [swap, verify, { stage: 'undo', result: 'not-done', detail: 'nothing was replaced' }];
  const undone = await performLocked(context, request, {
    command: 'undo',
    wanted: { want: 'undo', run: swapped.run, force: false },
  });
  const isBack = undone.steps.some(({ key, state }) => key === bench.byAddress.key && changed(state));
  return [
    swap,
    verify,
    { stage: 'undo', result: isBack ? 'done' : 'failed', detail: `run ${undone.run}: ${undone.result}` },
  ];
}

function repaired(options: readonly string[]): string {
  return options.length === 0 ? '' : `; repaired: ${options.join(', ')}`;
}

/** The rehearsal already holds the lock; a second one would wait for itself. */
async function performLocked(
  context: RunContext,
  { configuration }: RehearsalRequest,
  what: Pick<RunRequest, 'command' | 'wanted'>,
): Promise<Outcome> {
  const state = { ...context.state, lock: async () => ({ release: async () => {} }) };
  const { outcome } = await performRun({ ...context, state }, { ...what, configuration, dryRun: false, wait: true });
  return outcome;
}

async function removedCertificate(bench: Bench): Promise<readonly Finding[]> {
  await setRecord(bench, plainRecord(bench, bench.byAddress.key, bench.successor));
  await demandWire(bench, null, bench.successor);
  await demandAct(bench.context.server, { act: 'remove-certificate', thumbprint: bench.successor, store: 'My' });
  const wire = await served(bench, null);
  const isServed = wire.thumbprint === bench.successor;
  const how = `the certificate was deleted with its key, and then ${isServed ? 'still served' : `not: ${wire.reason ?? wire.result}`}`;
  return [{ name: 'removed-certificate', measured: isServed ? 'still-served' : 'refused', how }];
}

/** Which of its two ways this server's PowerShell uses; the first request found it out. */
function engineFinding({ engine }: Cost): Finding {
  const name = 'adapter-on-stdin';
  if (engine === undefined) {
    return { name, measured: null, how: 'no PowerShell stands between the program and this server' };
  }
  if (engine.way === 'file') return { name, measured: 'file', how: 'PowerShell ran the adapter script as a file' };
  const { because } = engine;
  const why = because.cause === 'not-installed' ? 'the program is not installed' : `${because.cause}: ${because.said}`;
  return { name, measured: 'text', how: `the text of the adapter script was sent to PowerShell; ${why}` };
}

/**
 * Removes everything with the marks of a rehearsal, twice if the first time was not enough; then takes the new
 * snapshot.
 */
export async function sweep(server: Server, snapshot: Snapshot): Promise<Snapshot> {
  let current = snapshot;
  for (let tries = 0; tries < 2; tries += 1) {
    const leftovers = leftoversIn(current);
    if (leftovers.length === 0) break;
    for (const { removal } of leftovers) await changeOne(server, changeFor(removal));
    current = await server.snapshot();
  }
  return current;
}

function changeFor(removal: Leftover['removal']): Change {
  switch (removal.act) {
    case 'remove-record':
      return { do: 'remove', key: removal.key };
    case 'unregister-task':
      return { do: 'unregister-task', path: removal.path, name: removal.name };
    default:
      return { do: 'rehearse', act: removal };
  }
}

function cleanUp(clean: boolean): RehearsedStage {
  return {
    stage: 'clean-up',
    result: clean ? 'done' : 'failed',
    detail: clean ? 'a snapshot before and one after are equal' : 'a snapshot before and one after differ',
  };
}

/** Every fact in the order of the table, also those that the rehearsal did not reach. */
function allFacts({ findings, endedBy }: Played): readonly MeasuredFact[] {
  return openFacts.map(({ name }) =>
    factOf(findings.find((finding) => finding.name === name) ?? { name, measured: null, how: endedBy }),
  );
}
