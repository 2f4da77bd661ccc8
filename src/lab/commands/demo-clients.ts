import { setTimeout as pause } from 'node:timers/promises';
import { groupBy } from '../../base/group.ts';
import type { ServerEndpoint } from '../../engine/known/endpoints-of-server.ts';
import type { Handshaker } from '../../engine/run/context.ts';

/** One handshake of a client. Times are those of `performance.now()`. */
export interface Tried {
  readonly begunAt: number;
  readonly endedAt: number;
  /** `null` where no certificate was served. */
  readonly thumbprint: string | null;
  /** Why none was. */
  readonly reason: string | null;
}

export interface ClientView {
  readonly at: ServerEndpoint;
  readonly tried: readonly Tried[];
}

export interface Clients {
  readonly views: readonly ClientView[];
  /** Resolves when it holds for what every client has seen; asked after each handshake. */
  until(holds: (view: ClientView) => boolean): Promise<void>;
  stop(): Promise<void>;
  /** How long they have been connecting, until they were stopped. */
  elapsedMs(): number;
}

const leastPauseMs = 15;

/**
 * One client for each endpoint, connecting again and again until it is stopped. Each pauses for as long as its last answer
 * took: without that, clients take the whole processor from a server that has less of it than they ask for.
 */
export function startClients(
  endpoints: readonly ServerEndpoint[],
  handshake: Handshaker,
  signal: AbortSignal,
): Clients {
  const clients = endpoints.map((at) => {
    const tried: Tried[] = [];
    return { at, tried };
  });
  const startedAt = performance.now();
  let stoppedAt: number | null = null;
  const waiting = new Set<() => void>();
  // An answer may take a minute; nobody who interrupts the demo waits for it.
  const interrupted = new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve(null)));
  let endPauses: () => void = () => {};
  const paused = new Promise<void>((resolve) => {
    endPauses = resolve;
    signal.addEventListener('abort', () => resolve());
  });
  const running = clients.map(async ({ at, tried }) => {
    while (stoppedAt === null && !signal.aborted) {
      const begunAt = performance.now();
      const seen = await Promise.race([handshake(at.endpoint), interrupted]);
      if (seen === null) break;
      const { thumbprint, reason } = seen.handshake;
      const endedAt = performance.now();
      tried.push({ begunAt, endedAt, thumbprint, reason });
      for (const ask of waiting) ask();
      await Promise.race([pause(Math.max(leastPauseMs, endedAt - begunAt), null, { ref: false }), paused]);
    }
    for (const ask of waiting) ask();
  });
  return {
    views: clients,
    until: (holds) =>
      new Promise((resolve) => {
        const ask = () => {
          if (stoppedAt === null && !signal.aborted && !clients.every(holds)) return;
          waiting.delete(ask);
          resolve();
        };
        waiting.add(ask);
        ask();
      }),
    async stop() {
      stoppedAt ??= performance.now();
      endPauses();
      await Promise.all(running);
    },
    elapsedMs: () => (stoppedAt ?? performance.now()) - startedAt,
  };
}

/** What was to be shown, on the clock of the clients. */
export interface Renewal {
  readonly old: string;
  readonly renewed: string;
  /** From when on the old certificate is wrong everywhere. */
  readonly taskEndedAt: number;
}

export interface ClientSummary {
  readonly before: string | null;
  readonly after: string | null;
  readonly tried: number;
  /** By reason, in the order in which they came first. */
  readonly failures: readonly { readonly reason: string; readonly times: number }[];
  /** Whether the last handshake was as it should be. */
  readonly endsWell: boolean;
  /** Served rightly, and later than `slowMs`: no failure. */
  readonly slow: number;
  readonly longestMs: number;
  /** When the renewed certificate was served first; `null` if it was not. */
  readonly changedAt: number | null;
}

/** What a person who waits for a page begins to notice. */
export const slowMs = 1000;

/**
 * Judges what one client has met. An endpoint with the old certificate serves that one or the renewed one until the task has
 * ended, and from its first handshake with the renewed one only this. Every other endpoint serves what it did before.
 */
export function summaryOf(
  tried: readonly Tried[],
  { expected, old, renewed, taskEndedAt }: Renewal & { readonly expected: string | null },
): ClientSummary {
  const before = expected ?? tried.find(({ thumbprint }) => thumbprint !== null)?.thumbprint ?? null;
  let changedAt: number | null = null;
  const judged = tried.map((one) => {
    if (one.thumbprint === renewed && before === old) changedAt ??= one.endedAt;
    const isOver = changedAt !== null || one.begunAt >= taskEndedAt;
    const wanted = before === old && isOver ? renewed : before;
    const isRight = one.thumbprint !== null && one.thumbprint === wanted;
    const why =
      one.thumbprint === null ? (one.reason ?? 'no certificate') : `served ${one.thumbprint} instead of ${wanted}`;
    return { ms: one.endedAt - one.begunAt, failure: isRight ? null : why };
  });
  const right = judged.filter(({ failure }) => failure === null);
  return {
    before,
    after: tried.at(-1)?.thumbprint ?? null,
    tried: tried.length,
    failures: [
      ...groupBy(
        judged.flatMap(({ failure }) => failure ?? []),
        (failure) => failure,
      ),
    ].map(([reason, { length }]) => ({ reason, times: length })),
    endsWell: judged.at(-1)?.failure === null,
    slow: right.filter(({ ms }) => ms > slowMs).length,
    longestMs: Math.max(0, ...right.map(({ ms }) => ms)),
    changedAt,
  };
}
