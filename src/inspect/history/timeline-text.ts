import type { Look } from '../../command-line/print/look.ts';
import { count, type Naming, namingOf } from '../../command-line/print/phrases.ts';
import { type CellText, renderTable } from '../../command-line/print/table.ts';
import type { JournalLine } from '../../documents/runs/journal.ts';
import type { Outcome } from '../../documents/runs/outcome.ts';
import { type HolderNow, thumbprintOf } from '../../holders/holder.ts';

/** A run as its journal tells it: what was done to which holder, and how many milliseconds after the start. */
export function timelineText(journal: readonly JournalLine[], outcome: Outcome | null, look: Look): string {
  const opened = journal.find((line) => line.type === 'opened');
  if (opened === undefined) return 'The journal of this run is empty.';
  const start = Date.parse(outcome?.startedAt ?? opened.at);
  const keys = new Map(opened.plan.steps.map((step) => [step.id, step.key]));
  const naming = namingOf(opened.plan, look);
  const keyOf = (id: number) => keys.get(id) ?? `step ${id}`;
  const rows = journal.map((line) => [
    `+${Math.max(0, Date.parse(line.at) - start)}`,
    line.type,
    concerning(line, keyOf),
    detailOf(line, naming),
  ]);
  const end =
    outcome === null
      ? [['', 'unfinished', '', 'this run has no outcome: the next command that changes something recovers it first']]
      : [[`+${outcome.durationMs}`, 'closed', '', outcome.result]];
  return renderTable(
    [
      { title: 'ms', align: 'right' },
      { title: 'what' },
      { title: 'holder', flexible: true },
      { title: 'detail', flexible: true },
    ],
    [...rows, ...end],
    look,
  );
}

function concerning(line: JournalLine, keyOf: (step: number) => string): CellText {
  switch (line.type) {
    case 'opened':
    case 'recovering':
      return '';
    case 'changing':
    case 'not-attempted':
      return line.steps.map(keyOf);
    case 'changed':
    case 'restarting':
    case 'restarted':
    case 'repairing':
    case 'repaired':
    case 'proved':
    case 'rolling-back':
    case 'rolled-back':
    case 'found':
      return keyOf(line.step);
  }
}

function detailOf(line: JournalLine, naming: Naming): string {
  switch (line.type) {
    case 'opened':
      return `${line.command}: ${count(line.plan.steps.length, 'step')}, baseline of ${count(line.baseline.flatMap(({ observations }) => observations).length, 'endpoint')}`;
    case 'changing':
      return count(line.steps.length, 'step');
    case 'not-attempted':
      return line.error?.message ?? '';
    case 'changed':
      return line.said === null ? nowText(line.now, naming) : `${nowText(line.now, naming)}: ${line.said.message}`;
    case 'repaired':
    case 'rolled-back':
      return line.words === null ? nowText(line.now, naming) : `${nowText(line.now, naming)}: ${line.words}`;
    case 'found':
      return nowText(line.now, naming);
    case 'restarting':
      return line.services.join(', ');
    case 'restarted':
      return line.error ?? (line.seconds === null ? 'was served again' : `served again after ${line.seconds} s`);
    case 'repairing':
      return line.options.join(', ');
    case 'proved':
      return line.proof === 'none' ? 'nothing could be dialled' : line.proof;
    case 'rolling-back':
      return line.error?.message ?? '';
    case 'recovering':
      return `by process ${line.pid}`;
  }
}

function nowText(now: HolderNow, { short }: Naming): string {
  switch (now.state) {
    case 'holds':
      return `holds ${short(thumbprintOf(now.holder))}`;
    case 'absent':
      return 'absent';
    case 'unknown':
      return `unknown: ${now.why}`;
  }
}
