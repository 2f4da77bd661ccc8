import { createHash } from 'node:crypto';
import { formatRecordKey, type KeyText, type RecordKey, toRecordKey } from '../../../model/record-key.ts';
import type { RawValue } from '../../../model/tls-record.ts';
import type { HttpSysTables, RegistryEntry } from './lab-state.ts';
import type { Switches } from './switches.ts';

/** Bits of `DefaultFlags` (fidelity: http-sys-flags). */
export const flagBits = {
  dsMapper: 0x1,
  negotiateClientCertificate: 0x2,
  reject: 0x8,
  disableHttp2: 0x10,
  disableQuic: 0x20,
  disableTls13: 0x40,
  disableOcspStapling: 0x80,
  enableTokenBinding: 0x100,
  logExtendedEvents: 0x200,
  disableLegacyTls: 0x400,
  enableSessionTicket: 0x800,
  disableTls12: 0x1000,
  disableSessionId: 0x4000,
  cacheClientHello: 0x8000,
} as const;

/** Bits of `DefaultSslCertCheckMode`. */
export const checkBits = { noRevocation: 0x1, cachedOnly: 0x2, useFreshness: 0x4, noUsage: 0x10000 } as const;

export const iisAppId = '{4dc3e181-e14b-4a21-b022-59fc669b0914}';

/** What a record says, in the terms of HTTP.SYS. */
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

type TableName = keyof HttpSysTables;

/** The entry of a record; `null` when there is none. */
export function findEntry(tables: HttpSysTables, key: KeyText): RegistryEntry | null {
  const name = tableOf(key);
  const table = name === null ? null : tables[name];
  if (name === null || table === null) return null;
  const at = positionOf(table, name, key);
  return at === null ? null : (table[at] ?? null);
}

/** The tables with this record made or replaced; values that `fields` knows nothing of stay when it is replaced. */
export function putRecord(
  tables: HttpSysTables,
  key: KeyText,
  fields: RecordFields,
  switches: Switches,
  kept: RegistryEntry['values'] = {},
): HttpSysTables {
  const name = tableOf(key);
  if (name === null) throw new TypeError(`not the key of a record: ${key}`);
  const values = { ...kept, ...valuesOf(fields) };
  for (const [value, absent] of [
    ['SslCertStoreName', fields.store === null],
    ['SslCertHash', fields.thumbprint === null],
    ['DefaultSslCtlIdentifier', fields.ctlIdentifier === null],
    ['DefaultSslCtlStoreName', fields.ctlStoreName === null],
  ] as const) {
    if (absent) delete values[value];
  }
  const existing = findEntry(tables, key);
  if (existing !== null) return putEntry(tables, key, { subKey: existing.subKey, values });
  const byGuid = name === 'SslSniBindingInfo' && switches['sni-layout'] === 'guid';
  const subKey = name === 'SslCcsBindingInfo' ? `${portOf(key)}` : key;
  return putEntry(
    tables,
    key,
    byGuid ? { subKey: guidOf(key), values: { HostnamePort: textValue(key), ...values } } : { subKey, values },
  );
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
  return tableNames.flatMap((name) =>
    (tables[name] ?? []).flatMap((entry) => {
      const key = keyOf(name, entry);
      return key === null ? [] : [{ key, entry }];
    }),
  );
}

export function fieldsOf(entry: RegistryEntry): RecordFields {
  const { values } = entry;
  return {
    thumbprint: readBinary(values.SslCertHash)?.toString('hex').toUpperCase() || null,
    store: readText(values.SslCertStoreName),
    appId: readGuid(values.AppId),
    flags: readNumber(values.DefaultFlags),
    checkMode: readNumber(values.DefaultSslCertCheckMode),
    freshnessSeconds: readNumber(values.DefaultSslRevocationFreshnessTime),
    urlTimeoutMs: readNumber(values.DefaultSslRevocationUrlRetrievalTimeout),
    ctlIdentifier: readText(values.DefaultSslCtlIdentifier),
    ctlStoreName: readText(values.DefaultSslCtlStoreName),
  };
}

/** The store a record means: none named is `My`, whatever the letter case (fidelity: store-names). */
export function storeOf(named: string | null | undefined): string {
  if (named === null || named === undefined || named === '' || named.toLowerCase() === 'my') return 'My';
  return named.toLowerCase() === 'webhosting' ? 'WebHosting' : named;
}

