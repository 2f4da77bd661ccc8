import type { ErrorDocument } from '../../text/errors.ts';
import { escapeControls } from '../../text/safe-text.ts';
import { type Look, paint } from './look.ts';
import { timesInWords } from './times.ts';

/** An error for the person at the terminal: what is wrong, with which input, and what to do. */
export function errorText({ error }: ErrorDocument, look: Look): string {
  return [
    `certrebind: ${paint(error.code, 'bad', look)}: ${timesInWords(escapeControls(error.message), look)}`,
    ...(error.where === null ? [] : [`  in ${escapeControls(error.where)}`]),
    // Only what to do takes several lines: a message quotes what others wrote.
    ...(error.hint === null ? [] : error.hint.split('\n').map((line) => `  ${escapeControls(line)}`)),
  ].join('\n');
}
