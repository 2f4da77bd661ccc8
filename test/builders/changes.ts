import { tlsHolder } from '../../src/kinds/holder.ts';
import { makeTlsRecord, type RecordParts, type TlsRecord } from '../../src/kinds/tls/tls-record.ts';
import type { Change } from '../../src/server/server.ts';

type Put = Extract<Change, { do: 'put' }>;

export interface Swap {
  readonly key: RecordParts['key'];
  readonly expected: RecordParts['thumbprint'];
  readonly thumbprint: RecordParts['thumbprint'];
  readonly store?: string;
  readonly through?: Put['through'];
}

/** Hash and store of a record alone, in place. */
export function swapOf({ key, expected, thumbprint, store = 'My', through = null }: Swap): Put {
  const holding = (held: Swap['expected']) => tlsHolder(makeTlsRecord({ key, thumbprint: held, store }));
  return { do: 'put', expected: holding(expected), wanted: holding(thumbprint), through };
}

/** A record as a whole, whatever it holds. */
export function restoreOf(record: TlsRecord): Put {
  return { do: 'put', expected: null, wanted: tlsHolder(record) };
}
