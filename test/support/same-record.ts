import { sameHolder, tlsHolder } from '../../src/kinds/holder.ts';
import type { TlsRecord } from '../../src/kinds/tls/tls-record.ts';

/** Whether nothing at all differs: hash, store and every option. */
export function sameRecord(a: TlsRecord, b: TlsRecord): boolean {
  return sameHolder(tlsHolder(a), tlsHolder(b));
}
