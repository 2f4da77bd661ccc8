import { CertRebindError } from '../../base/errors.ts';
import { memoize } from '../../base/memoize.ts';
import { normaliseStore } from '../../model/certificates/store-name.ts';
import { parseThumbprint, type Thumbprint } from '../../model/certificates/thumbprint.ts';
import { guidBytes, type RawValue, rawBinary, rawDword, rawString } from '../../model/windows/raw-value.ts';
import { formatRecordKey, type KeyText, parseRecordKey } from '../record-key.ts';
import { bitNames, changedBits, checkModeBits, flagBits, unknownBits } from './tls-flags.ts';

export type { RawValue };

/**
 * One HTTP.SYS entry. Many IIS bindings can use one record; a replacement changes the record.
 * Source of the field names: the registry tables below `HTTP\Parameters` (docs/evidence/fidelity.md, http-sys-tables).
 */
export interface CertificateBinding {
  readonly key: KeyText;
  /** `null` for a central-store record, which names no certificate. */
  readonly thumbprint: Thumbprint | null;
  /** `My`, `WebHosting` or any other LocalMachine store; an absent store name reads as `My`. */
  readonly store: string;
  /** `{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}`, lower case. */
  readonly appId: string;
  readonly options: TlsOptions;
  /** Every value as read, known or not, so that nothing is ever lost. */
  readonly raw: Readonly<Record<string, RawValue>>;
}

/** The decoded options; a bit or value without a name here is still in `raw` and is compared too. */
export interface TlsOptions {
  /** `DefaultFlags`, bit by bit as HTTP_SERVICE_CONFIG_SSL_FLAG. */
  readonly flags: number;
  /** Names of the known bits of `flags`, in bit order, for people. */
  readonly flagNames: readonly string[];
  /** Bits of `flags` without a known name. */
  readonly unknownFlags: number;
  /** `DefaultSslCertCheckMode`. */
  readonly certCheckMode: number;
  /** `DefaultSslRevocationFreshnessTime`, seconds. */
  readonly revocationFreshnessSeconds: number;
  /** `DefaultSslRevocationUrlRetrievalTimeout`, milliseconds. */
  readonly urlRetrievalTimeoutMs: number;
  readonly ctlIdentifier: string | null;
  readonly ctlStoreName: string | null;
  /** Names of values in `raw` that this program does not know. */
  readonly unknownValues: readonly string[];
}

/** The application id that IIS writes. */
export const iisAppId = '{4dc3e181-e14b-4a21-b022-59fc669b0914}';

/** Names of the values of a table entry (fidelity: http-sys-tables). */
export const recordValues = {
  hostnamePort: 'HostnamePort',
  hash: 'SslCertHash',
  store: 'SslCertStoreName',
  appId: 'AppId',
  flags: 'DefaultFlags',
  certCheckMode: 'DefaultSslCertCheckMode',
  revocationFreshness: 'DefaultSslRevocationFreshnessTime',
  urlRetrievalTimeout: 'DefaultSslRevocationUrlRetrievalTimeout',
  ctlIdentifier: 'DefaultSslCtlIdentifier',
  ctlStoreName: 'DefaultSslCtlStoreName',
} as const;

const knownValues: ReadonlySet<string> = new Set(Object.values(recordValues));
const knownLowerCase: ReadonlySet<string> = new Set(Object.values(recordValues).map((name) => name.toLowerCase()));

/** Value names that are not exactly those of `recordValues`: in other letter case, or unknown. */
export function unusualNames(raw: CertificateBinding['raw']): readonly string[] {
  return Object.keys(raw).filter((name) => !knownValues.has(name));
}

/** The plain numbers and texts of an entry, from which the names and the unknown parts follow. */
export type OptionValues = Omit<TlsOptions, 'flagNames' | 'unknownFlags' | 'unknownValues'>;

/** Completes the decoded options: names of the bits, and what has no name. */
export function tlsOptions(values: OptionValues, raw: CertificateBinding['raw']): TlsOptions {
  return {
    ...values,
    flagNames: bitNames(values.flags, flagBits),
    unknownFlags: unknownBits(values.flags, flagBits),
    unknownValues: unusualNames(raw).filter((name) => !knownLowerCase.has(name.toLowerCase())),
  };
}

/**
 * Every difference except hash and store, by name, including bits and values that this program does not know. Empty if
 * a replacement kept everything.
 */
export function lostOrChangedOptions(before: CertificateBinding, after: CertificateBinding): readonly string[] {
  const [a, b] = [before.options, after.options];
  const differences: (readonly [string, boolean])[] = [
    ['key', before.key !== after.key],
    ['application-id', before.appId !== after.appId],
    ['revocation-freshness-time', a.revocationFreshnessSeconds !== b.revocationFreshnessSeconds],
    ['url-retrieval-timeout', a.urlRetrievalTimeoutMs !== b.urlRetrievalTimeoutMs],
    ['ctl-identifier', (a.ctlIdentifier ?? '') !== (b.ctlIdentifier ?? '')],
    ['ctl-store-name', (a.ctlStoreName ?? '') !== (b.ctlStoreName ?? '')],
  ];
  const unknown = new Set([...a.unknownValues, ...b.unknownValues].map((name) => name.toLowerCase()));
  return [
    ...differences.filter(([, differs]) => differs).map(([name]) => name),
    ...changedBits(a.flags, b.flags, flagBits).map((name) => `flag ${name}`),
    ...changedBits(a.certCheckMode, b.certCheckMode, checkModeBits).map((name) => `check-mode ${name}`),
    ...[...unknown].filter((name) => !sameRawValue(before, after, name)).map((name) => `value ${name}`),
  ];
}

