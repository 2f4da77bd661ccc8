import { CertRebindError } from '../../model/errors.ts';
import type { Row } from './rows.ts';

/** How an engine ended, as far as it has. */
export interface EngineEnd {
  readonly spawnError: Error | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** What it wrote on stderr during the last request. */
  readonly errorText: string;
}

const windowsPowerShell = 'Windows PowerShell 5.1';

/** The engine could not be brought to work: what to install, or what to allow. */
export function noStart(engine: string, end: EngineEnd, why = 'it did not start'): CertRebindError {
  const { spawnError, errorText } = end;
  if (spawnError !== null) return cannotSpawn(engine, spawnError);
  if (isConstrained(errorText)) {
    return new CertRebindError('powershell-failed', {
      message: `${windowsPowerShell} runs in constrained language mode here, so it cannot work on IIS.`,
      hint: 'Allow certrebind-adapter.ps1, which lies beside the installed executable, in the application control policy (WDAC or AppLocker) by its signature or hash, then run certrebind install.',
      where: engine,
    });
  }
  if (/UnauthorizedAccess|PSSecurityException/.test(errorText)) {
    return new CertRebindError('powershell-failed', {
      message: `The execution policy of this server blocks the adapter script: ${firstLine(errorText)}`,
      hint: 'Allow certrebind-adapter.ps1 (trust its publisher), or set the execution policy of the machine to RemoteSigned.',
      where: engine,
    });
  }
  return new CertRebindError('powershell-failed', {
    message: `${windowsPowerShell} could not be used: ${why}${said(errorText)}.`,
    where: engine,
  });
}

/** A request to a working engine was not answered; what became of it is not known. */
export function noAnswer(name: string, end: EngineEnd, why: string): CertRebindError {
  return new CertRebindError('powershell-failed', {
    message: `PowerShell gave no answer to ${name}: ${why}${said(end.errorText)}.`,
  });
}

/** The adapter answered with an error; the ids are those that its functions give. */
export function adapterError(name: string, [, id = '', message = '', detail = '']: Row): CertRebindError {
  switch (id) {
    case 'engine-too-old':
      return new CertRebindError('powershell-missing', {
        message: `This server has PowerShell ${message}; ${windowsPowerShell} or later is needed.`,
        hint: 'Install Windows Management Framework 5.1.',
      });
    case 'engine-constrained':
      return noStart(name, { spawnError: null, exitCode: null, signal: null, errorText: 'ConstrainedLanguage' });
    case 'module-missing':
      return new CertRebindError('module-missing', {
        message: `The PowerShell module ${message} is missing on this server${detail === '' ? '' : `: ${detail}`}.`,
        ...(message === 'WebAdministration'
          ? {}
          : { hint: `Install the Windows feature that brings ${message} along.` }),
      });
    case 'access-denied':
      return new CertRebindError('not-elevated', { message: `Windows denied access: ${message}` });
    case 'busy':
      return new CertRebindError('locked', {
        message: `A PowerShell of an earlier run is still changing this server: ${detail}`,
        hint: 'Wait until it has ended, then start again.',
        where: message,
      });
    default:
      return new CertRebindError('powershell-failed', {
        message: `PowerShell could not carry out ${name}: ${message}`,
        ...(detail === '' ? {} : { where: detail }),
      });
  }
}

/** Windows PowerShell prints the untranslated id of the error, a newer one its sentence. */
export function isConstrained(errorText: string): boolean {
  return /ConstrainedLanguage|only on core types in this language mode/.test(errorText);
}

function cannotSpawn(engine: string, error: Error): CertRebindError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.message;
  const blocked = code !== 'ENOENT';
  return new CertRebindError('powershell-missing', {
    message: blocked
      ? `${windowsPowerShell} may not be started at ${engine} (${code}).`
      : `There is no PowerShell at ${engine}.`,
    ...(blocked ? { hint: 'Allow powershell.exe for this account in AppLocker, WDAC or the antivirus program.' } : {}),
    where: engine,
    cause: error,
  });
}

function said(errorText: string): string {
  const line = firstLine(errorText);
  return line === '' ? '' : `; it said: ${line}`;
}

function firstLine(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return (lines.find((line) => line !== '' && !/^[0-9A-Za-z]{16}$/.test(line)) ?? '').slice(0, 300);
}
