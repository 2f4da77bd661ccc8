// The class for DSC in an engine that nobody here wrote: PSDesiredStateConfiguration, built from its own repository.

import { cpSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createLab } from '../../src/lab/host/create.ts';
import { serveLab } from '../../src/lab/host/serve.ts';
import { findEngine } from '../../test/engine.ts';
import { checklist } from '../lib/checklist.mjs';
import { inRoot } from '../lib/paths.mjs';
import { demand } from '../lib/program.mjs';

export const shows = 'That the engine of PSDesiredStateConfiguration lists the class of CertRebindDsc and invokes it';
export const needs = [
  'git and the repository PowerShell/PSDesiredStateConfiguration, from GitHub or where CERTREBIND_DSC_SOURCE says',
  'the .NET SDK',
  'the PowerShell of the tests',
];

const COMMIT = 'c26e6b7';
const REPOSITORY = 'https://github.com/PowerShell/PSDesiredStateConfiguration';

export async function run({ folder, say }) {
  const engine = findEngine('published');
  if (engine === null) throw new Error('the PowerShell of the tests is not there: run npm test once');
  const modules = await buildEngine(folder, engine);
  say('PSDesiredStateConfiguration was built');
  const lab = join(folder, 'lab');
  await createLab({ folder: lab });
  const serving = await serveLab(lab);
  try {
    const env = {
      HOME: folder,
      PATH: process.env.PATH,
      TERM: 'dumb',
      PSModulePath: `${modules}:${inRoot('module')}`,
      CERTREBIND_LAB: lab,
      CERTREBIND_EXECUTABLE: inRoot('dist/certrebind-lab.cjs'),
    };
    const script = join(folder, 'invoke.ps1');
    writeFileSync(script, invoking);
    const printed = await demand(engine, ['-NoProfile', '-NonInteractive', '-File', script], { env });
    return judged(printed.trim().split('\n'), say);
  } finally {
    await serving.close();
  }
}

/** For the .NET of this PowerShell; its own project wants one of 2021. @returns a folder of modules */
async function buildEngine(folder, engine) {
  const source = join(folder, 'source');
  await demand('git', ['clone', '--quiet', process.env.CERTREBIND_DSC_SOURCE ?? REPOSITORY, source]);
  await demand('git', ['-C', source, 'checkout', '--quiet', COMMIT]);
  const subsystem = join(folder, 'subsystem');
  cpSync(join(source, 'src/DscSubsystem'), subsystem, { recursive: true });
  const name = 'Microsoft.PowerShell.DscSubsystem';
  writeFileSync(
    join(subsystem, `${name}.csproj`),
    `<Project Sdk="Microsoft.NET.Sdk">
      <PropertyGroup>
        <TargetFramework>net10.0</TargetFramework><AssemblyName>${name}</AssemblyName>
        <SignAssembly>true</SignAssembly><DelaySign>true</DelaySign>
        <AssemblyOriginatorKeyFile>visualstudiopublic.snk</AssemblyOriginatorKeyFile>
      </PropertyGroup>
      <ItemGroup><Reference Include="${join(dirname(engine), 'System.Management.Automation.dll')}" Private="false" /></ItemGroup>
    </Project>`,
  );
  await demand('dotnet', ['build', subsystem, '--nologo', '-c', 'Release', '-o', join(folder, 'built')]);
  const modules = join(folder, 'modules');
  const module = join(modules, 'PSDesiredStateConfiguration');
  cpSync(join(source, 'src/PSDesiredStateConfiguration'), module, { recursive: true });
  cpSync(join(folder, 'built', `${name}.dll`), join(module, `${name}.dll`));
  return modules;
}

const invoking = `
$ErrorActionPreference = 'Stop'
Import-Module PSDesiredStateConfiguration
(Get-DscResource -Module CertRebindDsc | Select-Object Name, ImplementationDetail | ConvertTo-Json -Compress)
$wanted = @{ IsSingleInstance = 'Yes'; NoProof = $true }
foreach ($method in 'Test', 'Set', 'Test', 'Get') {
    Invoke-DscResource -Name CertRebind -ModuleName CertRebindDsc -Method $method -Property $wanted | ConvertTo-Json -Compress
}
`;

function judged([listed, before, set, after, got], say) {
  const state = JSON.parse(got);
  const { check, result } = checklist(say);
  check(
    'Get-DscResource lists CertRebind, as a class',
    listed === '{"Name":"CertRebind","ImplementationDetail":"ClassBased"}',
  );
  check('Test says that a new server is not in the desired state', before === '{"InDesiredState":false}');
  check('Set brings it there, without a restart', set === '{"RebootRequired":false}');
  check('Test says so', after === '{"InDesiredState":true}');
  check('Get shows it', state.Ensure === 'Present' && state.Enabled && state.Reasons.length === 0);
  return result(
    `PSDesiredStateConfiguration of commit ${COMMIT}, in PowerShell 7.6.9 on Linux, on a lab. It is not the engine of Windows PowerShell 5.1,`,
    'the Local Configuration Manager, which nobody here has run.',
  );
}
