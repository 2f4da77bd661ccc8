import { setTimeout as wait } from 'node:timers/promises';
import { CertRebindError } from '../../base/errors.ts';
import { parseApplicationHost } from '../../kinds/iis/application-host.ts';
import { toRecordKey } from '../../kinds/record-key.ts';
import { thumbprintOf } from '../kernel/certificates.ts';
import { listensForHolders } from '../kernel/holders/kinds.ts';
import { listEntries, listenList } from '../kernel/http-sys.ts';
import type { LabState, TaskStart } from '../kernel/lab-state.ts';
import { sentWith } from '../kernel/parsed-certificates.ts';
import type { LabRequest } from '../kernel/requests.ts';
import { labFolder, loadLab, requireLab } from './folder.ts';
import { type HostRequest, performOnHost } from './host-requests.ts';
import { type LabHost, openHost } from './lab-host.ts';
import { type Ownership, takeOwnership } from './owner.ts';
import { type Answer, newPipeAddress, openPipe, type PipeServer } from './pipe.ts';
import { openScheduler } from './scheduler.ts';
import { openServices } from './services.ts';
import { type FrontAddress, type FrontListener, frontId, openTlsFront, type TlsFront } from './tls-front.ts';
import type { Welcome } from './welcome.ts';
import { toPem } from './whole-file.ts';

export type ServeEvent =
  | { readonly event: 'task-started'; readonly start: TaskStart }
  | { readonly event: 'task-finished'; readonly start: TaskStart; readonly exitCode: number }
  | {
      readonly event: 'handshake';
      readonly address: FrontAddress;
      readonly serverName: string | null;
      readonly welcome: Welcome;
    }
  /** An error outside any request, which no client is waiting for. */
  | { readonly event: 'trouble'; readonly error: unknown };

export interface ServingLab {
  readonly folder: string;
  /** Where the addresses of the server are reached, and which of them this machine cannot offer. */
  listeners(): readonly FrontListener[];
  /** Number of certificate bindings at an address that has a listener. */
  endpoints(): number;
  /** Resolves when the lab is no longer served, no matter who ended it. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly report?: (event: ServeEvent) => void;
  /** What the programs that its scheduler starts find in their environment besides. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether time triggers fire as time passes, or only when a client says how much has passed. */
  readonly ticks?: boolean;
}

/**
 * Serves a lab until it is closed, told to stop through the pipe, or the process gets SIGINT or SIGTERM. Meanwhile only
 * this process owns the state, the TLS listeners and Task Scheduler.
 * @throws CertRebindError `not-a-lab`; `bad-input` when it is served already
 */
export async function serveLab(
  folderGiven: string,
  { report = () => undefined, environment = {}, ticks = true }: ServeOptions = {},
): Promise<ServingLab> {
  const folder = labFolder(folderGiven);
  requireLab(folder);
  // Clients find the address as soon as the folder is taken, so the pipe is there first and makes them wait.
  const gate = deferred<(request: HostRequest) => Promise<Answer>>();
  gate.promise.catch(() => undefined);
  const pipe = await openPipe(await newPipeAddress(), async (request) => (await gate.promise)(request));
  let ownership: Ownership | null = null;
  try {
    const taken = await takeOwnership(folder, { pid: process.pid, pipe: pipe.address });
    if (taken.got === 'server') {
      throw new CertRebindError('bad-input', { message: `${folder} is served by another process.`, where: folder });
    }
    ownership = taken.ownership;
    const { serving, answer } = await start(folder, ownership, pipe, { report, environment, ticks });
    gate.resolve(answer);
    return serving;
  } catch (error) {
    gate.reject(error);
    ownership?.release();
    await pipe.close();
    throw error;
  }
}

/** How often time triggers are checked. */
const tickMs = 30_000;
/** Handshake counters are written to the folder within this time; nobody waits for them. */
const lazyMs = 500;

