import { recordNow, tlsPlace } from '../../src/holders/holder.ts';
import type { KeyText } from '../../src/holders/record-key.ts';
import type { RecordNow } from '../../src/holders/tls/tls-record.ts';
import type { Server } from '../../src/server/server.ts';

/** Certificate bindings of a server as records. */
export async function readRecords(server: Server, keys: readonly KeyText[]): Promise<ReadonlyMap<KeyText, RecordNow>> {
  return new Map([...(await server.holders(keys.map(tlsPlace)))].map(([key, now]) => [key, recordNow(now)]));
}
