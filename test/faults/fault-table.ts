import type { Outcome } from '../../src/documents/runs/outcome.ts';
import type { Fault, FaultEffect, FaultPoint } from '../../src/lab/kernel/faults.ts';
import type { LabRequest } from '../../src/lab/kernel/requests.ts';
import { exceptionText, hresultOf, type WindowsError, windowsErrors } from '../../src/lab/kernel/windows-errors.ts';
import type { Thumbprint } from '../../src/model/certificates/thumbprint.ts';
import { configurationWithoutShop } from '../crash/served-lab.ts';
import { keyText } from '../engine/run/world.ts';

/** Certificates of the server that the faults of this table strike. */
export interface Certificates {
  readonly old: Thumbprint;
  readonly new: Thumbprint;
  /** Covers none of the names. */
  readonly other: Thumbprint;
}

export const stands = ['kernel', 'lab host', 'PowerShell adapter'] as const;
export type Stand = (typeof stands)[number];

type Step = Outcome['steps'][number];

/**
 * A fault of a server while one certificate of four records is rebound, and what has to become of it. It strikes one of
 * the records; the others must not suffer. Tests run each row on each stand, and docs/evidence/reliability.md shows them.
 */
export interface FaultRow {
  readonly fault: string;
  /** What has to be so before the run, in the words of the lab. */
  readonly before: (certificates: Certificates, now: Date) => readonly LabRequest[];
  /** What others do once the run has its plan and before it changes anything. */
  readonly meanwhile?: (certificates: Certificates) => readonly LabRequest[];
  /** What becomes of the record that was struck, for people. */
  readonly happens: string;
  readonly exit: number;
  readonly ends:
    | { readonly error: string; readonly message: RegExp }
    | {
        readonly result: Outcome['result'];
        readonly step: Step['state'];
        readonly error?: string;
        readonly message?: RegExp;
        /** What the record holds afterwards, and all others are said to hold the new one. */
        readonly holds: keyof Certificates;
        readonly repaired?: boolean;
      };
  /** What the next start makes of it, where the run could not come to its end. */
  readonly next?: { readonly exit: number; readonly result: Outcome['result'] };
  /** Where it cannot be staged, and why. */
  readonly notOn?: Partial<Record<Stand, string>>;
}

export const victim = keyText('shop.example.com:443');
const swap: FaultPoint = { kind: 'binding-method', method: 'RebindSslCertificate', key: victim };
const netsh: FaultPoint = { kind: 'netsh', key: victim, verb: 'update' };
const connection: FaultPoint = { kind: 'connect', key: victim };

const arm = (on: FaultPoint, effect: FaultEffect, when: Partial<Pick<Fault, 'nth' | 'times'>> = {}): LabRequest => ({
  kind: 'arm-fault',
  fault: { on, nth: 1, times: 1, effect, ...when },
});
const failsWith = (error: WindowsError): FaultEffect => ({
  do: 'fail',
  hresult: hresultOf(error),
  message: exceptionText(error),
});
const fromTheSecondOn = { nth: 2, times: null };
const setByOthers = (hash: string): LabRequest => ({
  kind: 'binding-method',
  method: 'RebindSslCertificate',
  site: 'Shop',
  information: '*:443:shop.example.com',
  hash,
  store: 'My',
});

