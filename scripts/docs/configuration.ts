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
    ...named.map(([name, rows]) => `### ${name}\n\n${intro(name)}${table(rows)}`),
    `### Others\n\n${table(groups.get('') ?? [])}`,
  ].join('\n\n');
}

/** The table that a setting stands in: that of its channel, that of the outermost object, or the last one. */
function groupOf({ key }: Setting): string {
  const words = key.split('.');
  return words.slice(0, words[0] === 'notify' ? 2 : words.length > 1 ? 1 : 0).join('.');
}

function intro(name: string): string {
  const schema = name
    .split('.')
    .reduce<SettingSchema>((above, word) => resolved(above.properties?.[word] ?? {}), wholeConfiguration);
  return schema.description === undefined ? '' : `${schema.description}\n\n`;
}

function table(rows: readonly Setting[]): string {
  return ['| key | what it does | values | default | example |', '|---|---|---|---|---|', ...rows.map(row)].join('\n');
}

function row({ key, schema, required }: Setting): string {
  const preset = presetOf(key) === undefined && required ? 'required' : shown(presetOf(key));
  const cells = [`\`${key}\``, meaning(key, schema), values(schema), preset, shown(exampleOf(key, schema))];
  return `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** @throws Error when nothing says what a setting does */
function meaning(key: string, { description }: SettingSchema): string {
  const guard = blockCodes.find(({ code }) => key === `guards.${code}`);
  if (description === undefined && guard === undefined)
    throw new Error(`schemas/configuration.json: ${key} has no description`);
  return (guard?.text ?? description ?? '').replaceAll('<', '&lt;');
}

function values({ const: only, enum: choices, type, minimum, maximum, items }: SettingSchema): string {
  if (only !== undefined) return `\`${only}\``;
  if (choices !== undefined) return choices.map((choice) => `\`${choice}\``).join(', ');
  if (type === 'integer') return `${minimum} to ${maximum}`;
  if (type === 'boolean') return '`true`, `false`';
  if (type === 'object') return 'days for each name';
  if (type !== 'array') return 'text';
  const each = resolved(items ?? {});
  if (each.type === 'object') return 'list of objects';
  return each.enum === undefined ? 'list of texts' : `list of ${values(each)}`;
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
