import { type Group, groupBy } from '../../base/group.ts';
import { escapeControls } from '../../base/safe-text.ts';
import { beforeCommand, firstClauses, firstSentence, typeText } from '../../documents/finding.ts';
import { dialledText, spanFrom, spanLeft } from '../../documents/notification.ts';
import type { Action, Finding, Status, TaskStatus, WaitingRenewal } from '../../documents/status.ts';
import { pairText } from '../../model/certificates/renewal.ts';
import { meaningOfResult } from '../../model/windows/task-results.ts';
import {
  count,
  heading,
  type Naming,
  namingOf,
  paragraphs,
  renewalLines,
  resultText,
  resultTones,
  typed,
} from './phrases.ts';
import { type Cell, flexible, renderTable } from './table.ts';
import { paint, type TerminalStyle } from './terminal-style.ts';
import { moment, when, zoneOf } from './times.ts';

export const severityTones = { error: 'bad', warning: 'warn', info: 'quiet' } as const;

/** What is worst and what to type; then what else there is to do, the most urgent first; or with `--full` everything. */
export function statusText(status: Status, look: TerminalStyle): string {
  const naming = namingOf(status, look);
  const { actions, lastRun } = status;
  const [first, ...others] = actions;
  const full = look.full === true;
  return paragraphs(
    [
      first === undefined ? [`${paint('OK', 'good', look)}: ${wellText(status)}`] : taskLines(first, '', naming, look),
      ...(full
        ? [findingsText(status.findings, naming, look), pendingLines(status, naming, look)]
        : [othersLines(others, naming, look)]),
      [
        ...(first === undefined ? [] : [sentence(usingText(status))]),
        ...(full ? [] : noteLinesOf(status, naming, look)),
        enabledLine(status, look),
        lastRun === null ? 'There are no runs yet.' : lastRunText(lastRun, look),
        ...(full
          ? [...logLines(status), ...proofLines(status, look), ...lastErrorLines(status, look), ...engineLines(status)]
          : ['Everything else: certrebind status --full']),
      ],
      full ? tasksText(status, look) : null,
    ],
    look,
  );
}

/** How many things to do are shown at once, the first one included. */
const tasksShown = 5;

function othersLines(others: readonly Action[], naming: Naming, look: TerminalStyle): readonly string[] {
  const more = others.length - tasksShown + 1;
  return [
    ...(others.length === 0 ? [] : [heading('Then', look)]),
    ...others.slice(0, tasksShown - 1).flatMap((action) => taskLines(action, '  ', naming, look)),
    ...(more > 0 ? [`  and ${count(more, 'more task')} (--full)`] : []),
  ];
}

/** What waits for the window, or else what is only for information. */
function noteLinesOf({ findings, waiting }: Status, naming: Naming, look: TerminalStyle): readonly string[] {
  const notes = [...new Set(findings.flatMap(({ severity, title }) => (severity === 'info' ? title : [])))];
  if (waiting.length > 0) return waiting.flatMap((one) => waitingLines(one, '', look));
  return notes.length === 0 ? [] : [naming.sentence(`Note: ${firstClauses(notes, 2)}.`)];
}

/** What is wrong in one line, and one command on a line of its own; where a person has to decide, the advice: at first all of it. */
function taskLines(
  { title, hint, commands, severity }: Action,
  indent: string,
  naming: Naming,
  look: TerminalStyle,
): readonly string[] {
  const [command, ...others] = commands;
  const word = indent === '' ? `${wordOf(severity, look)}: ` : indent;
  const advice = command !== undefined ? beforeCommand(hint) : indent === '' ? hint : firstSentence(hint);
  return [
    `${word}${naming.sentence(title)}`,
    ...(advice === '' ? [] : [`${indent}    ${naming.sentence(advice)}`]),
    ...(command === undefined ? [] : [`${indent}    ${typed(command, naming)}`]),
    ...(others.length === 0 ? [] : [`${indent}    and ${count(others.length, 'more command')} (--full)`]),
  ];
}

