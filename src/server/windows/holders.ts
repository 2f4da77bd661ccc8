import { CertRebindError } from '../../base/errors.ts';
import {
  type HolderNow,
  isOther,
  movableKinds,
  type OtherKind,
  type Place,
  type SnapshotHolder,
  type Valued,
} from '../../kinds/holder.ts';
import type { ReadSoFar } from '../../kinds/kind-rules.ts';
import { onWindows } from '../../kinds/kinds.ts';
import type { Parts, Row } from '../../model/windows/rows.ts';

const kinds = movableKinds.filter(isOther);

/** The holders of a snapshot that are not certificate bindings. */
export function standingOnWindows(parts: Parts, read: ReadSoFar): readonly SnapshotHolder[] {
  return kinds.flatMap((kind): readonly SnapshotHolder[] => onWindows[kind].standing(parts, read));
}

/** The readings of a whole server that tell of holders. */
export const partsOfServer = kinds.flatMap((kind) => onWindows[kind].partOfServer ?? []);

/** What the adapter has to read for these holders, each reading once. */
export function readingsFor(places: readonly Place[]): readonly Row[] {
  const others = [...new Set(places.map(({ kind }) => kind))].filter(isOther);
  return others.map((kind): Row => {
    const { reading, readsByKey } = onWindows[kind];
    if (readsByKey === undefined) return [reading];
    return [reading, ...places.filter((place) => place.kind === kind).map(({ key }) => readsByKey(key))];
  });
}

/** These holders as the adapter told them. */
export function othersNow(places: readonly Place[], parts: Parts): readonly (readonly [Place['key'], HolderNow])[] {
  const others = places.flatMap(({ kind, key }) => (isOther(kind) ? [{ kind, key }] : []));
  const readers = new Map([...new Set(others.map(({ kind }) => kind))].map((kind) => [kind, readerOf(kind, parts)]));
  return others.map(({ kind, key }) => [key, readers.get(kind)?.(key) ?? untold]);
}

const untold: HolderNow = { state: 'unknown', why: 'it was not read' };

function readerOf(kind: OtherKind, parts: Parts): (key: Place['key']) => HolderNow {
  const unknown = (why: string) => (): HolderNow => ({ state: 'unknown', why });
  const { reading, read } = onWindows[kind];
  const failure = parts.failure(reading);
  if (failure !== null) return unknown(failure.message);
  try {
    return read(parts);
  } catch (error) {
    if (!(error instanceof CertRebindError)) throw error;
    return unknown(error.message);
  }
}

/** The row that has the adapter make a holder what is wanted. */
export function rowToPut<K extends OtherKind>({ kind, value }: Valued<K>, expected: string | null): Row {
  return onWindows[kind].put(value, expected);
}
