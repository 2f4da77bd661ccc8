import { differences, standingOf } from '../model/step-standing.ts';
import { sameRecord } from '../model/tls-record.ts';
import type { Change } from '../server/server.ts';
import { askServer, swapChange, type Wish, wordsOf } from './ask-server.ts';
import { type Execution, report, type StepProgress, tell } from './execution.ts';

/** A record that is gone is worth more than one attempt: nobody can connect until it is back. */
const attempts = 4;
const pauseMs = 500;

/**
 * Makes records exactly what they were before the run, in reverse order, and reads them back. What succeeds is `undone`;
 * for what does not, the error says how the record stands now.
 */
export async function putBack(execution: Execution, among: readonly StepProgress[]): Promise<void> {
  const steps = among.filter(({ next }) => next === 'put-back').toReversed();
  await tell(
    execution,
    steps.map(({ step, error }) => ({ type: 'putting-back', step: step.id, why: error?.message ?? '' })),
  );
  const efforts = steps.map((progress): Effort => ({ progress, tried: [], said: null }));
  for (let attempt = 1; attempt <= attempts && !execution.silent; attempt++) {
    const wishes = efforts.flatMap(nextWish);
    if (wishes.length === 0) break;
    report(execution.context, 'put-back', steps.length - wishes.length, steps.length);
    if (attempt > 2) await execution.context.clock.sleep(pauseMs * attempt);
    for (const { effort, reply } of await askServer(execution, wishes)) effort.said = wordsOf(reply);
  }
  for (const effort of efforts) conclude(effort);
  await tell(
    execution,
    steps.map(({ step, now, result, error }) => ({
      type: 'put-back',
      step: step.id,
      now,
      error: result === 'undone' ? null : (error?.message ?? null),
    })),
  );
}

interface Effort {
  readonly progress: StepProgress;
  readonly tried: Way[];
  /** What the server said the last time. */
  said: string | null;
}

type Way = 'swap' | 'restore';

function nextWish(effort: Effort): readonly (Wish & { readonly effort: Effort })[] {
  const { progress, tried } = effort;
  const way = nextWay(progress, tried);
  if (way === null) return [];
  tried.push(way);
  return [{ effort, progress, change: changeFor(progress, way) }];
}

/** In place where the certificate is all that differs; otherwise the whole record, and at last only its certificate. */
function nextWay(progress: StepProgress, tried: readonly Way[]): Way | null {
  if (isAsBefore(progress)) return null;
  const times = (way: Way) => tried.filter((one) => one === way).length;
  switch (standingOf(progress.step, progress.now)) {
    case 'as-wanted':
      return times('swap') === 0 ? 'swap' : times('restore') === 0 ? 'restore' : null;
    case 'wanted-with-other-options':
      return times('restore') === 0 ? 'restore' : times('swap') === 0 ? 'swap' : null;
    case 'before-with-other-options':
      return times('restore') < 2 ? 'restore' : null;
    case 'absent':
      return 'restore';
    case 'as-before':
    case 'foreign':
    case 'unknown':
      return null;
  }
}

function changeFor({ step, key }: StepProgress, way: Way): Change {
  const { before } = step;
  if (before === null) return { do: 'remove', key };
  const restore: Change = { do: 'restore', record: before };
  if (way === 'restore' || step.action !== 'swap' || before.thumbprint === null) return restore;
  return swapChange(step, step.after.thumbprint, { thumbprint: before.thumbprint, store: before.store });
}

function conclude({ progress, said }: Effort): void {
  progress.next = null;
  progress.result = isAsBefore(progress) ? 'undone' : 'undo-failed';
  const { error } = progress;
  if (progress.result === 'undone' || error === null) return;
  const message = `${error.message} It could not be put back${said === null ? '' : ` (${said})`}: ${stateText(progress)}.`;
  progress.error = { ...error, message };
}

function isAsBefore({ step: { before }, now }: StepProgress): boolean {
  return before === null ? now.state === 'absent' : now.state === 'holds' && sameRecord(before, now.record);
}

function stateText({ step: { before }, now }: StepProgress): string {
  switch (now.state) {
    case 'holds':
      return before !== null && now.record.thumbprint === before.thumbprint
        ? `it holds ${before.thumbprint} again, but ${differences(before, now.record).join(', ')} differs`
        : `it holds ${now.record.thumbprint ?? 'no certificate'} now`;
    case 'absent':
      return 'it does not exist now';
    case 'unknown':
      return `its state is not known: ${now.why}`;
  }
}