async function start(
  folder: string,
  ownership: Ownership,
  pipe: PipeServer,
  { report, environment, ticks }: Required<ServeOptions>,
): Promise<{ readonly serving: ServingLab; readonly answer: (request: HostRequest) => Promise<Answer> }> {
  const contents = loadLab(folder);
  const host = openHost({ folder, contents, saved: contents, onStart: startTask });
  const front = openTlsFront({ welcome, credentials: (thumbprint) => credentialsOf(host, thumbprint) });
  const scheduler = openScheduler({ environment: childEnvironment, finished: taskFinished });
  const services = openServices((service) => void host.perform({ kind: 'control-service', service, order: 'stop' }));
  const ended = deferred<void>();
  let listened: Pick<LabState, 'httpSys' | 'applicationHost' | 'switches' | 'roles'> | null = null;
  let lazySave: NodeJS.Timeout | null = null;
  let closing: Promise<void> | null = null;

  // Programs that ran when the lab was last served are gone, as after a restart of Windows.
  host.perform({ kind: 'boot' });
  await settle();
  const tick = () => void inBackground(async () => void (await perform({ kind: 'tick' })));
  const clock = ticks ? setInterval(tick, tickMs).unref() : undefined;
  const onSignal = (): void => void close();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);

  async function answer(request: HostRequest): Promise<Answer> {
    switch (request.ask) {
      case 'lab':
        return perform(request.request);
      case 'listeners':
        return { reply: front.listeners() };
      case 'stop':
        // The client notices the end when its connection ends.
        void close();
        return { reply: null };
      default: {
        const reply = await performOnHost(host, request);
        await settle();
        return { reply };
      }
    }
  }

  async function perform(request: LabRequest): Promise<Answer> {
    const before = host.state();
    // Before what is due then starts, which has not run yet.
    if (request.kind === 'tick' && request.passedMs !== undefined) scheduler.pass(request.passedMs);
    const reply = host.perform(request);
    if (request.kind === 'stop-task') await scheduler.stop(request);
    if (onlyRecordsDiffer(before, host.state())) {
      // A client that replaces ten thousand records one by one must not wait for as many writings of the whole table, nor
      // for as many readings of the configuration: the methods of bindings keep to addresses that are listened on.
      if (request.kind === 'binding-method') listened = host.state();
      await listenWhereNeeded(host, front);
      saveLazily();
    } else {
      await settle();
    }
    switch (reply.carry?.do) {
      case 'hang':
        return 'silence';
      case 'die':
        return 'hang-up';
      case 'delay':
        await wait(reply.carry.ms);
        return { reply };
      case undefined:
        return { reply };
    }
  }

  /** Waits until everything carried out so far is served and in the folder. */
  async function settle(): Promise<void> {
    await Promise.all([listenWhereNeeded(host, front), services.follow(host.state()), host.save()]);
  }

  async function listenWhereNeeded({ state }: LabHost, to: TlsFront): Promise<void> {
    const { httpSys, applicationHost, switches, roles } = state();
    const isSame = listened?.httpSys === httpSys && listened.applicationHost === applicationHost;
    if (isSame && listened?.switches === switches && listened.roles === roles) return;
    listened = { httpSys, applicationHost, switches, ...(roles === undefined ? {} : { roles }) };
    await to.listenOn(addressesOf(state()));
  }

  async function welcome(address: FrontAddress, serverName: string | null): Promise<Welcome> {
    const { result, carry } = host.perform({ kind: 'connect', ...address, serverName });
    saveLazily();
    if (carry?.do === 'delay') await wait(carry.ms);
    const decided: Welcome = carry?.do === 'hang' ? { do: 'hang' } : welcomeFrom(result);
    report({ event: 'handshake', address, serverName, welcome: decided });
    return decided;
  }

  function startTask(task: TaskStart): void {
    scheduler.start(task);
    report({ event: 'task-started', start: task });
  }

  async function taskFinished(task: TaskStart, exitCode: number): Promise<void> {
    const { path, name, instance } = task;
    host.perform({ kind: 'task-finished', path, name, instance, exitCode });
    report({ event: 'task-finished', start: task, exitCode });
    await inBackground(settle);
  }

  function childEnvironment(): Readonly<Record<string, string>> {
    const { enabledThrough } = host.contents();
    return {
      ...environment,
      CERTREBIND_LAB: folder,
      ...(enabledThrough === null ? {} : { CERTREBIND_LAB_SERVER: enabledThrough }),
    };
  }

  function saveLazily(): void {
    lazySave ??= setTimeout(() => {
      lazySave = null;
      void inBackground(() => host.save());
    }, lazyMs);
  }

  async function inBackground(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      report({ event: 'trouble', error });
    }
  }

  function close(): Promise<void> {
    closing ??= shutDown();
    return closing;
  }

  async function shutDown(): Promise<void> {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    clearInterval(clock);
    if (lazySave !== null) clearTimeout(lazySave);
    await Promise.all([scheduler.close(), services.close()]);
    await front.close();
    await inBackground(() => host.save());
    ownership.release();
    await pipe.close();
    ended.resolve();
  }

  const serving: ServingLab = {
    folder,
    listeners: () => front.listeners(),
    endpoints: () => countEndpoints(host.state(), front.listeners()),
    closed: ended.promise,
    close,
  };
  return { serving, answer };
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function deferred<T>(): Deferred<T> {
  let settle: Omit<Deferred<T>, 'promise'> = { resolve: () => undefined, reject: () => undefined };
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}

