import { errorDocument } from '../../model/errors.ts';
import type { Ledger } from '../../model/ledger.ts';
import { deadlineAlert } from '../../plan/deadline-alert.ts';
import { planPending } from '../../plan/plan-pending.ts';
import type { State } from '../../state/state.ts';
import type { Invocation } from '../shell/command.ts';
import type { GlobalArguments } from '../shell/globals.ts';
import { runAndShow } from './run.ts';
import { withServer } from './session.ts';

/**
 * Takes every renewal that is not settled. Nobody watches when a task starts this, so a failure to work at all is left
 * in the state folder, where `status` finds it.
 */
export async function takePending(
  args: GlobalArguments,
  invocation: Invocation,
  start: {
    readonly command: string;
    readonly dryRun: boolean;
    /** Whether an earlier run has done all that this start was for. */
    readonly isSettled?: (ledger: Ledger) => boolean;
  },
): Promise<number> {
  return withServer(
    args,
    invocation,
    async (session) => {
      const exitCode = await runAndShow(session, invocation, {
        ...start,
        plan: ({ snapshot, ledger }) => planPending(snapshot, ledger, session.configuration),
        alert: (facts, plan) => deadlineAlert({ ...facts, plan, configuration: session.configuration }),
        takesEveryEvent: true,
        // A burst of renewals queues one start after another; none may fail because it came too early.
        wait: true,
      });
      if (!start.dryRun) await session.state.writeLastError(null);
      return exitCode;
    },
    rememberFailure,
  );
}

const worthRemembering: ReadonlySet<number> = new Set([1, 2, 7]);

/** Leaves what kept a start from working at all, without asking the server for anything. */
export async function rememberFailure(thrown: unknown, state: State): Promise<void> {
  const document = errorDocument(thrown);
  if (worthRemembering.has(document.exitCode)) await state.writeLastError(document);
}
