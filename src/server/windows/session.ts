import { isUtf8 } from 'node:buffer';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { gunzipSync } from 'node:zlib';
import type { PowerShell } from 'node-powershell';
import { CertRebindError } from '../../base/errors.ts';
import type { Cost } from '../../documents/runs/outcome.ts';
import { decodeRows, encodeRows, type Row } from '../../model/windows/rows.ts';
import type { EngineCommand, StartedShell } from './engine-shell.ts';
import { killTree } from './process-tree.ts';
import { adapterError, type EngineEnd, isConstrained, noAnswer, noStart, secretWithheld } from './session-errors.ts';

export interface SessionOptions extends EngineCommand {
  /** The trusted `System32`, for taskkill. */
  readonly systemFolder: string;
  /** The arguments of the adapter's set-up function. */
  readonly setUp: readonly Row[];
  readonly startTimeoutMs: number;
  readonly callTimeoutMs: number;
  /** Of one reply, as sent and as unpacked. */
  readonly maxReplyBytes: number;
  /** Of one request, as sent. */
  readonly maxRequestBytes: number;
}

export interface CallLimits {
  readonly timeoutMs?: number;
  /** The request contains a secret: as text on standard input, transcription of PowerShell could write it down. */
  readonly secret?: boolean;
}

/**
 * Starts the engine, loads the adapter and checks that this PowerShell can do the work.
 * @throws EngineStartError when it did not answer, CertRebindError `powershell-missing`, `module-missing` when it did
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  // If it is set, node-powershell prints every request on stdout; the library checks for it when it is loaded.
  delete process.env.DEBUG;
  const { startShell } = await import('./engine-shell.ts');
  let started: StartedShell;
  try {
    started = startShell(options);
  } catch (error) {
    // The system reports some refusals, a blocked program among them, by throwing instead of by an event.
    const spawnError = error instanceof Error ? error : new Error(String(error));
    throw noStart(options.engine, { spawnError, exitCode: null, signal: null, errorText: '' });
  }
  const session = new Session(options, started);
  try {
    await session.load();
  } catch (error) {
    await session.close();
    throw error;
  }
  return session;
}

const functionName = /^[A-Z][A-Za-z]+-[A-Z][A-Za-z]+$/;
const setUpFunction = 'Initialize-Adapter';
const endsByItselfWithinMs = 2000;
const lastWordsWithinMs = 500;
const noop = () => {};

/**
 * One PowerShell with the adapter's functions loaded. Calls are made one after another; after a failed one no more are
 * made.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #shell: PowerShell;
  readonly #child: ChildProcess;
  readonly #hasEnded: Promise<void>;
  #end: EngineEnd = { spawnError: null, exitCode: null, signal: null, errorText: '' };
  /** Why nothing more is sent to the engine. */
  #broken: CertRebindError | null = null;
  #current: Promise<unknown> = Promise.resolve();
  #busy = false;
  #received = 0;
  #abandon: (why: string) => void = () => {};
  #roundTrips = 0;

  constructor(options: SessionOptions, { shell, child }: StartedShell) {
    this.#options = options;
    this.#shell = shell;
    this.#child = child;
    this.#hasEnded = new Promise((resolve) => {
      this.#child.once('exit', (exitCode, signal) => {
        this.#end = { ...this.#end, exitCode, signal };
        resolve();
      });
      this.#child.on('error', (spawnError) => {
        this.#end = { ...this.#end, spawnError };
        resolve();
      });
    });
    shell.streams.stdout.on('data', (chunk: string) => this.#receive(chunk.length));
    shell.streams.stderr.on('data', (chunk: string) => {
      this.#end = { ...this.#end, errorText: (this.#end.errorText + chunk).slice(0, 8000) };
      this.#receive(chunk.length);
      // Constrained language forbids method calls, so the reply cannot come; the error's id is not translated.
      if (isConstrained(this.#end.errorText)) this.#abandon('it runs in constrained language mode');
    });
  }

  async load(): Promise<void> {
    const { script, setUp, startTimeoutMs } = this.#options;
    // The text as it is, so that people and defenders can read what runs: one block, which the host takes as a whole at the
    // blank line behind it (fidelity: block-on-stdin).
    const loading = script.file !== null ? '' : `. {\n${script.text.replaceAll(/\n\s*\n/g, '\n')}\n}\n\n`;
    await this.#exchange(loading, setUpFunction, setUp, startTimeoutMs, (why) =>
      noStart(this.#options.engine, this.#end, why),
    );
  }

  /**
   * Calls one function of the adapter and returns its rows.
   * @throws CertRebindError of exit 7; unless the adapter itself answered with the error, the engine is dead then.
   *   `secret-withheld` when a secret would travel as text, and nothing was sent
   */
  async call(name: string, request: readonly Row[], limits: CallLimits = {}): Promise<readonly Row[]> {
    const { timeoutMs = this.#options.callTimeoutMs, secret = false } = limits;
    if (secret && this.#options.script.file === null) throw secretWithheld(name);
    const turn = this.#current.then(() =>
      this.#exchange('', name, request, timeoutMs, (why) => noAnswer(name, this.#end, why)),
    );
    this.#current = turn.catch(() => undefined);
    return turn;
  }

  /** Whether another call can be made. */
  isUsable(): boolean {
    return this.#broken === null && !this.#hasExited();
  }

  cost(): Cost {
    return { sessions: 1, roundTrips: this.#roundTrips };
  }

  /** Ends the engine; if it does not end by itself, it is killed with everything it started. */
  async close(): Promise<void> {
    this.#broken ??= new CertRebindError('powershell-failed', { message: 'The PowerShell session is closed.' });
    if (!this.#hasExited() && !this.#busy) {
      this.#shell.streams.stdin.end();
      await within(endsByItselfWithinMs, this.#hasEnded);
    }
    await this.#kill();
  }

  /** One request and its reply. Only a whole frame with this request's mark is success. */
  async #exchange(
    before: string,
    name: string,
    request: readonly Row[],
    timeoutMs: number,
    failure: (why: string) => CertRebindError,
  ): Promise<readonly Row[]> {
    if (this.#broken !== null) throw this.#broken;
    if (!functionName.test(name)) throw new TypeError(`${name} is not a function of the adapter`);
    const mark = randomBytes(16).toString('hex');
    const line = `${before}Invoke-AdapterCall '${mark}' '${name}' '${Buffer.from(encodeRows(request), 'utf8').toString('base64')}'`;
    if (line.length > this.#options.maxRequestBytes) {
      throw new CertRebindError('powershell-failed', {
        message: `A request to PowerShell has ${line.length} bytes. The limit is ${this.#options.maxRequestBytes}.`,
        hint: 'Change fewer bindings at once.',
      });
    }
    this.#roundTrips += 1;
    const outcome = await this.#say(line, timeoutMs);
    const reply = typeof outcome === 'string' ? outcome : this.#unframe(outcome, mark);
    if (typeof reply === 'string') {
      this.#broken = failure(reply);
      await this.#kill();
      throw this.#broken;
    }
    const [status, ...rows] = reply;
    if (status?.[0] === 'ok') return rows;
    throw adapterError(name, status ?? []);
  }

  /** The output on stdout, or why nothing usable will come. */
  async #say(line: string, timeoutMs: number): Promise<Buffer | string> {
    this.#busy = true;
    this.#received = 0;
    this.#end = { ...this.#end, errorText: '' };
    const abandoned = new Promise<string>((resolve) => {
      this.#abandon = resolve;
    });
    const timer = setTimeout(() => this.#abandon(`it did not answer within ${timeoutMs / 1000} seconds`), timeoutMs);
    const answered = this.#invoke(line);
    try {
      return await Promise.race([answered, abandoned]);
    } finally {
      clearTimeout(timer);
      // The library keeps the text of every request and reply.
      this.#shell.history.length = 0;
      this.#abandon = () => {};
      this.#busy = false;
    }
  }

  async #invoke(line: string): Promise<Buffer | string> {
    try {
      const { stdout } = await this.#shell.invoke(line);
      if (stdout !== undefined) return stdout;
    } catch {
      // The end of the process says more than the library's error.
    }
    return this.#ending();
  }

  /** The last output of an engine may arrive after its end was reported. */
  async #ending(): Promise<string> {
    const { stderr } = this.#shell.streams;
    if (!stderr.destroyed) await within(lastWordsWithinMs, once(stderr, 'close').then(noop, noop));
    const { exitCode, signal } = this.#end;
    if (signal !== null) return `it was ended by ${signal}`;
    return exitCode === null ? 'it ended' : `it ended with exit code ${exitCode}`;
  }

  #unframe(stdout: Buffer, mark: string): readonly Row[] | string {
    const start = stdout.indexOf(`${mark}:`);
    const end = stdout.lastIndexOf(`:${mark}`);
    if (start < 0 || end <= start) return 'its reply has no frame';
    const packed = Buffer.from(stdout.toString('latin1', start + mark.length + 1, end), 'base64');
    try {
      const text = gunzipSync(packed, { maxOutputLength: this.#options.maxReplyBytes });
      return isUtf8(text) ? decodeRows(text) : 'its reply is damaged';
    } catch (error) {
      return `its reply is ${error instanceof RangeError ? 'too large' : 'damaged'}`;
    }
  }

  #receive(bytes: number): void {
    this.#received += bytes;
    if (this.#received > this.#options.maxReplyBytes) {
      this.#abandon(`its reply is over the limit of ${this.#options.maxReplyBytes} bytes`);
    }
  }

  #hasExited(): boolean {
    const { spawnError, exitCode, signal } = this.#end;
    return this.#child.pid === undefined || exitCode !== null || signal !== null || spawnError !== null;
  }

  async #kill(): Promise<void> {
    if (this.#child.pid !== undefined && !this.#hasExited()) {
      await killTree(this.#child.pid, this.#options.systemFolder);
      await within(endsByItselfWithinMs, this.#hasEnded);
    }
    // A process that cannot be killed must not keep ours alive, nor one that the engine left behind with its streams
    // open, nor an end of stream that the system does not report (fidelity: engine-streams-open).
    this.#child.unref();
    for (const stream of Object.values(this.#shell.streams)) stream.destroy();
  }
}

async function within(ms: number, event: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([event, limit]);
  clearTimeout(timer);
}
