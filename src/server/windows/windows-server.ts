import { CertRebindError } from '../../base/errors.ts';
import type { Cost } from '../../documents/runs/outcome.ts';
import { taskFolder } from '../../documents/scheduled-tasks.ts';
import type { FoundText } from '../../documents/written.ts';
import { type HolderNow, isTls, kindOf } from '../../kinds/holder.ts';
import type { RunState } from '../../kinds/iis/binding.ts';
import { serviceIn } from '../../kinds/kind-on-windows.ts';
import type { RecordNow } from '../../kinds/kind-rules.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { LifecycleLog, NetshAbilities, Snapshot } from '../../kinds/snapshot.ts';
import { recordsNow, SeenPlaces } from '../../kinds/tls/tables-in-rows.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import type { Arriving } from '../../model/certificates/certificate-with-key.ts';
import type { Endpoint } from '../../model/certificates/handshake.ts';
import { type Thumbprint, toThumbprint } from '../../model/certificates/thumbprint.ts';
import type { EngineStart } from '../../model/windows/engine-start.ts';
import { lifecycleLog } from '../../model/windows/lifecycle-event.ts';
import type { PathJudgement } from '../../model/windows/path-safety.ts';
import type { Parts, Row } from '../../model/windows/rows.ts';
import type { TaskEntry } from '../../model/windows/task.ts';
import { goesPastIis, keyOfChange, recordKeysOf, silentReport } from '../change-facts.ts';
import { type FolderChange, type LocalFileChange, type OtherChange, withApart } from '../local-file-changes.ts';
import { searchLimits } from '../search-files.ts';
import {
  type Change,
  type ChangeReport,
  type DialTarget,
  type Server,
  type SnapshotExtent,
  serviceLimitMs,
  type WrittenOnServer,
} from '../server.ts';
import { instructionsFor, type Known } from './change-rows.ts';
import type { EngineCommand } from './engine-shell.ts';
import { othersNow, readingsFor } from './holders.ts';
import { assertPart, partsOf } from './parts.ts';
import { folderRights, judgementFrom, withAllParents } from './path-rights.ts';
import { certificatesFrom } from './read-certificates.ts';
import { lifecycleFrom, netshFrom, snapshotFrom, tasksFrom } from './read-snapshot.ts';
import { rowsOfPlaces } from './reported-places.ts';
import { type Planned, rollBackLost } from './roll-back-lost.ts';
import type { CallLimits, Session, SessionOptions } from './session.ts';
import { startEngine } from './start-engine.ts';

export interface WindowsServerOptions
  extends EngineCommand,
    Pick<SessionOptions, 'systemFolder'>,
    Partial<Pick<SessionOptions, 'startTimeoutMs' | 'callTimeoutMs'>> {
  /** For example `C:\Windows`, from a trusted source; programs and the IIS configuration are found below it. */
  readonly systemRoot: string;
  /** What the adapter is told besides when it starts; only with a lab, which has no Windows to tell it. */
  readonly setUp?: readonly Row[];
  /** Creates folders if there are no Windows rights to set; only with a lab. */
  readonly makeFolder?: (change: FolderChange) => Promise<void>;
  /**
   * Kept open by the process that changes something, one at a time; in a folder where only administrators can open
   * files.
   */
  readonly changingFile: string;
  /** How long a change waits for a PowerShell of an earlier run to finish. */
  readonly changingWaitMs?: number;
}

const changingWaitMs = 120_000;
const startTimeoutMs = 60_000;
const callTimeoutMs = 120_000;
const newestEvents = 1000;
const messageLimit = 64 * 1024 * 1024;

/**
 * A Windows server through one PowerShell, which starts with the first question. Its methods are functions of their own, so
 * that one of them can be passed on or replaced alone, as with every other server.
 */