function wordOf(severity: Action['severity'], look: TerminalStyle): string {
  return paint(severity === 'error' ? 'ERROR' : 'WARNING', severityTones[severity], look);
}

/** One line for a morning look: how it is, the worst thing, and what to type. */
export function briefText(status: Status, look: TerminalStyle): string {
  const { server, actions } = status;
  const [first, ...others] = actions;
  const more = others.length === 0 ? '' : `; ${count(others.length, 'more task')}`;
  const word = first === undefined ? paint('OK', 'good', look) : wordOf(first.severity, look);
  const type = first?.commands[0] === undefined ? '' : ` ${typeText(first.hint, first.commands.slice(0, 1))}`;
  const told = first === undefined ? wellText(status) : escapeControls(`${first.title}${more}.${type}`);
  return `${word} ${escapeControls(server.name)}: ${told}`;
}

/** That nothing is wrong, and as of when that is known of what clients get. */
function wellText(status: Status): string {
  const { places, dialledAt, at } = status;
  return places.length === 0 ? usingText(status) : `${usingText(status)}; ${dialledText(dialledAt, at)}`;
}

/** `12 sites on 2 certificates; api.example.org expires first, in 64 days` */
export function usingText({ inUse, certificates, at }: Status): string {
  if (inUse.nextEnd === null) return 'no IIS site uses a certificate on this server';
  const { thumbprint, notAfter } = inUse.nextEnd;
  const left = spanLeft(notAfter, at);
  const known = escapeControls(certificates.find((one) => one.thumbprint === thumbprint)?.name ?? thumbprint);
  const ends =
    left === null
      ? `${known} expired ${spanFrom(notAfter, at)} ago`
      : `${known} expires ${inUse.certificates === 1 ? '' : 'first, '}in ${left}`;
  const number = count(inUse.certificates, 'certificate');
  const users = inUse.sites === 0 ? `${number} in use` : `${count(inUse.sites, 'site')} on ${number}`;
  return `${users}; ${ends}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function lastRunText({ run, at, result, exitCode }: NonNullable<Status['lastRun']>, look: TerminalStyle): string {
  return `Last run: ${escapeControls(run)} at ${moment(at, look)}, ${paint(resultText(result, exitCode === 0), resultTones[result], look)}.`;
}

function pendingLines(status: Status, naming: Naming, look: TerminalStyle): readonly string[] {
  const { pending } = status;
  if (pending.length === 0) return ['No pending renewals.'];
  const waiting = new Map(status.waiting.map((one) => [pairText(one.renewal), waitingLines(one, '    ', look)]));
  return [
    heading('Pending renewals', look),
    ...pending.flatMap((renewal) => [
      ...renewalLines({ renewals: [renewal] }, naming, look),
      ...(waiting.get(pairText(renewal)) ?? []),
    ]),
  ];
}

function waitingLines({ notBefore, window }: WaitingRenewal, indent: string, look: TerminalStyle): readonly string[] {
  return [
    `${indent}${paint('Waiting', 'good', look)} for the turn of this server in the window ${escapeControls(window)}, at ${moment(notBefore, look)}. To apply it now:`,
    `${indent}  certrebind reconcile --now`,
  ];
}

function enabledLine({ enabled }: Status, look: TerminalStyle): string {
  if (enabled === null) return `Whether CertRebind is enabled is ${paint('not known', 'warn', look)}.`;
  return `CertRebind is ${enabled ? paint('enabled', 'good', look) : paint('not enabled', 'warn', look)}.`;
}

function logLines({ log }: Status): readonly string[] {
  if (log.enabled === null) return ["Whether Windows' renewal log is on is not known."];
  if (!log.enabled) return ["Windows' renewal log is off."];
  const last = log.lastRecordId === null ? 'nothing is in it yet' : `its last record is ${log.lastRecordId}`;
  return [`Windows' renewal log is on; ${last}.`];
}

