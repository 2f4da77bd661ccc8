import { exits } from '../../text/codes.ts';
import type { Look } from './look.ts';
import { renderTable } from './table.ts';

/** The table of exit codes, for the end of `--help` and the docs. */
export function exitCodesText(look: Look): string {
  const rows = Object.entries(exits).map(([code, text]) => [code, text]);
  return renderTable(
    [
      { title: 'exit', align: 'right' },
      { title: 'meaning', flexible: true },
    ],
    rows,
    look,
  );
}
