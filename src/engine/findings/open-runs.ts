import { finding, listed } from '../../documents/finding.ts';
import type { Note, Plan } from '../../documents/runs/plan.ts';
import { sealPlan } from '../../documents/runs/seal-plan.ts';
import type { Finding } from '../../documents/status.ts';
import { restartOf } from '../../kinds/kind-rules.ts';
import { momentText } from '../../model/certificates/named-certificate.ts';
import type { Evidence, OpenRun } from './facts.ts';

/** Before everything else: services that an interrupted run has stopped, as far as they do not run again. */
export function stoppedFindings({ openRuns, survey }: Evidence): readonly Finding[] {
  const left = openRuns.flatMap(({ run, by, restarting = [] }) =>
    by === null ? restarting.map((one) => ({ run, ...one })) : [],
  );
  return left.flatMap(({ run, key, services, at }) => {
    const service = survey.inUse.get(key)?.service ?? null;
    const isKnown = service !== null && service.state !== 'unknown';
    const running = service?.state === 'started' ? restartOf(service) : [];
    const down = services.filter((one) => !running.includes(one));
    if (isKnown && down.length === 0) return [];
    const what = listed(isKnown ? down : services.slice(-1));
    const now = isKnown
      ? `${what} ${down.length === 1 ? 'does' : 'do'} not run`
      : `It is not known whether ${what} runs`;
    const message = `${now}: run ${run} was interrupted while it restarted ${services.at(-1)} for its new certificate.`;
    const commands = ['certrebind reconcile'];
    return [finding('service-stopped', message, { key, run, since: at, next: 'retried', commands })];
  });
}

/** A run under way is one for information: it ends by itself. */
export function openRunFinding({ run, by }: OpenRun): Finding {
  return by === null
    ? finding('unfinished-run', `Run ${run} was interrupted.`, { commands: ['certrebind reconcile'] })
    : finding(
        'run-under-way',
        `Run ${run} is active: process ${by.pid} has been working on it since ${momentText(by.since)}.`,
      );
}

export function openRunText(open: OpenRun): string {
  const { text, command } = openRunNote(open);
  return command === undefined ? text : `${text}\n  ${command}`;
}

function openRunNote(open: OpenRun): Note {
  const { message, hint, commands } = openRunFinding(open);
  const [command] = commands;
  return { code: 'unfinished-run', text: `${message} ${hint}`, ...(command === undefined ? {} : { command }) };
}

/** The same plan, with a note for each such run that its changes are not included. */
export function withOpenRuns({ digest: _, ...plan }: Plan, open: readonly OpenRun[]): Plan {
  return sealPlan({ ...plan, notes: [...plan.notes, ...open.map(openRunNote)] });
}