export class WindowsServer implements Server {
  readonly kind = 'windows';
  readonly startsTasks = true;
  readonly protection = {
    protect: (name: string, value: string) => this.#convertSecret('Protect-Secret', name, value),
    unprotect: (name: string, base64: string) => this.#convertSecret('Unprotect-Secret', name, base64),
  };
  readonly #options: WindowsServerOptions;
  readonly #places = new SeenPlaces();
  readonly #sessions: Session[] = [];
  #session: Promise<Session> | null = null;
  #abilities: NetshAbilities | null = null;
  #start: EngineStart | null = null;

  constructor(options: WindowsServerOptions) {
    this.#options = options;
  }

  snapshot = async (extent: SnapshotExtent = 'whole', arriving?: Arriving): Promise<Snapshot> => {
    const parts = await this.#call('Read-Server', [
      ['task-folder', `${taskFolder}*`],
      ...rowsOfPlaces,
      ['lifecycle', lifecycleLog, String(newestEvents)],
      ...(extent === 'whole' ? [['authorities']] : []),
    ]);
    this.#places.note(parts.rows('record'));
    const readBindings = async () => (await this.#call('Read-Bindings', [])).rows('binding');
    const snapshot = await snapshotFrom(parts, readBindings, new Date().toISOString(), arriving);
    this.#abilities = snapshot.netsh;
    return snapshot;
  };

  holders = async (keys: readonly KeyText[]): Promise<ReadonlyMap<KeyText, HolderNow>> => {
    const records = await this.#readRecords(keys.filter((key) => kindOf(key) === 'tls'));
    const readings = readingsFor(keys);
    if (readings.length === 0) return records;
    const parts = await this.#call('Read-Holders', readings, { timeoutMs: this.#patience([]) });
    return new Map<KeyText, HolderNow>([...records, ...othersNow(keys, parts)]);
  };

  certificates = async (thumbprints: readonly Thumbprint[]): Promise<readonly Certificate[]> => {
    const parts = await this.#call(
      'Read-Certificates',
      thumbprints.map((thumbprint) => [thumbprint]),
    );
    if (thumbprints.length > 0) assertPart(parts, 'certificates');
    return certificatesFrom(parts, new Date().toISOString()).certificates;
  };

  events = async (): Promise<LifecycleLog> => {
    return lifecycleFrom(await this.#call('Read-Lifecycle', [[lifecycleLog, String(newestEvents)]]));
  };

  tasks = async (): Promise<readonly TaskEntry[]> => {
    return tasksFrom(await this.#call('Read-Tasks', [[`${taskFolder}*`]]));
  };

  services = async (names: readonly string[]): Promise<readonly RunState[]> => {
    const parts = await this.#call(
      'Read-Services',
      names.map((name) => [name]),
    );
    return names.map((name) => serviceIn(parts, name).state);
  };

  written = async (thumbprints: readonly Thumbprint[]): Promise<WrittenOnServer> => {
    const wanted = thumbprints.map((thumbprint) => [thumbprint]);
    return writtenFrom(await this.#call('Read-Written', wanted, { timeoutMs: searchLimits.ms }));
  };

  judgePaths = async (paths: readonly string[]): Promise<PathJudgement> => {
    const asked = withAllParents(paths).map((path) => [path]);
    return judgementFrom(await this.#call('Read-Paths', asked), paths);
  };

  change = async (changes: readonly Change[]): Promise<readonly ChangeReport[]> => {
    return withApart(
      changes,
      (change) => this.#carryOutApart(change),
      (others) => this.#changeServer(others),
    );
  };

  #carryOutApart(change: LocalFileChange): Promise<unknown> {
    const { makeFolder } = this.#options;
    switch (change.do) {
      case 'create-folder':
        return (
          makeFolder?.(change) ?? this.#call('New-ProtectedFolder', [[change.path, folderRights[change.readableBy]]])
        );
      case 'import-certificate': {
        const { store, thumbprint, password, pfx } = change;
        return this.#call('Import-PfxFile', [[store, thumbprint, password, pfx]], { secret: true });
      }
      case 'start-task':
      case 'stop-task':
        return this.#call('Invoke-TaskOrder', [[change.do, change.path, change.name]]);
    }
  }

  async #changeServer(changes: readonly OtherChange[]): Promise<readonly ChangeReport[]> {
    const known = await this.#knownFor(changes);
    const planned = changes.map((change) => ({ change, instructions: instructionsFor(change, known) }));
    const reports = await this.#carryOut(planned, known);
    return rollBackLost({ changes, reports, known }, (lost) => this.#carryOut(lost, known));
  }

  dial = (endpoint: Endpoint): DialTarget => {
    return { reachable: true, host: localAddress(endpoint.address), port: endpoint.port };
  };

  async #convertSecret(how: 'Protect-Secret' | 'Unprotect-Secret', name: string, value: string): Promise<string> {
    const parts = await this.#call(how, [[name, value]], { secret: true });
    const [converted] = parts.first('secret') ?? [];
    if (converted !== undefined) return converted;
    throw new CertRebindError('powershell-failed', { message: `PowerShell gave no answer to ${how}.` });
  }

  cost = (): Cost => {
    const roundTrips = this.#sessions.reduce((sum, session) => sum + session.cost().roundTrips, 0);
    return { sessions: this.#sessions.length, roundTrips, ...(this.#start === null ? {} : { engine: this.#start }) };
  };

  close = async (): Promise<void> => {
    const session = await this.#session?.catch(() => null);
    this.#session = null;
    await session?.close();
  };

  async #readRecords(keys: readonly KeyText[]): Promise<ReadonlyMap<KeyText, RecordNow>> {
    if (keys.length === 0) return new Map();
    const rows = keys.map((key) => this.#places.rowOf(key));
    // A PowerShell that a killed run left behind may still be changing what is asked for; it is waited for.
    const parts = await this.#call('Read-Records', rows, { timeoutMs: this.#patience([]) });
    const now = recordsNow(keys, parts.rows('record'), this.#places);
    this.#places.note(parts.rows('record'));
    return now;
  }

  async #knownFor(changes: readonly Change[]): Promise<Known> {
    const pastIis = changes.filter(goesPastIis);
    const unseen = changes.filter(
      (one) => one.do === 'put' && isTls(one.wanted) && this.#places.of(one.wanted.key).subKey === '',
    );
    const keys = [...new Set([...pastIis, ...unseen].flatMap(recordKeysOf))];
    const records = await this.#readRecords(keys);
    if (pastIis.length > 0) this.#abilities ??= netshFrom(await this.#call('Read-Netsh', []));
    return { records, places: this.#places, abilities: this.#abilities ?? { update: null, options: null } };
  }

  /** One call for everything that can be done; if it gets no answer, every effect is unknown. */
  async #carryOut(planned: readonly Planned[], { places }: Known): Promise<readonly ChangeReport[]> {
    const orders = planned.flatMap(({ instructions }, at) =>
      'rows' in instructions ? instructions.rows.map((row) => ['change', String(at), ...row]) : [],
    );
    const asked = planned.flatMap(({ change }) => keyOfChange(change) ?? []);
    const keys = asked.filter((key) => kindOf(key) === 'tls');
    const session = await this.#opened();
    let parts: Parts;
    try {
      const request = [
        ...orders,
        ...keys.map((key) => ['record', ...places.rowOf(key)]),
        ...readingsFor(asked).map((reading) => ['holders', ...reading]),
      ];
      parts = partsOf(await session.call('Invoke-Changes', request, { timeoutMs: this.#patience(orders) }));
    } catch (error) {
      if (!(error instanceof CertRebindError) || session.isUsable()) throw error;
      return planned.map(({ change }) => silentReport(change, error.message));
    }
    const failure = parts.failure('records');
    const refused = new Map(
      parts
        .rows('report')
        .flatMap(([at = '', code = '', message = '']) => (code === '' ? [] : [[at, { code, message }] as const]))
        .reverse(),
    );
    const unknown: HolderNow = { state: 'unknown', why: failure?.message ?? 'it was not read back' };
    const records = failure === null ? recordsNow(keys, parts.rows('record'), places) : [];
    places.note(parts.rows('record'));
    const now = new Map<KeyText, HolderNow>([...records, ...othersNow(asked, parts)]);
    return planned.map(({ change, instructions }, at) => {
      const key = keyOfChange(change);
      return {
        do: change.do,
        error: 'error' in instructions ? instructions.error : errorOf(refused.get(String(at))),
        now: key === null ? null : (now.get(key) ?? unknown),
      };
    });
  }

  #patience(orders: readonly Row[]): number {
    const counted = (wanted: string) => orders.filter(([, , kind]) => kind === wanted).length;
    const { callTimeoutMs: call = callTimeoutMs, changingWaitMs: wait = changingWaitMs } = this.#options;
    const services = counted('control-service') > 0 ? serviceLimitMs : 0;
    return call + wait + orders.length * 250 + counted('netsh') * 20_000 + services;
  }

  async #call(name: string, request: readonly Row[], limits?: CallLimits): Promise<Parts> {
    const session = await this.#opened();
    return partsOf(await session.call(name, request, limits));
  }

  /** The session of this run; a new one when the last was ended for giving no answer. */
  async #opened(): Promise<Session> {
    const current = await this.#session;
    if (current?.isUsable() === true) return current;
    this.#session = this.#open();
    return this.#session;
  }

  async #open(): Promise<Session> {
    const { systemRoot, setUp = [], changingFile, ...options } = this.#options;
    const wait = String(options.changingWaitMs ?? changingWaitMs);
    const last = this.#start;
    const { session, start } = await startEngine({
      startTimeoutMs,
      callTimeoutMs,
      ...options,
      now: () => new Date(),
      // What refused the file once in this process will refuse it again.
      known: last?.way !== 'text' || last.because.cause === 'not-installed' ? null : last.because,
      setUp: [['system-root', systemRoot], ['changing', changingFile, wait], ...setUp],
      maxReplyBytes: messageLimit,
      maxRequestBytes: messageLimit,
    });
    this.#start = start;
    this.#sessions.push(session);
    return session;
  }
}

