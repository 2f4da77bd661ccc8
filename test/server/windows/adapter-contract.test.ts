import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adapterText } from '../../../src/server/windows/adapter-script.ts';
import { findEngine } from '../../engine.ts';
import { assertNone, each } from '../../support/each.ts';
import { newFolder } from '../../support/temporary-lab.ts';

interface Usage {
  readonly errors: readonly string[];
  readonly own: readonly string[];
  readonly commands: readonly { readonly name: string; readonly parameters: readonly string[] }[];
  readonly positional: readonly string[];
  readonly newer: readonly string[];
  readonly static: readonly string[];
  readonly drives: readonly string[];
}

/** Module, command, parameter. */
type Commands = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;

const engine = findEngine();
const root = join(import.meta.dirname, '../../..');

(engine === null ? describe.skip : describe)('what the adapter uses of Windows', () => {
  let usage: Usage;
  before(() => {
    usage = usageOf(adapterText);
  });

  it('is ASCII, parses, and stays inside the language of 5.1', () => {
    assert.match(adapterText, /^[\n -~]*$/);
    assert.deepEqual(usage.errors, []);
    assert.deepEqual(usage.newer, []);
  });

  it('is understood by PowerShell 4.0 as far as its own check of the version', () => {
    // Everything that is later than that is in functions, which are compiled when they are called.
    assert.doesNotMatch(adapterText, /^\s*(?:class|enum|using)\s/m);
  });

  it('consists of commands and parameters that Windows PowerShell 5.1 and WebAdministration have', () => {
    const known = lowerCase({ ...fixture('windows-powershell-5.1'), ...fixture('webadministration') });
    const missing = usage.commands.flatMap(({ name, parameters }) => {
      const found = known.get(name.toLowerCase());
      if (found === undefined) return [name];
      const common = ['confirm', 'erroraction'];
      return parameters
        .filter((parameter) => !found.has(parameter.toLowerCase()) && !common.includes(parameter.toLowerCase()))
        .map((parameter) => `${name} -${parameter}`);
    });
    assert.deepEqual(missing, []);
  });

  it('names every parameter', () => assert.deepEqual(usage.positional, []));

  it('is the list of commands in commands.txt', () => {
    const listed = readFileSync(join(import.meta.dirname, 'commands.txt'), 'utf8')
      .trimEnd()
      .split('\n');
    const used = usage.commands.map(({ name, parameters }) => `${name} ${parameters.join(', ')}`.trimEnd());
    assert.deepEqual(listed, [...used].sort());
  });

  it('compiles nothing and starts no text as code', () => {
    const forbidden = ['Invoke-Expression', 'Start-Process', 'Invoke-Command', 'Write-Host', 'New-Object'];
    assertNone(usage.commands, ({ name }) => forbidden.includes(name));
    // An assembly of Windows by its name is loaded; everything else that this command does is compiling.
    const loading = usage.commands.filter(({ name }) => name === 'Add-Type');
    assert.deepEqual(each(loading, 'parameters'), [['AssemblyName']]);
    assert.deepEqual(
      usage.static.filter((member) => /ScriptBlock|Assembly|Process\]/i.test(member)),
      ['[Diagnostics.Process]::Start'],
    );
  });

  it('makes no script of its own, which script control would constrain', () =>
    assert.doesNotMatch(adapterText, /AddScript|\[(?:Management\.Automation\.)?(?:PowerShell|scriptblock)\]::Create/i));

  it('starts no programs but netsh and icacls', () => {
    const started = Array.from(
      adapterText.matchAll(/Invoke-SystemProgram '([^']+)'|(\w+\.exe)/g),
      (found) => found[1] ?? found[2],
    );
    assert.deepEqual([...new Set(started)].sort(), ['icacls.exe', 'netsh.exe']);
    const beside = adapterText.matchAll(/ProcessStartInfo\]::new\(([^,]*)|Process\]::Start\(([^)]*)\)/g);
    assert.deepEqual(
      Array.from(beside, ([, file, start]) => file ?? start),
      ["(Get-SystemPath 'netsh.exe')", '$start'],
    );
    // .NET Framework uses the shell unless it is told not to, and then redirects nothing.
    assert.match(adapterText, /ProcessStartInfo\]::new[^\n]*\n\s*\$start\.UseShellExecute = \$false\n/);
  });

  it('waits for nothing that any user of the machine may make and hold', () =>
    assert.doesNotMatch(adapterText, /Threading\.(?:Mutex|Semaphore|EventWaitHandle)|Global\\/));

  it('would notice what 5.1 does not know', () => {
    const bad = usageOf(
      "$a = $true ? 1 : 2\n$b ??= 3\nGet-Date -AsUTC\n$IsLinux\n(1)?.d\nls foo && pwd\n'x' | Join-String",
    );
    assert.equal(bad.newer.length, 5);
    assert.deepEqual(bad.positional, ['6: ls foo']);
  });
});

function usageOf(script: string): Usage {
  const folder = newFolder();
  const path = join(folder, 'script.ps1');
  writeFileSync(path, script);
  const reader = join(root, 'test', 'powershell', 'ContractUsage.ps1');
  const { stdout, stderr } = spawnSync(
    engine ?? '',
    ['-NoProfile', '-NonInteractive', '-File', reader, '-Path', path],
    {
      encoding: 'utf8',
      env: { ...process.env, TERM: 'dumb', NO_COLOR: '1' },
    },
  );
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

function fixture(name: string): Commands {
  return JSON.parse(readFileSync(join(root, 'test', 'fixtures', 'commands', `${name}.json`), 'utf8'));
}

function lowerCase(modules: Commands): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    Object.values(modules).flatMap((commands) =>
      Object.entries(commands).map(([name, parameters]) => [
        name.toLowerCase(),
        new Set(Object.keys(parameters).map((parameter) => parameter.toLowerCase())),
      ]),
    ),
  );
}
