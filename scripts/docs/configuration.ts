import { blockCodes, blockEntry } from '../../src/base/codes/plan-codes.ts';
import { defaultConfiguration } from '../../src/documents/configuration.ts';
import {
  resolved,
  type Setting,
  type SettingSchema,
  settings,
  wholeConfiguration,
} from '../../src/session/setup/settings.ts';

/** A configuration in which every setting has the first of its examples. */
export function exampleConfiguration(): object {
  const example: Record<string, unknown> = {};
  for (const { key, schema } of settings) {
    const words = key.split('.');
    let place = example;
    for (const word of words.slice(0, -1)) {
      place[word] ??= {};
      place = place[word] as Record<string, unknown>;
    }
    place[words.at(-1) ?? ''] = exampleOf(key, schema);
  }
  return example;
}

/** The reference in docs/configuration.md. */
export function configurationMarkdown(): string {
  const groups = new Map<string, readonly Setting[]>();
  for (const setting of settings) groups.set(groupOf(setting), [...(groups.get(groupOf(setting)) ?? []), setting]);
  const named = [...groups].filter(([name]) => name !== '');
  return [
    ...named.map(([name, rows]) => `### ${name}\n\n${intro(name)}${rows.map(line).join('\n')}`),
    `### How renewals are found, keys, and others\n\n${(groups.get('') ?? []).map(line).join('\n')}`,
  ].join('\n\n');
}

/** The heading that a setting stands below: that of its channel, that of the outermost object, or the last one. */
function groupOf({ key }: Setting): string {
  const words = key.split('.');
  return words.slice(0, words[0] === 'notify' ? 2 : words.length > 1 ? 1 : 0).join('.');
}

function intro(name: string): string {
  const schema = name
    .split('.')
    .reduce<SettingSchema>((above, word) => resolved(above.properties?.[word] ?? {}), wholeConfiguration);
  return schema.description === undefined || schema.properties === undefined ? '' : `${schema.description}\n\n`;
}

function line({ key, schema, required }: Setting): string {
  const needed = required && presetOf(key) === undefined ? 'Required. ' : '';
  const choices = values(key, schema);
  const above = settings.find((one) => values(one.key, one.schema) === choices);
  const isLong = choices.length > 150 && above !== undefined && above.key !== key;
  return `- \`${key}\`: ${meaning(key, schema)} ${needed}${isLong ? `As \`${above.key}\`` : choices}.`;
}

/** @throws Error when nothing says what a setting does */
function meaning(key: string, { description }: SettingSchema): string {
  const guard = blockCodes.find(({ code }) => key === `guards.${code}`);
  if (description === undefined && guard === undefined)
    throw new Error(`schemas/configuration.json: ${key} has no description`);
  return (guard?.text ?? description ?? '').replaceAll('<', '&lt;');
}

/** What a setting may be, the default among it, and an example where the values alone do not show one. */
function values(key: string, schema: SettingSchema): string {
  const { const: only, enum: choices, type, minimum, maximum, items } = schema;
  const preset = presetOf(key);
  if (only !== undefined) return shown(only);
  if (choices !== undefined)
    return choices.map((choice) => `${shown(choice)}${choice === preset ? ' (default)' : ''}`).join(', ');
  if (type === 'boolean') return preset === true ? '`true` (default), `false`' : '`false` (default), `true`';
  const each = resolved(items ?? {});
  if (each.enum !== undefined) return `A list of ${each.enum.map(shown).join(', ')}`;
  if (type === 'integer') return `${minimum} to ${maximum}${preset === undefined ? '' : ` (default ${shown(preset)})`}`;
  const kind = type === 'object' ? 'Days for each name' : type === 'array' ? 'A list' : 'Text';
  return `${kind}, such as ${shown(exampleOf(key, schema))}`;
}

function presetOf(key: string): unknown {
  if (key.startsWith('guards.')) return blockEntry(key.slice('guards.'.length))?.preset ?? 'block';
  return key
    .split('.')
    .reduce<unknown>((above, word) => (above as Record<string, unknown> | undefined)?.[word], defaultConfiguration);
}

/** @throws Error when a setting has none, and no choice can stand for one */
function exampleOf(key: string, { examples, const: only, enum: choices }: SettingSchema): unknown {
  const example = examples?.[0] ?? only ?? choices?.find((choice) => choice !== presetOf(key));
  if (example === undefined) throw new Error(`schemas/configuration.json: ${key} has no examples`);
  return example;
}

function shown(value: unknown): string {
  if (value === undefined) return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
