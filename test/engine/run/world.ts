import type { SinonSpy } from 'sinon';
import { type Configuration, defaultConfiguration } from '../../../src/documents/configuration.ts';
import type { Outcome, StepOutcome } from '../../../src/documents/runs/outcome.ts';
import type { Stage } from '../../../src/documents/runs/progress.ts';
import type { RunContext } from '../../../src/engine/run/context.ts';
import { performRun } from '../../../src/engine/run/perform-run.ts';
import type { RunRequest } from '../../../src/engine/run/request.ts';
import type { State } from '../../../src/engine/state/state.ts';
import { recordsOf as recordsIn } from '../../../src/kinds/holder.ts';
import { formatRecordKey, type KeyText, parseRecordKey } from '../../../src/kinds/record-key.ts';
import type { CertificateBinding } from '../../../src/kinds/tls/certificate-binding.ts';
import type { Fault } from '../../../src/lab/kernel/faults.ts';
import type { LabState } from '../../../src/lab/kernel/lab-state.ts';
import type { Renewal } from '../../../src/model/certificates/renewal.ts';
import type { Change, Server } from '../../../src/server/server.ts';
import { type LabBuilder, type LabCertificateParts, labState } from '../../builders/lab.ts';
import { https, sni } from '../../builders/snapshot.ts';
import { createKernel, type Kernel, kernelHandshaker, kernelServer } from '../../support/kernel-server.ts';
import { type MemoryState, memoryState } from './memory-state.ts';

/** A server in memory, its state folder in memory, and a clock that moves only when somebody sleeps. */
export interface World {
  readonly kernel: Kernel;
  readonly state: State;
  readonly context: RunContext;
  readonly slept: readonly number[];
  readonly stages: readonly Stage[];
  /** Further holders around the server; each of their effects is made through the second argument. */
  readonly around?: (server: Server, effect: Effect) => Server;
  /** Steps back to an untouched clock and process, as a later start of the program sees it. */
  later(ms: number): void;
  fault(fault: Omit<Fault, 'nth' | 'times'> & Partial<Fault>): void;
  /** The same server, memory and time once more, from here on their own; or with another state folder. */
  fork(parts?: Pick<RunContext, 'state'>): World;
  /** All that decides what happens next; two worlds with the same text have the same future. */
  text(): string;
}

export type Effect = <Result>(work: () => Promise<Result>) => Promise<Result>;

export interface WorldOptions {
  readonly state?: State;
  readonly signal?: AbortSignal;
  readonly overrides?: Partial<RunContext>;
}

export const startTime = '2026-06-01T12:00:00.000Z';

export function worldOf(lab: LabBuilder, { state, signal, overrides }: WorldOptions = {}): World {
  const memory = memoryState();
  const moment: Moment = { server: lab.build(), time: Date.parse(startTime), runs: 0, memory };
  return worldAt(moment, { ...overrides, ...(state && { state }), ...(signal && { signal }) });
}

interface Moment {
  readonly server: LabState;
  readonly time: number;
  readonly runs: number;
  readonly memory: MemoryState;
}

function worldAt(from: Moment, overrides: Partial<RunContext>): World {
  let { time, runs } = from;
  const slept: number[] = [];
  const stages: Stage[] = [];
  const now = () => new Date(time);
  const kernel = createKernel(from.server, { now });
  const state = overrides.state ?? from.memory;
  const context: RunContext = {
    server: kernelServer(kernel, { account: 'system' }),
    state,
    clock: {
      now,
      async sleep(ms) {
        slept.push(ms);
        time += ms;
      },
    },
    newRunId: () => `run-${String(++runs).padStart(3, '0')}`,
    pid: 4711,
    handshake: kernelHandshaker(kernel),
    report: { progress: ({ stage }) => void (stages.at(-1) === stage || stages.push(stage)) },
    signal: new AbortController().signal,
    ...overrides,
  };
  return {
    kernel,
    state,
    context,
    slept,
    stages,
    later: (ms) => {
      time += ms;
    },
    fault: (fault) => {
      kernel.apply({ kind: 'arm-fault', fault: { nth: 1, times: 1, ...fault } });
    },
    fork: (parts) =>
      worldAt({ server: kernel.state, time, runs, memory: from.memory.copy() }, { ...overrides, ...parts }),
    text: () => {
      const { counters: _, certificates: __, ...server } = kernel.state;
      return JSON.stringify([time, runs, from.memory.text(), server]);
    },
  };
}

/** What a test wants otherwise than most; of the configuration also single settings. */
export type Parts = Partial<RunRequest & Pick<Configuration, 'undo' | 'keepRuns'>>;

/** The request of a command, with whatever a test wants otherwise. */
export function requestOf({
  configuration = defaultConfiguration,
  undo = configuration.undo,
  keepRuns = configuration.keepRuns,
  ...parts
}: Parts & Pick<RunRequest, 'wanted'>): RunRequest {
  return {
    command: 'rebind',
    configuration: { ...configuration, undo, keepRuns },
    dryRun: false,
    wait: false,
    ...parts,
  };
}

