import type { Renewal } from '../certificates/renewal.ts';
import { type KeyText, toRecordKey } from '../holders/record-key.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { distinct } from '../text/order.ts';
import { bindingsByRecord, servedHosts } from './bindings-of-records.ts';
import { coverageOf, lostOf } from './guards.ts';
import { certificatesByThumbprint, toPair } from './renewal-pair.ts';

/** The hosts that clients could no longer ask for at these records with the new certificate of a renewal. */
export function lostHosts(
  keys: readonly KeyText[],
  renewal: Renewal,
  { sites, certificates }: Pick<Snapshot, 'sites' | 'certificates'>,
): readonly string[] {
  const pair = toPair(renewal, certificatesByThumbprint(certificates));
  const bindings = bindingsByRecord(sites);
  const lost = keys.flatMap((text) => {
    const key = toRecordKey(text);
    return key === null ? [] : lostOf(coverageOf(servedHosts(key, bindings.get(text) ?? []), pair));
  });
  return distinct(lost.map(({ host }) => host));
}
