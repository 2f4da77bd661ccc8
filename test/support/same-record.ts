import { sameHolder, tlsHolder } from '../../src/holders/holder.ts';
import type { TlsRecord } from '../../src/holders/tls/tls-record.ts';

/** Whether nothing at all differs: hash, store and every option. */
export function sameRecord(a: TlsRecord, b: TlsRecord): boolean {
  return sameHolder(tlsHolder(a), tlsHolder(b));
}
