import type { Handshake } from '../model/handshake.ts';
import type { Outcome, StepOutcome } from '../model/outcome.ts';
import { escapeControls } from '../model/safe-text.ts';
import { type Look, paint, type Tone } from './look.ts';
import {
  endpointText,
  heading,
  milliseconds,
  noteLines,
  paragraphs,
  renewalLines,
  resultTone,
  shortThumbprint,
} from './phrases.ts';
import { blockedText, skippedText } from './plan.ts';
import { renderTable } from './table.ts';

const tones: Readonly<Record<StepOutcome['result'], Tone>> = {
  changed: 'good',
  already: 'good',
  'not-attempted': 'warn',
  undone: 'warn',
  'undo-failed': 'bad',
  failed: 'bad',
};

/** What became of a run: every record with the state it is in now, and the wire before and after. */
export function outcomeText(outcome: Outcome, look: Look): string {
  const title = `Run ${outcome.run}: ${outcome.result}${outcome.dryRun ? ' (dry run, nothing was changed)' : ''}`;
  return paragraphs([
    paint(escapeControls(title), resultTone(outcome.result), look),
    renewalLines(outcome.renewals, look),
    stepsText(outcome, look),
    errorLines(outcome.steps, look),
    blockedText(outcome.blocked, look),
    skippedText(outcome.skipped, look),
    outcome.notes.length === 0 ? null : ['Notes', ...noteLines(outcome.notes)],
    countsLine(outcome),
  ]);
}

function stepsText({ steps }: Outcome, look: Look): string | null {
  if (steps.length === 0) return null;
  const rows = steps.map((step) => [
    step.key,
    { text: step.result, tone: tones[step.result] },
    nowText(step),
    step.proof,
    wireText(step),
    step.repairedOptions.join(', '),
  ]);
  const columns = [
    { title: 'TLS record', flexible: true },
    { title: 'result' },
    { title: 'holds now', flexible: true },
    { title: 'proof' },
    { title: 'wire before → after', flexible: true },
    { title: 'repaired', flexible: true },
  ];
  return `${heading('Records', look)}\n${renderTable(columns, rows, look)}`;
}

function nowText({ now }: StepOutcome): string {
  switch (now.state) {
    case 'holds':
      return shortThumbprint(now.thumbprint);
    case 'absent':
      return 'absent';
    case 'unknown':
      return `unknown: ${now.why}`;
  }
}

/** One line for each endpoint, equal changes said once. */
function wireText({ before, after }: StepOutcome): readonly string[] {
  const changes = after.map((handshake, index) => {
    const earlier = before[index];
    return `${earlier === undefined ? '?' : servedText(earlier)} → ${servedText(handshake)}`;
  });
  return [...new Set(changes)].map((change) => {
    const times = changes.filter((other) => other === change).length;
    return times === 1 ? change : `${change} (${times} endpoints)`;
  });
}

export function servedText(handshake: Handshake): string {
  return handshake.result === 'served' ? shortThumbprint(handshake.thumbprint) : handshake.result;
}

function errorLines(steps: readonly StepOutcome[], look: Look): readonly string[] {
  return steps.flatMap(({ key, error, after }) => {
    if (error === null) return [];
    const where = after.map(({ endpoint }) => endpointText(endpoint)).join(', ');
    return [
      `${paint(error.code, 'bad', look)} at ${escapeControls(key)}${where === '' ? '' : ` (${escapeControls(where)})`}: ${escapeControls(error.message)}`,
      ...(error.hint === null ? [] : [`  ${escapeControls(error.hint)}`]),
    ];
  });
}

function countsLine({ counts, durationMs }: Outcome): string {
  const parts = Object.entries(counts).map(([name, number]) => `${number} ${name}`);
  return `${parts.join(', ')}; ${milliseconds(durationMs)}.`;
}
