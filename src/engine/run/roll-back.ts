import { groupBy } from '../../base/group.ts';
import type { StepError } from '../../documents/runs/outcome.ts';
import { compareStep, isAsBefore, type StepProgress, wasRestarting } from '../../documents/runs/step-progress.ts';
import { askServer, changeTo, restoreTo, type StepChange, wordsOf } from './ask-server.ts';
import { appendToJournal, type Execution, idsOf, report, stepsNow } from './execution.ts';
import { restartBack, serviceOf } from './restart.ts';

/** For a record that is gone, since nobody can connect until it is back; to any other `nextWay` gives fewer. */
const attempts = 4;
const pauseMs = 500;

/**
 * Makes records exactly what they were before the run, in reverse order, and reads them back. If that fails, the error
 * says what the record holds now.
 * @param why for steps that did nothing wrong themselves
 */
export async function rollBack(execution: Execution, ids: readonly number[], why: StepError | null): Promise<void> {
  const order = ids.toReversed();
  await appendToJournal(
    execution,
    stepsNow(execution, order).map(({ step, error }) => ({ type: 'rolling-back', step: step.id, error: why ?? error })),
  );
  const efforts = stepsNow(execution, order).map((progress): Effort => ({ progress, tried: [], said: null }));
  for (let attempt = 1; attempt <= attempts && !execution.silent; attempt++) {
    const changes = efforts.flatMap((effort) => nextChange(execution, effort));
    if (changes.length === 0) break;
    report(execution.context, 'rolled-back', efforts.length - changes.length, efforts.length);
    if (attempt > 2) await execution.context.clock.sleep(pauseMs * attempt);
    for (const { effort, reply, now } of await askServer(execution, changes)) {
      effort.said = wordsOf(reply);
      effort.progress = { ...effort.progress, now };
    }
  }
  for (const group of groupBy(efforts, ({ progress }) => serviceOf(progress.step)).values()) {
    const progresses = group.map(({ progress }) => progress);
    const back = progresses.filter((one) => one.isStale && isAsBefore(one.step, one.now));
    const used = await restartBack(execution, back);
    if (stepsNow(execution, idsOf(progresses)).some(wasRestarting)) return;
    await appendToJournal(
      execution,
      group.map(({ progress, said }) => {
        const { now, trouble } = used[back.indexOf(progress)] ?? { now: progress.now, trouble: null };
        const service = trouble === null ? {} : { trouble };
        return { type: 'rolled-back', step: progress.step.id, now, words: said, ...service };
      }),
    );
  }
}

interface Effort {
  /** With the record as the last attempt left it. */
  progress: StepProgress;
  readonly tried: Way[];
  /** What the server said the last time. */
  said: string | null;
}

type Way = 'replace' | 'restore';

function nextChange(execution: Execution, effort: Effort): readonly (StepChange & { readonly effort: Effort })[] {
  const { progress, tried } = effort;
  const way = nextWay(progress, tried);
  if (way === null) return [];
  tried.push(way);
  const { step } = progress;
  const { before, wanted } = step;
  const isWhole = before !== null && way === 'restore';
  return [{ effort, progress, change: isWhole ? restoreTo(before) : changeTo(execution, step, wanted, before) }];
}

/** In place if only the certificate differs; otherwise the whole record, and as a last resort only its certificate. */
function nextWay({ step, now }: StepProgress, tried: readonly Way[]): Way | null {
  if (isAsBefore(step, now)) return null;
  const times = (way: Way) => tried.filter((one) => one === way).length;
  switch (compareStep(step, now)) {
    case 'as-wanted':
      return times('replace') === 0 ? 'replace' : times('restore') === 0 ? 'restore' : null;
    case 'wanted-with-other-options':
      return times('restore') === 0 ? 'restore' : times('replace') === 0 ? 'replace' : null;
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
