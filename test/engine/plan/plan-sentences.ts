import type { Plan } from '../../../src/documents/runs/plan.ts';

/** Everything that a plan says to people, a line each. */
export function sentencesOf({ steps, blocked, skipped, notes }: Plan): readonly string[] {
  return [
    ...steps.flatMap((step) => step.notes.map(({ code, text }) => `${step.key} ${code}: ${text}`)),
    ...[...blocked, ...skipped].map(({ key, reason, detail }) => `${key} ${reason}: ${detail}`),
    ...blocked.map(({ hosts, endsAt }) => `hosts ${JSON.stringify(hosts)}, ends at ${endsAt}`),
    ...notes.map(({ code, text }) => `${code}: ${text}`),
  ];
}
