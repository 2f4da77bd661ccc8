import type { ErrorDocument } from '../model/errors.ts';
import { escapeControls, type Look, paint } from './look.ts';

/** An error for the person at the terminal: what is wrong, with which input, and what to do. */
export function errorText({ error }: ErrorDocument, look: Look): string {
  const lines = escapeLines(error.message);
  return [
    `certrebind: ${paint(error.code, 'bad', look)}: ${lines}`,
    ...(error.where === null ? [] : [`  in ${escapeControls(error.where)}`]),
    ...(error.hint === null ? [] : [`  ${escapeLines(error.hint)}`]),
  ].join('\n');
}

function escapeLines(text: string): string {
  return text.split('\n').map(escapeControls).join('\n  ');
}
