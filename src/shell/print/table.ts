import { escapeControls } from '../../base/safe-text.ts';
import { displayWidth, paint, type TerminalStyle, type Tone } from './terminal-style.ts';
import { wrap } from './wrap.ts';

interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  readonly flexible?: boolean;
}

/** A column that may be narrowed, its cells broken into lines, when the terminal is too narrow. */
export function flexible(title: string): Column {
  return { title, flexible: true };
}

/** One line, or several. */
export type CellText = string | readonly string[];

export type Cell = CellText | { readonly text: CellText; readonly tone: Tone };

const gap = '  ';
const narrowest = 8;

/**
 * Aligned columns with a line of titles. Every cell is made safe for a terminal here; a line end that a text brings along
 * is written out, so that nobody's name looks like a line of the table.
 */
export function renderTable(
  titled: readonly (string | Column)[],
  rows: readonly (readonly Cell[])[],
  look: TerminalStyle,
): string {
  const columns = titled.map((column) => (typeof column === 'string' ? { title: column } : column));
  const widths = columnWidths(columns, rows, look);
  const titles = columns.map((column): Cell => ({ text: column.title, tone: 'quiet' }));
  return [titles, ...rows].flatMap((row) => renderRow(columns, row, widths, look)).join('\n');
}

function renderRow(
  columns: readonly Column[],
  row: readonly Cell[],
  widths: readonly number[],
  look: TerminalStyle,
): string[] {
  const cells = columns.map((_, index) => wrap(safeText(row[index] ?? ''), widths[index] ?? 0));
  const height = Math.max(1, ...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map((column, index) => {
        const text = cells[index]?.[line] ?? '';
        const padding = ' '.repeat(Math.max(0, (widths[index] ?? 0) - displayWidth(text)));
        const painted = paint(text, tone(row[index] ?? ''), look);
        return column.align === 'right' ? padding + painted : painted + padding;
      })
      .join(gap)
      .trimEnd(),
  );
}

function columnWidths(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  look: TerminalStyle,
): readonly number[] {
  const widest = (widthOf: (line: string) => number, least = 0) =>
    columns.map(({ title }, index) =>
      Math.max(least, widthOf(title), ...rows.flatMap((row) => safeText(row[index] ?? '').map(widthOf))),
    );
  const natural = widest(displayWidth);
  if (look.width === null) return natural;
  const excess = sumOf(natural) + gap.length * (columns.length - 1) - look.width;
  if (excess <= 0) return natural;
  const atWords = narrowed(columns, natural, widest(longestWord, narrowest), excess);
  const left = sumOf(atWords) - (sumOf(natural) - excess);
  return left <= 0 ? atWords : narrowed(columns, atWords, widest(longestName, narrowest), left);
}

function sumOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0);
}

/** A column is broken at blanks first, and inside its words only where that is not enough. */
function longestWord(line: string): number {
  return Math.max(0, ...line.split(' ').map(displayWidth));
}

/** Thumbprints and names of runs are copied from the screen, so they stay whole even if a line becomes too long. */
const copied = /\b(?:[0-9A-F]{40}|\d{8}-\d{9}-[0-9a-f]{4})\b/g;

function longestName(line: string): number {
  return Math.max(0, ...[...line.matchAll(copied)].map(([name]) => name.length));
}

/** Takes the excess from the flexible columns, always from the widest. */
function narrowed(
  columns: readonly Column[],
  natural: readonly number[],
  least: readonly number[],
  excess: number,
): readonly number[] {
  const widths = [...natural];
  for (let left = excess; left > 0; left--) {
    let widest = -1;
    const isWider = (index: number, than: number) =>
      (widths[index] ?? 0) > Math.max(least[index] ?? 0, widths[than] ?? 0);
    for (const [index, column] of columns.entries())
      if (column.flexible === true && isWider(index, widest)) widest = index;
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function safeText(cell: Cell): readonly string[] {
  const text = isToned(cell) ? cell.text : cell;
  return (typeof text === 'string' ? [text] : text).map(escapeControls);
}

function tone(cell: Cell): Tone | null {
  return isToned(cell) ? cell.tone : null;
}

function isToned(cell: Cell): cell is Exclude<Cell, CellText> {
  return typeof cell === 'object' && 'tone' in cell;
}
