import {
  type Holder,
  type HolderNow,
  isTls,
  onlyCertificateDiffers,
  type Place,
  thumbprintOf,
} from '../model/holders/holder.ts';
import type { Said } from '../model/runs/journal.ts';
import type { Step } from '../model/runs/plan.ts';
import { type StepProgress, stepError } from '../model/runs/step-progress.ts';
import { CertRebindError, errorDocument } from '../model/text/errors.ts';
import { type Change, type ChangeReport, readHolders } from '../server/server.ts';
import type { Execution } from './execution.ts';

export interface Wish {
  readonly progress: StepProgress;
  readonly change: Change;
}

/** What a server said to a wish; `heard: false` when nothing was done about it. */
export type Reply =
  | { readonly heard: true; readonly error: Said | null }
  | { readonly heard: false; readonly why: string };

/** A wish with what came of it: what was said, and how the holder stands as it was read back. */
export type Answered<Asked extends Wish> = Asked & { readonly reply: Reply; readonly now: HolderNow };

/** One call for all wishes. */
export async function askServer<Asked extends Wish>(
  execution: Execution,
  wishes: readonly Asked[],
): Promise<readonly Answered<Asked>[]> {
  if (execution.silent) return unheardWishes(wishes, stoppedAnswering);
  try {
    const reports = await execution.context.server.change(wishes.map(({ change }) => change));
    const heard = wishes.map((wish, index) => ({ ...wish, ...hear(reports[index]) }));
    if (!heard.some(({ reply }) => reply.error?.code === 'silent')) return await lookAgain(execution, heard);
    execution.silent = true;
    execution.stop ??= stepError('server-silent', stoppedAnswering, null);
    return heard;
  } catch (error) {
    // The one exception of the port: nothing at all was changed.
    return unheardWishes(wishes, stopFor(execution, error));
  }
}

export function unheardWishes<Asked extends Wish>(wishes: readonly Asked[], why: string): readonly Answered<Asked>[] {
  return wishes.map((wish) => ({ ...wish, reply: { heard: false, why }, now: wish.progress.now }));
}

/** A record that could not be read back in the call itself is asked for once more. */
async function lookAgain<Asked extends Wish>(
  execution: Execution,
  heard: readonly Answered<Asked>[],
): Promise<readonly Answered<Asked>[]> {
  const unknown = heard
    .filter(({ now }) => now.state === 'unknown')
    .flatMap(({ progress }) => placeOfStep(progress.step));
  if (unknown.length === 0) return heard;
  try {
    const found = await readHolders(execution.context.server, unknown);
    return heard.map((one) =>
      one.now.state === 'unknown' ? { ...one, now: found.get(one.progress.step.key) ?? one.now } : one,
    );
  } catch (error) {
    stopFor(execution, error);
    return heard;
  }
}

/** The holder of a step, to be read: a step that makes one and takes it away again has none. */
export function placeOfStep({ before, wanted }: Step): readonly Place[] {
  const holder = before ?? wanted;
  return holder === null ? [] : [holder];
}

/** What was said, for people. */
export function wordsOf(reply: Reply): string {
  return reply.heard ? (reply.error?.message ?? 'the server reported success') : reply.why;
}

/**
 * What makes the holder of a step what is wanted: in place where nothing but the certificate differs, else as a whole.
 * @param from what it holds now
 */
export function changeTo(step: Step, from: Holder | null, wanted: Holder | null): Change {
  if (wanted === null) return { do: 'remove', key: step.key };
  if (!isTls(wanted)) return { do: 'put', expected: from === null || isTls(from) ? null : from, wanted };
  const { thumbprint, store } = wanted.value;
  if (thumbprint === null || !onlyCertificateDiffers(from, wanted)) return restoreTo(wanted);
  return { do: 'swap', key: step.key, expected: thumbprintOf(from), thumbprint, store, through: bindingOf(step) };
}

/** Every value of the holder written as it is wanted, whatever it holds now. */
export function restoreTo(holder: Holder): Change {
  return isTls(holder) ? { do: 'restore', record: holder.value } : { do: 'put', expected: null, wanted: holder };
}

/**
 * A change goes through an IIS binding that stands on the record where there is one; rather one with an address, for
 * whether the methods of others work is open (fidelity: blank-address).
 */
function bindingOf({ consumers }: Step): { readonly site: string; readonly information: string } | null {
  const bindings = consumers.filter((consumer) => consumer.kind === 'iis-binding');
  const binding = bindings.find(({ information }) => !information.trimStart().startsWith(':')) ?? bindings[0];
  return binding === undefined ? null : { site: binding.site, information: binding.information };
}

function hear({ error, now }: Heard = noReport) {
  const found: HolderNow = now ?? { state: 'unknown', why: error?.message ?? 'The server did not answer.' };
  return { reply: { heard: true, error } as const, now: found };
}

type Heard = Pick<ChangeReport, 'error' | 'now'>;

const noReport: Heard = {
  error: { code: 'silent', message: 'The server stopped before it answered for this one.' },
  now: null,
};

const stoppedAnswering = 'The server stopped answering earlier in this run.';

/** A server that cannot be used lets nothing more begin. Returns why; throws what is a defect of ours. */
function stopFor(execution: Execution, error: unknown): string {
  if (!(error instanceof CertRebindError)) throw error;
  execution.stop ??= errorDocument(error).error;
  return error.message;
}
