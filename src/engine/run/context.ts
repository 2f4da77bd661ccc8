import type { Notification } from '../../documents/notification.ts';
import type { StageLine } from '../../documents/runs/progress.ts';
import type { Endpoint, Observation } from '../../model/certificates/handshake.ts';
import type { Server } from '../../server/server.ts';
import type { State } from '../state/state.ts';

/** Everything a run uses of its surroundings. Built by the commands, replaced in tests. */
export interface RunContext {
  readonly server: Server;
  readonly state: State;
  readonly clock: Clock;
  readonly newRunId: () => string;
  /** Of this process, for the journal. */
  readonly pid: number;
  readonly handshake: Handshaker;
  readonly report: Reporter;
  /**
   * Puts news into the outbox before the run that it reports is closed; absent if nobody is told.
   * @returns how many messages found no place
   */
  readonly post?: (news: Notification) => Promise<number>;
  /** When Task Scheduler ends the process; `null` where it did not start it. */
  readonly endsAt?: Date | null;
  /** Before the first change an abort ends the run cleanly; afterwards the run is finished and verified anyway. */
  readonly signal: AbortSignal;
}

export interface Clock {
  now(): Date;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Dials an endpoint of `server` once, with the retries and limits it was made with; never throws. */
export type Handshaker = (endpoint: Endpoint) => Promise<Observation>;

export interface Reporter {
  progress(at: Omit<StageLine, 'schema'>): void;
}
