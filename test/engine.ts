import { join } from 'node:path';
import { findLabEngine, findPublishedEngine } from '../src/server/windows-lab/engine.ts';

/**
 * The real PowerShell that tests run (see findLabEngine), or the one that nothing was done to; `null` when there is none,
 * after one loud line. In CI that is an error.
 */
export function findEngine(kind: 'fast' | 'published' = 'fast'): string | null {
  const find = kind === 'fast' ? findLabEngine : findPublishedEngine;
  if (!found.has(kind)) found.set(kind, find(join(import.meta.dirname, '..'), process.env));
  const engine = found.get(kind) ?? null;
  if (engine === null) {
    const text =
      'NO POWERSHELL: set CERTREBIND_TEST_PWSH, or install the .NET SDK; tests of the Windows side do not run';
    if (process.env.CI !== undefined) throw new Error(text);
    console.error(`\n*** ${text} ***\n`);
  }
  return engine;
}

const found = new Map<string, string | null>();