export async function execute(
  { context }: Pick<World, 'context'>,
  parts: Parameters<typeof requestOf>[0],
): Promise<Outcome> {
  return (await performRun(context, requestOf(parts))).outcome;
}

export function rebind(
  world: World,
  renewals: readonly Renewal[],
  parts: Parts = {},
  configuration: Configuration = defaultConfiguration,
): Promise<Outcome> {
  return execute(world, { wanted: { want: 'pairs', renewals }, configuration, ...parts });
}

/** What the task and the hourly look do: everything that is pending. */
export function reconcile(
  world: World,
  parts: Parts = {},
  configuration: Configuration = defaultConfiguration,
): Promise<Outcome> {
  return execute(world, { command: 'reconcile', wanted: { want: 'pending' }, configuration, ...parts });
}

/** What a person types. */
export function reconcileNow(world: World, parts: Parts = {}, configuration?: Configuration): Promise<Outcome> {
  return reconcile(world, { wanted: { want: 'pending', byPerson: true }, ...parts }, configuration);
}

export function undo(
  world: World,
  run: string,
  { force = false, ...parts }: Parts & { readonly force?: boolean } = {},
): Promise<Outcome> {
  return execute(world, { command: 'undo', wanted: { want: 'undo', run, force }, ...parts });
}

export function given(lab: LabBuilder, old: string, successor: string): Renewal {
  return {
    old: lab.thumbprint(old),
    new: lab.thumbprint(successor),
    source: 'given',
    corroborated: true,
    eventRecordId: null,
  };
}

/** The same world with a state folder that does some things otherwise. */
export function withState(world: World, parts: Partial<State>): World {
  return { ...world, context: { ...world.context, state: { ...world.state, ...parts } } };
}

/** The same world, in which every call with a change that does this fails by an error, and nothing is changed. */
export function failingAt(world: World, act: Change['do'], error: Error): World {
  const { server } = world.context;
  const change: Server['change'] = async (changes) => {
    if (changes.some((one) => one.do === act)) throw error;
    return server.change(changes);
  };
  return { ...world, context: { ...world.context, server: { ...server, change } } };
}

export async function recordsOf(world: World): Promise<ReadonlyMap<KeyText, CertificateBinding>> {
  const records = recordsIn(await kernelServer(world.kernel, { account: 'system' }).snapshot());
  return new Map(records.map((record) => [record.key, record]));
}

/** Key and label of the certificate each record holds, in the order of the keys. */
export async function holdings(
  world: World,
  lab: LabBuilder,
  labels: readonly string[],
): Promise<Record<string, string>> {
  const names = new Map<string, string>(labels.map((label) => [lab.thumbprint(label), label]));
  const records = await recordsOf(world);
  return Object.fromEntries(
    [...records].map(([key, { thumbprint }]) => [key, names.get(thumbprint ?? '') ?? 'another']),
  );
}

export function stepAt(outcome: Outcome, key: string): StepOutcome {
  const step = outcome.steps.find((candidate) => candidate.key === key);
  if (step === undefined) throw new Error(`the outcome has no step for ${key}`);
  return step;
}

export function keyText(text: string): KeyText {
  return formatRecordKey(parseRecordKey(text, 'test'));
}

/** Ordinary hosts of `wide`, on which most stories play: a catch-all with client certificates, and three SNI records. */
export const wideHosts = ['shop.example.com', 'www.example.com', 'mail.example.com'];

/** Four records of one certificate, each with options of its own, and one record of another product; `successor` says what is odd about the new certificate. */
export function wideLab(successor: LabCertificateParts = {}): LabBuilder {
  return labState()
    .certificate('new', { names: wideHosts, notAfter: '2028-01-01T00:00:00Z', ...successor })
    .certificate('old', { names: wideHosts, renewedTo: 'new' })
    .certificate('other', { names: ['other.example.com'] })
    .site('Shop', [https('*:443:'), ...wideHosts.map(sni)])
    .record('0.0.0.0:443', 'old', { flags: 2, certCheckMode: 4, revocationFreshnessSeconds: 60 })
    .record('mail.example.com:443', 'old', { flags: 0x20 })
    .record('shop.example.com:443', 'old', { certCheckMode: 1 })
    .record('www.example.com:443', 'old')
    .record('0.0.0.0:8443', 'old', { appId: '{11111111-2222-3333-4444-555555555555}' });
}

export const wideKeys = ['0.0.0.0:443', 'mail.example.com:443', 'shop.example.com:443', 'www.example.com:443'] as const;

/** What the server was asked to change through a spy: the keys of each call that changes a holder. */
export function keysChanged(change: SinonSpy<Parameters<Server['change']>>): readonly (readonly string[])[] {
  const keysOf = (changes: readonly Change[]) =>
    changes.flatMap((one) => ('wanted' in one && one.wanted !== null ? one.wanted.key : 'key' in one ? one.key : []));
  return change.args.map(([changes]) => keysOf(changes)).filter((keys) => keys.length > 0);
}
