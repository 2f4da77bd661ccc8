import type { RunContext } from '../../../src/engine/run/context.ts';
import type { RunJournal, State } from '../../../src/engine/state/state.ts';
import { type IssueCertificate, type LabChannel, labServerFrom } from '../../../src/lab/client/server-over-channel.ts';
import type { LabRequest } from '../../../src/lab/kernel/requests.ts';
import type { Server } from '../../../src/server/server.ts';
import { kernelChannel } from '../../support/kernel-server.ts';
import type { World } from './world.ts';

/** Thrown at the moment of death and by everything that a dead process would still try. */
export class Killed extends Error {}

/**
 * A process in this world that dies after so many pieces of work: each request that changes the server is one, and so is
 * each line of a journal and each other write to the state folder. From then on nothing it does has any effect, its last
 * clean-up included. Dying after a piece and dying before the next is the same.
 */
export function mortal(
  world: World,
  pieces: number,
  issue?: IssueCertificate,
): { readonly context: RunContext; readonly server: Server } {
  let left = pieces;
  let dead = false;

  function alive(): void {
    if (dead) throw new Killed('dead already');
  }
  async function work<Result>(
    size: number,
    whole: () => Promise<Result>,
    first: (pieces: number) => Promise<unknown>,
  ): Promise<Result> {
    alive();
    if (left >= size) {
      left -= size;
      return whole();
    }
    dead = true;
    if (left > 0) await first(left);
    throw new Killed(`killed after ${pieces} pieces of work`);
  }
  const atOnce = <Result>(whole: () => Promise<Result>) => work(1, whole, async () => {});

  const kernel = mortalServer(world, work, alive, issue);
  const server = world.around?.(kernel, atOnce) ?? kernel;
  const journal = (inner: RunJournal): RunJournal => ({
    run: inner.run,
    append: (...lines) =>
      work(
        lines.length,
        () => inner.append(...lines),
        (whole) => inner.append(...lines.slice(0, whole)),
      ),
    close: (outcome) => atOnce(() => inner.close(outcome)),
    abandon: async () => alive(),
  });
  const { state, context } = world;
  const mortalState: State = {
    ...state,
    // A lock whose owner is dead is taken over.
    lock: async () => ({ release: async () => alive() }),
    writeLedger: (ledger) => atOnce(() => state.writeLedger(ledger)),
    replaceLedger: (ledger, at) => atOnce(() => state.replaceLedger(ledger, at)),
    openRun: async (run) => journal(await atOnce(() => state.openRun(run))),
    reopenRun: async (run) => journal(await state.reopenRun(run)),
    discardRun: (run) => atOnce(() => state.discardRun(run)),
    pruneRuns: (keep, spared) => atOnce(() => state.pruneRuns(keep, spared)),
  };
  return {
    server,
    context: {
      ...context,
      server,
      state: mortalState,
      handshake: async (endpoint) => {
        alive();
        return context.handshake(endpoint);
      },
    },
  };
}

type Work = <Result>(
  size: number,
  whole: () => Promise<Result>,
  first: (pieces: number) => Promise<unknown>,
) => Promise<Result>;

/** The port to the kernel, cut below the requests that one change consists of: a record may be deleted and not yet added. */
function mortalServer({ kernel }: World, work: Work, alive: () => void, issue?: IssueCertificate): Server {
  const whole = kernelChannel(kernel);
  const channel: LabChannel = {
    ...whole,
    async send(request) {
      alive();
      const size = writesOf(request);
      if (size === 0) return whole.send(request);
      return work(
        size,
        () => whole.send(request),
        (writes) => whole.send(cut(request, writes)),
      );
    },
  };
  return labServerFrom({
    channel,
    account: 'system',
    ...(issue === undefined ? {} : { issue }),
    now: () => kernel.now(),
    dial: ({ port }) => ({ reachable: true, host: 'lab.invalid', port }),
  });
}

/** How many requests that change something are in this one, at most. */
function writesOf(request: LabRequest): number {
  switch (request.kind) {
    case 'read':
    case 'read-records':
    case 'read-holder':
      return 0;
    case 'batch':
      return request.requests.reduce((sum, each) => sum + writesOf(each), 0);
    case 'if-holder':
      return Math.max(sumOf(request.requests), sumOf(request.otherwise ?? []));
    default:
      return 1;
  }
}

function sumOf(requests: readonly LabRequest[]): number {
  return requests.reduce((sum, each) => sum + writesOf(each), 0);
}

/** The request as far as its first so many writes. */
function cut(request: LabRequest, writes: number): LabRequest {
  if (request.kind === 'batch') return { ...request, requests: cutAll(request.requests, writes) };
  if (request.kind !== 'if-holder') return request;
  const otherwise = cutAll(request.otherwise ?? [], writes);
  return { ...request, requests: cutAll(request.requests, writes), otherwise };
}

function cutAll(requests: readonly LabRequest[], writes: number): readonly LabRequest[] {
  let left = writes;
  return requests.flatMap((request) => {
    if (left <= 0) return [];
    const taken = cut(request, left);
    left -= writesOf(request);
    return taken;
  });
}
