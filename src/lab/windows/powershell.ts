import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Switches } from '../kernel/switches.ts';
import { labSystem32 } from './checkout.ts';

/** What decides on a server whether PowerShell starts and what it may run. */
export type PowerShellPolicies = Pick<Switches, 'execution-policy' | 'script-control' | 'powershell-starts'>;

export interface PowerShellParts {
  readonly checkout: string;
  /** The PowerShell 7 behind it. */
  readonly engine: string;
  readonly policies: PowerShellPolicies;
}

/**
 * A program that stands in for powershell.exe 5.1 in a lab; without permission to run if Windows would not allow it.
 */
export async function writePowerShell(file: string, parts: PowerShellParts): Promise<void> {
  await writeFile(file, powerShellText(parts));
  await chmod(file, parts.policies['powershell-starts'] === 'yes' ? 0o755 : 0o644);
}

/** A shell script that reads its command line by the rules of 5.1 and becomes the engine. */
export function powerShellText({ checkout, engine, policies }: PowerShellParts): string {
  const system32 = labSystem32(checkout);
  const { 'execution-policy': policy, 'script-control': control } = policies;
  const settings = {
    engine,
    policy: policy === 'not-set' ? '' : policy,
    constrained: constrainedBy[control],
    session: join(system32, 'constrained.pssc'),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${quoted(value)}`);
  return `#!/bin/sh\n${lines.join('\n')}\n. ${quoted(join(system32, 'powershell.sh'))}\n`;
}

const constrainedBy = { none: '', 'allows-adapter': 'text', 'allows-nothing': 'all' } as const satisfies Record<
  PowerShellPolicies['script-control'],
  string
>;

/** A word of a shell script that stands for itself. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
