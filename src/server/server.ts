import type { RehearsalAct } from '../documents/rehearsal.ts';
import type { ServerError } from '../documents/runs/journal.ts';
import type { Cost } from '../documents/runs/outcome.ts';
import type { MachineProtection } from '../documents/secrets.ts';
import type { FoundText, WrittenElsewhere } from '../documents/written.ts';
import type { Holder, HolderNow } from '../kinds/holder.ts';
import type { RunState } from '../kinds/iis/binding.ts';
import type { KeyText } from '../kinds/record-key.ts';
import type { LifecycleLog, ServerIdentity, Snapshot } from '../kinds/snapshot.ts';
import type { Certificate } from '../model/certificates/certificate.ts';
import type { Arriving } from '../model/certificates/certificate-with-key.ts';
import type { Endpoint, Observation } from '../model/certificates/handshake.ts';
import type { Thumbprint } from '../model/certificates/thumbprint.ts';
import type { PathDanger, PathJudgement } from '../model/windows/path-safety.ts';
import type { Product } from '../model/windows/product.ts';
import type { TaskEntry } from '../model/windows/task.ts';

/**
 * The port: everything this program knows about a server. Coarse on purpose, so that Windows costs one PowerShell
 * session and a handful of round trips however many bindings there are.
 */
export interface Server {
  readonly kind: ServerIdentity['kind'];
  /** Whether a task that is started here really runs: not on a capture, nor on a lab that is not served. */
  readonly startsTasks: boolean;
  /**
   * Every question is asked of the server anew; with a certificate as if it were in its store, and what came with it in CA.
   * @throws CertRebindError of exit 7 when the server cannot be read
   */
  snapshot(extent?: SnapshotExtent, arriving?: Arriving): Promise<Snapshot>;
  /** Only the named holders, freshly read once no other process is changing any. */
  holders(keys: readonly KeyText[]): Promise<ReadonlyMap<KeyText, HolderNow>>;
  /** Only the named certificates, freshly read, archived ones too, from both stores. */
  certificates(thumbprints: readonly Thumbprint[]): Promise<readonly Certificate[]>;
  events(): Promise<LifecycleLog>;
  tasks(): Promise<readonly TaskEntry[]>;
  /** In the order of the names; the state of one that is not there is not known. */
  services(names: readonly string[]): Promise<readonly RunState[]>;
  /** Where these thumbprints stand in texts of Windows, and where files are that may name them; absent where nothing can be searched. */
  readonly written?: (thumbprints: readonly Thumbprint[]) => Promise<WrittenOnServer>;
  /** Which accounts could change these files or folders; absolute paths of the server. */
  judgePaths(paths: readonly string[]): Promise<PathJudgement>;
  /**
   * Carries out the changes in order while no other process of this program changes the server, and reads back each in
   * the same call. A change that fails is reported and never thrown; the next one is tried anyway.
   * @throws CertRebindError only when nothing at all was changed (the server cannot be reached, `read-only-server`)
   */
  change(changes: readonly Change[]): Promise<readonly ChangeReport[]>;
  /** Where verification connects for an endpoint; `null` with a reason when it cannot be dialled from here. */
  dial(endpoint: Endpoint): DialTarget;
  /**
   * Encrypts values for this machine only; absent if nothing does, and then only the rights of their file protect them.
   */
  readonly protection?: MachineProtection;
  /** Sessions and round trips used so far. */
  cost(): Cost;
  /** Ends the session; after that nothing of this server keeps the process alive. */
  close(): Promise<void>;
}

/** What is found in arguments of tasks, command lines of services and policies, and the folders of sites and roots of local disks. */
export interface WrittenOnServer extends Pick<WrittenElsewhere, 'others' | 'notRead'> {
  readonly found: readonly FoundText[];
  readonly folders: readonly string[];
  readonly disks: readonly string[];
}

/**
 * `brief`: without what chains of certificates are built from, which takes a while to read; then `trust` is absent and no
 * chain is known.
 */
export type SnapshotExtent = 'whole' | 'brief';

export type DialTarget =
  | {
      readonly reachable: true;
      readonly host: string;
      readonly port: number;
      /** Of a server in memory, which has no listeners: what a client gets. */
      readonly answer?: () => Promise<Observation>;
    }
  | { readonly reachable: false; readonly reason: string };

/** So long the services of one call may take to stop or to start: a large instance of SQL Server takes minutes. */
export const serviceLimitMs = 300_000;

