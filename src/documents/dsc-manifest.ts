import configurationSchema from '../../schemas/configuration.json' with { type: 'json' };
import serverSchema from '../../schemas/dsc-server.json' with { type: 'json' };
import { exits } from '../base/codes/exit-codes.ts';
import { dscType } from './dsc-server.ts';

/** The name under which DSC finds it, beside the executable. */
export const dscManifestName = 'certrebind.dsc.resource.json';

/** The schema of the resource's states in one piece, the configuration's within. */
export function dscSchema(): object {
  const { $id: _serverId, properties, ...server } = serverSchema;
  const {
    $id: _id,
    $schema: _dialect,
    definitions,
    title: _title,
    description: _text,
    ...configuration
  } = configurationSchema;
  return {
    ...server,
    properties: { ...properties, policy: { ...configuration, description: properties.policy.description } },
    definitions,
  };
}

/**
 * How DSC runs the resource; every verb is a command of the executable. Held to the schema that it names, which knows a
 * preview as a verb of its own, and would have an embedded schema refer to addresses (fidelity: dsc-what-if).
 * @param executable its absolute path; without one DSC takes the one that lies beside the manifest
 */
export function dscManifest(version: string, executable = 'certrebind'): object {
  const command = (...words: readonly string[]) => ({ executable, args: ['dsc', ...words] });
  const verb = (...words: readonly string[]) => ({ ...command(...words), input: 'stdin' });
  const setting = { implementsPretest: true, handlesExist: true, return: 'state' };
  return {
    $schema: 'https://aka.ms/dsc/schemas/v3/bundled/resource/manifest.json',
    type: dscType,
    version,
    description: 'Certificate rebind of an IIS server: on or off, and with which configuration.',
    tags: ['Windows', 'IIS', 'Certificate', 'TLS'],
    get: verb('get'),
    set: { ...verb('set'), ...setting, requireSecurityContext: 'elevated' },
    whatIf: { ...verb('set', '--what-if'), ...setting },
    test: { ...verb('test'), return: 'state' },
    export: verb('export'),
    exitCodes: exits,
    schema: { command: command('schema') },
  };
}

/** The manifest as the file that DSC reads; the same bytes wherever it is put. */
export function dscManifestText(version: string, executable?: string): string {
  return `${JSON.stringify(dscManifest(version, executable), null, 2)}\n`;
}
