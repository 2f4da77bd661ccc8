import type { Severity } from '../../base/codes/finding-codes.ts';
import { escapeControls } from '../../base/safe-text.ts';
import { isWorthReading } from '../../documents/finding.ts';
import type { Doctor } from '../../documents/scope.ts';
import type { Finding } from '../../documents/status.ts';
import { count, type Naming, namingOf, paragraphs, scopeLines, typed } from '../../shell/print/phrases.ts';
import { severityTones } from '../../shell/print/status-text.ts';
import { paint, type TerminalStyle } from '../../shell/print/terminal-style.ts';

/** Every finding with its explanation and its repair, the worst first. */
export function doctorText(document: Doctor, look: TerminalStyle): string {
  const { findings } = document;
  if (findings.length === 0) return paragraphs(['No problems found.', scopeLines(document)], look);
  return paragraphs(
    [
      ...findings.map((finding) => findingLines(finding, namingOf({}, look), look)),
      [...scopeLines(document), summary(findings)],
    ],
    look,
  );
}

function findingLines(finding: Finding, naming: Naming, look: TerminalStyle): readonly string[] {
  const { code, severity, key, message, hint, repair, commands } = finding;
  return [
    `${paint(severity, severityTones[severity], look)} ${paint(code, 'strong', look)}${key === null ? '' : ` ${escapeControls(key)}`}`,
    `  ${naming.sentence(message)}`,
    ...(isWorthReading(hint, commands) ? [`  ${escapeControls(hint)}`] : []),
    ...commands.map((line) => `  ${repair === 'plan' ? 'Repair' : 'Type'}: ${typed(line, naming)}`),
  ];
}

function summary(findings: readonly Finding[]): string {
  const number = (wanted: Severity) => findings.filter(({ severity }) => severity === wanted).length;
  return `${count(findings.length, 'finding')}: ${count(number('error'), 'error')}, ${count(number('warning'), 'warning')}, ${number('info')} for information.`;
}
