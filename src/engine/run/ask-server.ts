import { CertRebindError, errorDocument } from '../../base/errors.ts';
import type { ServerError } from '../../documents/runs/journal.ts';
import type { Step } from '../../documents/runs/plan.ts';
import { type StepProgress, stepError } from '../../documents/runs/step-progress.ts';
import { type Holder, type HolderNow, isTls, onlyCertificateDiffers, thumbprintOf } from '../../kinds/holder.ts';
import { type Change, type ChangeReport, noAnswer } from '../../server/server.ts';
import type { Execution } from './execution.ts';

/** What one step asks of the server. */
export interface StepChange {
  readonly progress: StepProgress;
  readonly change: Change;
}

/** What a server answered; `attempted: false` if it carried nothing out. */
export type Reply =
  | { readonly attempted: true; readonly error: ServerError | null }
  | { readonly attempted: false; readonly why: string };

/** A change with its result: the answer, and the holder as it was read back. */
export type Answered<Asked extends StepChange> = Asked & { readonly reply: Reply; readonly now: HolderNow };

/** One call for all changes. */
export async function askServer<Asked extends StepChange>(
  execution: Execution,
  changes: readonly Asked[],
): Promise<readonly Answered<Asked>[]> {
  if (execution.silent) return notAttempted(changes, stoppedAnswering);
  try {
    const reports = await execution.context.server.change(changes.map(({ change }) => change));
    const answered = changes.map((one, index) => ({ ...one, ...resultOf(reports[index]) }));
    if (!answered.some(({ reply }) => reply.error?.code === 'silent')) return await lookAgain(execution, answered);
    execution.silent = true;
    execution.stop ??= stepError('server-silent', stoppedAnswering, null);
    return answered;
  } catch (error) {
    // The one exception the port may throw: nothing at all was changed.
    return notAttempted(changes, stopFor(execution, error));
  }
}

export function notAttempted<Asked extends StepChange>(
  changes: readonly Asked[],
  why: string,
): readonly Answered<Asked>[] {
  return changes.map((one) => ({ ...one, reply: { attempted: false, why }, now: one.progress.now }));
}

/** A record that could not be read back in the call itself is read once more. */
async function lookAgain<Asked extends StepChange>(
  execution: Execution,
  answered: readonly Answered<Asked>[],
): Promise<readonly Answered<Asked>[]> {
  const unknown = answered.filter(({ now }) => now.state === 'unknown').map(({ progress }) => progress.step.key);
  if (unknown.length === 0) return answered;
  try {
    const found = await execution.context.server.holders(unknown);
    return answered.map((one) =>
      one.now.state === 'unknown' ? { ...one, now: found.get(one.progress.step.key) ?? one.now } : one,
    );
  } catch (error) {
    stopFor(execution, error);
    return answered;
  }
}

/** The server's answer, for people. */
export function wordsOf(reply: Reply): string {
  return reply.attempted ? (reply.error?.message ?? 'the server reported success') : reply.why;
}

/**
 * The change that makes the holder of a step what is wanted: in place if only the certificate differs, otherwise as a
 * whole. Where the replaced certificate has left the stores, IIS may refuse, and netsh does not (fidelity: rebind-orphaned).
 * @param from what it holds now
 */
export function changeTo(
  { stored }: Pick<Execution, 'stored'>,
  step: Step,
  from: Holder | null,
  wanted: Holder | null,
): Change {
  if (wanted === null) return { do: 'remove', key: step.key };
  if (isTls(wanted) && !onlyCertificateDiffers(from, wanted)) return restoreTo(wanted);
  const replaced = thumbprintOf(from);
  const hasLeft = replaced !== null && stored.size > 0 && !stored.has(replaced);
  return { do: 'put', expected: from, wanted, through: hasLeft ? null : bindingOf(step) };
}

/** Every value of the holder is written as wanted, whatever it holds now. */
export function restoreTo(holder: Holder): Change {
  return { do: 'put', expected: null, wanted: holder };
}

/**
 * A change goes through an IIS binding that uses the record if there is one, preferably one with an address: it is not
 * confirmed that the methods of other bindings work (fidelity: blank-address).
 */
function bindingOf({ consumers }: Step): { readonly site: string; readonly information: string } | null {
  const bindings = consumers.filter((consumer) => consumer.kind === 'iis-binding');
  const binding = bindings.find(({ information }) => !information.trimStart().startsWith(':')) ?? bindings[0];
  return binding === undefined ? null : { site: binding.site, information: binding.information };
}

function resultOf({ error, now }: Pick<ChangeReport, 'error' | 'now'> = { error: noAnswer, now: null }) {
  const found: HolderNow = now ?? { state: 'unknown', why: error?.message ?? 'The server did not answer.' };
  return { reply: { attempted: true, error } as const, now: found };
}

const stoppedAnswering = 'The server stopped answering earlier in this run.';

/** If a server cannot be used, nothing more is begun. Returns why; throws on a defect of this program. */
function stopFor(execution: Execution, error: unknown): string {
  if (!(error instanceof CertRebindError)) throw error;
  execution.stop ??= errorDocument(error).error;
  return error.message;
}
