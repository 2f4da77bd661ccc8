// What one run of the suites found, for whoever started it: a table in every case, also of a run in which nothing worked.

import type { Measured, MeasuredRow } from '../../test/windows/suites/document.ts';
import { isBroken } from '../../test/windows/suites/document.ts';
import { type End, type EndName, endOf } from '../../test/windows/suites/ends.ts';
import type { Found } from '../../test/windows/suites/measurements.ts';
import { hosted, productOf } from './measured.ts';

export interface Run {
  /** One a build, of this run alone. */
  readonly found: readonly Measured[];
  /** What was accepted before. */
  readonly kept: readonly Measured[];
  /** What was to be asked. */
  readonly asked: readonly Found[];
  /** What could not be read, and why. */
  readonly unread: readonly string[];
}

interface Cell {
  readonly row: string;
  readonly build: number;
  readonly end: End;
}

const titles: Readonly<Record<EndName, string>> = {
  'as-believed': 'as believed',
  otherwise: 'otherwise, and the product is safe either way',
  contradicts: 'contradicts what the product relies on',
  'not-answered': 'not answered',
};

export function runTable({ found, kept, asked, unread }: Run): string {
  const builds = [...new Set([...Object.values(hosted), ...found.map(({ windows }) => windows.build)])].toSorted(
    (a, b) => a - b,
  );
  const cells = builds.flatMap((build) => cellsOf(build, found, asked));
  const ended = (name: EndName) => cells.filter(({ end }) => end.is === name);
  const seen = builds.filter((build) => cells.some((cell) => cell.build === build && cell.end.is !== 'not-answered'));
  const rows = [...new Set(cells.map(({ row }) => row))].toSorted();
  const counts = builds.map((build) => cells.filter((cell) => cell.build === build && cell.end.is !== 'not-answered'));
  const products = builds.map(productOf);
  const files = found.flatMap(({ windows, files: all }) => all.map((file) => ({ ...file, build: windows.build })));
  const table = (head: readonly string[], lines: readonly (readonly string[])[]) => [
    line(head),
    line(head.map(() => '---')),
    ...lines.map(line),
    '',
  ];
  const section = (title: string, head: readonly string[], lines: readonly (readonly string[])[]) =>
    lines.length === 0 ? [] : [`## ${title}`, '', ...table(head, lines)];
  return [
    seen.length === 0 ? '# No Windows Server answered' : `# Seen on ${seen.map(productOf).join(' and ')}`,
    '',
    `**${counts.map((one) => one.length).join(' and ')} of ${rows.length} rows answered** on ${products.join(' and ')}; ${when(found)}.`,
    '',
    ...table(
      ['', ...products],
      Object.entries(titles).map(([name, title]) => [
        title,
        ...builds.map((build) => `${cells.filter((cell) => cell.build === build && cell.end.is === name).length}`),
      ]),
    ),
    ...section(
      'Contradicts what the product relies on',
      ['fact', 'server', 'it is', 'how it was asked'],
      ended('contradicts').map(({ row, build, end }) => [
        `\`${row}\``,
        productOf(build),
        positionOf(end),
        answerOf(found, row, build)?.how ?? '',
      ]),
    ),
    ...section(
      'Otherwise, and the product is safe either way',
      ['fact', 'server', 'it is', 'why that does no harm'],
      ended('otherwise').map(({ row, build, end }) => [
        `\`${row}\``,
        productOf(build),
        positionOf(end),
        end.is === 'otherwise' ? end.safe : '',
      ]),
    ),
    ...section(
      'Moved since the last accepted table',
      ['fact', 'server', 'was', 'is'],
      cells.flatMap(({ row, build, end }) => {
        const before = answerOf(kept, row, build)?.measured ?? null;
        return before === null || before === positionOf(end)
          ? []
          : [[`\`${row}\``, productOf(build), before, end.is === 'not-answered' ? titles[end.is] : end.position]];
      }),
    ),
    ...section(
      'Not answered',
      ['fact', 'server', 'why'],
      ended('not-answered').map(({ row, build, end }) => [
        `\`${row}\``,
        productOf(build),
        end.is === 'not-answered' ? end.why : '',
      ]),
    ),
    ...section(
      'Files that broke, and what could not be asked',
      ['file', 'server', 'end', 'why'],
      files
        .filter((file) => isBroken(file) || file.outcome === 'not-asked')
        .map(({ file, build, outcome, why }) => [file, productOf(build), outcome, why ?? '']),
    ),
    ...section(
      'What could not be read',
      ['why'],
      unread.map((why) => [why]),
    ),
    ...section(
      'Every row',
      ['fact', ...products],
      rows.map((row) => [`\`${row}\``, ...builds.map((build) => cellText(cells, row, build))]),
    ),
  ].join('\n');
}

/** Every row that was to be asked there, and every other that was answered. */
function cellsOf(build: number, found: readonly Measured[], asked: Run['asked']): readonly Cell[] {
  const there = found.filter(({ windows }) => windows.build === build);
  const [results, files] = [there.flatMap((one) => one.results), there.flatMap((one) => one.files)];
  const wanted = asked.flatMap(({ suite, file, measurement }) => {
    // What could not even be loaded, a file or a whole suite, has none of its rows.
    const unloaded = files.find((each) => each.file === `${suite}/${file}` || each.file === suite);
    const why = unloaded?.why ?? `the suite ${suite} brought no answer`;
    return Object.keys(measurement.rows)
      .filter((row) => !results.some((result) => result.row === row))
      .map((row): Cell => ({ row, build, end: { is: 'not-answered', why } }));
  });
  return [...results.map((result): Cell => ({ row: result.row, build, end: endOf(result) })), ...wanted].toSorted(
    (a, b) => a.row.localeCompare(b.row),
  );
}

function answerOf(documents: readonly Measured[], row: string, build: number): MeasuredRow | undefined {
  const there = documents.filter(({ windows }) => windows.build === build);
  return there.flatMap(({ results }) => results).find((result) => result.row === row);
}

function positionOf(end: End): string {
  return end.is === 'not-answered' ? '' : end.position;
}

function cellText(cells: readonly Cell[], row: string, build: number): string {
  const end = cells.find((cell) => cell.row === row && cell.build === build)?.end;
  if (end === undefined) return '';
  if (end.is === 'not-answered') return titles[end.is];
  return end.is === 'as-believed' ? end.position : `**${end.position}**`;
}

function when(found: readonly Measured[]): string {
  const newest = found.toSorted((a, b) => a.run.at.localeCompare(b.run.at)).at(-1);
  if (newest === undefined) return 'no suite brought a result';
  const { at, url } = newest.run;
  return `${url === null ? at.slice(0, 10) : `[${at.slice(0, 10)}](${url})`}, certrebind ${newest.program.version}`;
}

/** What Windows says may have lines, and bars that would end a cell. */
function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 400)).join(' | ')} |`;
}
