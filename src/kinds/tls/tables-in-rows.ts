import type { RawValue, RegistryKey } from '../../model/windows/raw-value.ts';
import type { Parts, Row } from '../../model/windows/rows.ts';
import type { RecordNow } from '../kind-rules.ts';
import { type KeyText, toRecordKey } from '../record-key.ts';
import type { CertificateBinding } from './certificate-binding.ts';
import { decodeHttpSysTables, httpParametersPath, keyOfEntry, tableNames } from './http-sys-tables.ts';

/** Where a record is in the registry; the sub-key is empty if it was not seen yet. */
export interface RecordPlace {
  readonly table: string;
  readonly subKey: string;
}

/** Rows `record` of the adapter as registry keys. */
export function registryKeys(rows: readonly Row[]): readonly RegistryKey[] {
  const known = new Map<string, RawValue>();
  return rows.map((row) => registryKey(row, known));
}

/** The certificate bindings among what a reading of another kind answered. */
export function recordsInParts(parts: Parts): readonly CertificateBinding[] {
  return decodeHttpSysTables(registryKeys(parts.rows('record'))).records;
}

/** @param known values by their text: the same few fill a table of thousands, and are kept once */
function registryKey(row: Row, known: Map<string, RawValue>): RegistryKey {
  const values: Record<string, RawValue> = {};
  for (let at = 2; at + 2 < row.length; at += 3) {
    const [type = '', base64 = ''] = [row[at + 1], row[at + 2]];
    let value = known.get(base64);
    if (value?.type !== type) {
      value = { type, base64 };
      known.set(base64, value);
    }
    values[row[at] ?? ''] = value;
  }
  return { path: `${httpParametersPath}\\${row[0] ?? ''}\\${row[1] ?? ''}`, values };
}

/** Places of the records as last seen, so that a single one can be read without its table. */
export class SeenPlaces {
  readonly #places = new Map<KeyText, RecordPlace>();

  note(rows: readonly Row[]): void {
    for (const [at, entry] of registryKeys(rows).entries()) {
      const [table = '', subKey = ''] = rows[at] ?? [];
      const key = keyOfEntry(entry);
      if (key !== null) this.#places.set(key, { table, subKey: subKey === key ? key : subKey });
    }
  }

  of(key: KeyText): RecordPlace {
    return this.#places.get(key) ?? placeOf(key);
  }

  /** The same, as the adapter is told it. */
  rowOf(key: KeyText): Row {
    const { table, subKey } = this.of(key);
    return [table, subKey];
  }
}

/** The table of a record whose sub-key is not known. */
export function placeOf(key: KeyText): RecordPlace {
  return { table: tableNames[toRecordKey(key)?.table ?? 'ip'], subKey: '' };
}

/**
 * What is known about records after their rows were read: a record with a row has that value, one without is absent,
 * and an entry that cannot be decoded at the place of a record leaves it unknown.
 */
export function recordsNow(
  keys: readonly KeyText[],
  rows: readonly Row[],
  places: SeenPlaces,
): ReadonlyMap<KeyText, RecordNow> {
  const { records, unreadable } = decodeHttpSysTables(registryKeys(rows));
  const byKey = new Map(records.map((value) => [value.key, { kind: 'tls', key: value.key, value } as const]));
  const whyByPlace = new Map(unreadable.map(({ where, why }) => [where, why]));
  return new Map(
    keys.map((key): [KeyText, RecordNow] => {
      const holder = byKey.get(key);
      if (holder !== undefined) return [key, { state: 'holds', holder }];
      const { table, subKey } = places.of(key);
      const why = whyByPlace.get(`${httpParametersPath}\\${table}\\${subKey === '' ? key : subKey}`);
      return [key, why === undefined ? { state: 'absent' } : { state: 'unknown', why }];
    }),
  );
}
