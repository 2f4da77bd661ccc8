import { CertRebindError } from '../model/errors.ts';
import type { SwapStep } from '../model/plan.ts';
import type { RecordNow, TlsRecord } from '../model/tls-record.ts';
import { type Change, type ChangeReport, readRecords } from '../server/server.ts';
import { type Execution, type StepProgress, stepError } from './execution.ts';

export interface Wish {
  readonly progress: StepProgress;
  readonly change: Change;
}

/** What a server said to a wish, and how the record stands after it; `heard: false` when nothing was done about it. */
export type Reply =
  | { readonly heard: true; readonly error: ChangeReport['error']; readonly now: RecordNow }
  | { readonly heard: false; readonly why: string };

/** One call for all wishes. Each reply holds the record as it was read back; a step's `now` follows. */
export async function askServer(execution: Execution, wishes: readonly Wish[]): Promise<readonly Reply[]> {
  const replies = await replyTo(execution, wishes);
  for (const [index, reply] of replies.entries()) {
    const progress = wishes[index]?.progress;
    if (progress !== undefined && reply.heard) progress.now = reply.now;
  }
  return replies;
}

async function replyTo(execution: Execution, wishes: readonly Wish[]): Promise<readonly Reply[]> {
  if (wishes.length === 0) return [];
  const unheard = (why: string) => wishes.map((): Reply => ({ heard: false, why }));
  if (execution.silent) return unheard('The server stopped answering earlier in this run.');
  try {
    const reports = await execution.context.server.change(wishes.map(({ change }) => change));
    const replies = wishes.map((_, index) => toReply(reports[index]));
    if (replies.some(isSilence)) markSilent(execution);
    return execution.silent ? replies : await lookAgain(execution, wishes, replies);
  } catch (error) {
    // The one exception of the port: nothing at all was changed.
    if (!(error instanceof CertRebindError)) throw error;
    execution.stop ??= stepError(error.code, error.message, error.where ?? '');
    return unheard(error.message);
  }
}

/** A record that could not be read back in the call itself is asked for once more. */
async function lookAgain(
  execution: Execution,
  wishes: readonly Wish[],
  replies: readonly Reply[],
): Promise<readonly Reply[]> {
  const keys = wishes.flatMap(({ progress }, index) => (isUnknown(replies[index]) ? [progress.key] : []));
  if (keys.length === 0) return replies;
  try {
    const records = await readRecords(execution.context.server, keys);
    return replies.map((reply, index) => {
      const key = wishes[index]?.progress.key;
      const now = key === undefined ? undefined : records.get(key);
      return reply.heard && isUnknown(reply) && now !== undefined ? { ...reply, now } : reply;
    });
  } catch (error) {
    if (!(error instanceof CertRebindError)) throw error;
    execution.stop ??= stepError(error.code, error.message, error.where ?? '');
    return replies;
  }
}

/** Change the certificate of a record, in place, through an IIS binding that stands on it where there is one. */
export function swapChange(
  { consumers, before }: SwapStep,
  expected: TlsRecord['thumbprint'],
  to: { readonly thumbprint: SwapStep['after']['thumbprint']; readonly store: string },
): Change {
  const binding = consumers.find((consumer) => consumer.kind === 'iis-binding');
  const through = binding === undefined ? null : { site: binding.site, information: binding.information };
  return { do: 'swap', key: before.key, expected, thumbprint: to.thumbprint, store: to.store, through };
}

function toReply(report: ChangeReport | undefined): Reply {
  if (report === undefined) {
    const message = 'The server ended before it had answered for this record.';
    return { heard: true, error: { code: 'silent', message }, now: { state: 'unknown', why: message } };
  }
  const { error, now } = report;
  return { heard: true, error, now: now ?? { state: 'unknown', why: error?.message ?? 'The server did not tell.' } };
}

function markSilent(execution: Execution): void {
  execution.silent = true;
  execution.stop ??= stepError('server-silent', 'The server stopped answering earlier in this run.', '');
}

function isSilence(reply: Reply): boolean {
  return reply.heard && reply.error?.code === 'silent';
}

function isUnknown(reply: Reply | undefined): boolean {
  return reply?.heard === true && reply.now.state === 'unknown';
}
