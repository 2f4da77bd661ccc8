import type { RunContext } from '../../src/run/context.ts';
import type { Server } from '../../src/server/server.ts';
import type { RunJournal, State } from '../../src/state/state.ts';

/** Thrown at the moment of death and by everything that a dead process would still try. */
export class Killed extends Error {}

/** When in an effect the process dies: before it, after a part of it, or after it and before it hears of it. */
export const moments = ['before', 'within', 'after'] as const;
export type Moment = (typeof moments)[number];

export interface Mortal {
  readonly context: RunContext;
  /** How many effects there have been. */
  effects(): number;
}

/**
 * A process that dies at its nth effect, counted from 1: a change of the server, or a write to the state folder. From then
 * on nothing it does has any effect, its last clean-up included. `null` lives on and only counts.
 */
export function mortal(context: RunContext, death: { readonly at: number; readonly moment: Moment } | null): Mortal {
  let effects = 0;
  let dead = false;

  async function effect<Result>(whole: () => Promise<Result>, part: () => Promise<unknown>): Promise<Result> {
    alive();
    effects += 1;
    if (death === null || effects !== death.at) return whole();
    dead = true;
    if (death.moment === 'within') await part();
    if (death.moment === 'after') await whole();
    throw new Killed(`killed ${death.moment} effect ${effects}`);
  }
  function alive(): void {
    if (dead) throw new Killed('dead already');
  }
  const nothing = async () => {};

  const server: Server = {
    ...context.server,
    read: async (queries) => {
      alive();
      return context.server.read(queries);
    },
    change: (changes) =>
      effect(
        () => context.server.change(changes),
        async () => context.server.change(changes.slice(0, Math.ceil(changes.length / 2))),
      ),
  };
  const journal = (inner: RunJournal): RunJournal => ({
    run: inner.run,
    append: (...lines) =>
      effect(
        () => inner.append(...lines),
        () => inner.append(...lines.slice(0, Math.floor(lines.length / 2))),
      ),
    close: (outcome) => effect(() => inner.close(outcome), nothing),
    abandon: async () => alive(),
  });
  const { state } = context;
  const mortalState: State = {
    ...state,
    // A lock whose owner is dead is taken over.
    lock: async () => ({ release: async () => alive() }),
    writeLedger: (ledger) => effect(() => state.writeLedger(ledger), nothing),
    openRun: async (run) => journal(await effect(() => state.openRun(run), nothing)),
    reopenRun: async (run) => journal(await state.reopenRun(run)),
    discardRun: (run) => effect(() => state.discardRun(run), nothing),
    pruneRuns: (keep) => effect(() => state.pruneRuns(keep), nothing),
  };
  return {
    context: {
      ...context,
      server,
      state: mortalState,
      handshake: async (endpoint) => {
        alive();
        return context.handshake(endpoint);
      },
    },
    effects: () => effects,
  };
}
