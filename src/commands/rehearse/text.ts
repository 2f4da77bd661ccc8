import { escapeControls } from '../../base/safe-text.ts';
import type { Rehearsal } from '../../documents/rehearsal.ts';
import { firstOf, milliseconds } from '../../shell/print/phrases.ts';
import { type Cell, flexible, renderTable } from '../../shell/print/table.ts';
import type { TerminalStyle } from '../../shell/print/terminal-style.ts';

/** What a rehearsal did, and whether it left anything behind. */
export function rehearsalText(
  { stages, clean, leftovers, differences, durationMs }: Rehearsal,
  look: TerminalStyle,
): string {
  const story = renderTable(
    ['stage', 'result', flexible('detail')],
    stages.map(({ stage, result, detail }): readonly Cell[] => {
      return [stage, { text: result, tone: result === 'done' ? 'good' : result === 'failed' ? 'bad' : 'warn' }, detail];
    }),
    look,
  );
  const end = clean
    ? `Everything was removed again. Two snapshots prove it (${milliseconds(durationMs)}).`
    : [
        'The server is not as it was before. You have to clean up:',
        ...firstOf([...leftovers.map((each) => `${each} is still there`), ...differences], 6, look).map(
          (each) => `  ${escapeControls(each)}`,
        ),
      ].join('\n');
  return `${story}\n\n${end}`;
}
