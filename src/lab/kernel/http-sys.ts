import { createHash } from 'node:crypto';
import type { RecordNow } from '../../kinds/kind-rules.ts';
import { formatRecordKey, type KeyText, type RecordKey, toRecordKey } from '../../kinds/record-key.ts';
import { type CertificateBinding, recordValues, writtenName } from '../../kinds/tls/certificate-binding.ts';
import { decodeHttpSysTables, httpParametersPath, tableNames } from '../../kinds/tls/http-sys-tables.ts';
import {
  bytesOf,
  dwordOf,
  guidBytes,
  guidOf,
  type RawValue,
  rawBinary,
  rawDword,
  rawString,
  stringOf,
} from '../../model/windows/raw-value.ts';
import type { HttpSysTables, LabState, RegistryEntry } from './lab-state.ts';
import type { Switches } from './switches.ts';

/** The content of a record, in the terms of HTTP.SYS. */
export interface RecordFields {
  /** `null` for a record of the central store. */
  readonly thumbprint: string | null;
  /** `null` when no store is named, which means `My`. */
  readonly store: string | null;
  readonly appId: string;
  readonly flags: number;
  readonly checkMode: number;
  readonly freshnessSeconds: number;
  readonly urlTimeoutMs: number;
  readonly ctlIdentifier: string | null;
  readonly ctlStoreName: string | null;
}

export const defaultOptions = {
  flags: 0,
  checkMode: 0,
  freshnessSeconds: 0,
  urlTimeoutMs: 0,
  ctlIdentifier: null,
  ctlStoreName: null,
} as const;

/** The addresses that HTTP.SYS listens on; empty for all. */
export function listenList({ 'listen-list': position }: Switches): readonly string[] {
  return position === 'empty' ? [] : ['192.0.2.77'];
}

type TableName = keyof HttpSysTables;

/** The entry of a record; `null` when there is none. */
export function findEntry(tables: HttpSysTables, key: KeyText): RegistryEntry | null {
  const name = tableOf(key);
  const table = name === null ? null : tables[name];
  if (name === null || table === null) return null;
  const at = positionOf(table, name, key);
  return at === null ? null : (table[at] ?? null);
}

/** The tables with this record added or replaced; a replaced record keeps its position. */
export function putRecord(
  tables: HttpSysTables,
  key: KeyText,
  fields: RecordFields,
  { 'sni-layout': layout }: Switches,
): HttpSysTables {
  const values = valuesOf(fields);
  const byGuid = tableOf(key) === 'SslSniBindingInfo' && layout === 'guid';
  const named = byGuid ? { [recordValues.hostnamePort]: rawString(key), ...values } : values;
  const existing = findEntry(tables, key);
  if (existing !== null) return putEntry(tables, key, { subKey: existing.subKey, values: named });
  const subKey = byGuid
    ? guidFor(key)
    : tableOf(key) === 'SslCcsBindingInfo'
      ? key.slice(key.lastIndexOf(':') + 1)
      : key;
  return putEntry(tables, key, { subKey, values: named });
}

export function removeRecord(tables: HttpSysTables, key: KeyText): HttpSysTables {
  const name = tableOf(key);
  const table = name === null ? null : tables[name];
  if (name === null || table === null) return tables;
  const at = positionOf(table, name, key);
  return at === null ? tables : { ...tables, [name]: table.toSpliced(at, 1) };
}

/** Every record with its key, in the order of the tables; entries whose key cannot be read are left out. */
export function listEntries(
  tables: HttpSysTables,
): readonly { readonly key: KeyText; readonly entry: RegistryEntry }[] {
  return Object.values(tableNames).flatMap((name) =>
    (tables[name] ?? []).flatMap((entry) => {
      const key = keyOf(name, entry);
      return key === null ? [] : [{ key, entry }];
    }),
  );
}

export function fieldsOf({ values }: RegistryEntry): RecordFields {
  const value = (name: string) => values[writtenName(values, name)];
  const appId = value(recordValues.appId);
  const hash = value(recordValues.hash);
  return {
    thumbprint: (hash === undefined ? null : bytesOf(hash).toString('hex').toUpperCase()) || null,
    store: textIn(value(recordValues.store)),
    appId: (appId === undefined ? null : guidOf(bytesOf(appId))) ?? noAppId,
    flags: numberIn(value(recordValues.flags)),
    checkMode: numberIn(value(recordValues.certCheckMode)),
    freshnessSeconds: numberIn(value(recordValues.revocationFreshness)),
    urlTimeoutMs: numberIn(value(recordValues.urlRetrievalTimeout)),
    ctlIdentifier: textIn(value(recordValues.ctlIdentifier)),
    ctlStoreName: textIn(value(recordValues.ctlStoreName)),
  };
}

/** The values of an entry with another certificate; everything else stays as it is, byte for byte. */
export function withCertificate(
  values: RegistryEntry['values'],
  thumbprint: string,
  store: string,
): RegistryEntry['values'] {
  return {
    ...values,
    [writtenName(values, recordValues.hash)]: rawBinary(Buffer.from(thumbprint, 'hex')),
    [writtenName(values, recordValues.store)]: rawString(store),
  };
}

