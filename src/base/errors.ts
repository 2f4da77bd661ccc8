import { hintWithLines } from './codes/entry.ts';
import { type ErrorCode, errorEntries } from './codes/error-codes.ts';
import type { ExitCode } from './codes/exit-codes.ts';

/**
 * Everything that ends a command early: what is wrong, with which input, and what to do about it.
 * The exit code and the standing hint come from the table of codes, so that no caller decides them.
 */
export class CertRebindError extends Error {
  readonly code: ErrorCode;
  readonly exitCode: ExitCode;
  /** What to do; a line to type stands on a line of its own. */
  readonly hint: string | null;
  /** The input, file or part of the server concerned, for example `--old` or `plan.json:12`. */
  readonly where: string | null;

  constructor(code: ErrorCode, detail: { message: string; where?: string; hint?: string; cause?: unknown }) {
    super(detail.message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'CertRebindError';
    const entry = errorEntries[code];
    this.code = code;
    this.exitCode = entry.exit;
    this.hint = detail.hint ?? hintWithLines(entry);
    this.where = detail.where ?? null;
  }
}

/** What was typed does not fit. @param where the option or argument that is wrong */
export function wrongUse(where: string, message: string, hint: string | null = null): CertRebindError {
  return new CertRebindError('usage', { message, where, ...(hint === null ? {} : { hint }) });
}

/** An input is not as it has to be. @param what is wrong with it, as the end of a sentence that begins with `where` */
export function wrongInput(
  code: ErrorCode,
  where: string,
  what: string,
  more: { readonly hint?: string; readonly cause?: unknown } = {},
): CertRebindError {
  return new CertRebindError(code, { message: `${where} ${what}.`, where, ...more });
}

/** What `--json` prints when an error ends a command. */
export interface ErrorDocument {
  readonly schema: 'certrebind/error/1';
  readonly exitCode: number;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint: string | null;
    readonly where: string | null;
  };
}

/**
 * Turns anything that was thrown into the document of the contract; an unexpected error is a defect of this program
 * (exit 1).
 */
export function errorDocument(thrown: unknown): ErrorDocument {
  const error =
    thrown instanceof CertRebindError ? thrown : new CertRebindError('internal', { message: messageFrom(thrown) });
  return {
    schema: 'certrebind/error/1',
    exitCode: error.exitCode,
    error: { code: error.code, message: error.message, hint: error.hint, where: error.where },
  };
}

/** What was thrown, in its own words. */
export function messageFrom(thrown: unknown): string {
  // Every address of a host was tried, and the error that holds their errors says nothing itself.
  if (thrown instanceof AggregateError && thrown.message === '') return thrown.errors.map(messageFrom).join('; ');
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The answer; `null` where finding it throws, whatever that is. */
export function nullIfThrown<Answer>(find: () => Answer): Answer | null {
  try {
    return find();
  } catch {
    return null;
  }
}

/** The result of reading one file, or the error that stopped it; one bad file must not hide the others. */
export async function asResult<Result>(read: () => Promise<Result>): Promise<Result | CertRebindError> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CertRebindError) return error;
    throw error;
  }
}

/** The same where it does not matter why: `null` for an error. */
export async function orNull<Result>(read: () => Promise<Result>): Promise<Result | null> {
  const result = await asResult(read);
  return result instanceof CertRebindError ? null : result;
}
