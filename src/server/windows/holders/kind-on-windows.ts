import type { HolderNow, OtherKind, Values } from '../../../holders/holder.ts';
import type { KeyText } from '../../../holders/record-key.ts';
import type { Parts } from '../parts.ts';
import type { Row } from '../rows.ts';

/** How holders of one kind are read and changed by the adapter. */
export interface KindOnWindows<K extends OtherKind> {
  /** What the adapter is asked to read, as a row `<function of the adapter's table of kinds>`. */
  readonly reading: string;
  /** What that row names for each holder; absent if one reading returns all holders of its kind. */
  readsByKey?(key: KeyText): string;
  /** Parses the answer, once for all holders. @throws CertRebindError when that cannot be read */
  read(parts: Parts): (key: KeyText) => HolderNow;
  /** The row of a change. @param expected the thumbprint that must be held; `null` for any */
  put(wanted: Values[K], expected: string | null): Row;
}
