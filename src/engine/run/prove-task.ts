import { messageFrom } from '../../base/errors.ts';
import type { ProofAnswer } from '../../documents/proof.ts';
import { type ExpectedTask, isSameTask } from '../../documents/scheduled-tasks.ts';
import type { TaskEntry } from '../../model/windows/task.ts';
import { meaningOfResult, taskResults } from '../../model/windows/task-results.ts';
import { changeOne } from '../../server/server.ts';
import type { RunContext } from './context.ts';

export interface ProofRequest extends Pick<RunContext, 'server' | 'clock' | 'report' | 'signal'> {
  readonly task: ExpectedTask;
  /** The task's answer; `null` while there is none. */
  readonly readAnswer: () => Promise<ProofAnswer | null>;
  /** Why an answer proves nothing, as a sentence; `null` when it does. */
  readonly whyNotVerified: (answer: ProofAnswer) => string | null;
  readonly patience: ProofPatience;
}

export interface ProofPatience {
  /** How long Task Scheduler may take to start the task. */
  readonly startMs: number;
  /** How long the program may take from then on. */
  readonly answerMs: number;
}

/** As long as a busy server takes to start the program and to be read. */
export const defaultProofTimeouts: ProofPatience = { startMs: 60_000, answerMs: 300_000 };

export type ProofResult =
  | { readonly verified: true; readonly answer: ProofAnswer }
  | { readonly verified: false; readonly why: string; readonly hint: string | null };

/** The result, and whether the task was removed again; if not, why, as a sentence. */
export type ProofEnd = ProofResult & { readonly left: string | null };

const pauseMs = 500;
/** Task Scheduler is asked less often than the file is checked. */
const pausesBetweenLooks = 4;
/** How long a program that has answered, or was stopped, may take to end. */
const endMs = 30_000;

/**
 * Registers the temporary task, has Task Scheduler start it, waits for its answer, and always removes it again.
 * Changes nothing else on the server.
 */
export async function proveTask(request: ProofRequest): Promise<ProofEnd> {
  const result = await attempt(request).catch((thrown: unknown): ProofResult => notVerified(messageFrom(thrown)));
  return { ...result, left: await takeAway(request, result.verified) };
}

async function attempt(request: ProofRequest): Promise<ProofResult> {
  const { task, server, report, whyNotVerified } = request;
  const { path, name } = task;
  report.progress({ stage: 'proof-start', done: 0, total: 0, key: null });
  const refused =
    (await changeOne(server, { do: 'register-task', ...task })) ??
    (await changeOne(server, { do: 'start-task', path, name }));
  if (refused !== null) return notVerified(`Task Scheduler refused the test task: ${refused.message}`);
  const answer = await waitForAnswer(request);
  if (typeof answer === 'string') return notVerified(answer);
  const why = whyNotVerified(answer);
  return why === null ? { verified: true, answer } : notVerified(why, answer.error?.hint ?? null);
}

function notVerified(why: string, hint: string | null = null): ProofResult {
  return { verified: false, why, hint };
}

/** The answer, or as a sentence why there is none. */
async function waitForAnswer(request: ProofRequest): Promise<ProofAnswer | string> {
  const { clock, patience, report, signal, readAnswer } = request;
  let since = clock.now().getTime();
  let started = false;
  for (let look = 0; ; look++) {
    const found = await readAnswer();
    if (found !== null) return found;
    if (signal.aborted) return 'The test was stopped.';
    if (look % pausesBetweenLooks === 0) {
      const entry = await findTask(request);
      if (entry === null) return 'The test task is no longer registered.';
      const result = entry.lastResult ?? taskResults.neverRun;
      if (hasStarted(result) && !started) {
        started = true;
        since = clock.now().getTime();
        report.progress({ stage: 'proof-answer', done: 0, total: 0, key: null });
      }
      if (started && result !== taskResults.running) {
        // It may have answered between the two checks.
        return (await readAnswer()) ?? `The test task ended without an answer: ${meaningOfResult(result)}.`;
      }
      const passedMs = clock.now().getTime() - since;
      if (!started && passedMs >= patience.startMs)
        return `Task Scheduler did not start the test task within ${patience.startMs / 1000} s: ${meaningOfResult(result)}.`;
      if (started && passedMs >= patience.answerMs)
        return `The program was started but did not answer within ${patience.answerMs / 1000} s.`;
    }
    await clock.sleep(pauseMs, signal);
  }
}

function hasStarted(result: number): boolean {
  return result !== taskResults.neverRun && result !== taskResults.queued;
}

/** What could not be removed, as a sentence; `null` if everything was. */
async function takeAway(request: ProofRequest, answered: boolean): Promise<string | null> {
  const { server, task } = request;
  const { path, name } = task;
  try {
    // A program that has answered needs a moment to end by itself; any other is stopped.
    if (!answered || !(await hasEnded(request))) {
      await changeOne(server, { do: 'stop-task', path, name });
      await hasEnded(request);
    }
    const refused = await changeOne(server, { do: 'unregister-task', path, name });
    if ((await findTask(request)) === null) return null;
    return `The task ${path}${name} could not be removed${refused === null ? '' : `: ${refused.message.replace(/\.$/, '')}`}.`;
  } catch (thrown) {
    return `It is not known whether the task ${path}${name} was removed: ${messageFrom(thrown)}`;
  }
}

async function hasEnded(request: ProofRequest): Promise<boolean> {
  const { clock } = request;
  const until = clock.now().getTime() + endMs;
  while (true) {
    if ((await findTask(request))?.lastResult !== taskResults.running) return true;
    if (clock.now().getTime() >= until) return false;
    await clock.sleep(pauseMs);
  }
}

async function findTask({ server, task }: ProofRequest): Promise<TaskEntry | null> {
  return (await server.tasks()).find((entry) => isSameTask(entry, task)) ?? null;
}
