import { resolve } from 'node:path';
import configurationSchema from '../../../schemas/configuration.json' with { type: 'json' };
import { asResult, wrongUse } from '../../base/errors.ts';
import { parseConfiguration } from '../../documents/configuration.ts';
import { lineThatAllows } from '../../engine/plan/restarts.ts';
import { isRestarted, movable } from '../../kinds/holder.ts';
import { type MovableKind, movableKinds, seenOnWindows } from '../../kinds/kinds.ts';
import { configurationFile, type Session, serverCommand, withServer } from '../../session/session.ts';
import { type InForce, putInForce, putSettings } from '../../session/setup/set-configuration.ts';
import { withAdded, withoutSetting, withRemoved } from '../../session/setup/set-setting.ts';
import { readStatus } from '../../session/status/read-status.ts';
import { defineCommand, groupOf, type Invocation } from '../../shell/command.ts';
import { readDocument, readText } from '../../shell/files.ts';
import type { GlobalArguments } from '../../shell/globals.ts';
import { needed, wordsAfterDashes } from '../../shell/options.ts';

const show = serverCommand({
  examples: [['config show', 'The configuration of this server']],
  async run({ configuration, home, shell }, args) {
    const file = configurationFile(args, home);
    return shell.result(
      configuration,
      () =>
        `${file === null ? 'There is no configuration file. The defaults apply:' : `From ${file}, where it exists:`}\n${pretty(configuration)}`,
    );
  },
});

const check = defineCommand({
  examples: [['config check new-config.json', 'Check a file before you use it']],
  build: (yargs) => yargs.positional('file', needed('A configuration file')),
  async run(args, invocation) {
    const file = resolve(args.file);
    const configuration = await readDocument(file, 'file', parseConfiguration);
    return invocation.shell.result(
      configuration,
      () => `${file} is valid. With the defaults:\n${pretty(configuration)}`,
    );
  },
});

const set = defineCommand({
  examples: [
    ['config set holders.ftp.policy replace', 'Change one setting'],
    [
      'config set exclude.sites \'["Shop"]\'',
      'Write a list as JSON, except in Windows PowerShell: use config add there',
    ],
    ['config set window 22:00-04:00', 'Make changes in these hours only'],
    [
      'config set holders.sql replace holders.sql.restart window window 22:00-04:00',
      'Change SQL Server as well, and restart it in the window',
    ],
    ['config set new-config.json', 'Replace the whole configuration. A file that is not valid is refused'],
  ],
  build: (yargs) =>
    yargs.positional('what', needed('A setting, or a configuration file')).positional('values', {
      type: 'string',
      array: true,
      describe: 'The new value. More settings may follow, each with its value',
    }),
  async run({ what, values, ...args }, invocation) {
    const pairs = pairsOf([what, ...(values ?? [])]);
    if (pairs.length > 0) {
      const keys = pairs.map(([setting]) => setting);
      await shown(putSettings(pairs, args, invocation), invocation, keys);
    } else {
      const text = await readText(resolve(what), 'file');
      // Errors in it name the file that was given.
      parseConfiguration(text, resolve(what));
      const put = putInForce(() => text, args, invocation);
      await shown(put, invocation, ['holders', 'window']);
    }
    await sayWhatFollows(
      pairs.map(([setting]) => setting),
      args,
      invocation,
    );
    return 0;
  },
});

/** None for a file alone. @throws CertRebindError `usage` for a setting without a value */
function pairsOf(words: readonly string[]): readonly (readonly [string, string])[] {
  if (words.length === 1) return [];
  if (words.length % 2 === 1) throw wrongUse('value', `${words.at(-1)} has no value.`);
  return words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1] ?? ''] as const] : []));
}

const add = listCommand(
  [
    ['config add exclude.holders sql/MSSQLSERVER', 'Add a text to a list'],
    ['config add exclude.sites -- --all', 'Write -- before a text that begins with a hyphen'],
  ],
  'The texts to add',
  withAdded,
);

const remove = listCommand(
  [['config remove exclude.sites Intranet', 'Take a text out of a list']],
  'The texts to take out',
  withRemoved,
);

function listCommand(examples: readonly (readonly [string, string])[], describe: string, change: typeof withAdded) {
  return defineCommand({
    examples,
    build: (yargs) =>
      yargs
        .positional('list', needed('A setting that is a list of texts'))
        .positional('values', { type: 'string', array: true, describe }),
    async run({ list, values, ...args }, invocation) {
      const texts = [...(values ?? []), ...wordsAfterDashes(args)];
      if (texts.length === 0) throw wrongUse('values', `Give one text or more for ${list}.`);
      const put = putInForce(async (file, written) => change(await written(), list, texts, file), args, invocation);
      await shown(put, invocation);
      await sayWhatFollows([list], args, invocation);
      return 0;
    },
  });
}

