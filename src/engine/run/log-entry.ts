import type { ErrorDocument } from '../../base/errors.ts';
import { escapeControls } from '../../base/safe-text.ts';
import { eventOfResult, type NoNews, notifiedAs } from '../../documents/log-events.ts';
import type { Notification } from '../../documents/notification.ts';
import type { Outcome, StepOutcome } from '../../documents/runs/outcome.ts';
import {
  commandOf,
  isByHand,
  isWaiting,
  obstaclesText,
  type SkippedEntry,
  settingsLines,
} from '../../documents/runs/plan.ts';
import { countText, type RunResult } from '../../documents/runs/step-states.ts';
import { byThumbprint, renewalText, shortOf } from '../../model/certificates/named-certificate.ts';
import type { Change } from '../../server/server.ts';

/** The size that Windows allows for the text of an entry, less some reserve. */
const textLimit = 30_000;

/** The entry for the Application log; `null` for a run that had nothing to do. */
export function logEntry(outcome: Outcome): Change | null {
  const byHand = leftByHand(outcome);
  const urgent = outcome.notes.filter(({ code }) => code === 'cannot-wait' || code === 'service-not-started');
  const result = notifiedAs(outcome.result, byHand.length);
  if (isNoNews(result)) return null;
  return {
    do: 'log',
    eventId: eventOfResult[result],
    level:
      urgent.length > 0 ? 'error' : byHand.length > 0 && outcome.exitCode === 0 ? 'warning' : levelOf(outcome.exitCode),
    text: entryText([
      headline(outcome),
      ...renewalLines(outcome),
      ...urgent.map(({ text }) => text),
      ...outcome.steps.map(stepLine),
      ...outcome.blocked.map(blockedLine),
      ...byHand.flatMap((entry) => byHandLines(entry.key, entry)),
    ]),
    data: { run: outcome.run, exitCode: String(outcome.exitCode) },
  };
}

export function isNoNews(result: RunResult): result is NoNews {
  return result === 'nothing-to-do' || result.startsWith('would-');
}

/** The entry about what is not as it should be, is over, or was not verified. */
export function notificationEntry({ kind, headline, advice, lines, eventId }: Notification): readonly Change[] {
  if (eventId === null) return [];
  const level = kind === 'solved' ? 'information' : kind === 'problem' ? 'warning' : 'error';
  return [{ do: 'log', eventId, level, text: entryText([`${headline}.`, advice, ...lines]), data: {} }];
}

/** The entry about a start that could not work at all. */
export function failureEntry({ exitCode, error: { code, message, hint } }: ErrorDocument): Change {
  return {
    do: 'log',
    eventId: 150,
    level: 'error',
    text: entryText([
      `CertRebind could not work, so renewals are not applied: ${message}`,
      ...(hint === null ? [] : hint.split('\n')),
    ]),
    data: { code, exitCode: String(exitCode) },
  };
}

/**
 * The text of an entry. Names that others choose may contain line ends and marks of direction; a reader of the log must
 * see which lines come from this program.
 */
export function entryText(lines: readonly string[]): string {
  return lines.map(escapeControls).join('\r\n').slice(0, textLimit);
}

function levelOf(exitCode: number): 'information' | 'warning' | 'error' {
  if (exitCode === 0) return 'information';
  return exitCode === 5 ? 'error' : 'warning';
}

function headline({ run, result, counts }: Outcome): string {
  const parts = Object.entries(counts).flatMap(([name, number]) => (number === 0 ? [] : [countText(name, number)]));
  return `CertRebind run ${run}: ${result} (${parts.join(', ')}).`;
}

function renewalLines({ renewals, certificates = [] }: Outcome): readonly string[] {
  const known = byThumbprint(certificates);
  return renewals.map((pair) => {
    const hashes = `${shortOf(pair.old, known)} → ${shortOf(pair.new, known)}`;
    const named = renewalText(pair, known);
    return named === hashes ? `${hashes}.` : `${named} (${hashes}).`;
  });
}

function stepLine({ key, state: became, now, error }: StepOutcome): string {
  const uses = now.state === 'holds' ? now.thumbprint : null;
  const state = now.state === 'unknown' ? 'unknown' : `uses ${uses ?? 'no certificate'}`;
  return `${key}: ${became}, ${state}${error === null ? '' : `. ${error.message}`}`;
}

function blockedLine(entry: Outcome['blocked'][number]): string {
  const { key, obstacles } = entry;
  return `${key}: ${isWaiting(entry) ? 'waits' : 'blocked'} (${obstacles[0].code}). ${obstaclesText(obstacles)}`;
}

/**
 * The work left for a person; nothing if the renewal was rolled back, because then the old certificate stays everywhere.
 */
export function leftByHand({ result, skipped }: Pick<Outcome, 'result' | 'skipped'>): readonly SkippedEntry[] {
  return result === 'undone' || result === 'partly-undone' ? [] : skipped.filter(isByHand);
}

/** What a person has to do; the command to type is on a line of its own. */
export function byHandLines(places: string, { obstacles: [first] }: SkippedEntry): readonly string[] {
  const command = commandOf(first);
  return [
    `${places}: still uses the old certificate. You have to change it. ${first.text}`,
    ...(command === null ? [] : [`  ${command}`]),
    ...settingsLines(first),
  ];
}