function welcomeFrom(result: ReturnType<LabHost['perform']>['result']): Welcome {
  const connection = result.kind === 'connection' ? result.connection : null;
  if (connection?.outcome !== 'served') {
    const status = connection?.outcome === 'refused' ? connection.status : undefined;
    return { do: 'refuse', ...(status === undefined ? {} : { status }) };
  }
  const { thumbprint, record } = connection;
  return { do: 'serve', thumbprint, text: `CertRebind lab: certificate binding ${record}, certificate ${thumbprint}` };
}

function credentialsOf(host: LabHost, thumbprint: string): { readonly chain: string; readonly key: string } | null {
  const { state, keys } = host.contents();
  const key = keys.get(thumbprint);
  const der =
    state.certificates.find((certificate) => certificate.thumbprint === thumbprint)?.der ??
    state.wire.loaded.find((certificate) => certificate.thumbprint === thumbprint)?.der ??
    state.centralStore.files.find((file) => thumbprintOf(file.der) === thumbprint)?.der;
  if (key === undefined || der === undefined) return null;
  return { chain: [der, ...sentWith(der, state)].map((each) => toPem(Buffer.from(each, 'base64'))).join(''), key };
}

/** Whether only things changed that clients get through the pipe, and never from a file. */
function onlyRecordsDiffer(before: LabState, after: LabState): boolean {
  const same = { httpSys: after.httpSys, wire: after.wire, counters: after.counters, faults: after.faults };
  const others = new Map<string, unknown>(Object.entries(after));
  const own = Object.entries({ ...before, ...same });
  return own.length === others.size && own.every(([name, value]) => others.get(name) === value);
}

/**
 * Every address and port that an https or ftp binding or a record names; names without an address are at any address.
 */
export function addressesOf(state: LabState): readonly FrontAddress[] {
  const { sites } = parseApplicationHost(state.applicationHost, 'applicationHost.config');
  const ofBindings = sites
    .flatMap(({ bindings }) => bindings)
    .flatMap(({ recordKey, parts }) => (recordKey === null || parts === null ? [] : [parts]))
    .map(({ address, port }) => ({ address: address === '*' ? '0.0.0.0' : address, port }));
  const ofRecords = listEntries(state.httpSys).flatMap(({ key }) => addressOfRecord(key));
  const ofPorts = [...ofBindings, ...ofRecords];
  const ofList = listenList(state.switches).flatMap((address) => ofPorts.map(({ port }) => ({ address, port })));
  const distinct = new Map<string, FrontAddress>(
    [...ofPorts, ...ofList, ...listensForHolders(state)].map((each) => [frontId(each), each]),
  );
  return [...distinct.values()];
}

function addressOfRecord(text: string): readonly FrontAddress[] {
  const key = toRecordKey(text);
  if (key === null) return [];
  return [{ address: key.table === 'ip' ? key.address : '0.0.0.0', port: key.port }];
}

/** The certificate bindings at an address that has a listener. */
export function countEndpoints(state: LabState, listeners: readonly FrontListener[]): number {
  const listening = new Set(listeners.filter((each) => each.listening).map(frontId));
  return listEntries(state.httpSys)
    .flatMap(({ key }) => addressOfRecord(key))
    .filter(({ address, port }) => listening.has(`${address} ${port}`)).length;
}
