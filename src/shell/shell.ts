import { CertRebindError } from '../base/errors.ts';
import { whyRefused } from '../base/file-error.ts';
import { escapeControls } from '../base/safe-text.ts';
import { type StageLine, stageTexts } from '../documents/runs/progress.ts';
import type { Reporter } from '../engine/run/context.ts';
import type { GlobalArguments } from './globals.ts';
import { asciiJson, lookOf, type Streams } from './output.ts';
import { displayWidth, type TerminalStyle } from './print/terminal-style.ts';
import { timesInWords } from './print/times.ts';

/** What a command gets from outside: its options, where it writes, whom it may ask, what stops it. */
export type Shell = Readonly<ReturnType<typeof openShell>>;

/** What a command exits with after the answer no, as where a guard says it. */
export const declinedExitCode = 3;

export function openShell(options: GlobalArguments, streams: Streams, env: NodeJS.ProcessEnv) {
  const { stdout, stderr } = streams;
  const look = { ...lookOf(stdout, env), full: options.full };
  const progress = progressOn(stderr, { json: options.json, progress: options.progress });
  // Only where somebody may be asked, and stdin last: looking at it opens it.
  const asks = () => !options.json && !options.yes && process.stdin.isTTY === true;
  let interrupt: AbortController | null = null;
  return {
    json: options.json,
    env,
    look,
    progress,
    /** Whether `confirm` would put a question to a person. */
    get asks() {
      return asks();
    },
    /** Whether a person may be there, even if nothing is asked. */
    get isAtTerminal() {
      return process.stdin.isTTY === true;
    },
    /** Writes the one result of a command, the document with `--json`, the text otherwise, and returns its exit code. */
    result<const Shown extends object>(
      document: Shown,
      text: (document: Shown, look: TerminalStyle) => string,
      exitCode = 0,
    ): number {
      progress.clear();
      stdout.write(`${options.json ? asciiJson(document) : text(document, look)}\n`);
      return exitCode;
    },
    /** A line for people beside the result; nothing with `--json`. */
    say(line: string): void {
      progress.clear();
      if (!options.json) stdout.write(`${timesInWords(line, look)}\n`);
    },
    /** A line for people on stderr while a command works; nothing if progress is told as JSON there. */
    notice(line: string): void {
      progress.clear();
      if (options.progress === undefined) stderr.write(`certrebind: ${timesInWords(line, look)}\n`);
    },
    /** One JSON line on stderr, for a program that reads what it started. */
    trace(line: object): void {
      progress.clear();
      stderr.write(`${asciiJson(line)}\n`);
    },
    /** What a person has to see before a question. On stderr like the question, because the result may go into a file. */
    preview(text: (look: TerminalStyle) => string): void {
      progress.clear();
      stderr.write(`${text({ ...lookOf(stderr, env), full: options.full })}\n`);
    },
    /**
     * True at once when there is nobody to ask (no terminal to read from, `--json`) or `--yes` was given.
     * @param refused what a person reads who says no
     */
    async confirm(question: string, refused = 'Nothing was changed.'): Promise<boolean> {
      progress.clear();
      const agreed = !asks() || /^y(es)?$/i.test((await ask(`${question} [y/N] `, stderr)).trim());
      if (!agreed) stderr.write(`${refused}\n`);
      return agreed;
    },
    /** A line that nobody sees: asked for at a terminal without showing it, else read from stdin. */
    async secret(what: string): Promise<string> {
      progress.clear();
      return process.stdin.isTTY === true ? askUnseen(what, streams) : readLine();
    },
    /** From now on Ctrl-C and a request to terminate abort this signal instead of ending the process. */
    interruptible(): AbortSignal {
      interrupt ??= abortOnSignals(() => {
        progress.clear();
        stderr.write('certrebind: stopping after the current step.\n');
      });
      return interrupt.signal;
    },
  };
}

async function ask(question: string, output: NodeJS.WritableStream, isTerminal?: boolean): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const dialogue = createInterface({ input: process.stdin, output, terminal: isTerminal });
  try {
    return await dialogue.question(question);
  } finally {
    dialogue.close();
  }
}

/** The input is not shown and goes into no shell history. */
async function askUnseen(what: string, { stderr }: Streams): Promise<string> {
  const { Writable } = await import('node:stream');
  stderr.write(`${what}: `);
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  return ask('', unseen, true).finally(() => stderr.write('\n'));
}

async function readLine(): Promise<string> {
  let text = '';
  for await (const piece of process.stdin.setEncoding('utf8')) text += piece;
  return text.replace(/^\uFEFF/, '').replace(/\r?\n$/, '');
}

function abortOnSignals(say: () => void): AbortController {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (!controller.signal.aborted) say();
      controller.abort();
    });
  return controller;
}

/** What a command shows while it works. `clear` takes an unfinished line off the terminal before other text is written. */
interface Progressing extends Reporter {
  clear(): void;
}

export function progressOn(
  stderr: NodeJS.WriteStream,
  options: { readonly json: boolean; readonly progress: string | undefined },
): Progressing {
  if (options.progress === 'json') return jsonLines(stderr);
  return stderr.isTTY && !options.json ? liveLine(stderr) : waitsOnly(stderr);
}

function jsonLines(stderr: NodeJS.WriteStream): Progressing {
  return {
    progress(at) {
      const line: StageLine = { schema: 'certrebind/progress/1', ...at };
      stderr.write(`${asciiJson(line)}\n`);
    },
    clear() {},
  };
}

/** In a file or a pipe progress is only noise, but many seconds of silence need one line. */
function waitsOnly(stderr: NodeJS.WriteStream): Progressing {
  let said = false;
  return {
    progress({ stage, key }) {
      if (stage !== 'late' || said) return;
      said = true;
      const record = key === null ? '' : `, for ${escapeControls(key)}`;
      stderr.write(`certrebind: ${stageTexts[stage]}${record}.\n`);
    },
    clear() {},
  };
}

/** One line that is overwritten, so that a long run leaves nothing on the screen. */
function liveLine(stderr: NodeJS.WriteStream): Progressing {
  let shown = false;
  return {
    progress({ stage, done, total, key }) {
      const counter = total > 0 ? ` ${done}/${total}` : '';
      const record = key === null ? '' : ` ${escapeControls(key)}`;
      const text = `${stageTexts[stage]}${counter}${record}`;
      const fits = displayWidth(text) < stderr.columns ? text : `${stageTexts[stage]}${counter}`;
      stderr.write(`\r\u001B[2K${fits}`);
      shown = true;
    },
    clear() {
      if (shown) stderr.write('\r\u001B[2K');
      shown = false;
    },
  };
}

/** A file that cannot be written is not a defect of this program; every other unexpected error is. */
export function systemError(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || whyRefused(thrown) === null) return thrown;
  const where = 'path' in thrown && typeof thrown.path === 'string' ? { where: thrown.path } : {};
  return new CertRebindError('not-writable', { message: thrown.message, cause: thrown, ...where });
}
