import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import configurationSchema from '../../schemas/configuration.json' with { type: 'json' };
import { parseConfiguration } from '../model/configuration.ts';
import { CertRebindError } from '../model/errors.ts';
import type { Server } from '../server/server.ts';
import { writeFileAtomically } from '../state/atomic-file.ts';
import { ensureFolder } from '../state/folder.ts';
import { defineCommand, defineGroup, type Invocation } from './shell/command.ts';
import { readText } from './shell/files.ts';
import type { GlobalArguments } from './shell/globals.ts';
import { createFolder } from './shell/place-program.ts';
import { demandSafeState } from './shell/safe-state.ts';
import { openServer } from './shell/servers.ts';
import { configurationFile, withServer } from './shell/session.ts';

const show = defineCommand({
  usage: 'show',
  summary: 'The configuration in force, defaults included',
  examples: [['config show', 'What holds on this server']],
  build: (yargs) => yargs,
  run: (args, invocation) =>
    withServer(args, invocation, async ({ configuration, home }) => {
      const file = configurationFile(args, home);
      invocation.shell.result(
        configuration,
        () =>
          `${file === null ? 'No configuration file: the defaults.' : `From ${file}, where it exists:`}\n${pretty(configuration)}`,
      );
      return 0;
    }),
});

const check = defineCommand({
  usage: 'check <file>',
  summary: 'Whether a file is a valid configuration',
  examples: [['config check new-config.json', 'Before it is put in place']],
  build: (yargs) => yargs.positional('file', { type: 'string', demandOption: true, describe: 'A configuration file' }),
  async run(args, { shell }) {
    const file = resolve(args.file);
    const configuration = parseConfiguration(await readText(file, 'file'), file);
    shell.result(configuration, () => `${file} is valid. With its defaults:\n${pretty(configuration)}`);
    return 0;
  },
});

const set = defineCommand({
  usage: 'set <file>',
  summary: 'Put a configuration in force, if it is valid',
  examples: [['config set new-config.json', 'The one in force stays when the file is invalid']],
  build: (yargs) => yargs.positional('file', { type: 'string', demandOption: true, describe: 'A configuration file' }),
  async run(args, invocation) {
    const file = resolve(args.file);
    const text = await readText(file, 'file');
    const configuration = parseConfiguration(text, file);
    const target = await putInForce(text, args, invocation);
    invocation.shell.result(configuration, () => `${target} is in force. With its defaults:\n${pretty(configuration)}`);
    return 0;
  },
});

/**
 * Writes a configuration that was found valid where the server looks for it, and returns the file.
 * @throws CertRebindError `read-only-server`, `unsafe-folder`, `not-writable`
 */
export async function putInForce(text: string, args: GlobalArguments, { shell, servers }: Invocation): Promise<string> {
  // Not as other commands open a server: the configuration in force may be what is to be mended.
  const { server, home } = await openServer(servers, args, shell.env);
  try {
    const target = configurationFile(args, home);
    if (target === null)
      throw new CertRebindError('read-only-server', { message: 'A captured server has no configuration to set.' });
    if (home !== null && dirname(target) === home) await secureState(server, home);
    await ensureFolder(dirname(target));
    await writeFileAtomically(target, text);
    return target;
  } finally {
    await server.close();
  }
}

/** A configuration steers what runs as SYSTEM, so its folder has its final rights from its first moment. */
async function secureState(server: Server, home: string): Promise<void> {
  await demandSafeState({ server, home });
  if (!existsSync(home)) await createFolder(server, home, 'administrators');
}

const schema = defineCommand({
  usage: 'schema',
  summary: 'The JSON Schema of the configuration, for editors',
  examples: [['config schema > certrebind.schema.json', 'A file that an editor can use']],
  build: (yargs) => yargs,
  async run(_args, { shell }) {
    shell.result(configurationSchema, () => pretty(configurationSchema));
    return 0;
  },
});

export const config = defineGroup({
  name: 'config',
  summary: 'Show, check, set and describe the configuration',
  commands: [show, check, set, schema],
});

function pretty(document: object): string {
  return JSON.stringify(document, null, 2);
}
