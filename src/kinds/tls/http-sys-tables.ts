import { memoize } from '../../base/memoize.ts';
import { normaliseHost } from '../../model/certificates/host-name.ts';
import { isIpv4 } from '../../model/certificates/ip-address.ts';
import { normaliseStore } from '../../model/certificates/store-name.ts';
import { toThumbprint } from '../../model/certificates/thumbprint.ts';
import type { RegistryKey } from '../../model/windows/raw-value.ts';
import { bytesOf, dwordOf, guidOf, type RawValue, stringOf } from '../../model/windows/raw-value.ts';
import { formatRecordKey, type KeyText, type RecordKey, toRecordKey } from '../record-key.ts';
import type { Unreadable } from '../unknown-parts.ts';
import {
  type CertificateBinding,
  type OptionValues,
  recordValues,
  type TlsOptions,
  tlsOptions,
  unusualNames,
  writtenName,
} from './certificate-binding.ts';

/** Where HTTP.SYS keeps its tables. */
export const httpParametersPath = 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters';

/** The names of the tables, by the kind of key. */
export const tableNames = { ip: 'SslBindingInfo', sni: 'SslSniBindingInfo', ccs: 'SslCcsBindingInfo' } as const;

/**
 * Reads the certificate bindings from the registry tables of HTTP.SYS; keys that are no table entries are skipped. An entry that
 * cannot be decoded completely is unreadable: shown, and never changed.
 */
export function decodeHttpSysTables(keys: readonly RegistryKey[]): {
  readonly records: readonly CertificateBinding[];
  readonly unreadable: readonly Unreadable[];
} {
  const records = new Map<string, CertificateBinding>();
  const unreadable: Unreadable[] = [];
  const decoders = newDecoders();
  const below = subKeys(keys);
  for (const entry of keys) {
    const place = tableEntry(entry.path);
    if (place === null) continue;
    const record = decodeEntry(place, { ...entry.values, ...below.get(entry.path.toLowerCase()) }, decoders);
    const why =
      typeof record === 'string' ? record : records.has(record.key) ? `a second entry for ${record.key}` : null;
    if (why !== null) unreadable.push({ where: entry.path, text: keyOfEntry(entry) ?? place.subKey, why });
    else if (typeof record !== 'string') records.set(record.key, record);
  }
  return { records: [...records.values()], unreadable };
}

/** The key of the record of an entry, of which nothing else is decoded; `null` for what is not an entry of the tables. */
export function keyOfEntry({ path, values }: RegistryKey): KeyText | null {
  const entry = tableEntry(path);
  if (entry === null) return null;
  const named = values[writtenName(values, recordValues.hostnamePort)];
  const key = entryKey(entry.table, (named === undefined ? null : stringOf(named)) || entry.subKey);
  return key === null ? null : formatRecordKey(key);
}

/**
 * Sub-keys of entries, stored as pseudo values: nothing here can write them, and a record that no longer has them has
 * lost something (fidelity: record-sub-keys).
 */
function subKeys(keys: readonly RegistryKey[]): ReadonlyMap<string, CertificateBinding['raw']> {
  const below = new Map<string, Record<string, RawValue>>();
  for (const { path } of keys) {
    const [, entry, name] = /^(.*\\Ssl(?:Sni|Ccs)?BindingInfo\\[^\\]+)\\([^\\]+)$/i.exec(path) ?? [];
    if (entry === undefined || name === undefined) continue;
    const id = entry.toLowerCase();
    below.set(id, { ...below.get(id), [`${name}\\`]: { type: 'REG_KEY', base64: '' } });
  }
  return below;
}

interface TableEntry {
  readonly table: RecordKey['table'];
  readonly subKey: string;
}

function tableEntry(path: string): TableEntry | null {
  const [, name, subKey] = /\\(Ssl(?:Sni|Ccs)?BindingInfo)\\([^\\]+)$/i.exec(path) ?? [];
  if (name === undefined || subKey === undefined) return null;
  switch (name.toLowerCase()) {
    case 'sslbindinginfo':
      return { table: 'ip', subKey };
    case 'sslsnibindinginfo':
      return { table: 'sni', subKey };
    default:
      return { table: 'ccs', subKey };
  }
}