export const faultTable: readonly FaultRow[] = [
  {
    fault: 'the server refuses a replacement',
    before: () => [arm(swap, failsWith(windowsErrors.noLogonSession))],
    happens: 'the record is as before, with the words of the server; the others are replaced',
    exit: 4,
    ends: {
      result: 'partly-rebound',
      step: 'as-before',
      error: 'replace-failed',
      message: /The server said: .*logon session does not exist/,
      holds: 'old',
    },
  },
  {
    fault: 'a replacement is reported as done and is not',
    before: () => [arm(swap, { do: 'no-effect' })],
    happens: 'reading back tells; the record is as before',
    exit: 4,
    ends: {
      result: 'partly-rebound',
      step: 'as-before',
      error: 'replace-without-effect',
      message: /reported success, but nothing changed/,
      holds: 'old',
    },
  },
  {
    fault: 'a replacement loses the options of the record',
    before: () => [arm(swap, { do: 'lose-options' })],
    happens: 'all fields are written again and read back; the outcome names them',
    exit: 0,
    ends: { result: 'rebound', step: 'verified', holds: 'new', repaired: true },
  },
  {
    fault: 'a replacement loses options, and netsh ends with 0 without bringing them back',
    before: () => [arm(swap, { do: 'lose-options' }), arm(netsh, { do: 'no-effect' })],
    happens: 'the record is rolled back with every option',
    exit: 4,
    ends: {
      result: 'partly-rebound',
      step: 'rolled-back',
      error: 'options-lost',
      message: /lost .*, and CertRebind could not restore it/,
      holds: 'old',
    },
  },
  {
    fault: 'a replacement deletes the record and does not add it again',
    before: () => [arm(swap, { do: 'delete-without-add' })],
    happens: 'the record is made again as it was',
    exit: 4,
    ends: {
      result: 'partly-rebound',
      step: 'rolled-back',
      error: 'record-lost',
      message: /The certificate binding was gone after the change/,
      holds: 'old',
    },
  },
  {
    fault: 'the call for a replacement hangs after it was carried out',
    before: () => [arm(swap, { do: 'hang', after: true })],
    happens: 'nothing more is said to it, the run stays open, every record is named; the next start finishes it',
    exit: 5,
    ends: {
      result: 'needs-attention',
      step: 'silent',
      error: 'server-silent',
      message: /stopped answering/,
      holds: 'new',
    },
    next: { exit: 0, result: 'rebound' },
  },
  {
    fault: 'PowerShell dies before one of the changes',
    before: () => [arm(swap, { do: 'die', after: false })],
    happens: 'the run stays open, every record is named; the next start finishes it and replaces the rest',
    exit: 5,
    ends: {
      result: 'needs-attention',
      step: 'silent',
      error: 'server-silent',
      message: /stopped answering/,
      holds: 'old',
    },
    next: { exit: 0, result: 'rebound' },
  },
  {
    fault: 'the configuration file is locked by another process',
    before: () => [arm(swap, failsWith(windowsErrors.sharingViolation))],
    happens: 'the record is as before, with the words of the server',
    exit: 4,
    ends: {
      result: 'partly-rebound',
      step: 'as-before',
      error: 'replace-failed',
      message: /being used by another process/,
      holds: 'old',
    },
  },
  {
    fault: 'the binding is taken out of the configuration between plan and replacement',
    before: () => [],
    meanwhile: () => [{ kind: 'set-configuration', applicationHost: configurationWithoutShop }],
    happens: 'the record is as before, and the server says what it misses',
    exit: 4,
    ends: {
      result: 'partly-rebound',
      step: 'as-before',
      error: 'replace-failed',
      message: /no binding|cannot find the file/,
      holds: 'old',
    },
  },
  {
    fault: 'others set the record to a third certificate between plan and replacement',
    before: () => [],
    meanwhile: ({ other }) => [setByOthers(other)],
    happens: 'it is left as they made it, and named',
    exit: 4,
    ends: {
      result: 'partly-rebound',
      step: 'changed-by-others',
      error: 'changed-meanwhile',
      message: /Someone else changed it after the plan was made/,
      holds: 'other',
    },
  },
  {
    fault: 'others set the record to the new certificate between plan and replacement',
    before: () => [],
    meanwhile: (certificates) => [setByOthers(certificates.new)],
    happens: 'it counts as done',
    exit: 0,
    ends: { result: 'rebound', step: 'already', holds: 'new' },
  },
  {
    fault: 'the key of the new certificate can be opened only after two seconds',
    before: (certificates, now) => [
      { kind: 'set-key', thumbprint: certificates.new, key: { readyAt: new Date(now.getTime() + 2000).toISOString() } },
    ],
    happens: 'the certificate is read again until it can be, and replaced then',
    exit: 0,
    notOn: { 'PowerShell adapter': 'who asks there is not SYSTEM, so that no key is tried before it is used' },
    ends: { result: 'rebound', step: 'verified', holds: 'new' },
  },
  {
    fault: 'handshakes are refused after the replacement and were not before',
    before: () => [arm(connection, { do: 'refuse' }, fromTheSecondOn)],
    happens: 'the record is rolled back',
    exit: 4,
    ends: {
      result: 'partly-rebound',
      step: 'rolled-back',
      error: 'endpoint-worse',
      message: /served [0-9A-F]{40} before the change\. Afterwards it no longer answered/,
      holds: 'old',
    },
  },
  {
    fault: 'handshakes are refused before and after the replacement',
    before: () => [arm(connection, { do: 'refuse' }, { times: null })],
    happens: 'the record is replaced and said to be not verified',
    exit: 0,
    ends: { result: 'rebound', step: 'not-verified', holds: 'new' },
  },
  {
    fault: 'handshakes are slow',
    before: () => [arm(connection, { do: 'delay', ms: 700 }, { times: null })],
    happens: 'they are waited for',
    exit: 0,
    ends: { result: 'rebound', step: 'verified', holds: 'new' },
  },
  {
    fault: 'a certificate that does not cover the name is served after the replacement',
    before: ({ other }) => [arm(connection, { do: 'serve', thumbprint: other }, fromTheSecondOn)],
    happens: 'the record is rolled back',
    exit: 4,
    ends: {
      result: 'partly-rebound',
      step: 'rolled-back',
      error: 'endpoint-worse',
      message: /it served [0-9A-F]{40}, which does not cover that name/,
      holds: 'old',
    },
  },
  {
    fault: 'the old certificate is served for a while after the replacement',
    before: () => [arm(connection, { do: 'serve-previous' }, { nth: 2, times: 2 })],
    happens: 'the endpoint is dialled again until the new one is served',
    exit: 0,
    ends: { result: 'rebound', step: 'verified', holds: 'new' },
  },
  {
    fault: 'TLS inspection shows its own certificate, before and after',
    before: ({ other }) => [arm(connection, { do: 'serve', thumbprint: other }, { times: null })],
    happens: 'the record is replaced and said to be not verified',
    exit: 0,
    ends: { result: 'rebound', step: 'not-verified', holds: 'new' },
  },
  {
    fault: 'the endpoint serves the new certificate before the record holds it',
    before: () => [{ kind: 'set-switch', name: 'wire-follows-renewal', position: 'at-once' }],
    happens: 'that is said and not believed; the record is replaced',
    exit: 0,
    ends: { result: 'rebound', step: 'served-successor', holds: 'new' },
  },
  {
    fault: 'the server does not answer the first question',
    before: () => [arm({ kind: 'read' }, { do: 'hang', after: false })],
    happens: 'nothing was changed, and no run is left',
    exit: 7,
    ends: { error: 'server-unreachable', message: /did not answer/ },
    notOn: {
      'PowerShell adapter': 'an engine without an answer is powershell-failed, see test/server/windows/session.slow.ts',
    },
  },
  {
    fault: 'others change the record right after the replacement',
    before: ({ other }) => [arm({ kind: 'read-records', key: victim }, { do: 'changed-by-others', thumbprint: other })],
    happens: 'it is left as they made it, and a person is asked for',
    exit: 5,
    ends: {
      result: 'needs-attention',
      step: 'rollback-failed',
      error: 'changed-meanwhile',
      message: /Someone else changed it/,
      holds: 'other',
    },
    notOn: { 'PowerShell adapter': 'its reading back is no single request of the lab' },
  },
];

/** The same on every stand. */
export function nameOfTest({ fault, happens, exit }: Pick<FaultRow, 'fault' | 'happens' | 'exit'>): string {
  return `${fault}: ${happens} (exit ${exit})`;
}
