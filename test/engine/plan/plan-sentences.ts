import type { Plan } from '../../../src/documents/runs/plan.ts';

/** Everything that a plan says to people, a line each. */
export function sentencesOf({ steps, blocked, skipped, notes }: Plan): readonly string[] {
  return [
    ...steps.flatMap((step) => step.notes.map(({ code, text }) => `${step.key} ${code}: ${text}`)),
    ...[...blocked, ...skipped].flatMap(({ key, obstacles }) =>
      obstacles.map(({ code, text, ...data }) => {
        const more = Object.keys(data).length === 0 ? '' : ` ${JSON.stringify(data)}`;
        return `${key} ${code}: ${text}${more}`;
      }),
    ),
    ...notes.map(({ code, text }) => `${code}: ${text}`),
  ];
}
