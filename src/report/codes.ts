import { blockCodes, errorCodes, exits, findingCodes, noteCodes, skipCodes, stepErrorCodes } from '../model/codes.ts';
import { escapeControls } from '../model/safe-text.ts';
import { type Look, paint } from './look.ts';
import { paragraphs } from './phrases.ts';
import { renderTable } from './table.ts';

export type CodeKind = 'block' | 'skip' | 'note' | 'error' | 'step-error' | 'finding' | 'exit';

/** One code of any kind, as `explain` shows it and `--json` prints it. */
export interface ExplainedCode {
  readonly code: string;
  readonly kind: CodeKind;
  readonly text: string;
  readonly hint: string | null;
  /** Name of the entry in docs/fidelity.md on which the code rests. */
  readonly fact: string | null;
  /** The exit code that comes with it, where it decides one. */
  readonly exit: number | null;
}

type Entry = { readonly code: string; readonly text: string; readonly hint: string; readonly fact?: string };

/** Every code of every kind, in the order of the table. A code that two kinds use stands here twice. */
export function allCodes(): readonly ExplainedCode[] {
  return [
    ...explained('block', blockCodes, () => 3),
    ...explained('skip', skipCodes, () => null),
    ...explained('note', noteCodes, () => null),
    ...errorCodes.flatMap((entry) => explained('error', [entry], () => entry.exit)),
    ...explained('step-error', stepErrorCodes, () => null),
    ...explained('finding', findingCodes, () => 9),
    ...Object.entries(exits).map(
      ([code, text]): ExplainedCode => ({ code, kind: 'exit', text, hint: null, fact: null, exit: Number(code) }),
    ),
  ];
}

function explained(
  kind: CodeKind,
  entries: readonly Entry[],
  exit: (entry: Entry) => number | null,
): readonly ExplainedCode[] {
  return entries.map((entry) => ({
    code: entry.code,
    kind,
    text: entry.text,
    hint: entry.hint,
    fact: entry.fact ?? null,
    exit: exit(entry),
  }));
}

const kinds: Readonly<Record<CodeKind, string>> = {
  block: 'why a record is blocked',
  skip: 'why a record is skipped',
  note: 'a note of a plan or run',
  error: 'an error that ends a command',
  'step-error': 'an error of one record in a run',
  finding: 'a finding of verify, doctor or status --check',
  exit: 'an exit code',
};

/** The full text of some codes; the whole table when there are many. */
export function codesText(codes: readonly ExplainedCode[], look: Look): string {
  if (codes.length > 3) return tableText(codes, look);
  return paragraphs(
    codes.map((entry) => [
      `${paint(entry.code, 'strong', look)} (${kinds[entry.kind]})`,
      `  ${escapeControls(entry.text)}`,
      ...(entry.hint === null ? [] : [`  What to do: ${escapeControls(entry.hint)}`]),
      ...(entry.exit === null || entry.kind === 'exit' ? [] : [`  Exit code: ${entry.exit}`]),
      ...(entry.fact === null ? [] : [`  Rests on: docs/fidelity.md, ${entry.fact}`]),
    ]),
    look,
  );
}

function tableText(codes: readonly ExplainedCode[], look: Look): string {
  const rows = codes.map((entry) => [entry.code, entry.kind, entry.text]);
  return renderTable([{ title: 'code' }, { title: 'kind' }, { title: 'meaning', flexible: true }], rows, look);
}

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