/** The same for those that are part of one holder, another certificate included. */
export function differencesOf(
  wanted: readonly CertificateBinding[],
  found: readonly CertificateBinding[],
): readonly string[] {
  return wanted.flatMap((one) => {
    const other = found.find(({ key }) => key === one.key);
    if (other === undefined || other.thumbprint !== one.thumbprint) return [`certificate binding ${one.key}`];
    return lostOrChangedOptions(one, other);
  });
}

/** A plan writes the hashes of the same few certificates into thousands of records. */
const hashValue = memoize((thumbprint: Thumbprint) => rawBinary(Buffer.from(thumbprint, 'hex')));

/** The record as it is after a replacement that keeps everything else, its raw values included. */
export function withCertificate(record: CertificateBinding, thumbprint: Thumbprint, store: string): CertificateBinding {
  const wanted = normaliseStore(store);
  const raw = { ...record.raw, [writtenName(record.raw, recordValues.hash)]: hashValue(thumbprint) };
  if (wanted !== record.store) raw[writtenName(record.raw, recordValues.store)] = rawString(wanted);
  return { ...record, thumbprint, store: wanted, raw };
}

/** The values of a record that is not read from a server; absent ones are as in a new IIS record. */
export interface RecordParts extends Partial<OptionValues> {
  readonly key: string;
  readonly thumbprint: string | null;
  readonly store?: string;
  readonly appId?: string;
  /** Values beyond the known ones. */
  readonly more?: CertificateBinding['raw'];
}

/**
 * Builds a whole record, raw values included, as HTTP.SYS would hold it.
 * @throws CertRebindError for a key, thumbprint or application id that is none
 */
export function makeCertificateBinding(parts: RecordParts): CertificateBinding {
  const key = formatRecordKey(parseRecordKey(parts.key, 'key'));
  const thumbprint = parts.thumbprint === null ? null : parseThumbprint(parts.thumbprint, 'thumbprint');
  const store = normaliseStore(parts.store ?? null);
  const appId = (parts.appId ?? iisAppId).toLowerCase();
  const values: OptionValues = {
    flags: (parts.flags ?? 0) >>> 0,
    certCheckMode: (parts.certCheckMode ?? 0) >>> 0,
    revocationFreshnessSeconds: parts.revocationFreshnessSeconds ?? 0,
    urlRetrievalTimeoutMs: parts.urlRetrievalTimeoutMs ?? 0,
    ctlIdentifier: parts.ctlIdentifier ?? null,
    ctlStoreName: parts.ctlStoreName ?? null,
  };
  const raw = { ...rawRecord(thumbprint, store, appId, values), ...parts.more };
  return { key, thumbprint, store, appId, options: tlsOptions(values, raw), raw };
}

function rawRecord(
  thumbprint: Thumbprint | null,
  store: string,
  appId: string,
  values: OptionValues,
): Record<string, RawValue> {
  const guid = guidBytes(appId);
  if (guid === null) {
    throw new CertRebindError('bad-input', { message: `${JSON.stringify(appId)} is not an application id.` });
  }
  return {
    [recordValues.appId]: rawBinary(guid),
    ...(thumbprint === null
      ? {}
      : {
          [recordValues.hash]: rawBinary(Buffer.from(thumbprint, 'hex')),
          [recordValues.store]: rawString(store),
        }),
    [recordValues.flags]: rawDword(values.flags),
    [recordValues.certCheckMode]: rawDword(values.certCheckMode),
    [recordValues.revocationFreshness]: rawDword(values.revocationFreshnessSeconds),
    [recordValues.urlRetrievalTimeout]: rawDword(values.urlRetrievalTimeoutMs),
    ...(values.ctlIdentifier === null ? {} : { [recordValues.ctlIdentifier]: rawString(values.ctlIdentifier) }),
    ...(values.ctlStoreName === null ? {} : { [recordValues.ctlStoreName]: rawString(values.ctlStoreName) }),
  };
}

/** Value names do not differ by letter case; the entry's own spelling is kept. */
export function writtenName(raw: CertificateBinding['raw'], name: string): string {
  if (Object.hasOwn(raw, name)) return name;
  return Object.keys(raw).find((written) => written.toLowerCase() === name.toLowerCase()) ?? name;
}

function sameRawValue(a: CertificateBinding, b: CertificateBinding, name: string): boolean {
  const [left, right] = [a.raw[writtenName(a.raw, name)], b.raw[writtenName(b.raw, name)]];
  return left?.type === right?.type && left?.base64 === right?.base64;
}
