import { CertRebindError, errorDocument } from '../model/errors.ts';
import type { SwapStep } from '../model/plan.ts';
import type { TlsRecord } from '../model/tls-record.ts';
import { type Change, type ChangeReport, readRecords } from '../server/server.ts';
import { type Execution, type StepProgress, stepError } from './execution.ts';

export interface Wish {
  readonly progress: StepProgress;
  readonly change: Change;
}

/** What a server said to a wish; `heard: false` when nothing was done about it. */
export type Reply =
  | { readonly heard: true; readonly error: ChangeReport['error'] }
  | { readonly heard: false; readonly why: string };

/** One call for all wishes. How a record stands after it, as it was read back, is the `now` of its step then. */
export async function askServer<Asked extends Wish>(
  execution: Execution,
  wishes: readonly Asked[],
): Promise<readonly (Asked & { readonly reply: Reply })[]> {
  const unheard = (why: string) => wishes.map((wish) => ({ ...wish, reply: { heard: false, why } as const }));
  if (execution.silent) return unheard(stoppedAnswering);
  try {
    const reports = await execution.context.server.change(wishes.map(({ change }) => change));
    const heard = wishes.map((wish, index) => ({ ...wish, reply: hear(wish.progress, reports[index]) }));
    if (heard.some(({ reply }) => reply.error?.code === 'silent')) markSilent(execution);
    else await lookAgain(execution, wishes);
    return heard;
  } catch (error) {
    // The one exception of the port: nothing at all was changed.
    return unheard(stopFor(execution, error));
  }
}

/** A record that could not be read back in the call itself is asked for once more. */
async function lookAgain(execution: Execution, wishes: readonly Wish[]): Promise<void> {
  const unknown = wishes.map(({ progress }) => progress).filter(({ now }) => now.state === 'unknown');
  if (unknown.length === 0) return;
  try {
    const keys = unknown.map(({ key }) => key);
    const records = await readRecords(execution.context.server, keys);
    for (const progress of unknown) progress.now = records.get(progress.key) ?? progress.now;
  } catch (error) {
    stopFor(execution, error);
  }
}

/** What was said, for people. */
export function wordsOf(reply: Reply): string {
  return reply.heard ? (reply.error?.message ?? 'the server reported success') : reply.why;
}

/**
 * Change the certificate of a record, in place, through an IIS binding that stands on it where there is one; rather one
 * with an address, for whether the methods of others work is open (fidelity: blank-address).
 */
export function swapChange(
  { consumers, before }: SwapStep,
  expected: TlsRecord['thumbprint'],
  to: { readonly thumbprint: SwapStep['after']['thumbprint']; readonly store: string },
): Change {
  const bindings = consumers.filter((consumer) => consumer.kind === 'iis-binding');
  const binding = bindings.find(({ information }) => !information.trimStart().startsWith(':')) ?? bindings[0];
  const through = binding === undefined ? null : { site: binding.site, information: binding.information };
  return { do: 'swap', key: before.key, expected, thumbprint: to.thumbprint, store: to.store, through };
}

function hear(progress: StepProgress, { error, now }: Heard = noReport) {
  progress.now = now ?? { state: 'unknown', why: error?.message ?? 'The server did not tell.' };
  return { heard: true, error } as const;
}

type Heard = Pick<ChangeReport, 'error' | 'now'>;

const noReport: Heard = {
  error: { code: 'silent', message: 'The server ended before it had answered for this record.' },
  now: null,
};

const stoppedAnswering = 'The server stopped answering earlier in this run.';

function markSilent(execution: Execution): void {
  execution.silent = true;
  execution.stop ??= stepError('server-silent', stoppedAnswering, null);
}

/** A server that cannot be used lets nothing more begin. Returns why; throws what is a defect of ours. */
function stopFor(execution: Execution, error: unknown): string {
  if (!(error instanceof CertRebindError)) throw error;
  execution.stop ??= errorDocument(error).error;
  return error.message;
}
