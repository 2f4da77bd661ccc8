import { tlsHolder } from '../../src/kinds/holder.ts';
import {
  type CertificateBinding,
  makeCertificateBinding,
  type RecordParts,
} from '../../src/kinds/tls/certificate-binding.ts';
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
  const holding = (held: Swap['expected']) => tlsHolder(makeCertificateBinding({ key, thumbprint: held, store }));
  return { do: 'put', expected: holding(expected), wanted: holding(thumbprint), through };
}

/** A record as a whole, whatever it holds. */
export function restoreOf(record: CertificateBinding): Put {
  return { do: 'put', expected: null, wanted: tlsHolder(record) };
}
