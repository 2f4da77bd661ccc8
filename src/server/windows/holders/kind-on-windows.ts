import type { HolderNow, OtherKind, Values } from '../../../holders/holder.ts';
import type { ApplicationHost } from '../../../holders/iis/application-host.ts';
import type { Site } from '../../../holders/iis/binding.ts';
import type { Standing } from '../../../holders/kind-rules.ts';
import type { KeyText } from '../../../holders/record-key.ts';
import type { TlsRecord } from '../../../holders/tls/tls-record.ts';
import type { Parts } from '../parts.ts';
import type { Row } from '../rows.ts';

/** What was read for a snapshot when the holders of its kinds are asked for. */
export interface ReadSoFar {
  readonly sites: readonly Site[];
  readonly ftps: ApplicationHost['ftps'];
  readonly records: readonly TlsRecord[];
}

/** How holders of one kind are read and changed by the adapter. */
export interface KindOnWindows<K extends OtherKind> {
  /** What the adapter is asked to read, as a row `<function of the adapter's table of kinds>`. */
  readonly reading: string;
  /** What that row names for each holder; absent if one reading returns all holders of its kind. */
  readsByKey?(key: KeyText): string;
  /** Parses the answer, once for all holders. @throws CertRebindError when that cannot be read */
  read(parts: Parts): (key: KeyText) => HolderNow;
  /** Those of a snapshot, from the readings of a whole server; absent for what stands with the certificates. */
  standing?(parts: Parts, read: ReadSoFar): readonly Standing<K, Values[K]>[];
  /** The row of a change. @param expected the thumbprint that must be held; `null` for any */
  put(wanted: Values[K], expected: string | null): Row;
}
