import type { Names } from '../kind-rules.ts';
import { formatRecordKey, type KeyText, toRecordKey } from '../record-key.ts';
import { type CertificateBinding, makeCertificateBinding, recordValues } from './certificate-binding.ts';

/** `null` for what is not the key of a record. */
export function anonymisedRecordKey(key: KeyText, names: Pick<Names, 'address' | 'host'>): KeyText | null {
  const parts = toRecordKey(key);
  switch (parts?.table) {
    case 'ip':
      return formatRecordKey({ ...parts, address: names.address(parts.address) });
    case 'sni':
      return formatRecordKey({ ...parts, host: names.host(parts.host) });
    case 'ccs':
      return key;
    case undefined:
      return null;
  }
}

const valueType =
  /^REG_(?:KEY|0x[0-9a-f]{1,8}|NONE|SZ|EXPAND_SZ|BINARY|DWORD|DWORD_BIG_ENDIAN|LINK|MULTI_SZ|RESOURCE_LIST|FULL_RESOURCE_DESCRIPTOR|RESOURCE_REQUIREMENTS_LIST|QWORD)$/;

/** Raw values are written again from what they mean; of unknown ones type and length are kept. */
export function anonymisedRecord(record: CertificateBinding, names: Names): CertificateBinding {
  const { options } = record;
  const made = makeCertificateBinding({
    key: anonymisedRecordKey(record.key, names) ?? record.key,
    thumbprint: record.thumbprint === null ? null : names.thumbprint(record.thumbprint),
    store: names.store(record.store),
    appId: record.appId,
    flags: options.flags,
    certCheckMode: options.certCheckMode,
    revocationFreshnessSeconds: options.revocationFreshnessSeconds,
    urlRetrievalTimeoutMs: options.urlRetrievalTimeoutMs,
    ctlIdentifier: options.ctlIdentifier === null ? null : names.text(options.ctlIdentifier),
    ctlStoreName: options.ctlStoreName === null ? null : names.store(options.ctlStoreName),
    more: Object.fromEntries(
      options.unknownValues.map((name) => {
        const { type = 'REG_BINARY', base64 = '' } = record.raw[name] ?? {};
        return [
          names.value(name),
          {
            type: valueType.test(type) ? type : 'REG_BINARY',
            base64: Buffer.alloc(Buffer.from(base64, 'base64').length).toString('base64'),
          },
        ];
      }),
    ),
  });
  const present = new Set(Object.keys(record.raw).map((name) => name.toLowerCase()));
  const known: ReadonlySet<string> = new Set(Object.values(recordValues));
  const raw = Object.entries(made.raw).filter(([name]) => !known.has(name) || present.has(name.toLowerCase()));
  return { ...made, raw: Object.fromEntries(raw) };
}
