import { momentText } from '../../certificates/named-certificate.ts';
import { finding } from '../../documents/finding.ts';
import type { Note, Plan } from '../../documents/runs/plan.ts';
import { sealPlan } from '../../documents/runs/seal-plan.ts';
import type { Finding } from '../../documents/status.ts';

/** A run that no outcome closes. */
export interface OpenRun {
  readonly run: string;
  /**
   * The process that holds the lock, and so carries the run out or recovers it; `null`: none does, and the run was
   * interrupted.
   */
  readonly by: { readonly pid: number; readonly since: string } | null;
}

/** A run under way is one for information: it ends by itself. */
export function openRunFinding({ run, by }: OpenRun): Finding {
  return by === null
    ? finding('unfinished-run', `Run ${run} was interrupted.`, { command: 'certrebind reconcile' })
    : finding(
        'run-under-way',
        `Run ${run} is active: process ${by.pid} has been working on it since ${momentText(by.since)}.`,
      );
}

export function openRunText(open: OpenRun): string {
  const { message, hint } = openRunFinding(open);
  return `${message} ${hint}`;
}

function openRunNote(open: OpenRun): Note {
  return { code: 'unfinished-run', text: openRunText(open) };
}

/** The same plan, with a note for each such run that its changes are not included. */
export function withOpenRuns({ digest: _, ...plan }: Plan, open: readonly OpenRun[]): Plan {
  return sealPlan({ ...plan, notes: [...plan.notes, ...open.map(openRunNote)] });
}
