import type { HolderNow, Kind, MovableKind, Values } from '../../../../model/holder.ts';
import type { KeyText } from '../../../../model/record-key.ts';
import type { LabRequest, LabResult } from '../requests.ts';

/** How a holder of one kind is read from a lab. */
export interface ReadInLab {
  read(key: KeyText): LabRequest;
  now(key: KeyText, result: LabResult): HolderNow;
}

/** How a holder of one kind is read and changed in a lab. */
export interface KindInLab<K extends MovableKind> extends ReadInLab {
  put(wanted: Values[K]): LabRequest;
}

export type KindsInLab = { readonly [K in Kind]: K extends MovableKind ? KindInLab<K> : ReadInLab };
