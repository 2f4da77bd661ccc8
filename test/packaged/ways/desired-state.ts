import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPlainYaml } from '../../packaging/plain-yaml.ts';
import { each } from '../../support/each.ts';
import type { Server } from './server.ts';

/**
 * What `dsc config set` and `test` do with a document of one resource: find its manifest below the module folders, start
 * what that names with the properties on standard input, and set only what a test found otherwise (fidelity: dsc-what-if).
 * @returns whether the server was in the desired state
 */
export function dscConfig(
  server: Server,
  verb: 'set' | 'test',
  document: string,
  manifestFile: string,
  change: Readonly<Record<string, unknown>> = {},
): boolean {
  const { resources } = readPlainYaml(document) as { resources: readonly Record<string, unknown>[] };
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
  assert.deepEqual(each(resources, 'type'), [manifest.type]);
  const wanted = JSON.stringify({ ...(resources[0]?.properties as object), ...change });
  const run = (name: 'test' | 'set') => {
    const { executable, args } = manifest[name];
    const words = args.filter((word: unknown) => typeof word === 'string');
    const { exitCode, printed } = server.start(executable, words, wanted);
    assert.equal(exitCode, 0, printed.join('\n'));
    return JSON.parse(printed.find((line) => line.includes('"nativeTask"')) ?? printed.join('\n'));
  };
  const { _inDesiredState } = run('test');
  if (verb === 'set' && !_inDesiredState) run('set');
  return _inDesiredState;
}

/** The manifest that `install` puts where DSC of PowerShell 7 looks. */
export function manifestOf(server: Server, version: string): string {
  return join(server.programFiles, 'PowerShell', 'Modules', 'CertRebind', version, 'certrebind.dsc.resource.json');
}

/** The lines by which the resource of a Windows PowerShell configuration is set, as the local configuration manager does. */
export function classLines(configuration: string, policyFile: string, ensure: 'Present' | 'Absent'): readonly string[] {
  const [, module] = /Import-DscResource -ModuleName (\w+)/.exec(configuration) ?? [];
  const [, type, body = ''] = /^ {8}(\w+) \w+ \{\n([^}]*)\n {8}\}/m.exec(configuration) ?? [];
  assert.ok(module !== undefined && type !== undefined, 'a configuration of one resource');
  const given = body.replace(/'C:\\[^']*\.json'/, `'${policyFile}'`).replace(/(Ensure += )'\w+'/, `$1'${ensure}'`);
  return [
    `$resource = & (Import-Module ${module} -PassThru) { [${type}]@{\n${given}\n} }`,
    "if (-not $resource.Test()) { $resource.Set(); 'set' }",
    '$resource.Test()',
  ];
}
