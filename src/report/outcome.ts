import type { Handshake } from '../model/handshake.ts';
import type { Outcome, StepOutcome } from '../model/outcome.ts';
import { escapeControls } from '../model/safe-text.ts';
import { type State, states } from '../model/step-states.ts';
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

function toneOf(state: State): Tone {
  const { exit } = states[state];
  return exit === 5 ? 'bad' : exit === 4 || state === 'unproven' ? 'warn' : 'good';
}

/** What became of a run: every record with the state it is in now, and the wire before and after. */
export function outcomeText(outcome: Outcome, look: Look): string {
  const { run, kept, result, dryRun } = outcome;
  // A name that history does not know would only be looked for.
  const title = kept ? `Run ${run}: ${result}` : dryRun ? `Dry run: ${result}` : `Nothing was changed: ${result}`;
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
    { text: step.state, tone: toneOf(step.state) },
    nowText(step),
    wireText(step),
    step.repairedOptions.join(', '),
  ]);
  const columns = [
    { title: 'TLS record', flexible: true },
    { title: 'state' },
    { title: 'holds now', flexible: true },
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

/** What is not zero, in the order of the table. */
function countsLine({ counts, durationMs }: Outcome): string {
  const parts = Object.entries(counts).flatMap(([name, number]) =>
    number === 0 ? [] : [`${number} ${countWords(name)}`],
  );
  return `${parts.length === 0 ? 'Nothing to change' : parts.join(', ')}; ${milliseconds(durationMs)}.`;
}

function countWords(name: string): string {
  return name === 'stillOld' ? 'still old' : name;
}
