// engine.mjs: halves what each start of PowerShell costs the tests. Installers of PowerShell carry machine code beside the
// intermediate language; the .NET tool, which is all that a package registry has, does not. This makes a copy of the tool
// whose largest assemblies have it too; their intermediate language stays as it was published. Only on Linux x64, and only when the tool is what the tests would run.

import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compiledEngine, findPublishedEngine } from '../src/lab/windows/engine.ts';
import { withLock } from './lib/lock.mjs';
import { inRoot, ROOT } from './lib/paths.mjs';
import { assertNow } from './lib/program.mjs';

const PROJECT = inRoot('test/powershell/engine/crossgen.csproj');
const PACKAGES = inRoot('.cache/nuget');
const ASSEMBLIES = [
  'System.Management.Automation',
  'Microsoft.PowerShell.ConsoleHost',
  'Microsoft.PowerShell.Commands.Utility',
  'Microsoft.PowerShell.Commands.Management',
  'Microsoft.PowerShell.Security',
  'Microsoft.PowerShell.MarkdownRender',
  'Microsoft.ApplicationInsights',
  'Newtonsoft.Json',
];

const target = compiledEngine(ROOT);
const published = findPublishedEngine(ROOT, process.env);
if (process.platform !== 'linux' || process.arch !== 'x64' || !published?.includes('/tools/net10.0/any/unix/')) {
  console.log(`the tests run ${published ?? 'no PowerShell'} as it is`);
} else {
  mkdirSync(inRoot('.cache'), { recursive: true });
  await withLock(inRoot('.cache/engine.lock'), () => {
    if (!existsSync(target)) compile(dirname(published), dirname(target));
  });
  console.log(`the tests run ${target}`);
}

function compile(from, to) {
  const compiler = fetchCompiler();
  const references = ['-r', `${newestRuntime()}/*.dll`, '-r', `${from}/*.dll`];
  mkdirSync(dirname(to), { recursive: true });
  const draft = mkdtempSync(`${to}-draft-`);
  try {
    cpSync(from, draft, { recursive: true });
    // Tests that become another user run it too, and what was copied into a temporary folder is its maker's alone.
    assertNow('chmod', ['-R', 'a+rX', draft]);
    for (const name of ASSEMBLIES) {
      const file = `${name}.dll`;
      assertNow(compiler, [join(from, file), '-o', join(draft, file), ...references, '--targetos', 'linux', '-O']);
    }
    renameSync(draft, to);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function fetchCompiler() {
  const [, name = '', version = ''] =
    /Include="([^"]+Crossgen2[^"]+)" Version="\[([^\]]+)\]"/.exec(readFileSync(PROJECT, 'utf8')) ?? [];
  const compiler = join(PACKAGES, name.toLowerCase(), version, 'tools', 'crossgen2');
  if (!existsSync(compiler)) {
    assertNow('dotnet', ['restore', PROJECT, `-p:BaseIntermediateOutputPath=${inRoot('.cache/crossgen/')}`]);
  }
  chmodSync(compiler, 0o755);
  return compiler;
}

function newestRuntime() {
  const runtimes = assertNow('dotnet', ['--list-runtimes']).matchAll(/^Microsoft\.NETCore\.App (10\.\S+) \[(.+)\]$/gm);
  const [, version, folder] = [...runtimes].at(-1) ?? [];
  if (version === undefined) throw new Error('there is no .NET 10 runtime to compile PowerShell for');
  return join(folder, version);
}
