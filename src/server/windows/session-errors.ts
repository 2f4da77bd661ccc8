import type { ErrorCode } from '../../base/codes/error-codes.ts';
import { CertRebindError } from '../../base/errors.ts';
import { fileErrorCode } from '../../base/file-error.ts';
import type { Row } from '../../model/windows/rows.ts';

/** How an engine ended, as far as it has. */
export interface EngineEnd {
  readonly spawnError: Error | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** What it wrote on stderr during the last request. */
  readonly errorText: string;
}

/**
 * The engine did not answer the set-up. The code says what kept it from working, as far as that can be determined: the
 * execution policy, application control or antivirus, the system that does not start it, or `powershell-failed` for unknown.
 */
export class EngineStartError extends CertRebindError {
  /** What the engine wrote, in one line. */
  readonly said: string;

  constructor(code: ErrorCode, detail: ConstructorParameters<typeof CertRebindError>[1] & { readonly said?: string }) {
    super(code, detail);
    this.said = detail.said ?? detail.message;
  }
}

const windowsPowerShell = 'Windows PowerShell 5.1';

/** The engine could not be used: says what to install, or what to allow. */
export function noStart(engine: string, end: EngineEnd, why = 'it did not start'): EngineStartError {
  const { spawnError, errorText } = end;
  if (spawnError !== null) return cannotSpawn(engine, spawnError);
  if (isConstrained(errorText)) return constrained(engine);
  const line = firstLine(errorText);
  if (/ScriptContainedMaliciousContent/.test(errorText)) {
    return new EngineStartError('script-control', {
      message: `The antivirus program of this server blocks the PowerShell script of CertRebind: ${line}`,
      hint: 'Exclude certrebind-adapter.ps1 (next to the installed executable) in the antivirus program, and report it as a false positive.',
      where: engine,
    });
  }
  // Windows PowerShell prints the untranslated id of the error (fidelity: policy-refusal).
  if (/UnauthorizedAccess|PSSecurityException/.test(errorText)) {
    const message = `The execution policy of this server blocks the PowerShell script of CertRebind: ${line}`;
    return new EngineStartError('execution-policy', { message, where: engine, said: line });
  }
  const ended = `${why}${said(errorText)}`;
  const message = `${windowsPowerShell} could not be used: ${ended}.`;
  return new EngineStartError('powershell-failed', {
    message,
    where: engine,
    said: ended,
    ...hintOfSilence(errorText),
  });
}

function constrained(where: string): EngineStartError {
  const message = `${windowsPowerShell} runs in constrained language mode on this server, so it cannot manage IIS.`;
  return new EngineStartError('script-control', { message, where });
}

/** A request to a working engine was not answered; its effect is not known. */
export function noAnswer(name: string, end: EngineEnd, why: string): CertRebindError {
  return new CertRebindError('powershell-failed', {
    message: `PowerShell did not answer ${name}: ${why}${said(end.errorText)}.`,
    ...hintOfSilence(end.errorText),
  });
}

/** Nothing was sent. */
export function secretWithheld(name: string): CertRebindError {
  return new CertRebindError('secret-withheld', {
    message: `${name} contains a secret, but the PowerShell script of CertRebind does not run as a file here.`,
  });
}

/** The adapter answered with an error; the ids are those that its functions use. */
export function adapterError(name: string, [, id = '', message = '', detail = '']: Row): CertRebindError {
  switch (id) {
    case 'engine-too-old':
      return new CertRebindError('powershell-missing', {
        message: `This server has PowerShell ${message}. CertRebind needs ${windowsPowerShell} or later.`,
        hint: 'Install Windows Management Framework 5.1 (KB3191564 on Windows Server 2012 R2), restart the server, then run the command again.',
      });
    case 'engine-constrained':
      return constrained(name);
    case 'module-missing':
      return new CertRebindError('module-missing', {
        message: `The PowerShell module ${message} is missing on this server${detail === '' ? '' : `: ${detail}`}.`,
        ...(message === 'WebAdministration' ? {} : { hint: `Install the Windows feature that contains ${message}.` }),
      });
    case 'secret-unreadable':
      return new CertRebindError('secret-unreadable', {
        message: `The secret ${detail} cannot be read on this server: ${message.replace(/\.?\s*$/, '.')} It was set on another server, or is damaged.`,
      });
    case 'access-denied':
      return new CertRebindError('not-elevated', { message: `Windows denied access: ${message}` });
    case 'busy':
      return new CertRebindError('locked', {
        message: `PowerShell of an earlier run is still changing this server: ${detail}`,
        hint: 'Wait until it has finished, then run the command again.',
        where: message,
      });
    default:
      return new CertRebindError('powershell-failed', {
        message: `PowerShell could not run ${name}: ${message}`,
        ...(detail === '' ? {} : { where: detail }),
      });
  }
}

/** Windows PowerShell prints the untranslated id of the error, a newer one its sentence. */
export function isConstrained(errorText: string): boolean {
  return /ConstrainedLanguage|only on core types in this language mode/.test(errorText);
}

function cannotSpawn(where: string, cause: Error): EngineStartError {
  const code = fileErrorCode(cause) ?? cause.message;
  const isMissing = code === 'ENOENT';
  const message = isMissing
    ? `PowerShell was not found at ${where}.`
    : `Windows refused to start ${windowsPowerShell} at ${where} (${code}).`;
  return new EngineStartError(isMissing ? 'powershell-missing' : 'engine-refused', { message, where, cause });
}

/** PowerShell itself says why it ends. One that said nothing was perhaps ended. */
function hintOfSilence(errorText: string): { readonly hint?: string } {
  if (firstLine(errorText) !== '') return {};
  return {
    hint: 'Another program, such as antivirus or EDR, may have stopped powershell.exe. Look in its log, and in the event logs Microsoft-Windows-Windows Defender/Operational and Windows PowerShell, at this time. Allow powershell.exe where certrebind.exe starts it.',
  };
}

function said(errorText: string): string {
  const line = firstLine(errorText);
  return line === '' ? '' : `; it said: ${line}`;
}

function firstLine(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return (lines.find((line) => line !== '' && !/^[0-9A-Za-z]{16}$/.test(line)) ?? '').slice(0, 300);
}
