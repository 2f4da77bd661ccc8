import { rehearsalHost } from '../../../../src/documents/rehearsal.ts';
import type { ExpectedTask } from '../../../../src/documents/scheduled-tasks.ts';
import type { RunContext } from '../../../../src/engine/run/context.ts';
import type { LifecycleEvent } from '../../../../src/model/windows/lifecycle-event.ts';
import { NotMeasured } from '../measurement.ts';
import {
  assertAct,
  assertWire,
  type Bench,
  demand,
  type Finding,
  measure,
  removeRecords,
  served,
  setRecord,
} from './bench.ts';
import { plainRecord } from './on-records.ts';

/** One start of the task, as its program noted it. */
export interface Start {
  readonly at: string;
  /** The arguments behind those that are always the same, as they arrived. */
  readonly words: readonly string[];
}

/** What the task started. */
export interface Starts {
  /** In the order in which they began. */
  read(): Promise<readonly Start[]>;
  /** Lets the first start, which waits for this, end. */
  release(): Promise<void>;
}

export interface EventRequest {
  /** The task that notes its starts; `null`, with a reason, if nobody would start it. */
  readonly task: ExpectedTask | null;
  readonly whyNoTask: string;
  readonly starts: Starts;
  /** How long to watch whether the endpoint follows the renewal property. */
  readonly wireMs: number;
  /** How long to wait for a start of the task. */
  readonly startMs: number;
}

interface EventSetup extends EventRequest {
  /** The last event before the rehearsal. */
  readonly lastRecordId: number | null;
}

const pauseMs = 500;

/** Announces the replacement as a renewal does, and watches the log, the endpoint and the task. */
export async function measureEvent(bench: Bench, setup: EventSetup): Promise<readonly Finding[]> {
  const { server } = bench.context;
  const { task } = setup;
  if (task !== null) await demand(server, { do: 'register-task', ...task });
  await setRecord(bench, plainRecord(bench));
  const wireWorks = await measure(['wire-follows-renewal'], async () => {
    await assertWire(bench, null, bench.old);
    return [];
  });
  const first = await announce(bench, setup.lastRecordId);
  const wire =
    wireWorks.length > 0 ? wireWorks : await measure(['wire-follows-renewal'], () => wireFollows(bench, setup.wireMs));
  await setRecord(bench, plainRecord(bench));
  const shape = await measure(['event-1001-shape'], () => eventShape(bench, first));
  const started = task === null ? [] : await waitForStarts(bench, setup, 1);
  const [start] = started;
  const why = task === null ? setup.whyNoTask : `the task did not start within ${setup.startMs / 1000} s`;
  const queue =
    start === undefined
      ? (['missing-value', 'task-queue', 'queued-values'] as const).map((name) => ({ name, measured: null, how: why }))
      : [missingValue(start), ...(await measure(['task-queue', 'queued-values'], () => queueFindings(bench, setup)))];
  await setup.starts.release();
  return [...wire, ...shape, ...queue];
}

/** The event of this announcement; `null` when the log has none. */
async function announce(bench: Bench, since: number | null): Promise<LifecycleEvent | null> {
  const { clock } = bench.context;
  await assertAct(bench, { act: 'announce', old: bench.old, new: bench.successor });
  for (let tries = 0; tries < 6; tries += 1) {
    const found = (await newEvents(bench, since)).findLast(({ eventId, old }) => {
      return eventId === 1001 && old?.thumbprint === bench.old;
    });
    if (found !== undefined) return found;
    await clock.sleep(pauseMs);
  }
  return null;
}

async function newEvents(bench: Bench, since: number | null): Promise<readonly LifecycleEvent[]> {
  const { events } = await bench.context.server.events();
  return events.filter(({ recordId }) => since === null || recordId > since);
}

/** One record at a time, because the one of the address would answer for the name as well. */
async function wireFollows(bench: Bench, wireMs: number): Promise<readonly Finding[]> {
  const address = await followed(bench, null, wireMs);
  await removeRecords(bench, [bench.byAddress.key]);
  await setRecord(bench, plainRecord(bench, bench.byName.key));
  const name = await followed(bench, rehearsalHost, wireMs);
  await removeRecords(bench, [bench.byName.key]);
  const how = `record by address: ${followText(address, wireMs)}; by name: ${followText(name, wireMs)}`;
  return [{ name: 'wire-follows-renewal', measured: wirePosition(address, name, wireMs), how }];
}

/** If the endpoint followed only during a part of the watch, that is none of the positions. */
function wirePosition(address: Followed | null, name: Followed | null, wireMs: number): string | null {
  if ([address, name].some((each) => each !== null && each.untilMs < wireMs)) return null;
  if (address === null) return name === null ? 'never' : null;
  return name === null ? 'address-records' : 'at-once';
}

