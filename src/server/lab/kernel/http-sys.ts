import { createHash } from 'node:crypto';
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
} from '../../../model/raw-value.ts';
import { formatRecordKey, type KeyText, type RecordKey, toRecordKey } from '../../../model/record-key.ts';
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
    byGuid ? { subKey: guidFor(key), values: { HostnamePort: rawString(key), ...values } } : { subKey, values },
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
    thumbprint: hexIn(values.SslCertHash),
    store: textIn(values.SslCertStoreName),
    appId: (values.AppId === undefined ? null : guidOf(bytesOf(values.AppId))) ?? noAppId,
    flags: numberIn(values.DefaultFlags),
    checkMode: numberIn(values.DefaultSslCertCheckMode),
    freshnessSeconds: numberIn(values.DefaultSslRevocationFreshnessTime),
    urlTimeoutMs: numberIn(values.DefaultSslRevocationUrlRetrievalTimeout),
    ctlIdentifier: textIn(values.DefaultSslCtlIdentifier),
    ctlStoreName: textIn(values.DefaultSslCtlStoreName),
  };
}

/** The store a record means: none named is `My`, whatever the letter case (fidelity: store-names). */
export function storeOf(named: string | null | undefined): string {
  if (named === null || named === undefined || named === '' || named.toLowerCase() === 'my') return 'My';
  return named.toLowerCase() === 'webhosting' ? 'WebHosting' : named;
}

const noAppId = '{00000000-0000-0000-0000-000000000000}';
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
      return toRecordKey(textIn(entry.values.HostnamePort) ?? entry.subKey);
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
    ...(fields.thumbprint === null ? {} : { SslCertHash: rawBinary(Buffer.from(fields.thumbprint, 'hex')) }),
    ...(fields.store === null ? {} : { SslCertStoreName: rawString(fields.store) }),
    AppId: rawBinary(guidBytes(fields.appId) ?? Buffer.alloc(16)),
    DefaultFlags: rawDword(fields.flags),
    DefaultSslCertCheckMode: rawDword(fields.checkMode),
    DefaultSslRevocationFreshnessTime: rawDword(fields.freshnessSeconds),
    DefaultSslRevocationUrlRetrievalTimeout: rawDword(fields.urlTimeoutMs),
    ...(fields.ctlIdentifier === null ? {} : { DefaultSslCtlIdentifier: rawString(fields.ctlIdentifier) }),
    ...(fields.ctlStoreName === null ? {} : { DefaultSslCtlStoreName: rawString(fields.ctlStoreName) }),
  };
}

function hexIn(value: RawValue | undefined): string | null {
  return (value === undefined ? null : bytesOf(value).toString('hex').toUpperCase()) || null;
}

function textIn(value: RawValue | undefined): string | null {
  return (value === undefined ? null : stringOf(value)) || null;
}

function numberIn(value: RawValue | undefined): number {
  return (value === undefined ? null : dwordOf(value)) ?? 0;
}

/** A GUID that stays the same for the same name, since the kernel has no randomness. */
function guidFor(name: string): string {
  const digest = createHash('sha1').update(name).digest('hex');
  return `{${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}-${digest.slice(16, 20)}-${digest.slice(20, 32)}}`;
}
