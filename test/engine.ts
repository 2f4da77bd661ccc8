import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultSwitches } from '../src/lab/kernel/switches.ts';
import { findLabEngine, findPublishedEngine } from '../src/lab/windows/engine.ts';
import { powerShellText } from '../src/lab/windows/system-root.ts';

const checkout = join(import.meta.dirname, '..');

/**
 * The real PowerShell that tests run (see findLabEngine), or the one that nothing was done to; `null` when there is none,
 * after one loud line. In CI that is an error.
 */
export function findEngine(kind: 'fast' | 'published' = 'fast'): string | null {
  const find = kind === 'fast' ? findLabEngine : findPublishedEngine;
  if (!found.has(kind)) found.set(kind, find(checkout, process.env));
  const engine = found.get(kind) ?? null;
  if (engine === null) {
    const text =
      'NO POWERSHELL: set CERTREBIND_TEST_PWSH, or install the .NET SDK; tests of the Windows side do not run';
    if (process.env.CI !== undefined) throw new Error(text);
    console.error(`\n*** ${text} ***\n`);
  }
  return engine;
}

/** The same behind a powershell.exe that reads its command line as Windows PowerShell 5.1 does. */
export function findWindowsPowerShell(): string | null {
  const engine = findEngine();
  if (engine === null) return null;
  standIn ??= writeStandIn(engine);
  return standIn;
}

let standIn: string | undefined;

function writeStandIn(engine: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'certrebind-powershell-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'powershell.exe');
  writeFileSync(file, powerShellText({ checkout, engine, policies: defaultSwitches }), { mode: 0o755 });
  return file;
}

const found = new Map<string, string | null>();
