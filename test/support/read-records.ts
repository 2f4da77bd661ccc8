import { type HolderNow, isTls } from '../../src/kinds/holder.ts';
import type { RecordNow } from '../../src/kinds/kind-rules.ts';
import type { KeyText } from '../../src/kinds/record-key.ts';
import type { Server } from '../../src/server/server.ts';

/** Certificate bindings of a server as records. */
export async function readRecords(server: Server, keys: readonly KeyText[]): Promise<ReadonlyMap<KeyText, RecordNow>> {
  return new Map([...(await server.holders(keys))].map(([key, now]) => [key, recordNow(now)]));
}

/** For a holder that is known to be a certificate binding. */
export function recordNow(now: HolderNow): RecordNow {
  if (now.state !== 'holds') return now;
  if (isTls(now.holder)) return { state: 'holds', holder: now.holder };
  throw new TypeError(`${now.holder.key} is not a certificate binding`);
}
