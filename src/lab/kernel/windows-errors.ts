import type { LabResult, Outcome } from './answers.ts';
import type { LabState } from './lab-state.ts';

/** Win32 errors with the texts Windows has for them (fidelity: error-texts). */
export const windowsErrors = {
  notFound: { code: 2, text: 'The system cannot find the file specified.' },
  accessDenied: { code: 5, text: 'Access is denied.' },
  sharingViolation: {
    code: 32,
    text: 'The process cannot access the file because it is being used by another process.',
  },
  badParameter: { code: 87, text: 'The parameter is incorrect.' },
  alreadyExists: { code: 183, text: 'Cannot create a file when that file already exists.' },
  serviceError: { code: 1066, text: 'The service has returned a service-specific error code.' },
  dependentsRun: {
    code: 1051,
    text: 'A stop control has been sent to a service that other running services are dependent on.',
  },
  noSuchService: { code: 1060, text: 'The specified service does not exist as an installed service.' },
  noLogonSession: {
    code: 1312,
    text: 'A specified logon session does not exist. It may already have been terminated.',
  },
  schedulerStopped: { code: 0x80041315, text: 'The Task Scheduler service is not running.' },
} as const satisfies Record<string, WindowsError>;

export interface WindowsError {
  readonly code: number;
  readonly text: string;
}

/** Errors below 0x10000 are of Win32; others are results already. */
export function hresultOf(error: WindowsError): number {
  return error.code < 0x10000 ? 0x80070000 + error.code : error.code;
}

/** What a COM exception says. */
export function exceptionText(error: WindowsError): string {
  return `${error.text} (Exception from HRESULT: 0x${hresultOf(error).toString(16).toUpperCase()})`;
}

export function failed(error: WindowsError): LabResult {
  return { kind: 'failed', hresult: hresultOf(error), message: exceptionText(error) };
}

export function refuse(state: LabState, error: WindowsError): Outcome {
  return { state, result: failed(error) };
}
