import type { Entry } from '../../base/codes/entry.ts';
import { errorCodes, stepErrorCodes } from '../../base/codes/error-codes.ts';
import { exits } from '../../base/codes/exit-codes.ts';
import { findingCodes, type Severity } from '../../base/codes/finding-codes.ts';
import { blockCodes, noteCodes, skipCodes } from '../../base/codes/plan-codes.ts';
import { CertRebindError } from '../../base/errors.ts';
import { type Group, groupBy } from '../../base/group.ts';
import { didYouMean } from '../../base/nearest.ts';
import { escapeControls } from '../../base/safe-text.ts';
import { logEvents } from '../../documents/log-events.ts';
import { countTexts, resultTexts, states } from '../../documents/runs/step-states.ts';
import { triggerEvents } from '../../documents/trigger.ts';
import { defineCommand } from '../../shell/command.ts';
import { adviceText, paragraphs } from '../../shell/print/phrases.ts';
import { renderTable } from '../../shell/print/table.ts';
import { displayWidth, paint, type TerminalStyle } from '../../shell/print/terminal-style.ts';
import { wrap } from '../../shell/print/wrap.ts';

export const explain = defineCommand({
  onlyLooks: true,
  examples: [
    ['explain names-lost', 'Why something was not changed'],
    ['explain 3', 'An exit code'],
    ['explain', 'Every code'],
  ],
  build: (yargs) => yargs.positional('code', { type: 'string', describe: 'A code. Without it: all codes' }),
  async run({ code }, { shell }) {
    const known = allCodes();
    const codes =
      code === undefined ? known : known.filter((entry) => entry.code === code || entry.code === meaningOf(code));
    if (code !== undefined && codes.length === 0) {
      const meant = didYouMean(
        code,
        known.map((entry) => entry.code),
      );
      throw new CertRebindError('no-such-code', { message: `There is no code ${JSON.stringify(code)}.${meant}` });
    }
    return shell.result({ schema: 'certrebind/codes/1', codes }, codesText);
  },
});

/** The code of what screens print in words of their own, or with blanks. */
function meaningOf(words: string): string {
  const own: Readonly<Record<string, string>> = { 'not tested': 'untested', 'not yet served': 'still-old' };
  return own[words] ?? words.replaceAll(' ', '-');
}

/** One code of any kind, as `explain` shows it and `--json` prints it. */
export interface ExplainedCode {
  readonly code: string;
  readonly kind: keyof typeof kindsOfCodes;
  readonly text: string;
  readonly hint: string | null;
  /** What can be typed, and what each line is for. */
  readonly lines: readonly { readonly what: string; readonly line: string }[];
  /** Of a finding; an error or a warning is what monitoring alarms about. */
  readonly severity: Severity | null;
  /** Name of the entry in docs/evidence/fidelity.md that the code depends on. */
  readonly fact: string | null;
  /** The exit code that comes with it, if it decides one. */
  readonly exit: number | null;
}

type Listed = Entry & { readonly code: string; readonly severity?: Severity; readonly exit?: number | null };

/** Every code of every kind, in the order of the table. A code that two kinds use is listed twice. */
export function allCodes(): readonly ExplainedCode[] {
  return [
    ...blockCodes.flatMap((entry) => explained('block', [entry], entry.waits === 'its-time' ? 0 : 3)),
    ...explained('skip', skipCodes),
    ...explained('note', noteCodes),
    ...explained('error', errorCodes),
    ...explained('step-error', stepErrorCodes),
    ...findingCodes.flatMap((entry) => explained('finding', [entry], entry.severity === 'info' ? null : 9)),
    ...Object.entries(exits).map(([code, text]) => ({ ...plainWord('exit', code, text), exit: Number(code) })),
    ...Object.entries(states).map(([code, { text, exit }]) => ({ ...plainWord('state', code, text), exit })),
    ...Object.entries(resultTexts).map(([code, text]) => plainWord('result', code, text)),
    ...Object.entries(countTexts).map(([code, text]) => plainWord('count', code, text)),
    ...Object.entries(logEvents).map(([code, text]) => plainWord('log-event', code, text)),
    ...Object.entries(triggerEvents).flatMap(([word, number]) => [
      plainWord('lifecycle-event', word, `Event ${number} of the certificate lifecycle log, for trigger add --on.`),
      plainWord('lifecycle-event', String(number), `Of the certificate lifecycle log: ${word}.`),
    ]),
  ];
}