export type Change =
  /**
   * Make a holder exactly this, if it still holds the certificate of `expected`; without `expected`, always. What is
   * expected of a certificate binding differs in hash and store alone, and they are changed in place: by IIS through the binding
   * that uses it, or, where none does, by HTTP.SYS. Written as a whole, every option is named, and what cannot be
   * expressed on this host is refused.
   */
  | {
      readonly do: 'put';
      readonly expected: Holder | null;
      readonly wanted: Holder;
      readonly through?: { readonly site: string; readonly information: string } | null;
    }
  /** Of a certificate binding. */
  | { readonly do: 'remove'; readonly key: KeyText }
  | { readonly do: 'register-task'; readonly path: string; readonly name: string; readonly xml: string }
  /** Removing something that does not exist is success. */
  | { readonly do: 'unregister-task'; readonly path: string; readonly name: string }
  | { readonly do: 'set-task-enabled'; readonly path: string; readonly name: string; readonly enabled: boolean }
  /**
   * Asks Task Scheduler to start a task now; acceptance does not mean that it started. Other changes may run at the
   * same time.
   */
  | { readonly do: 'start-task'; readonly path: string; readonly name: string }
  /** Ends what a task has started, with its queue. Stopping a task that does not run, or does not exist, is success. */
  | { readonly do: 'stop-task'; readonly path: string; readonly name: string }
  /**
   * Waits until it is so; all orders of one call share `serviceLimitMs`. What is so already is success. Services that depend on
   * it are not touched.
   */
  | { readonly do: 'control-service'; readonly service: string; readonly order: 'stop' | 'start' }
  /** An entry in the Application log, source `CertRebind`. */
  | {
      readonly do: 'log';
      readonly eventId: number;
      readonly level: 'information' | 'warning' | 'error';
      readonly text: string;
      readonly data: Readonly<Record<string, string>>;
    }
  | { readonly do: 'enable-lifecycle-log' }
  /** This program's entry among the installed programs of Windows; values that are right already are not written. */
  | { readonly do: 'list-product'; readonly product: Product }
  /** Removing something that does not exist is success. */
  | { readonly do: 'unlist-product' }
  /**
   * The source `CertRebind` of the Application log; its entries stay. Removing a source that does not exist is success.
   */
  | { readonly do: 'remove-log-source' }
  /**
   * Make a folder that only administrators can write, with its final rights in one step; an existing folder is refused,
   * because the account that created it stays its owner. `everyone` may read it, or only administrators.
   */
  | { readonly do: 'create-folder'; readonly path: string; readonly readableBy: 'everyone' | 'administrators' }
  /**
   * The certificate of a PFX file with its key, not exportable, into a store of the machine, and its intermediates into
   * CA. An existing entry is replaced. Never writes the file or the password anywhere.
   */
  | {
      readonly do: 'import-certificate';
      /** Base64. */
      readonly pfx: string;
      readonly password: string;
      readonly thumbprint: Thumbprint;
      readonly store: string;
    }
  /** Hides a certificate from the lists of Windows, or shows it again; its key stays, and what uses it (fidelity: archived-setter). */
  | {
      readonly do: 'archive-certificate';
      readonly thumbprint: Thumbprint;
      readonly store: string;
      readonly archived: boolean;
    }
  /**
   * Deletes the private key of a certificate, where no other certificate of the machine can need it and it is a file of its
   * own; refused otherwise (fidelity: key-deletion).
   */
  | { readonly do: 'delete-key'; readonly thumbprint: Thumbprint; readonly store: string }
  /** Out of its store; its key stays. Deleting one that does not exist is success. */
  | { readonly do: 'delete-certificate'; readonly thumbprint: Thumbprint; readonly store: string }
  /** Tells other tools of this machine that one certificate follows another: event 1001, and nothing else. */
  | { readonly do: 'notify-renewal'; readonly old: Thumbprint; readonly new: Thumbprint }
  | { readonly do: 'rehearse'; readonly act: RehearsalAct };

/** The server's message about a change, and what was read back afterwards. */
export interface ChangeReport {
  readonly do: Change['do'];
  /** The server's message; never trusted without `now`. */
  readonly error: ServerError | null;
  /** For `put` and `remove`: the holder as re-read; otherwise `null`. */
  readonly now: HolderNow | null;
}

/** One change. @returns the server's message; `null` where there was none */
export async function changeOne(server: Pick<Server, 'change'>, change: Change): Promise<ServerError | null> {
  const [report] = await server.change([change]);
  return report === undefined ? noAnswer : report.error;
}

/** For a change whose answer never came. */
export const noAnswer: ServerError = {
  code: 'silent',
  message: 'The server stopped before it answered for this one.',
};

/** The first reason why others could change one of these; `null` if nobody could. */
export async function firstDanger(server: Server, paths: readonly string[]): Promise<PathDanger | null> {
  return (await server.judgePaths(paths)).paths.flatMap(({ dangers }) => dangers)[0] ?? null;
}