const unset = defineCommand({
  examples: [['config unset exclude.sites', 'Take one setting out, so that its default holds']],
  build: (yargs) => yargs.positional('setting', needed('A setting')),
  run({ setting, ...args }, invocation) {
    const put = putInForce(async (file, written) => withoutSetting(await written(), setting, file), args, invocation);
    return shown(put, invocation);
  },
});

/** What the server makes of a setting that was just set, where a person may have meant less. @param settings none for all */
async function sayWhatFollows(
  settings: readonly string[],
  args: GlobalArguments,
  invocation: Invocation,
): Promise<void> {
  const isMeant = (part: string) => settings.length === 0 || settings.some((one) => one.startsWith(part));
  const codes = new Set<string>([
    ...(isMeant('deadline') ? ['renewed-after-warning'] : []),
    ...(isMeant('exclude') ? ['exclusion-shared'] : []),
  ]);
  if (codes.size === 0) return;
  const told = async (session: Session) => {
    if (session.configuration.deadline.days === undefined) codes.delete('renewed-after-warning');
    if (codes.size === 0) return 0;
    const { findings } = await readStatus(session);
    for (const { code, message, hint } of findings) if (codes.has(code)) invocation.shell.notice(`${message} ${hint}`);
    return 0;
  };
  // The setting is in force, whether the server can be looked at or not.
  await asResult(() => withServer(args, invocation, told));
}

/** @param keys of the settings that were set */
async function shown(put: Promise<InForce>, invocation: Invocation, keys: readonly string[] = []): Promise<number> {
  const { file, before, configuration } = await put;
  const { shell } = invocation;
  const isSwitchedOn = (kind: MovableKind) =>
    before.holders[kind].policy !== 'replace' && configuration.holders[kind].policy === 'replace';
  const unseen = movableKinds.filter((kind) => isSwitchedOn(kind) && !seenOnWindows.includes(kind));
  if (unseen.length > 0)
    shell.notice(
      `Nobody has seen CertRebind change the certificate of ${unseen.map((kind) => movable[kind].plural).join(', ')} on a real Windows yet. Try it first on a server that nobody needs.`,
    );
  for (const kind of movableKinds) {
    const { policy, restart } = configuration.holders[kind];
    const isMeant = policy === 'replace' || restart !== undefined;
    const line = isRestarted(kind) && isMeant ? lineThatAllows(kind, configuration) : null;
    if (line !== null && keys.some((key) => key.startsWith('window') || /^holders(?:$|\.)/.test(key)))
      shell.notice(
        `CertRebind does not change ${movable[kind].plural} yet, because a setting is missing. To complete the settings:\n  ${line}`,
      );
  }
  return shell.result(configuration, (now) => changesText(file, settingsOf(before), settingsOf(now)));
}

/** Each setting by its name, `holders.ftp.policy`, with its value; a list is one value. */
function settingsOf(document: object, prefix = ''): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(document).flatMap(([name, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? [...settingsOf(value, `${prefix}${name}.`)]
        : [[`${prefix}${name}`, JSON.stringify(value)] as const],
    ),
  );
}

function changesText(file: string, before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string {
  const changed = [...new Set([...before.keys(), ...now.keys()])].filter((name) => before.get(name) !== now.get(name));
  return [
    changed.length === 0 ? `${file}: nothing was to be changed.` : `${file} was changed:`,
    ...changed.map((name) => `  ${name}: ${before.get(name) ?? 'not set'} → ${now.get(name) ?? 'not set'}`),
    'All settings: certrebind config show',
  ].join('\n');
}

const schema = defineCommand({
  examples: [['config schema | Set-Content certrebind.schema.json', 'A file that an editor can use']],
  run: async (_args, { shell }) => shell.result(configurationSchema, pretty),
});

export const config = groupOf(
  ['show', 'Show the configuration, with defaults', show],
  ['check <file>', 'Check whether a configuration file is valid', check],
  ['set <what> [values..]', 'Change settings, or replace the whole configuration with a file', set],
  ['add <list> [values..]', 'Add texts to a list of the configuration', add],
  ['remove <list> [values..]', 'Take texts out of a list of the configuration', remove],
  ['unset <setting>', 'Take one setting out of the configuration', unset],
  ['schema', 'Print the JSON Schema of the configuration, for editors', schema],
);

function pretty(document: object): string {
  return JSON.stringify(document, null, 2);
}
