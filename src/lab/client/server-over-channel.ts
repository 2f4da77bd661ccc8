import { CertRebindError } from '../../base/errors.ts';
import type { RehearsalAct } from '../../documents/rehearsal.ts';
import { type HolderNow, isTls, kindOf } from '../../kinds/holder.ts';
import type { RecordNow } from '../../kinds/kind-rules.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Account, NetshAbilities, Snapshot } from '../../kinds/snapshot.ts';
import { openCertificate } from '../../model/certificates/certificate-with-key.ts';
import type { Endpoint } from '../../model/certificates/handshake.ts';
import { nothingKnownOf, type PathJudgement } from '../../model/windows/path-safety.ts';
import { goesPastIis, keyOfChange, recordKeysOf, silentReport } from '../../server/change-facts.ts';
import {
  type FolderChange,
  type ImportChange,
  type LocalFileChange,
  type OtherChange,
  withApart,
} from '../../server/local-file-changes.ts';
import type { Change, ChangeReport, DialTarget, Server, WrittenOnServer } from '../../server/server.ts';
import type { LabReply, LabResult } from '../kernel/answers.ts';
import { newCertificate } from '../kernel/certificates.ts';
import { nowFrom, readingOf } from '../kernel/holders/kinds.ts';
import { recordNow } from '../kernel/http-sys.ts';
import type { LabCertificate, LabState } from '../kernel/lab-state.ts';
import { netshAbilities } from '../kernel/netsh-options.ts';
import type { LabRequest } from '../kernel/requests.ts';
import { isScheduling } from '../kernel/scheduler.ts';
import { serviceNow } from '../kernel/services.ts';
import { certificatesOf, lifecycleOf, snapshotOf, snapshotWith, tasksOf } from '../kernel/snapshot.ts';
import { failed, windowsErrors } from '../kernel/windows-errors.ts';
import { writtenIn } from '../kernel/written.ts';
import { type Known, reportFor, stepsFor } from './change-requests.ts';

/** How requests reach a lab: directly into a kernel, through a pipe, or on the files of its folder. */
export interface LabChannel {
  /**
   * @throws ChannelSilent when no answer came, so that nobody knows what was done
   * @throws CertRebindError when the request was certainly not carried out, for example `server-unreachable`
   */
  send(request: LabRequest): Promise<LabReply>;
  close(): Promise<void>;
}

/** The lab gave no answer: it hung, or the executing process died. The message says which, as a clause. */
export class ChannelSilent extends Error {}

export interface LabServerOptions {
  readonly channel: LabChannel;
  readonly account: Account;
  readonly dial: (endpoint: Endpoint) => DialTarget;
  readonly now: () => Date;
  /** Judges paths of the lab's machine; a lab in memory has none. */
  readonly inspect?: (paths: readonly string[]) => Promise<PathJudgement>;
  /** Where its folders really are; a lab in memory has none. */
  readonly onDisk?: (written: WrittenOnServer) => WrittenOnServer;
  /** Makes folders of that machine. @throws Error when one is there already */
  readonly makeFolder?: (change: FolderChange) => Promise<void>;
  /** Whether tasks are really started. */
  readonly startsTasks?: boolean;
  /** Issues a certificate for a rehearsal and keeps its key; without it nothing can issue one. */
  readonly issue?: IssueCertificate;
  /** Keeps the key of a certificate, PEM, where the lab's listeners find it. */
  readonly keepKey?: (thumbprint: string, key: string) => Promise<unknown>;
}

export type IssueCertificate = (name: string, friendlyName: string) => Promise<LabCertificate>;

