import {
  type HolderNow,
  type Kind,
  movableKinds,
  type OtherKind,
  type Place,
  type SnapshotHolder,
  type Valued,
} from '../../../holders/holder.ts';
import { CertRebindError } from '../../../text/errors.ts';
import type { Change } from '../../server.ts';
import type { Parts } from '../parts.ts';
import type { Row } from '../rows.ts';
import { ftpOnWindows } from './ftp.ts';
import { keyAccessOnWindows } from './key-access.ts';
import type { KindOnWindows, ReadSoFar } from './kind-on-windows.ts';
import { rdpOnWindows } from './rdp.ts';
import { winrmOnWindows } from './winrm.ts';
import { wmsvcOnWindows } from './wmsvc.ts';

const kinds: { readonly [K in OtherKind]: KindOnWindows<K> } = {
  ftp: ftpOnWindows,
  rdp: rdpOnWindows,
  winrm: winrmOnWindows,
  wmsvc: wmsvcOnWindows,
  keyAccess: keyAccessOnWindows,
};

function isOther(kind: Kind): kind is OtherKind {
  return kind !== 'tls';
}

/** The holders of a snapshot that are not TLS records. */
export function standingOnWindows(parts: Parts, read: ReadSoFar): readonly SnapshotHolder[] {
  return movableKinds.flatMap((kind): readonly SnapshotHolder[] => kinds[kind].standing?.(parts, read) ?? []);
}

/** What the adapter has to read for these holders, each reading once. */
export function readingsFor(places: readonly Place[]): readonly Row[] {
  const others = [...new Set(places.map(({ kind }) => kind))].filter(isOther);
  return others.map((kind): Row => {
    const { reading, readsByKey } = kinds[kind];
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
  const { reading, read } = kinds[kind];
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
export function rowToPut({ expected, wanted }: Extract<Change, { do: 'put' }>): Row {
  return putRow(wanted, expected?.value.thumbprint ?? null);
}

function putRow<K extends OtherKind>({ kind, value }: Valued<K>, expected: string | null): Row {
  return kinds[kind].put(value, expected);
}
