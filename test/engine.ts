import { join } from 'node:path';
import { findLabEngine, findPublishedEngine } from '../src/server/windows-lab/engine.ts';

/**
 * The real PowerShell that tests run (see findLabEngine), or the one that nothing was done to; `null` when there is none,
 * after one loud line. In CI that is an error.
 */
export function findEngine(kind: 'fast' | 'published' = 'fast'): string | null {
  const find = kind === 'fast' ? findLabEngine : findPublishedEngine;
  found ??= { engine: find(join(import.meta.dirname, '..'), process.env) };
  if (found.engine === null) {
    const text =
      'NO POWERSHELL: set CERTREBIND_TEST_PWSH, or install the .NET SDK; tests of the Windows side do not run';
    if (process.env.CI !== undefined) throw new Error(text);
    console.error(`\n*** ${text} ***\n`);
  }
  return found.engine;
}

let found: { readonly engine: string | null } | undefined;
