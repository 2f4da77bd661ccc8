import type { RecordNow } from '../../kinds/kind-rules.ts';
import { type KeyText, toRecordKey } from '../../kinds/record-key.ts';
import type { CertificateBinding } from '../../kinds/tls/certificate-binding.ts';
import { decodeHttpSysTables, httpParametersPath, tableNames } from '../../kinds/tls/http-sys-tables.ts';
import { findEntry } from './http-sys.ts';
import type { LabState, RegistryEntry } from './lab-state.ts';

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
