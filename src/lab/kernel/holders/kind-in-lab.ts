import type { HolderNow, OtherKind, Values } from '../../../holders/holder.ts';
import type { KeyText } from '../../../holders/record-key.ts';
import type { LabState } from '../lab-state.ts';
import type { LabRequest, LabResult } from '../requests.ts';

/** How a holder of one kind is read from a lab. */
export interface ReadInLab {
  read(key: KeyText): LabRequest;
  now(key: KeyText, result: LabResult): HolderNow;
  /** The thumbprint that it names, `null` if it names none, or `nothing` where it is not there. */
  held(state: LabState, key: KeyText): string | null | 'nothing';
}

/** How a holder of one kind is read and changed in a lab. */
export interface KindInLab<K extends OtherKind> extends ReadInLab {
  /** The requests that change it, beside those for a TLS record that is a part of it. */
  put(wanted: Values[K]): readonly LabRequest[];
}
