import { readFileSync } from 'node:fs';
import type { Kind } from './follow-advice.ts';

/** What became of the things that `status` offered in random histories: before there was this test, and the last time. */
export type AdviceFigures = Readonly<Record<'before' | 'now', Measured>>;

interface Measured {
  readonly cases: number;
  readonly seed: number;
  readonly counts: Readonly<Record<Kind, number>>;
}

export const figuresFile = new URL('advice-figures.json', import.meta.url);

const rows: readonly (readonly [says: string, kinds: readonly Kind[]])[] = [
  ['ends it by the lines that are shown', ['straight']],
  ['ends it after a line that only looks', ['after-view']],
  ['is done by itself, as promised', ['by-itself']],
  ['ends with work outside, which is named once', ['outside']],
  ['leads back to what was typed already', ['circular', 'circular-after-outside']],
  ['leads nowhere: nothing to type, or a view that names nothing', ['dead']],
  ['is promised and not done', ['not-done']],
  ['takes more lines than are needed', ['longer']],
  ['makes a client worse', ['worse']],
  ['says that nothing has renewed a certificate whose renewal is known', ['false-not-renewed']],
];

/** For docs/evidence/reliability.md. */
export function adviceMarkdown(): string {
  const { before, now }: AdviceFigures = JSON.parse(readFileSync(figuresFile, 'utf8'));
  const of = ({ counts }: Measured, some: readonly Kind[]) => {
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const own = some.reduce((sum, kind) => sum + counts[kind], 0);
    return `${own} (${Math.round((100 * own) / all)} %)`;
  };
  return `## What \`status\` offers, typed

A server has a random history of renewals, exclusions, windows, faults, undone runs, hidden findings, and ends that are near or past. Each thing that \`status\` offers is then done on a copy of the
server: its lines with the real commands, work outside by a new certificate in the store. The rules of the lab's kernel say what clients get.
Before: the commit 2657dcb8, ${before.cases} histories of seed ${before.seed}. Now: ${now.cases} of seed ${now.seed}. \`CERTREBIND_CASES=10000 UPDATE_FIGURES=1 npm test -- test/properties/advice.test.ts\` plays as many, and keeps their number here.

| what is offered | before | now |
| --- | --- | --- |
${rows.map(([says, some]) => `| ${says} | ${of(before, some)} | ${of(now, some)} |`).join('\n')}
`;
}
