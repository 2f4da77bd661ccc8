import { type Group, groupBy } from '../../base/group.ts';
import { escapeControls } from '../../base/safe-text.ts';
import { spanWords } from '../../documents/news.ts';
import type { Finding, Status, TaskStatus, WaitingRenewal } from '../../documents/status.ts';
import { pairText } from '../../model/certificates/renewal.ts';
import { count, heading, type Naming, namingOf, paragraphs, renewalLines, resultTone } from './phrases.ts';
import { type Cell, renderTable } from './table.ts';
import { paint, type TerminalStyle, type Tone } from './terminal-style.ts';
import { moment, when, zoneOf } from './times.ts';

const tones: Readonly<Record<Finding['severity'], Tone>> = { error: 'bad', warning: 'warn', info: 'quiet' };

/** Whether all is well in one line; then what is wrong, what is pending, and the tasks last. */
export function statusText(status: Status, look: TerminalStyle): string {
  const naming = namingOf(status, look);
  return paragraphs(
    [
      verdictLines(status, naming, look),
      findingsText(status.findings, naming, look),
      pendingLines(status, naming, look),
      [
        enabledLine(status, look),
        ...logLines(status),
        ...proofLines(status, look),
        ...(status.lastRun === null
          ? ['There are no runs yet.']
          : [
              `Last run: ${escapeControls(status.lastRun.run)} at ${moment(status.lastRun.at, look)}, ${paint(status.lastRun.result, resultTone(status.lastRun.result), look)}.`,
            ]),
        ...(status.lastError === null
          ? []
          : [
              `${paint('The last start failed', 'bad', look)} (${status.lastError.error.code}): ${escapeControls(status.lastError.error.message)}`,
            ]),
        ...engineLines(status),
      ],
      tasksText(status, look),
    ],
    look,
  );
}

/** The first line is for people who read no more; it contains the worst finding. */
function verdictLines(status: Status, naming: Naming, look: TerminalStyle): readonly string[] {
  const worst = status.findings.find(({ severity }) => severity !== 'info');
  const using = usingText(status);
  if (worst === undefined) return [`${paint('OK', 'good', look)}: ${using}`];
  const others = status.findings.filter(({ severity }) => severity !== 'info').length - 1;
  const word = paint(worst.severity === 'error' ? 'ERROR' : 'WARNING', tones[worst.severity], look);
  const more = others === 0 ? '' : ` (and ${count(others, 'other finding')})`;
  return [`${word}: ${naming.sentence(worst.title)}${more}`, `${using.charAt(0).toUpperCase()}${using.slice(1)}`];
}

/** One line for a morning look: how it is, the worst thing, and what to type. */
export function briefText(status: Status, look: TerminalStyle): string {
  const { server, rank, actions } = status;
  const [first, ...others] = actions;
  const [word, tone] =
    rank === 0 ? (['ERROR', 'bad'] as const) : rank === 1 ? (['WARNING', 'warn'] as const) : (['OK', 'good'] as const);
  const more = others.length === 0 ? '' : ` (and ${count(others.length, 'other thing')} to do)`;
  const type = first?.commands[0] === undefined ? '' : ` Type: ${first.commands[0]}`;
  const told = first === undefined ? usingText(status) : escapeControls(`${first.title}${more}.${type}`);
  return `${paint(word, tone, look)} ${escapeControls(server.name)}: ${told}`;
}

/** `12 sites on 2 certificates, next ends in 64 days: api.example.org` */
export function usingText({ inUse, certificates }: Status): string {
  if (inUse.nextEnd === null) return 'no IIS site uses a certificate on this server';
  const { thumbprint, daysLeft, hoursLeft } = inUse.nextEnd;
  const known = certificates.find((one) => one.thumbprint === thumbprint);
  const [ended, ending] = inUse.certificates === 1 ? ['which ended', 'which ends'] : ['one ended', 'next ends'];
  const ends = daysLeft < 0 ? `${ended} ${count(-daysLeft, 'day')} ago` : `${ending} in ${spanWords(hoursLeft)}`;
  const number = count(inUse.certificates, 'certificate');
  const users = inUse.sites === 0 ? `${number} in use` : `${count(inUse.sites, 'site')} on ${number}`;
  return `${users}, ${ends}: ${escapeControls(known?.name ?? thumbprint)}`;
}

function pendingLines(status: Status, naming: Naming, look: TerminalStyle): readonly string[] {
  const { pending } = status;
  if (pending.length === 0) return ['No pending renewals.'];
  const waiting = new Map(status.waiting.map((one) => [pairText(one.renewal), waitingLines(one, look)]));
  return [
    heading('Pending renewals', look),
    ...pending.flatMap((renewal) => [
      ...renewalLines({ renewals: [renewal] }, naming, look),
      ...(waiting.get(pairText(renewal)) ?? []),
    ]),
  ];
}

function waitingLines({ notBefore, window }: WaitingRenewal, look: TerminalStyle): readonly string[] {
  return [
    `    ${paint('Waiting', 'good', look)} for the window ${escapeControls(window)}, which opens at ${moment(notBefore, look)}. To apply it now:`,
    '      certrebind reconcile --now',
  ];
}

function enabledLine({ enabled }: Status, look: TerminalStyle): string {
  if (enabled === null) return `Whether CertRebind is enabled is ${paint('not known', 'warn', look)}.`;
  return `CertRebind is ${enabled ? paint('enabled', 'good', look) : paint('not enabled', 'warn', look)}.`;
}

function logLines({ log }: Status): readonly string[] {
  if (log.enabled === null) return ['Whether the certificate lifecycle log is enabled is not known.'];
  if (!log.enabled) return ['The certificate lifecycle log is disabled.'];
  return [
    `The certificate lifecycle log is enabled${log.lastRecordId === null ? ' and empty' : `; last record ${log.lastRecordId}`}.`,
  ];
}

function proofLines({ proof }: Status, look: TerminalStyle): readonly string[] {
  if (proof === null) return [];
  const how = proof.engine?.way === 'text' ? ', with the script of CertRebind sent as text' : '';
  return [
    `Verified ${moment(proof.at, look)}: Task Scheduler starts version ${escapeControls(proof.version)} as SYSTEM${how}.`,
  ];
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
    task.lastResult === null || task.lastRunAt === null ? '-' : String(task.lastResult),
  ]);
  const columns = [
    { title: 'task', flexible: true },
    { title: 'is' },
    { title: 'state' },
    { title: `last run (${zoneOf(look)})` },
    { title: 'result', align: 'right' as const },
  ];
  const table = renderTable(columns, rows, look);
  return common === null ? table : `${heading(`Tasks in ${escapeControls(common)}`, look)}\n${table}`;
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
  const [first] = group;
  return [
    ...group.flatMap(({ code, severity, key, message, command }, place) => [
      `  ${paint(code, tones[severity], look)}${key === null || message.startsWith(key) ? '' : ` ${escapeControls(key)}`}: ${naming.sentence(message)}`,
      // Leaves out what the hint says already, and what the next hint says.
      ...(command === null || first.hint.includes(command) || group[place + 1]?.command === command
        ? []
        : [`      ${escapeControls(command)}`]),
    ]),
    `    ${escapeControls(first.hint)}`,
  ];
}
