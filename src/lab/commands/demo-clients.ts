import { setTimeout as pause } from 'node:timers/promises';
import type { ServerEndpoint } from '../../engine/plan/endpoints-of-server.ts';
import type { Handshaker } from '../../engine/run/context.ts';

/** What the client of one endpoint saw so far. */
export interface ClientView {
  readonly at: ServerEndpoint;
  before: string | null;
  last: string | null;
  tried: number;
  failed: number;
  /** When another certificate than before was served first (`performance.now()`). */
  changedAt: number | null;
}

export interface Clients {
  readonly views: readonly ClientView[];
  /** Resolves when it holds for what every client has seen; asked after each handshake. */
  until(holds: (view: ClientView) => boolean): Promise<void>;
  stop(): Promise<void>;
  /** How long they have been connecting, until they were stopped. */
  elapsedMs(): number;
}

const pauseMs = 15;

/** One client for each endpoint, connecting again and again until it is stopped. */
export function startClients(
  endpoints: readonly ServerEndpoint[],
  handshake: Handshaker,
  signal: AbortSignal,
): Clients {
  const views = endpoints.map(
    (at): ClientView => ({ at, before: null, last: null, tried: 0, failed: 0, changedAt: null }),
  );
  const startedAt = performance.now();
  let stoppedAt: number | null = null;
  const waiting = new Set<() => void>();
  let stopped = false;
  const running = views.map(async (view) => {
    while (!stopped && !signal.aborted) {
      const { handshake: seen } = await handshake(view.at.endpoint);
      note(view, seen.result === 'served' ? seen.thumbprint : null);
      for (const ask of waiting) ask();
      await pause(pauseMs);
    }
    for (const ask of waiting) ask();
  });
  return {
    views,
    until: (holds) =>
      new Promise((resolve) => {
        const ask = () => {
          if (!stopped && !signal.aborted && !views.every(holds)) return;
          waiting.delete(ask);
          resolve();
        };
        waiting.add(ask);
        ask();
      }),
    async stop() {
      stopped = true;
      stoppedAt ??= performance.now();
      await Promise.all(running);
    },
    elapsedMs: () => (stoppedAt ?? performance.now()) - startedAt,
  };
}

function note(view: ClientView, served: string | null): void {
  view.tried++;
  view.before ??= served;
  view.last = served;
  if (served === null) view.failed++;
  else if (served !== view.before) view.changedAt ??= performance.now();
}
