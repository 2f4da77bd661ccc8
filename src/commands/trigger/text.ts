import { escapeControls } from '../../base/safe-text.ts';
import type { ListedTrigger, TriggerOutcome, TriggerRun, Triggers } from '../../documents/trigger.ts';
import { milliseconds } from '../../shell/print/phrases.ts';
import { type Cell, flexible, renderTable } from '../../shell/print/table.ts';
import type { TerminalStyle } from '../../shell/print/terminal-style.ts';
import { when, zoneOf } from '../../shell/print/times.ts';

export function triggersText({ triggers }: Triggers, look: TerminalStyle): string {
  if (triggers.length === 0) return 'There are no triggers.';
  const columns = ['trigger', 'on', flexible('if'), flexible('runs'), 'task', flexible(`last run (${zoneOf(look)})`)];
  return renderTable(
    columns,
    triggers.map((trigger) => row(trigger, look)),
    look,
  );
}

export function triggerOutcomeText({ trigger, run, why }: TriggerOutcome): string {
  if (run === null) return `Trigger ${trigger} does not match: ${escapeControls(why ?? '')}.`;
  return `Trigger ${trigger}: ${escapeControls(runText(run))} (${milliseconds(run.durationMs)}).`;
}

function row({ id, on, names, issuer, ekus, action, task, runs }: ListedTrigger, look: TerminalStyle): readonly Cell[] {
  const filters = [
    ...(names.length === 0 ? [] : [`names ${names.join(', ')}`]),
    ...(issuer === null ? [] : [`issuer ${issuer}`]),
    ...(ekus.length === 0 ? [] : [`usage ${ekus.join(', ')}`]),
  ];
  const last = runs.at(-1);
  return [
    id,
    on,
    filters.length === 0 ? 'always' : filters,
    [action.program, ...action.args.map((word) => (/\s|^$/.test(word) ? `"${word}"` : word))].join(' '),
    task === 'ours' ? 'enabled' : task === 'none' ? 'by runs' : { text: task, tone: 'warn' },
    last === undefined ? 'never' : `${when(last.at, look)}, ${runText(last)}`,
  ];
}

function runText({ result, exitCode, why }: TriggerRun): string {
  switch (result) {
    case 'ended':
      return `exit ${exitCode ?? '?'}`;
    case 'time-limit':
      return 'ended at its time limit';
    case 'not-started':
      return `could not be started: ${why ?? ''}`;
    case 'refused':
      return `refused: ${why ?? ''}`;
  }
}
