import { type ErrorDocument, errorDocument } from '../base/errors.ts';
import { escapeControls } from '../base/safe-text.ts';
import { paint, type TerminalStyle } from './print/terminal-style.ts';
import { localClock as clock, timesInWords } from './print/times.ts';

/** Where output goes. Replaced in tests. */
export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

const narrowestTerminal = 40;

/** Colour and width only on a terminal; `NO_COLOR` (no-color.org) switches colours off there too. */
export function lookOf(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): TerminalStyle {
  if (!stream.isTTY) return { width: null, colour: false, clock };
  const colour = (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  return { width: Math.max(narrowestTerminal, stream.columns), colour, clock };
}

/**
 * One JSON document on one line, in ASCII: a console of any code page, and Windows PowerShell reading it, get the same
 * characters.
 */
export function asciiJson(document: object): string {
  return JSON.stringify(document).replace(
    /[\u007F-\uFFFF]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A reader that closed the pipe (`| head`) is not an error of this program. */
export function tolerateClosedPipes({ stdout, stderr }: Streams): void {
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
}

/** What ended a command: the error document on stdout with `--json`, its text on stderr otherwise. */
export function printError(
  thrown: unknown,
  options: { readonly json: boolean; readonly debug: boolean },
  streams: Streams,
  env: NodeJS.ProcessEnv,
): number {
  const document = errorDocument(thrown);
  if (options.json) streams.stdout.write(`${asciiJson(document)}\n`);
  else streams.stderr.write(`${errorText(document, lookOf(streams.stderr, env))}\n`);
  if (options.debug && thrown instanceof Error) streams.stderr.write(`${stackOf(thrown)}\n`);
  return document.exitCode;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}

/** Whether a message says where already; the bare name of an argument, which nobody types, says nothing. */
function isSaid(where: string, message: string): boolean {
  return /^\w+$/.test(where) || message.includes(where);
}

/** An error for the person at the terminal: what is wrong, with which input, and what to do. */
function errorText({ error }: ErrorDocument, look: TerminalStyle): string {
  return [
    `certrebind: ${paint(error.code, 'bad', look)}: ${timesInWords(escapeControls(error.message), look)}`,
    ...(error.where === null || isSaid(error.where, error.message) ? [] : [`  in ${escapeControls(error.where)}`]),
    // Only what to do takes several lines: a message quotes what others wrote.
    ...(error.hint === null ? [] : error.hint.split('\n').map((line) => `  ${escapeControls(line)}`)),
  ].join('\n');
}
