import { escapeControls } from '../../base/safe-text.ts';
import type { WrittenElsewhere, WrittenText } from '../../documents/written.ts';
import { shortest } from '../../model/certificates/named-certificate.ts';
import { count, firstOf, heading } from './phrases.ts';
import type { TerminalStyle } from './terminal-style.ts';

/** Where thumbprints stand in texts, and what was searched for them. */
export function writtenLines(
  { found, files, others, notRead }: WrittenElsewhere,
  look: TerminalStyle,
): readonly string[] {
  const short = (thumbprint: string) => (look.full === true ? thumbprint : thumbprint.slice(0, shortest));
  const lines = found.map((one) => {
    const now = one.replacedBy === null ? '' : `, replaced by ${short(one.replacedBy)}`;
    return `${escapeControls(placeText(one))}: ${short(one.thumbprint)}${now}`;
  });
  const left = notRead.map((one) => `Not searched: ${escapeControls(one)}`);
  return [
    heading('Written elsewhere', look),
    ...[
      found.length === 0 ? 'No text that was searched names it.' : 'A renewal does not change these texts.',
      ...firstOf(lines, 20, look),
      `Searched: ${count(files, 'file')}, ${count(others, 'argument, command line or policy', 'arguments, command lines and policies')}.`,
      ...firstOf(left, 20, look),
    ].map((line) => `  ${line}`),
  ];
}

/** For example `C:\inetpub\shop\appsettings.json, line 12 (Kestrel)`. */
function placeText({ kind, where, line, program }: WrittenText): string {
  const place = kind === 'file' ? `${where}, line ${line}` : kind === 'policy' ? where : `${kind} ${where}`;
  return program === null ? place : `${place} (${program})`;
}