/** The port to a lab. With every channel, questions and changes become the same requests here. */
export function labServerFrom(options: LabServerOptions): Server {
  const {
    channel,
    account,
    dial,
    now,
    inspect = async (paths) => nothingKnownOf(paths),
    onDisk = (written) => ({ ...written, folders: [], disks: [] }),
    makeFolder = () => Promise.reject(new Error('a lab in memory has no folders')),
    startsTasks = false,
    issue,
    keepKey = async () => undefined,
  } = options;
  let roundTrips = 0;
  let abilities: NetshAbilities | null = null;

  return {
    kind: 'lab',
    startsTasks,
    snapshot: (extent, arriving) =>
      answer((state, at) => {
        const whole =
          arriving === undefined ? snapshotOf(state, account, at) : snapshotWith(arriving, state, account, at);
        return extent === 'brief' ? briefly(whole) : whole;
      }),
    holders: (keys) => orUnreachable(() => readHolders(keys)),
    certificates: (thumbprints) =>
      answer((state, at) => {
        const wanted = new Set<string>(thumbprints);
        return certificatesOf(state, account, at).certificates.filter(({ thumbprint }) => wanted.has(thumbprint));
      }),
    events: () => answer(({ lifecycle }) => lifecycleOf(lifecycle)),
    tasks: () =>
      answer((state) => {
        if (!isScheduling(state)) throw unexpected(failed(windowsErrors.schedulerStopped));
        return tasksOf(state);
      }),
    services: (names) => answer((state) => names.map((name) => serviceNow(state, name)?.state ?? 'unknown')),
    written: (wanted) => answer((state) => onDisk(writtenIn(state, wanted))),
    judgePaths: inspect,
    change: (changes) => withApart(changes, carryOutApart, change),
    dial,
    cost: () => ({ sessions: Math.min(roundTrips, 1), roundTrips }),
    close: () => channel.close(),
  };

  function answer<T>(from: (state: LabState, at: string) => T): Promise<T> {
    return orUnreachable(async () => from(await readState(), now().toISOString()));
  }

  /** Everything in one request, so that nothing happens in between and a thousand replaces cost one round trip. */
  async function change(changes: readonly OtherChange[]): Promise<readonly ChangeReport[]> {
    const known = await orUnreachable(() => knownFor(changes));
    const planned = changes.map((change) => ({ change, steps: stepsFor(change, known) }));
    const requests = planned.map(({ change, steps }): LabRequest => {
      const key = keyOfChange(change);
      const readBack = key === null ? [] : [readingOf(key)];
      return { kind: 'batch', requests: 'code' in steps ? readBack : [...steps, ...readBack] };
    });
    try {
      const result = await send({ kind: 'batch', requests });
      if (result.kind !== 'batch') throw unexpected(result);
      return planned.map(({ change, steps }, at) => {
        const own = result.results[at];
        const report = reportFor(change, own?.kind === 'batch' ? own.results : []);
        return 'code' in steps ? { ...report, error: steps } : report;
      });
    } catch (thrown) {
      if (!(thrown instanceof ChannelSilent)) throw thrown;
      return changes.map((change) => silentReport(change, thrown.message));
    }
  }

  async function carryOutApart(change: LocalFileChange): Promise<void> {
    if (change.do === 'create-folder') return makeFolder(change);
    if (change.do === 'import-certificate') return importCertificate(change);
    const { path, name } = change;
    const result = await send({ kind: change.do === 'start-task' ? 'run-task' : 'stop-task', path, name });
    if (result.kind === 'failed') throw new Error(result.message);
  }

  async function importCertificate({ pfx, password, thumbprint, store }: ImportChange): Promise<void> {
    const file = { where: 'the file', bytes: Buffer.from(pfx, 'base64') };
    const { leaf, key, intermediates, friendlyName } = await openCertificate([file], async () => password);
    await keepKey(thumbprint, key.export({ format: 'pem', type: 'pkcs8' }).toString());
    const authorities = intermediates.map((der) => newCertificate(der, { store: 'CA', key: 'missing' }));
    const entries = [...authorities, newCertificate(leaf, { store, friendlyName })];
    const requests = entries.map((certificate): LabRequest => ({ kind: 'add-certificate', certificate }));
    const result = await send({ kind: 'batch', requests });
    const failure = result.kind === 'batch' ? result.results.find(({ kind }) => kind === 'failed') : result;
    if (failure?.kind === 'failed') throw new Error(failure.message);
  }

  async function knownFor(changes: readonly Change[]): Promise<Known> {
    const pastIis = changes.filter(goesPastIis);
    const acts = changes.flatMap((change) => (change.do === 'rehearse' ? [change.act] : []));
    if (abilities === null && pastIis.length > 0) await readState();
    const keys = pastIis.flatMap((change) => {
      const isWhole = change.do !== 'put' || (change.expected === null && isTls(change.wanted));
      return isWhole ? [] : recordKeysOf(change);
    });
    return {
      abilities: abilities ?? { update: null, options: null },
      records: keys.length === 0 ? new Map() : await readRecords(keys),
      issued: await issueFor(acts),
    };
  }

  async function issueFor(acts: readonly RehearsalAct[]): Promise<Known['issued']> {
    const issued = new Map<string, LabCertificate>();
    for (const act of acts) {
      if (act.act !== 'add-certificate' || issue === undefined) continue;
      issued.set(act.friendlyName, await issue(act.name, act.friendlyName));
    }
    return issued;
  }

  async function readState(): Promise<LabState> {
    const result = await send({ kind: 'read' });
    if (result.kind !== 'state') throw unexpected(result);
    abilities = netshAbilities(result.state);
    return result.state;
  }

  async function readRecords(keys: readonly KeyText[]): Promise<ReadonlyMap<KeyText, RecordNow>> {
    const result = await send({ kind: 'read-records', keys });
    if (result.kind !== 'records') throw unexpected(result);
    return new Map(keys.map((key, at) => [key, recordNow(key, result.records[at]?.entry ?? null)]));
  }

  /** All certificate bindings in one request; there are few holders of other kinds. */
  async function readHolders(keys: readonly KeyText[]): Promise<ReadonlyMap<KeyText, HolderNow>> {
    const isRecord = (key: KeyText) => kindOf(key) === 'tls';
    const records = keys.filter(isRecord);
    const all = new Map<KeyText, HolderNow>(records.length === 0 ? [] : await readRecords(records));
    for (const key of keys.filter((one) => !isRecord(one))) all.set(key, nowFrom(key, await send(readingOf(key))));
    return all;
  }

  async function send(request: LabRequest): Promise<LabResult> {
    roundTrips += 1;
    return (await channel.send(request)).result;
  }
}

/** No answer before any change means only one thing: the server cannot be read. */
async function orUnreachable<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    if (!(thrown instanceof ChannelSilent)) throw thrown;
    throw new CertRebindError('server-unreachable', { message: `The server did not answer: ${thrown.message}.` });
  }
}

function unexpected(result: LabResult): CertRebindError {
  const message =
    result.kind === 'failed'
      ? `The server cannot be read: ${result.message}`
      : `The lab answered with ${JSON.stringify(result.kind)} to another question.`;
  return new CertRebindError('server-unreachable', { message });
}

/** As where nothing was read of authorities. */
function briefly({ trust: _, ...snapshot }: Snapshot): Snapshot {
  const certificates = snapshot.certificates.map(({ issuedBy, intermediates, disallowed, ...certificate }) => ({
    ...certificate,
    chain: 'unknown' as const,
  }));
  return { ...snapshot, certificates };
}
