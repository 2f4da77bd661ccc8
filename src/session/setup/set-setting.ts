import { parseJson } from '../../base/document.ts';
import { CertRebindError, wrongUse } from '../../base/errors.ts';
import { didYouMean, nearest } from '../../base/nearest.ts';
import { argumentText, quoted } from '../../base/safe-text.ts';
import { formatRecordKey, toRecordKey } from '../../kinds/record-key.ts';
import { isList, settings } from './settings.ts';

/**
 * The text of a configuration with settings changed and the rest as written. Whether names and values are valid is left to
 * the configuration's own parser.
 * @param written the file as it is; `null` if there is none
 * @param pairs names joined by dots, for example `holders.ftp.policy`, each with JSON, or plain text, which is taken as a
 * text; `window` takes `22:00-04:00`, and `holders.ftp` stands for its policy
 * @throws CertRebindError `usage` for what cannot be a name, no list where one is needed, or half a window; `bad-document`
 * for a file that is not a JSON object
 */
export function withSettings(
  written: string | null,
  pairs: readonly (readonly [key: string, value: string])[],
  where: string,
): string {
  const document = written === null ? { schema: 'certrebind/configuration/1' } : parseJson(written, where);
  const changed = pairs.flatMap(spelledOut).reduce<unknown>((made, [key, value]) => {
    const names = namesIn(key);
    const wanted = jsonOrText(value);
    if (!Array.isArray(wanted) && listKeys.includes(key)) throw noList(key, value);
    return withValue(made, names, wanted);
  }, document);
  const window: unknown = Object(changed).window;
  const lacks = ['from', 'to'].filter((name) => !(name in Object(window)));
  if (window !== undefined && lacks.length > 0 && pairs.some(([key]) => /^window(?:\.|$)/.test(key)))
    throw wrongUse('window', `${lacks.map((name) => `window.${name}`).join(' and ')} would not be set.`, windowHint);
  return `${JSON.stringify(changed, null, 2)}\n`;
}

const listKeys = settings.filter(isList).map(({ key }) => key);
const windowHint = 'Set both times of the window at once, for example:\n  certrebind config set window 22:00-04:00';

/** What people write in short. JSON objects stand for themselves. */
function spelledOut([key, value]: readonly [string, string]): readonly (readonly [string, string])[] {
  if (typeof jsonOrText(value) === 'object') return [[key, value]];
  if (key === 'window') {
    const times = /^(\d{1,2}:\d\d)-(\d{1,2}:\d\d)$/.exec(value);
    if (times === null)
      throw wrongUse('window', `window is not two times of day, but ${quoted(value, 60)}.`, windowHint);
    const [, from = '', to = ''] = times.map((time) => time.padStart(5, '0'));
    return [
      ['window.from', from],
      ['window.to', to],
    ];
  }
  return [[/^holders\.[^.]+$/.test(key) ? `${key}.policy` : key, value]];
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
 * The same with texts added to a list, which is made where there is none.
 * @throws CertRebindError `usage` for what is not a list
 */
export function withAdded(written: string | null, key: string, texts: readonly string[], where: string): string {
  const list = listAt(written, key, where);
  return withSettings(written, [[key, JSON.stringify([...new Set([...list, ...texts])])]], where);
}

/**
 * The same with texts taken out of a list, in whatever case they are written.
 * @throws CertRebindError `usage` for what is not a list, and for a text that is not in it
 */
export function withRemoved(written: string | null, key: string, texts: readonly string[], where: string): string {
  const list = listAt(written, key, where);
  const compared = (text: string) => {
    const record = key === 'exclude.records' ? toRecordKey(text) : null;
    if (record !== null) return formatRecordKey(record);
    const isNumber = key === 'exclude.thumbprints' || key === 'applicationIds';
    return isNumber ? text.toLowerCase().replace(/[^\da-f]/g, '') : text.toLowerCase();
  };
  const there = list.map(compared);
  const absent = texts.find((text) => !there.includes(compared(text)));
  if (absent !== undefined) {
    const has = list.length === 0 ? `${key} is empty.` : `${quoted(absent, 100)} is not in ${key}.`;
    const meant = nearest(absent, list);
    const line = (text: string) => `  certrebind config remove ${key} ${argumentText(text)}`;
    const lines = meant === null ? ['What is set:', '  certrebind config show'] : ['Perhaps you mean:', line(meant)];
    throw wrongUse('text', has, lines.join('\n'));
  }
  const out = texts.map(compared);
  const left = list.filter((text) => !out.includes(compared(text)));
  return withSettings(written, [[key, JSON.stringify(left)]], where);
}

function listAt(written: string | null, key: string, where: string): readonly string[] {
  const now = key
    .split('.')
    .reduce<unknown>((value, name) => Object(value)[name], written === null ? {} : parseJson(written, where));
  if (!listKeys.includes(key))
    throw wrongUse('list', `${quoted(key, 100)} is not a list of texts.${didYouMean(key, listKeys)}`);
  if (now !== undefined && !Array.isArray(now)) throw wrongUse('list', `${key} in ${where} is not a list.`);
  return (now ?? []).map(String);
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
    hint: ['Add each text for itself:', ...(lines.length === 0 ? [`certrebind config add ${key} <text>`] : lines)].join(
      '\n  ',
    ),
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
