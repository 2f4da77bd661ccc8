import type { HolderNow, OtherKind, Values } from '../../../holders/holder.ts';
import type { Site } from '../../../holders/iis/binding.ts';
import type { Standing } from '../../../holders/kind-rules.ts';
import type { KeyText } from '../../../holders/record-key.ts';
import type { TlsRecord } from '../../../holders/tls/tls-record.ts';
import type { LabState } from '../lab-state.ts';
import type { LabRequest, LabResult } from '../requests.ts';

/** How a holder of one kind is read from a lab. */
export interface ReadInLab {
  read(key: KeyText): LabRequest;
  now(key: KeyText, result: LabResult): HolderNow;
  /** The thumbprint that it names, `null` if it names none, or `nothing` where it is not there. */
  held(state: LabState, key: KeyText): string | null | 'nothing';
}

/** What a lab has read for a snapshot when the holders of its kinds are asked for. */
export interface ReadSoFar {
  readonly sites: readonly Site[];
  readonly records: readonly TlsRecord[];
}

/** How a holder of one kind is read and changed in a lab. */
export interface KindInLab<K extends OtherKind> extends ReadInLab {
  /** Those of a snapshot; absent for what stands with the certificates. */
  standing?(state: LabState, read: ReadSoFar): readonly Standing<K, Values[K]>[];
  /** The requests that change it, beside those for a certificate binding that is a part of it. */
  put(wanted: Values[K]): readonly LabRequest[];
}