/** The record, or why there is none. */
function decodeEntry(
  { table, subKey }: TableEntry,
  raw: CertificateBinding['raw'],
  decoders: Decoders,
): CertificateBinding | string {
  const values = new EntryValues(raw, decoders);
  const keyText = values.text(recordValues.hostnamePort) ?? subKey;
  const key = entryKey(table, keyText);
  const hash = values.bytes(recordValues.hash);
  const thumbprint = hash === null || hash.length === 0 ? null : decoders.thumbprint(hash);
  const appId = values.bytes(recordValues.appId) ?? noAppId;
  const guid = decoders.guid(appId);
  const store = normaliseStore(values.text(recordValues.store));
  const options = {
    flags: values.number(recordValues.flags),
    certCheckMode: values.number(recordValues.certCheckMode),
    revocationFreshnessSeconds: values.number(recordValues.revocationFreshness),
    urlRetrievalTimeoutMs: values.number(recordValues.urlRetrievalTimeout),
    ctlIdentifier: values.text(recordValues.ctlIdentifier),
    ctlStoreName: values.text(recordValues.ctlStoreName),
  };
  if (key === null) return `${JSON.stringify(keyText)} is not the key of a record in ${tableNames[table]}`;
  if (values.odd !== null) return `${values.odd} has the wrong type`;
  if (thumbprint === null && hash !== null && hash.length > 0) return `the hash has ${hash.length} bytes, not 20`;
  if (guid === null) return `the application id has ${appId.length} bytes, not 16`;
  return {
    key: formatRecordKey(key),
    thumbprint,
    store,
    appId: guid,
    options: decoders.options(options, values.unusual, raw),
    raw,
  };
}

function entryKey(table: RecordKey['table'], text: string): RecordKey | null {
  switch (table) {
    case 'ip': {
      const key = toRecordKey(text);
      return key?.table === 'ip' ? key : null;
    }
    case 'sni':
      return sniKey(text);
    case 'ccs': {
      const port = portOf(/(?:^|:)(\d+)$/.exec(text)?.[1]);
      return port === null ? null : { table: 'ccs', port };
    }
  }
}

/** A Server 2012 shows its central-store record as `*:443` beside the host names. */
function sniKey(text: string): RecordKey | null {
  const [, written = '', digits] = /^(.*):(\d+)$/s.exec(text) ?? [];
  const port = portOf(digits);
  if (port === null) return null;
  if (written === '*') return { table: 'ccs', port };
  const host = normaliseHost(written);
  return host === null || isIpv4(host) ? null : { table: 'sni', host, port };
}

function portOf(digits: string | undefined): number | null {
  const port = Number(digits);
  return digits !== undefined && port >= 1 && port <= 65535 ? port : null;
}

const noAppId = Buffer.alloc(16);

/** The same few hashes, flags, times and stores fill a table of thousands, so each is decoded once per table. */
function newDecoders() {
  const allOptions = new Map<string, TlsOptions>();
  return {
    number: decodedOnce(dwordOf),
    text: decodedOnce(stringOf),
    bytes: decodedOnce((value) => (value.type === 'REG_BINARY' ? bytesOf(value) : null)),
    // The decoded bytes of equal values are one object per table, so the object can be the cache key.
    thumbprint: memoize((bytes: Buffer) => toThumbprint(bytes.toString('hex'))),
    guid: memoize((bytes: Buffer) => guidOf(bytes)),
    options(values: OptionValues, unusual: readonly string[], raw: CertificateBinding['raw']): TlsOptions {
      const id = JSON.stringify([Object.values(values), unusual]);
      const options = allOptions.get(id) ?? tlsOptions(values, raw);
      allOptions.set(id, options);
      return options;
    },
  };
}

type Decoders = ReturnType<typeof newDecoders>;

function decodedOnce<T>(decode: (value: RawValue) => T): (value: RawValue) => T {
  const known = new Map<string, { readonly type: string; readonly decoded: T }>();
  return (value) => {
    const before = known.get(value.base64);
    if (before?.type === value.type) return before.decoded;
    const decoded = decode(value);
    known.set(value.base64, { type: value.type, decoded });
    return decoded;
  };
}

/** Known values by name, whatever their letter case; remembers one that is not of its type. */
class EntryValues {
  readonly #raw: CertificateBinding['raw'];
  readonly unusual: readonly string[];
  readonly #decoders: Decoders;
  odd: string | null = null;

  constructor(raw: CertificateBinding['raw'], decoders: Decoders) {
    this.#raw = raw;
    this.#decoders = decoders;
    this.unusual = unusualNames(raw);
  }

  /** Zero when absent, as HTTP.SYS has it. */
  number(name: string): number {
    return this.#read(name, this.#decoders.number) ?? 0;
  }

  /** `null` when absent or empty. */
  text(name: string): string | null {
    return this.#read(name, this.#decoders.text) || null;
  }

  bytes(name: string): Buffer | null {
    return this.#read(name, this.#decoders.bytes);
  }

  #read<T>(name: string, decode: (value: RawValue) => T | null): T | null {
    const value = this.#raw[this.#spelling(name)];
    const decoded = value === undefined ? null : decode(value);
    if (value !== undefined && decoded === null) this.odd ??= name;
    return decoded;
  }

  #spelling(name: string): string {
    if (this.unusual.length === 0) return name;
    return this.unusual.find((written) => written.toLowerCase() === name.toLowerCase()) ?? name;
  }
}
