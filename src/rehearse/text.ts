import type { Look } from '../command-line/print/look.ts';
import { milliseconds } from '../command-line/print/phrases.ts';
import { type Cell, renderTable } from '../command-line/print/table.ts';
import type { MeasuredFact, MeasuredLimit, Rehearsal } from '../documents/rehearsal.ts';
import { escapeControls } from '../text/safe-text.ts';

/** What a rehearsal did, what it found, and whether it left anything behind. */
export function rehearsalText(rehearsal: Rehearsal, look: Look): string {
  const { stages, facts, limits, clean, leftovers, differences, durationMs } = rehearsal;
  const story = renderTable(
    [{ title: 'stage' }, { title: 'result' }, { title: 'detail', flexible: true }],
    stages.map(({ stage, result, detail }): readonly Cell[] => {
      return [stage, { text: result, tone: result === 'done' ? 'good' : result === 'failed' ? 'bad' : 'warn' }, detail];
    }),
    look,
  );
  const found = renderTable(
    [{ title: 'fact' }, { title: 'here', flexible: true }, { title: 'how', flexible: true }],
    facts.map(factRow),
    look,
  );
  const carried = renderTable(
    [{ title: 'limit' }, { title: 'carried' }, { title: 'refused' }, { title: 'how', flexible: true }],
    limits.map(limitRow),
    look,
  );
  const end = clean
    ? `Everything was removed again. Two snapshots prove it (${milliseconds(durationMs)}).`
    : [
        'The server is not as it was before. You have to clean up:',
        ...leftovers.map((each) => `  ${escapeControls(each)} is still there`),
        ...differences.map((each) => `  ${escapeControls(each)}`),
      ].join('\n');
  return [story, found, carried, end].join('\n\n');
}

function factRow({ name, measured, how }: MeasuredFact): readonly Cell[] {
  return [
    name,
    measured === null ? { text: 'not-measured', tone: 'quiet' } : shortened(measured, 40),
    shortened(how, 300),
  ];
}

/** In characters. */
function limitRow({ name, carried, refused, how }: MeasuredLimit): readonly Cell[] {
  const count = (characters: number | null): Cell =>
    characters === null ? { text: '-', tone: 'quiet' } : `${characters}`;
  return [name, count(carried), count(refused), shortened(how, 300)];
}

/** A list is in the document in full. */
function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
