import { CertRebindError } from '../../../model/errors.ts';
import type { HolderNow, Kind, MovableKind, Place, Values } from '../../../model/holder.ts';
import type { Change } from '../../server.ts';
import type { Parts } from '../parts.ts';
import type { Row } from '../rows.ts';
import { ftpOnWindows } from './ftp.ts';
import type { KindOnWindows } from './kind-on-windows.ts';
import { rdpOnWindows } from './rdp.ts';
import { winrmOnWindows } from './winrm.ts';

const kinds: { readonly [K in MovableKind]: KindOnWindows<K> } = {
  ftp: ftpOnWindows,
  rdp: rdpOnWindows,
  winrm: winrmOnWindows,
};

export function isMovable(kind: Kind): kind is MovableKind {
  return kind !== 'tls';
}

/** What the adapter has to read for these holders, each reading once. */
export function readingsFor(places: readonly Place[]): readonly Row[] {
  const readings = places.flatMap(({ kind }) => (isMovable(kind) ? [kinds[kind].reading] : []));
  return [...new Set(readings)].map((reading) => [reading]);
}

/** These holders as the adapter told them. */
export function othersNow(places: readonly Place[], parts: Parts): readonly (readonly [Place['key'], HolderNow])[] {
  return places.flatMap(({ kind, key }) =>
    isMovable(kind) ? [[key, told(() => kinds[kind].now(key, parts))] as const] : [],
  );
}

/** The row that has the adapter make a holder what is wanted. */
export function rowToPut({ expected, wanted }: Extract<Change, { do: 'put' }>): Row {
  return putRow(wanted, expected?.value.thumbprint ?? null);
}

function putRow<K extends MovableKind>({ kind, value }: Valued<K>, expected: string | null): Row {
  return kinds[kind].put(value, expected);
}

function told(read: () => HolderNow): HolderNow {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CertRebindError)) throw error;
    return { state: 'unknown', why: error.message };
  }
}

interface Valued<K extends MovableKind> {
  readonly kind: K;
  readonly value: Values[K];
}
