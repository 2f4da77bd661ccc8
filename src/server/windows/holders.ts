import { CertRebindError } from '../../base/errors.ts';
import { groupBy } from '../../base/group.ts';
import {
  type HolderNow,
  kindOf,
  movableKinds,
  type NonTlsKind,
  type SnapshotHolder,
  type Valued,
} from '../../kinds/holder.ts';
import type { ReadSoFar } from '../../kinds/kind-rules.ts';
import { onWindows } from '../../kinds/kinds.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Parts, Row } from '../../model/windows/rows.ts';
import { assertPart } from './parts.ts';

/** The holders of a snapshot that are not certificate bindings. */
export function standingOnWindows(parts: Parts, read: ReadSoFar): readonly SnapshotHolder[] {
  return movableKinds.flatMap((kind): readonly SnapshotHolder[] => onWindows[kind].standing(parts, read));
}

/** The readings of a whole server that tell of holders. */
export const partsOfServer = movableKinds.flatMap((kind) => onWindows[kind].partOfServer ?? []);

/** What the adapter has to read for these holders, each reading once. */
export function readingsFor(keys: readonly KeyText[]): readonly Row[] {
  return [...groupBy(keys, kindOf)].flatMap(([kind, ofKind]): readonly Row[] => {
    if (kind === 'tls') return [];
    const { reading, readsByKey } = onWindows[kind];
    return [[reading, ...(readsByKey === undefined ? [] : ofKind.map(readsByKey))]];
  });
}

/** These holders as the adapter told them. */
export function othersNow(keys: readonly KeyText[], parts: Parts): readonly (readonly [KeyText, HolderNow])[] {
  return [...groupBy(keys, kindOf)].flatMap(([kind, ofKind]) => {
    if (kind === 'tls') return [];
    const read = readerOf(kind, parts);
    return ofKind.map((key) => [key, read(key)] as const);
  });
}

function readerOf(kind: NonTlsKind, parts: Parts): (key: KeyText) => HolderNow {
  const { reading, read } = onWindows[kind];
  try {
    assertPart(parts, reading);
    return read(parts);
  } catch (error) {
    if (!(error instanceof CertRebindError)) throw error;
    return () => ({ state: 'unknown', why: error.message });
  }
}

/** The row that has the adapter make a holder what is wanted. */
export function rowToPut<K extends NonTlsKind>({ kind, value }: Valued<K>, expected: string | null): Row {
  return onWindows[kind].put(value, expected);
}
