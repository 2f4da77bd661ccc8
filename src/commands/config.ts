import { resolve } from 'node:path';
import configurationSchema from '../../schemas/configuration.json' with { type: 'json' };
import { defaultConfiguration, parseConfiguration } from '../model/documents/configuration.ts';
import { withAdded, withSetting } from '../model/documents/set-setting.ts';
import { configurationFile, withServer } from './session/session.ts';
import { putInForce, type WriteConfiguration } from './setup/set-configuration.ts';
import { defineCommand, defineGroup, type Invocation } from './shell/command.ts';
import { readText } from './shell/files.ts';
import type { GlobalArguments } from './shell/globals.ts';

const show = defineCommand({
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
  examples: [
    ['config set holders.ftp.policy swap', 'One setting; the others stay as they are'],
    ['config set exclude.sites \'["Shop"]\'', 'A value that is no word is JSON'],
    ['config set new-config.json', 'A whole file; the one in force stays when it is invalid'],
  ],
  build: (yargs) =>
    yargs
      .positional('what', { type: 'string', demandOption: true, describe: 'A setting, or a configuration file' })
      .positional('value', { type: 'string', describe: 'Of the setting' }),
  async run({ what, value, ...args }, invocation) {
    if (value !== undefined)
      return change(async (file, written) => withSetting(await written(), what, value, file), args, invocation);
    const text = await readText(resolve(what), 'file');
    // What is wrong with it is said of the file that was named.
    parseConfiguration(text, resolve(what));
    return change(() => text, args, invocation);
  },
});

const add = defineCommand({
  examples: [['config add exclude.holders sql/MSSQLSERVER', 'To a list; what is in it stays']],
  build: (yargs) =>
    yargs
      .positional('list', { type: 'string', demandOption: true, describe: 'A setting that is a list of texts' })
      .positional('text', { type: 'string', demandOption: true, describe: 'What is added' }),
  run: ({ list, text, ...args }, invocation) =>
    change(async (file, written) => withAdded(await written(), list, text, file), args, invocation),
});

/** Puts a text in force and shows what holds then. */
async function change(write: WriteConfiguration, args: GlobalArguments, invocation: Invocation): Promise<number> {
  let configuration = defaultConfiguration;
  const target = await putInForce(
    async (file, written) => {
      const text = await write(file, written);
      configuration = parseConfiguration(text, file);
      return text;
    },
    args,
    invocation,
  );
  invocation.shell.result(configuration, () => `${target} is in force. With its defaults:\n${pretty(configuration)}`);
  return 0;
}

const schema = defineCommand({
  examples: [['config schema > certrebind.schema.json', 'A file that an editor can use']],
  build: (yargs) => yargs,
  async run(_args, { shell }) {
    shell.result(configurationSchema, () => pretty(configurationSchema));
    return 0;
  },
});

export const config = defineGroup([
  { usage: 'show', summary: 'The configuration in force, defaults included', load: async () => show },
  { usage: 'check <file>', summary: 'Whether a file is a valid configuration', load: async () => check },
  {
    usage: 'set <what> [value]',
    summary: 'Put a setting or a whole file in force, if it is valid',
    load: async () => set,
  },
  { usage: 'add <list> <text>', summary: 'Add a text to a list of the configuration', load: async () => add },
  { usage: 'schema', summary: 'The JSON Schema of the configuration, for editors', load: async () => schema },
]);

function pretty(document: object): string {
  return JSON.stringify(document, null, 2);
}
