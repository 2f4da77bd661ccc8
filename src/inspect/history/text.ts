import type { Look } from '../../command-line/print/look.ts';
import { resultTone } from '../../command-line/print/phrases.ts';
import { renderTable } from '../../command-line/print/table.ts';
import { when, zoneOf } from '../../command-line/print/times.ts';
import type { Counts } from '../../documents/runs/outcome.ts';
import { shortRunNames } from '../../documents/runs/select-run.ts';
import type { History } from './document.ts';

export function historyText({ runs }: History, look: Look): string {
  if (runs.length === 0) return 'There are no runs yet.';
  const short = look.width === null ? null : shortRunNames(runs.map(({ run }) => run));
  const rows = runs.map(({ run, at, result, counts, certificates }) => [
    short?.get(run) ?? run,
    when(at, look),
    { text: result, tone: resultTone(result) },
    certificates.length === 0 ? '-' : certificates,
    countsText(counts),
  ]);
  const columns = [
    { title: 'run' },
    { title: `at (${zoneOf(look)})` },
    { title: 'result' },
    { title: 'certificate', flexible: true },
    { title: 'holders', flexible: true },
  ];
  return renderTable(columns, rows, look);
}

/** `8 changed, 1 blocked`; what is zero is left out. */
function countsText({ changed, blocked, undone, failed, stillOld, waiting }: Counts): string {
  const numbers = { changed, blocked, waiting, undone, failed, 'not yet served': stillOld };
  const said = Object.entries(numbers).flatMap(([word, number]) => (number === 0 ? [] : `${number} ${word}`));
  return said.length === 0 ? '-' : said.join(', ');
}
