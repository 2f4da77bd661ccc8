import { parseJson } from '../../base/document.ts';
import { CertRebindError, wrongUse } from '../../base/errors.ts';
import { argumentText, quoted } from '../../base/safe-text.ts';
import { isList, settings } from './settings.ts';

/**
 * The text of a configuration with one setting changed and the rest as written. Whether name and value are valid is
 * left to the configuration's own parser.
 * @param written the file as it is; `null` if there is none
 * @param key names joined by dots, for example `holders.ftp.policy`
 * @param value JSON, or plain text, which is taken as a text
 * @throws CertRebindError `usage` for what cannot be a name, or no list where one is needed; `bad-document` for a file
 * that is not a JSON object
 */
export function withSetting(written: string | null, key: string, value: string, where: string): string {
  const names = namesIn(key);
  const wanted = jsonOrText(value);
  if (!Array.isArray(wanted) && settings.some((setting) => setting.key === key && isList(setting)))
    throw noList(key, value);
  const document = written === null ? { schema: 'certrebind/configuration/1' } : parseJson(written, where);
  return `${JSON.stringify(withValue(document, names, wanted), null, 2)}\n`;
}

/**
 * The same with one setting taken out, so that its default holds.
 * @throws CertRebindError `usage` for one that is not there
 */
export function withoutSetting(written: string | null, key: string, where: string): string {
  const names = namesIn(key);
  const document = written === null ? {} : parseJson(written, where);
  const left = typeof document === 'object' && document !== null ? without(document, names) : document;
  if (left === document) throw wrongUse('setting', `${where} does not set ${key}.`);
  return `${JSON.stringify(left, null, 2)}\n`;
}

function namesIn(key: string): readonly string[] {
  const names = key.split('.');
  if (names.every((name) => /^[A-Za-z][A-Za-z0-9-]*$/.test(name))) return names;
  throw wrongUse(
    'key',
    `${quoted(key, 100)} is not a setting. Write its names with dots, for example holders.ftp.policy.`,
  );
}

/**
 * The same with a text added to a list, which is made where there is none.
 * @throws CertRebindError `usage` for what is not a list
 */
export function withAdded(written: string | null, key: string, text: string, where: string): string {
  const now = key
    .split('.')
    .reduce<unknown>(
      (value, name) => (value as Record<string, unknown> | undefined)?.[name],
      written === null ? {} : parseJson(written, where),
    );
  if (now !== undefined && !Array.isArray(now)) {
    throw wrongUse('key', `${quoted(key, 100)} is not a list.`);
  }
  const list: readonly unknown[] = now ?? [];
  return withSetting(written, key, JSON.stringify(list.includes(text) ? list : [...list, text]), where);
}

/** Windows PowerShell 5.1 hands `'["Shop"]'` to a program without the quotes within (fidelity: quotes-in-arguments). */
function noList(key: string, value: string): CertRebindError {
  const texts = value
    .replace(/^\[(.*)\]$/s, '$1')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  const lines = texts.map((text) => `certrebind config add ${key} ${argumentText(text)}`);
  return new CertRebindError('usage', {
    message: `${key} is a list, and ${quoted(value, 100)} is not a JSON list. Windows PowerShell removes the quotes from arguments of a program.`,
    where: 'value',
    hint: `Run ${lines.length === 0 ? `certrebind config add ${key} <text>` : lines.join(', then ')}`,
  });
}

function withValue(owner: unknown, [name = '', ...deeper]: readonly string[], value: unknown): object {
  const known = typeof owner === 'object' && owner !== null && !Array.isArray(owner) ? owner : {};
  const settings = new Map(Object.entries(known));
  settings.set(name, deeper.length === 0 ? value : withValue(settings.get(name), deeper, value));
  return Object.fromEntries(settings);
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** An object without what lies below these names, and without the objects that are empty then; itself where nothing does. */
function without(value: object, [name = '', ...deeper]: readonly string[]): object {
  const { [name]: below, ...rest } = value as Readonly<Record<string, unknown>>;
  if (below === undefined) return value;
  if (deeper.length === 0) return rest;
  if (typeof below !== 'object' || below === null) return value;
  const left = without(below, deeper);
  return Object.keys(left).length === 0 ? rest : { ...value, [name]: left };
}
