import type { ValidateFunction } from 'ajv';
import { describe, parseJson } from '../base/document.ts';
import { wrongInput } from '../base/errors.ts';
import { type Configuration, parseConfiguration } from './configuration.ts';
import { validateDscServer } from './generated/validate-dsc-server.js';
import type { Finding } from './status.ts';

/** The name of the resource. */
export const dscType = 'CertRebind/Server';

/** A server as the resource describes it; DSC's own shape, so it carries no `schema`. */
export interface DscServer {
  /** Any of the tasks that `enable` registers exists, in whatever state. */
  readonly _exist: boolean;
  /** In force, defaults included; absent if the file in place is invalid. */
  readonly policy?: Configuration;
  readonly policyProblem?: string;
  readonly nativeTask: 'absent' | 'disabled' | 'enabled';
  readonly lifecycleLog: 'disabled' | 'enabled';
  readonly tasks: readonly DscTask[];
  /** What is wrong with the server, whatever is wanted; only in the answer to a get, if the server could be read. */
  readonly findings?: readonly Pick<Finding, 'code' | 'severity' | 'message' | 'since' | 'commands'>[];
  /** Only in the answer to a test. */
  readonly _inDesiredState?: boolean;
  readonly differences?: readonly { readonly code: DifferenceCode; readonly text: string }[];
  /** Only in the answer to a what-if that would change something. */
  readonly _metadata?: { readonly whatIf: readonly string[] };
}

/** What differs from the wanted state. */
export type DifferenceCode =
  | 'configuration-differs'
  | 'configuration-invalid'
  | 'log-disabled'
  | 'native-active'
  | 'native-disabled'
  | 'native-undecided'
  | 'task-changed'
  | 'task-disabled'
  | 'task-missing'
  | 'task-registered';

export interface DscTask {
  readonly path: string;
  readonly name: string;
  readonly is: 'ours' | 'changed' | 'disabled' | 'missing';
}

/** The wanted state as a configuration gives it. */
export interface WantedServer {
  readonly exist: boolean;
  /** As written, and as parsed. `null`: the policy is not part of the wanted state. */
  readonly policy: { readonly text: string; readonly configuration: Configuration } | null;
  readonly replaceNative: boolean;
  readonly alongside: boolean;
  readonly restoreNative: boolean;
  /** The tasks are registered without a proof, where nothing starts them yet. */
  readonly noProof: boolean;
}

/**
 * Reads a wanted state; properties that only a server can report are ignored, so that an answer can be passed back in.
 * @throws CertRebindError `bad-document`, `bad-configuration` naming every mistake in the policy
 */
export function parseWantedServer(text: string, where: string): WantedServer {
  const value = parseJson(text, where);
  if (!isWritten(value))
    throw wrongInput('bad-document', where, `is not a valid state of ${dscType}: ${describe(isWritten.errors)}`, {
      hint: 'To see what it may have:\n  certrebind dsc schema',
    });
  const { _exist: exist = true, policy: written } = value;
  const { replaceNative = false, alongside = false, restoreNative = false, noProof = false } = value;
  if (replaceNative && (alongside || noProof)) {
    const [other, hint] = alongside ? (['alongside', onlyOne] as const) : (['noProof', needsProof] as const);
    throw wrongInput('bad-document', where, `sets both replaceNative and ${other}`, { hint });
  }
  const policy = written === undefined ? null : readPolicy(written, where);
  return { exist, policy, replaceNative, alongside, restoreNative, noProof };
}

const onlyOne =
  'Set only one of them: replaceNative replaces the rebind task of IIS Manager, alongside keeps it active.';
const needsProof =
  'Replacing the task of IIS Manager needs the proof that CertRebind works. Remove one of the two, or use alongside.';

interface Written extends Partial<Omit<WantedServer, 'exist' | 'policy'>> {
  readonly _exist?: boolean;
  readonly policy?: object;
}

const isWritten = validateDscServer as ValidateFunction<Written>;

function readPolicy(policy: object, where: string): WantedServer['policy'] {
  const text = `${JSON.stringify(policy, null, 2)}\n`;
  return { text, configuration: parseConfiguration(text, `${where}: policy`) };
}
