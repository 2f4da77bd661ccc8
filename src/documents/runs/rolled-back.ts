import { canonicalDigest } from '../../base/canonical-json.ts';
import { groupBy } from '../../base/group.ts';
import { distinct } from '../../base/order.ts';
import { type Holder, isTls } from '../../kinds/holder.ts';
import { holdersByKey } from '../../kinds/place.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import type { Decision } from './ledger.ts';

/** What a cause says, as what was said then: the old certificate is in use again. */
export function seenWithNew(said: string): string {
  return `The test of the new certificate: "${said}"`;
}

/** The first try, and three more. */
const mostAttempts = 4;

/** How often it is tried again by itself, once something has changed there; 0: only a person applies it. */
export function triesLeft({ what, cause, attempts, facts }: Omit<Decision, 'place'>): number {
  const isWatched = what === 'on-hold' && (cause?.kind === 'chain' || facts !== null);
  return isWatched ? Math.max(0, mostAttempts - attempts) : 0;
}

/** The places whose options say whether the cause of a hold is still there. */
export function concernedBy({ place, cause }: Pick<Decision, 'place' | 'cause'>): readonly KeyText[] {
  return distinct([place, cause?.at ?? place]);
}

/**
 * Whether its cause no longer holds. A missing intermediate is looked for in the stores. What shows only on the wire is
 * tried again once a fact has changed that could matter there.
 */
export function isTriedAgain(decision: Decision, snapshot: Snapshot, factsOf: FactsNow): boolean {
  if (triesLeft(decision) === 0) return false;
  const { cause, facts } = decision;
  if (cause?.kind !== 'chain') return facts !== factsOf(decision.new, concernedBy(decision));
  return snapshot.certificates.some(
    ({ thumbprint, intermediates }) => thumbprint === decision.new && intermediates?.includes(cause.issuer) === true,
  );
}

/** By the new certificate, and the places that are concerned. */
export type FactsNow = (successor: Thumbprint, places: readonly KeyText[]) => string;

/**
 * The new certificate with its key and its chain, the options of the places where it failed, and whether the services
 * and sites there run.
 * @param before places as they were when it was tried, if that is not now: a run may have left them otherwise
 */
export function factsNow(snapshot: Snapshot, before: ReadonlyMap<KeyText, Holder | null> = new Map()): FactsNow {
  const holders = holdersByKey(snapshot);
  const sites = groupBy(
    snapshot.sites.flatMap(({ name, state, bindings }) =>
      bindings.map(({ recordKey }) => ({ name, state, recordKey })),
    ),
    ({ recordKey }) => recordKey,
  );
  const certificates = groupBy(snapshot.certificates, ({ thumbprint }) => thumbprint);
  return (successor, places) =>
    canonicalDigest({
      certificate: (certificates.get(successor) ?? [])
        .map(({ store, key, keyRights, chain, intermediates, archived }) =>
          JSON.stringify([store, key, keyRights, chain, intermediates, archived]),
        )
        .sort(),
      places: places.map((key) => [key, optionsOf(before.get(key) ?? holders.get(key))]),
      sites: distinct(places.flatMap((key) => sites.get(key) ?? []).map(({ name, state }) => `${name} ${state}`)),
      webService: snapshot.webService,
    });
}

/** Everything but the certificate; of a certificate binding without the values of the registry that hold the same once more. */
function optionsOf(holder: Holder | undefined): unknown {
  if (holder === undefined) return null;
  if (isTls(holder)) return [holder.value.appId, holder.value.options];
  const { thumbprint, store, ...options } = holder.value;
  return options;
}
