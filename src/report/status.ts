import { escapeControls } from '../model/safe-text.ts';
import type { Finding, Status, TaskStatus } from '../model/status.ts';
import { type Look, paint, type Tone } from './look.ts';
import { heading, paragraphs, renewalLines, resultTone, when } from './phrases.ts';
import { type Cell, renderTable } from './table.ts';

const tones: Readonly<Record<Finding['severity'], Tone>> = { error: 'bad', warning: 'warn', info: 'quiet' };

export function statusText(status: Status, look: Look): string {
  return paragraphs([
    [
      enabledLine(status, look),
      ...logLines(status),
      ...proofLines(status),
      ...lastLines(status, look),
      ...engineLines(status),
    ],
    tasksText(status, look),
    pendingLines(status, look),
    heldLines(status, look),
    openLines(status, look),
    expiringText(status, look),
    findingsText(status.findings, look),
  ]);
}

function pendingLines({ pending }: Status, look: Look): readonly string[] {
  if (pending === null) return ['Whether a renewal is pending is unknown.'];
  return pending.length === 0 ? ['Nothing is pending.'] : [heading('Pending', look), ...renewalLines(pending, look)];
}

function enabledLine({ enabled }: Status, look: Look): string {
  if (enabled === null) return `Whether certificate rebind is enabled is ${paint('unknown', 'warn', look)}.`;
  return `Certificate rebind is ${enabled ? paint('enabled', 'good', look) : paint('not enabled', 'warn', look)}.`;
}

function logLines({ log }: Status): readonly string[] {
  if (log.enabled === null) return ['Whether the certificate lifecycle log is enabled is unknown.'];
  if (!log.enabled) return ['The certificate lifecycle log is disabled.'];
  return [
    `The certificate lifecycle log is enabled${log.lastRecordId === null ? ' and empty' : `; last record ${log.lastRecordId}`}.`,
  ];
}

function proofLines({ proof }: Status): readonly string[] {
  if (proof === null) return [];
  return [`Proven ${when(proof.at)} UTC: Task Scheduler starts version ${escapeControls(proof.version)} as SYSTEM.`];
}

function lastLines({ lastRun, lastError }: Status, look: Look): readonly string[] {
  return [
    ...(lastRun === null
      ? ['No run yet.']
      : [
          `Last run: ${escapeControls(lastRun.run)} at ${when(lastRun.at)} UTC, ${paint(lastRun.result, resultTone(lastRun.result), look)}.`,
        ]),
    ...(lastError === null
      ? []
      : [
          `${paint('The last start could not work', 'bad', look)} (${lastError.error.code}): ${escapeControls(lastError.error.message)}`,
        ]),
  ];
}

function engineLines({ engine }: Status): readonly string[] {
  if (engine === null) return [];
  if (engine.way === 'file') return ['PowerShell runs the adapter script as a file.'];
  const why = engine.because.cause === 'not-installed' ? 'the program is not installed' : engine.because.said;
  return [`PowerShell gets the adapter script as text: ${escapeControls(why)}`];
}

function tasksText({ tasks }: Status, look: Look): string | null {
  if (tasks.length === 0) return null;
  const rows = tasks.map((task) => [
    `${task.path}${task.name}`,
    task.is,
    stateOf(task),
    task.lastRunAt === null ? 'never' : when(task.lastRunAt),
    task.lastResult === null || task.lastRunAt === null ? '-' : String(task.lastResult),
  ]);
  const columns = [
    { title: 'task', flexible: true },
    { title: 'is' },
    { title: 'state' },
    { title: 'last run (UTC)' },
    { title: 'result', align: 'right' as const },
  ];
  return renderTable(columns, rows, look);
}

function heldLines({ held }: Status, look: Look): readonly string[] {
  if (held.length === 0) return [];
  return [
    heading('Held because it was put back; certrebind rebind brings it in again', look),
    ...held.map(({ renewal, run, at }) => {
      const by = run === null ? '' : ` by run ${escapeControls(run)}`;
      return `  ${renewal.old} → ${renewal.new}  ${paint('put back', 'warn', look)}${by}${at === null ? '' : `, ${when(at)} UTC`}`;
    }),
  ];
}

/** What earlier runs could not settle. */
function openLines({ ledger }: Status, look: Look): readonly string[] {
  const open = ledger.entries.filter(({ state }) => state !== 'settled' && state !== 'undone');
  if (open.length === 0) return [];
  return [
    heading('Not settled by earlier runs', look),
    ...open.map(({ renewal, state, reasons, at }) => {
      const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
      return `  ${renewal.old} → ${renewal.new}  ${paint(state, 'warn', look)}${why}, ${when(at)} UTC`;
    }),
  ];
}

function stateOf({ is, enabled }: TaskStatus): Cell {
  if (is === 'missing') return { text: 'not registered', tone: 'warn' };
  return enabled ? 'enabled' : { text: 'disabled', tone: 'warn' };
}

function expiringText({ expiring }: Status, look: Look): string | null {
  if (expiring === null || expiring.length === 0) return null;
  const rows = expiring.map((entry) => [
    entry.thumbprint,
    entry.subject,
    when(entry.notAfter),
    String(entry.daysLeft),
    entry.records,
  ]);
  const columns = [
    { title: 'certificate', flexible: true },
    { title: 'subject', flexible: true },
    { title: 'ends (UTC)' },
    { title: 'days', align: 'right' as const },
    { title: 'TLS records', flexible: true },
  ];
  return `${heading('Ends soon, without a successor on this server', look)}\n${renderTable(columns, rows, look)}`;
}

/** One line and its hint for each finding. */
export function findingsText(findings: readonly Finding[], look: Look): string | null {
  if (findings.length === 0) return null;
  return [
    heading('Findings', look),
    ...findings.flatMap((finding) => [
      `  ${paint(finding.code, tones[finding.severity], look)}${finding.key === null ? '' : ` ${escapeControls(finding.key)}`}: ${escapeControls(finding.message)}`,
      `    ${escapeControls(finding.hint)}`,
    ]),
  ].join('\n');
}
