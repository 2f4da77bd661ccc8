import { states } from '../../src/documents/runs/step-states.ts';

/** The states of a step, for docs/how-it-works.md. */
export function stepStatesMarkdown(): string {
  const rows = Object.entries(states).map(([state, { exit, text }]) => `| \`${state}\` | ${text} | ${exit} |`);
  return ['| state | what it means | exit |', '|---|---|---|', ...rows].join('\n');
}
