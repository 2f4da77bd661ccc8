import { toThumbprint } from '../../certificates/thumbprint.ts';
import { toRecordKey } from '../record-key.ts';
import type { Unreadable } from '../unknown-parts.ts';
import { makeTlsRecord, recordValues, type TlsRecord } from './tls-record.ts';

/**
 * Reads the output of `netsh http show sslcert` only by the shape of its values, because its labels are translated: a
 * record starts at a value that is a record's key; a value of 40 digits is its hash, one in braces its application id,
 * and the next line its store. Nothing else can be read: the options of such records are not known.
 */
export function parseNetshText(
  text: string,
  where: string,
): { readonly records: readonly TlsRecord[]; readonly unreadable: readonly Unreadable[] } {
  const records = new Map<string, TlsRecord>();
  const unreadable: Unreadable[] = [];
  for (const block of wholeBlocks(blocksOf(text))) {
    const record = readBlock(block);
    const why = typeof record === 'string' ? record : records.has(record.key) ? `a second entry for it` : null;
    if (why !== null) unreadable.push({ where, text: block.key, why });
    else if (typeof record !== 'string') records.set(record.key, record);
  }
  return { records: [...records.values()], unreadable };
}

/** The output for a server without any record: netsh prints its heading, underlined, and nothing with a label. */
export function isEmptyNetshList(text: string): boolean {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return (
    lines.some((line) => /^-{10,}\s*$/.test(line)) &&
    lines.length <= 3 &&
    lines.every((line) => labelled(line) === null)
  );
}

/**
 * How netsh shows a record of the central certificate store, with the line that shows it; `null` if it shows none in a
 * known form (fidelity: central-store-record).
 */
export function centralStoreForm(
  text: string,
  port: number,
): { readonly form: 'own-label' | 'hostname-star'; readonly line: string } | null {
  for (const line of text.split(/\r?\n/)) {
    const value = labelled(line)?.value;
    if (value === `*:${port}`) return { form: 'hostname-star', line: line.trim() };
    if (value === `${port}`) return { form: 'own-label', line: line.trim() };
  }
  return null;
}

/**
 * The display language of netsh, by its label of an application id, which is found by its shape; `null` if there is
 * none. Only labels that were seen are known (fidelity: netsh-localised).
 */
export function netshLanguage(
  text: string,
): { readonly language: 'english' | 'german' | 'other'; readonly label: string } | null {
  for (const line of text.split(/\r?\n/)) {
    const { label = '', value = '' } = labelled(line) ?? {};
    if (applicationId.test(value)) return { language: languages.get(label) ?? 'other', label };
  }
  return null;
}

const languages: ReadonlyMap<string, 'english' | 'german'> = new Map([
  ['Application ID', 'english'],
  ['Anwendungs-ID', 'german'],
]);

interface Block {
  readonly key: string;
  readonly values: string[];
}

/**
 * A label, blanks, a colon and the value; labels contain colons too (`IP:port`), but none followed by a blank. Not one
 * pattern, which would try every blank of a long line with every other.
 */
function labelled(line: string): { readonly label: string; readonly value: string } | null {
  const text = line.trim();
  const colon = text.slice(1).search(/[:\uFF1A]\s/) + 1;
  return colon === 0 ? null : { label: text.slice(0, colon).trimEnd(), value: text.slice(colon + 1).trimStart() };
}

const addressOrHost = /^(?:\[[^\]\s]+\]|[^\s:[\]]+):\d{1,5}$/;
const portAlone = /^\d{1,5}$/;
const applicationId = /^\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}$/;

function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let afterBlank = true;
  for (const line of text.split(/\r?\n/)) {
    const value = labelled(line)?.value;
    if (value === undefined) {
      afterBlank = true;
      continue;
    }
    // A central-store record is named only by its port; other numbers are inside a record.
    const starts = addressOrHost.test(value) ? toRecordKey(value) !== null : afterBlank && portAlone.test(value);
    if (starts) blocks.push({ key: value, values: [] });
    else blocks.at(-1)?.values.push(value);
    afterBlank = false;
  }
  return blocks;
}

/** A number that no application id follows begins extended properties of the previous record, and not a record. */
function wholeBlocks(blocks: readonly Block[]): readonly Block[] {
  return blocks.filter(({ key, values }, at) => {
    return at === 0 || !portAlone.test(key) || values.some((value) => applicationId.test(value));
  });
}

/** The record, or why there is none. */
function readBlock({ key, values }: Block): TlsRecord | string {
  const id = values.findIndex((value) => applicationId.test(value));
  const appId = values[id];
  if (appId === undefined) return 'no application id stands below it';
  const hashes = values.slice(0, id).map(toThumbprint);
  const thumbprint = hashes.find((hash) => hash !== null) ?? null;
  const central = portAlone.test(key) || key.startsWith('*:');
  if (thumbprint === null && !central) return 'no hash of 40 digits stands below it';
  const store = values[id + 1];
  const record = makeTlsRecord({
    key: central ? `(central-store):${key.replace('*:', '')}` : key,
    thumbprint,
    appId,
    ...(store === undefined || store.startsWith('(') ? {} : { store }),
  });
  const known: ReadonlySet<string> = new Set([recordValues.appId, recordValues.hash, recordValues.store]);
  return { ...record, raw: Object.fromEntries(Object.entries(record.raw).filter(([name]) => known.has(name))) };
}