/** The tables with this entry under its key, whatever its values are. */
export function putEntry(tables: HttpSysTables, key: KeyText, entry: RegistryEntry): HttpSysTables {
  const name = tableOf(key);
  if (name === null) throw new TypeError(`not the key of a record: ${key}`);
  const table = tables[name] ?? [];
  const at = positionOf(table, name, key);
  const changed = at === null ? [...table, entry] : table.with(at, entry);
  const index = indexOf(table, name);
  if (at === null) index.set(key, table.length);
  indexes.set(changed, index);
  return { ...tables, [name]: changed };
}

const noAppId = '{00000000-0000-0000-0000-000000000000}';

/**
 * The position of each record by key. Entries only move when one is removed, so a table shares the index of the one it
 * was made from, and ten thousand changes stay linear; a position is only used if the entry there has the key.
 */
const indexes = new WeakMap<readonly RegistryEntry[], Map<KeyText, number>>();
const keys = new WeakMap<RegistryEntry, KeyText | null>();

function indexOf(table: readonly RegistryEntry[], name: TableName): Map<KeyText, number> {
  const known = indexes.get(table);
  if (known !== undefined) return known;
  const index = new Map<KeyText, number>();
  table.forEach((entry, at) => {
    const key = keyOf(name, entry);
    if (key !== null && !index.has(key)) index.set(key, at);
  });
  indexes.set(table, index);
  return index;
}

function positionOf(table: readonly RegistryEntry[], name: TableName, key: KeyText): number | null {
  const at = indexOf(table, name).get(key);
  const entry = at === undefined ? undefined : table[at];
  return at !== undefined && entry !== undefined && keyOf(name, entry) === key ? at : null;
}

function keyOf(name: TableName, entry: RegistryEntry): KeyText | null {
  const known = keys.get(entry);
  if (known !== undefined) return known;
  const read = readKey(name, entry);
  const key = read === null ? null : formatRecordKey(read);
  keys.set(entry, key);
  return key;
}

function readKey(name: TableName, entry: RegistryEntry): RecordKey | null {
  switch (name) {
    case 'SslBindingInfo':
      return toRecordKey(entry.subKey);
    case 'SslSniBindingInfo':
      return toRecordKey(textIn(entry.values[writtenName(entry.values, recordValues.hostnamePort)]) ?? entry.subKey);
    case 'SslCcsBindingInfo': {
      const port = Number(/(\d+)$/.exec(entry.subKey)?.[1] ?? 0);
      return port > 0 && port < 65536 ? { table: 'ccs', port } : null;
    }
  }
}

function tableOf(key: KeyText): TableName | null {
  const place = toRecordKey(key);
  return place === null ? null : tableNames[place.table];
}

function valuesOf(fields: RecordFields): Record<string, RawValue> {
  return {
    ...(fields.thumbprint === null ? {} : { [recordValues.hash]: rawBinary(Buffer.from(fields.thumbprint, 'hex')) }),
    ...text(recordValues.store, fields.store),
    [recordValues.appId]: rawBinary(guidBytes(fields.appId) ?? Buffer.alloc(16)),
    [recordValues.flags]: rawDword(fields.flags),
    [recordValues.certCheckMode]: rawDword(fields.checkMode),
    [recordValues.revocationFreshness]: rawDword(fields.freshnessSeconds),
    [recordValues.urlRetrievalTimeout]: rawDword(fields.urlTimeoutMs),
    ...text(recordValues.ctlIdentifier, fields.ctlIdentifier),
    ...text(recordValues.ctlStoreName, fields.ctlStoreName),
  };
}

function text(name: string, value: string | null): Record<string, RawValue> {
  return value === null ? {} : { [name]: rawString(value) };
}

function textIn(value: RawValue | undefined): string | null {
  return (value === undefined ? null : stringOf(value)) || null;
}

function numberIn(value: RawValue | undefined): number {
  return (value === undefined ? null : dwordOf(value)) ?? 0;
}

/** A GUID that is always the same for the same name, because the kernel has no randomness. */
function guidFor(name: string): string {
  const digest = createHash('sha1').update(name).digest('hex');
  return `{${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}-${digest.slice(16, 20)}-${digest.slice(20, 32)}}`;
}

/** One record as it is now, read like the whole table. */
export function recordNow(text: string, entry: RegistryEntry | null): RecordNow {
  if (entry === null) return { state: 'absent' };
  const table = tableNames[toRecordKey(text)?.table ?? 'ip'];
  const { records, unreadable } = decodeHttpSysTables([registryKey(table, entry)]);
  const [value] = records;
  if (value !== undefined) return { state: 'holds', holder: { kind: 'tls', key: value.key, value } };
  return { state: 'unknown', why: unreadable[0]?.why ?? 'the entry of the record cannot be read' };
}

export function registryKey(table: string, { subKey, values }: RegistryEntry) {
  return { path: `${httpParametersPath}\\${table}\\${subKey}`, values };
}

/** Those of these keys that are there. */
export function recordsAt(
  { httpSys }: Pick<LabState, 'httpSys'>,
  keys: readonly KeyText[],
): readonly CertificateBinding[] {
  return keys.flatMap((key) => {
    const now = recordNow(key, findEntry(httpSys, key));
    return now.state === 'holds' ? now.holder.value : [];
  });
}
