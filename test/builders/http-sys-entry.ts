import { createHash } from 'node:crypto';
import { toRecordKey } from '../../src/kinds/record-key.ts';
import { type CertificateBinding, recordValues, writtenName } from '../../src/kinds/tls/certificate-binding.ts';
import { httpParametersPath } from '../../src/kinds/tls/http-sys-tables.ts';
import type { RegistryKey } from '../../src/model/windows/raw-value.ts';
import { rawString } from '../../src/model/windows/raw-value.ts';

/** SNI entries are seen under a GUID with their key in a value, and under the key itself (fidelity: sni-table-layout). */
export type SniLayout = 'guid' | 'name';

const tableNames = { ip: 'SslBindingInfo', sni: 'SslSniBindingInfo', ccs: 'SslCcsBindingInfo' } as const;

/** The table entry that holds this record, below `httpParametersPath`. */
export function encodeHttpSysRecord(
  record: CertificateBinding,
  { sniLayout }: { readonly sniLayout: SniLayout },
): RegistryKey {
  const key = toRecordKey(record.key);
  const table = key?.table ?? 'ip';
  const byGuid = table === 'sni' && sniLayout === 'guid';
  const name = writtenName(record.raw, recordValues.hostnamePort);
  const { [name]: _, ...values } = record.raw;
  return {
    path: `${httpParametersPath}\\${tableNames[table]}\\${byGuid ? guidFor(record.key) : subKeyOf(record.key, table)}`,
    values: byGuid ? { [recordValues.hostnamePort]: rawString(record.key), ...values } : values,
  };
}

function subKeyOf(key: CertificateBinding['key'], table: keyof typeof tableNames): string {
  return table === 'ccs' ? key.slice(key.lastIndexOf(':') + 1) : key;
}

/** Any GUID does; the same one for the same record makes exports comparable. */
function guidFor(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex');
  return `{${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}}`;
}