function plainWord(kind: keyof typeof kindsOfCodes, code: string, text: string): ExplainedCode {
  return { code, kind, text, hint: null, lines: [], severity: null, fact: null, exit: null };
}

/** @param exitOfAll where no entry has one of its own */
function explained(
  kind: keyof typeof kindsOfCodes,
  entries: readonly Listed[],
  exitOfAll: number | null = null,
): readonly ExplainedCode[] {
  return entries.map(({ code, text, hint, lines = {}, severity = null, fact = null, exit = exitOfAll }) => ({
    code,
    kind,
    text,
    hint,
    lines: Object.entries(lines).map(([what, line]) => ({ what, line })),
    severity,
    fact,
    exit,
  }));
}

export const kindsOfCodes = {
  block: 'why something is not changed',
  skip: 'why something is skipped',
  note: 'a note of a plan or run',
  error: 'an error that ends a command',
  'step-error': 'an error of one step in a run',
  finding: 'a finding of verify, doctor or status --check',
  exit: 'an exit code',
  state: 'the state of one step of a run',
  result: 'the result of a run',
  count: 'a count in an outcome',
  'log-event': 'an entry of CertRebind in the Application log',
  'lifecycle-event': 'an event of the certificate lifecycle log',
} as const;

/** The full text of some codes; the whole table when there are many. */
export function codesText({ codes }: { readonly codes: readonly ExplainedCode[] }, look: TerminalStyle): string {
  const meanings = byMeaning(codes);
  return meanings.length > 3
    ? tableText(meanings, look)
    : paragraphs(
        saidAlike(codes).map((answer) => answerLines(answer, look)),
        look,
      );
}

function byMeaning(codes: readonly ExplainedCode[]): readonly Group<ExplainedCode>[] {
  return [...groupBy(codes, ({ code, text }) => `${code} ${text}`).values()];
}

/** What several kinds say alike is said once; two kinds that say what to do in other words stand apart. */
export function saidAlike(codes: readonly ExplainedCode[]): readonly Group<ExplainedCode>[] {
  return byMeaning(codes).flatMap((alike) => {
    const hinted = alike.find(({ hint }) => hint !== null);
    return [...groupBy(alike, ({ hint }) => hint ?? hinted?.hint ?? null).values()];
  });
}

/** `an error of one step in a run; a finding of verify, doctor or status --check, of severity warning`. */
export function kindsText(group: readonly ExplainedCode[]): string {
  return group
    .map(({ kind, severity }) => kindsOfCodes[kind] + (severity === null ? '' : `, of severity ${severity}`))
    .join('; ');
}

function answerLines(group: Group<ExplainedCode>, look: TerminalStyle): readonly string[] {
  const [{ code, text, hint, kind, fact }] = group;
  const exits = [...new Set(group.flatMap(({ exit }) => exit ?? []))];
  return [
    `${paint(code, 'strong', look)} (${kindsText(group)})`,
    `  ${escapeControls(text)}`,
    ...(hint === null ? [] : [`  ${escapeControls(adviceText(hint))}`]),
    ...linesOf(group).flatMap(({ what, line }) => [`  ${what}:`, `    ${line}`]),
    ...(exits.length === 0 || kind === 'exit' ? [] : [`  Exit code: ${exits.join(' or ')}`]),
    ...(fact === null ? [] : [`  Evidence: ${fact}, in docs/evidence/fidelity.md of the sources`]),
  ];
}

/** What the kinds of a code say can be typed, what several say alike once. */
export function linesOf(group: readonly ExplainedCode[]): ExplainedCode['lines'] {
  return [...new Map(group.flatMap(({ lines }) => lines.map((one) => [one.line, one] as const))).values()];
}

/** A line for each code, cut at the edge of the terminal: `explain <code>` shows all of it. */
function tableText(answers: readonly Group<ExplainedCode>[], look: TerminalStyle): string {
  const rows = answers.map(
    (group) => [group[0].code, group.map(({ kind }) => kind).join(', '), group[0].text] as const,
  );
  const before = Math.max(...rows.map(([code]) => code.length)) + Math.max(...rows.map(([, kind]) => kind.length));
  const left = look.width === null || look.full === true ? null : look.width - before - 4;
  return renderTable(
    ['code', 'kind', 'meaning'],
    rows.map(([code, kind, text]) => {
      const isWhole = left === null || displayWidth(text) <= left;
      return [code, kind, isWhole ? text : `${wrap([text], Math.max(1, left - 1))[0]}…`];
    }),
    look,
  );
}