function proofLines({ proof }: Status, look: TerminalStyle): readonly string[] {
  if (proof === null) return [];
  const how = proof.engine?.way === 'text' ? ', with the script of CertRebind sent as text' : '';
  return [
    `Verified ${moment(proof.at, look)}: Task Scheduler starts version ${escapeControls(proof.version)} as SYSTEM${how}.`,
  ];
}

function lastErrorLines({ lastError }: Status, look: TerminalStyle): readonly string[] {
  if (lastError === null) return [];
  const { code, message } = lastError.error;
  return [`${paint('The last start failed', 'bad', look)} (${code}): ${escapeControls(message)}`];
}

function engineLines({ engine }: Status): readonly string[] {
  if (engine === null) return [];
  if (engine.way === 'file') return ['PowerShell runs the script of CertRebind as a file.'];
  const why = engine.because.cause === 'not-installed' ? 'CertRebind is not installed' : engine.because.said;
  return [`CertRebind sends its script to PowerShell as text: ${escapeControls(why)}`];
}

/** All of them are in the same folder, which is said once. */
function tasksText({ tasks }: Status, look: TerminalStyle): string | null {
  if (tasks.length === 0) return null;
  const folders = new Set(tasks.map(({ path }) => path));
  const common = folders.size === 1 ? (tasks[0]?.path ?? null) : null;
  const rows = tasks.map((task) => [
    common === null ? `${task.path}${task.name}` : task.name,
    task.is,
    stateOf(task),
    task.lastRunAt === null ? 'never' : when(task.lastRunAt, look),
    resultOfTask(task),
  ]);
  const columns = [flexible('task'), 'is', 'state', `last run (${zoneOf(look)})`, flexible('result')];
  const table = renderTable(columns, rows, look);
  return common === null ? table : `${heading(`Tasks in ${escapeControls(common)}`, look)}\n${table}`;
}

/** Task Scheduler's numbers say nothing to people, our own exit codes are in the help. */
function resultOfTask({ lastResult, lastRunAt }: TaskStatus): string {
  if (lastResult === null || (lastRunAt === null && lastResult < 0x8000_0000)) return '-';
  return lastResult === 0 ? '0' : meaningOfResult(lastResult);
}

function stateOf({ is, enabled }: TaskStatus): Cell {
  if (is === 'missing') return { text: 'not registered', tone: 'warn' };
  return enabled ? 'enabled' : { text: 'disabled', tone: 'warn' };
}

/** Findings of one code together, with what to do about them once. */
export function findingsText(findings: readonly Finding[], naming: Naming, look: TerminalStyle): string | null {
  if (findings.length === 0) return null;
  const groups = groupBy(findings, ({ code, severity, hint }) => `${code} ${severity} ${hint}`);
  return [heading('Findings', look), ...[...groups.values()].flatMap((group) => groupLines(group, naming, look))].join(
    '\n',
  );
}

function groupLines(group: Group<Finding>, naming: Naming, look: TerminalStyle): readonly string[] {
  const [{ hint }] = group;
  const isLater = beforeCommand(hint) !== '';
  const typedFor = ({ commands }: Finding, place: number) =>
    // Leaves out what the hint says already, and what the next finding says.
    commands.flatMap((line) =>
      hint.includes(line) || group[place + 1]?.commands.includes(line) ? [] : `      ${escapeControls(line)}`,
    );
  return [
    ...group.flatMap((found, place) => [
      `  ${paint(found.code, severityTones[found.severity], look)}${found.key === null || found.message.startsWith(found.key) ? '' : ` ${escapeControls(found.key)}`}: ${naming.sentence(found.message)}`,
      ...(isLater ? [] : typedFor(found, place)),
    ]),
    `    ${escapeControls(hint)}`,
    ...(isLater ? group.flatMap(typedFor) : []),
  ];
}