/** When the endpoint served the successor while the record held the old certificate; `null`: never. */
async function followed(bench: Bench, serverName: string | null, wireMs: number): Promise<Followed | null> {
  const { clock } = bench.context;
  const begun = clock.now().getTime();
  let watched: Followed | null = null;
  while (true) {
    const { thumbprint } = await served(bench, serverName);
    const passed = clock.now().getTime() - begun;
    if (thumbprint === bench.successor) watched = seenAt(passed, watched);
    if (passed >= wireMs || (watched !== null && thumbprint === bench.old)) return watched;
    await clock.sleep(pauseMs);
  }
}

/** Since the watch began, which is right after the event was found. */
interface Followed {
  readonly fromMs: number;
  readonly untilMs: number;
}

function seenAt(ms: number, before: Followed | null): Followed {
  return { fromMs: before?.fromMs ?? ms, untilMs: ms };
}

function followText(followed: Followed | null, wireMs: number): string {
  if (followed === null) return `the old certificate for ${wireMs} ms`;
  const { fromMs, untilMs } = followed;
  return `the successor from ${fromMs} ms ${untilMs >= wireMs ? 'to the end of the watch' : 'on, seen last'} at ${untilMs} ms`;
}

/** The form of UserData: whether it has a namespace of its own, and what stands first. */
async function eventShape(bench: Bench, event: LifecycleEvent | null): Promise<readonly Finding[]> {
  const look = { look: 'event-xml', recordId: event?.recordId ?? 0 } as const;
  const [xml = ''] = event === null ? [] : await bench.hands.look(look);
  const userData = /<UserData>.*<\/UserData>/s.exec(xml)?.[0];
  if (userData === undefined) throw new NotMeasured('no event 1001 with UserData was found');
  const action = userData.indexOf('<Action');
  const details = [userData.indexOf('<OldCertificateDetails'), userData.indexOf('<NewCertificateDetails')] as const;
  const inOrder = action >= 0 && action < details[0] && details[0] < details[1];
  const isOwnNamespace = /<CertNotificationData\b[^>]*\sxmlns\s*=/.test(userData);
  const measured = !inOrder ? 'reordered' : isOwnNamespace ? 'own-namespace' : 'plain';
  return [{ name: 'event-1001-shape', measured, how: userData.slice(0, 4000) }];
}

function missingValue({ words }: Start): Finding {
  const found = words.slice(words.indexOf('--nothing') + 1);
  const measured = found.length === 0 || found[0] === '' ? 'empty' : found[0] === '$(Nothing)' ? 'literal' : null;
  return { name: 'missing-value', measured, how: `the arguments were ${JSON.stringify(words.join(' '))}` };
}

/** Two more events while the first start waits. */
async function queueFindings(bench: Bench, setup: EventSetup): Promise<readonly Finding[]> {
  const { clock } = bench.context;
  const numbers: number[] = [];
  for (let count = 0; count < 2; count += 1) {
    const event = await announce(bench, numbers.at(-1) ?? setup.lastRecordId);
    if (event === null) throw new NotMeasured('further events did not come');
    numbers.push(event.recordId);
  }
  await clock.sleep(2 * pauseMs);
  if ((await setup.starts.read()).length > 1) throw new NotMeasured('a second start did not wait for the first');
  await setup.starts.release();
  const started = (await waitForStarts(bench, setup, 3)).slice(1).map(recordOfStart);
  const how = `while one start waited, events ${numbers.join(' and ')} came; then started: ${started.join(', ') || 'none'}`;
  const [second, third] = started;
  if (second === undefined) return [{ name: 'task-queue', measured: null, how }, unknownValues(how)];
  if (third === undefined) return [{ name: 'task-queue', measured: 'keeps-one', how }, unknownValues(how)];
  const measured = second === numbers[0] ? 'own' : second === numbers[1] ? 'latest' : null;
  return [
    { name: 'task-queue', measured: 'keeps-all', how },
    { name: 'queued-values', measured, how },
  ];
}

/** With only one start both answers look the same. */
function unknownValues(how: string): Finding {
  return { name: 'queued-values', measured: null, how: `not two starts to compare: ${how}` };
}

function recordOfStart({ words }: Start): number {
  return Number(words[words.indexOf('--record') + 1]);
}

function waitForStarts({ context }: Bench, { starts, startMs }: EventSetup, wanted: number) {
  return waitFor(context.clock, () => starts.read(), wanted, startMs);
}

/** The starts so far, once there are as many as wanted or the time is over. */
async function waitFor(
  clock: RunContext['clock'],
  read: () => Promise<readonly Start[]>,
  wanted: number,
  withinMs: number,
): Promise<readonly Start[]> {
  const until = clock.now().getTime() + withinMs;
  while (true) {
    const started = await read();
    if (started.length >= wanted || clock.now().getTime() >= until) return started;
    await clock.sleep(pauseMs);
  }
}