function errorOf(refusal: { readonly code: string; readonly message: string } | undefined): ChangeReport['error'] {
  if (refusal === undefined) return null;
  const message = refusal.message.trim().replace(/\s*\r?\n\s*/g, ' ');
  return { code: refusal.code === 'changed-meanwhile' ? 'changed-meanwhile' : 'refused', message };
}

/** Parts of a search for texts, as the adapter calls them. */
const searched = ['folders of sites', 'arguments of tasks', 'command lines of services', 'policies of Remote Desktop'];

/** What the adapter says of texts, from which it takes nothing but thumbprints. */
function writtenFrom(answer: Parts): WrittenOnServer {
  return {
    found: answer.rows('written').flatMap(([kind, where = '', digits = '']): readonly FoundText[] => {
      const thumbprint = toThumbprint(digits);
      if (thumbprint === null || (kind !== 'task' && kind !== 'service' && kind !== 'policy')) return [];
      return [{ kind, where, line: null, thumbprint, program: kind === 'policy' ? 'Remote Desktop' : null }];
    }),
    others: Number(answer.first('texts')?.[0] ?? 0),
    folders: answer.rows('folder').map(([path = '']) => path),
    disks: answer.rows('disk').map(([root = '']) => root),
    notRead: searched.flatMap((part) => {
      const failure = answer.failure(part);
      return failure === null ? [] : [`${part} (${failure.message.replace(/\.$/, '')})`];
    }),
  };
}

/** An endpoint of all addresses is reached through the loopback address. */
function localAddress(address: string): string {
  return loopback[address] ?? address.replace(/^\[(.*)\]$/, '$1');
}

const loopback: Readonly<Record<string, string>> = {
  '*': '127.0.0.1',
  '0.0.0.0': '127.0.0.1',
  '::': '::1',
  '[::]': '::1',
};