export function textValue(text: string): RawValue {
  return { type: 'REG_SZ', base64: Buffer.from(`${text}\0`, 'utf16le').toString('base64') };
}

export function numberValue(number: number): RawValue {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number >>> 0);
  return { type: 'REG_DWORD', base64: bytes.toString('base64') };
}

const tableNames = ['SslBindingInfo', 'SslSniBindingInfo', 'SslCcsBindingInfo'] as const satisfies TableName[];

/**
 * Position of each record by key. Entries never move but by removal, so a table shares the index of the one it came
 * from, and ten thousand changes stay linear; a position is believed only when the entry there has the key.
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
      return toRecordKey(readText(entry.values.HostnamePort) ?? entry.subKey);
    case 'SslCcsBindingInfo': {
      const port = Number(/(\d+)$/.exec(entry.subKey)?.[1] ?? 0);
      return port > 0 && port < 65536 ? { table: 'ccs', port } : null;
    }
  }
}

function tableOf(key: KeyText): TableName | null {
  switch (toRecordKey(key)?.table) {
    case 'ip':
      return 'SslBindingInfo';
    case 'sni':
      return 'SslSniBindingInfo';
    case 'ccs':
      return 'SslCcsBindingInfo';
    case undefined:
      return null;
  }
}

function portOf(key: KeyText): number {
  return Number(key.slice(key.lastIndexOf(':') + 1));
}

function valuesOf(fields: RecordFields): Record<string, RawValue> {
  return {
    ...(fields.thumbprint === null ? {} : { SslCertHash: binaryValue(Buffer.from(fields.thumbprint, 'hex')) }),
    ...(fields.store === null ? {} : { SslCertStoreName: textValue(fields.store) }),
    AppId: binaryValue(guidBytes(fields.appId)),
    DefaultFlags: numberValue(fields.flags),
    DefaultSslCertCheckMode: numberValue(fields.checkMode),
    DefaultSslRevocationFreshnessTime: numberValue(fields.freshnessSeconds),
    DefaultSslRevocationUrlRetrievalTimeout: numberValue(fields.urlTimeoutMs),
    ...(fields.ctlIdentifier === null ? {} : { DefaultSslCtlIdentifier: textValue(fields.ctlIdentifier) }),
    ...(fields.ctlStoreName === null ? {} : { DefaultSslCtlStoreName: textValue(fields.ctlStoreName) }),
  };
}

function binaryValue(bytes: Buffer): RawValue {
  return { type: 'REG_BINARY', base64: bytes.toString('base64') };
}

function readBinary(value: RawValue | undefined): Buffer | null {
  return value === undefined ? null : Buffer.from(value.base64, 'base64');
}

function readText(value: RawValue | undefined): string | null {
  const text = readBinary(value)?.toString('utf16le').replace(/\0+$/, '');
  return text === undefined || text === '' ? null : text;
}

function readNumber(value: RawValue | undefined): number {
  const bytes = readBinary(value);
  return bytes === null || bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
}

function readGuid(value: RawValue | undefined): string {
  const bytes = readBinary(value);
  if (bytes === null || bytes.length !== 16) return '{00000000-0000-0000-0000-000000000000}';
  const [first, second, third] = [bytes.subarray(0, 4), bytes.subarray(4, 6), bytes.subarray(6, 8)].map((part) =>
    Buffer.from(part).reverse().toString('hex'),
  );
  const tail = bytes.subarray(8).toString('hex');
  return `{${first}-${second}-${third}-${tail.slice(0, 4)}-${tail.slice(4)}}`;
}

/** The first three groups of a GUID are stored little-endian. */
function guidBytes(guid: string): Buffer {
  const bytes = Buffer.from(guid.replace(/[{}-]/g, ''), 'hex');
  for (const [from, to] of [
    [0, 4],
    [4, 6],
    [6, 8],
  ] as const) {
    bytes.subarray(from, to).reverse();
  }
  return bytes;
}

/** A GUID that stays the same for the same name, since the kernel has no randomness. */
function guidOf(name: string): string {
  const digest = createHash('sha1').update(name).digest('hex');
  return `{${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}-${digest.slice(16, 20)}-${digest.slice(20, 32)}}`;
}
