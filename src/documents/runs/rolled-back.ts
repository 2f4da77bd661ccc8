import type { Renewal } from '../../certificates/renewal.ts';
import { type Holder, holdersByKey, isTls } from '../../holders/holder.ts';
import type { KeyText } from '../../holders/record-key.ts';
import type { Snapshot } from '../../holders/snapshot.ts';
import { canonicalDigest } from '../../text/canonical-json.ts';

/** What is remembered of a renewal whose new certificate was rolled back. */
export interface RolledBack {
  readonly cause: RollbackCause;
  /** The holders where it failed, and those that were not tried for that reason. */
  readonly keys: readonly KeyText[];
  /** How often it was tried since a person last asked for it. */
  readonly attempts: number;
  /** Digest of what could matter to a handshake, as of then (`factsOfTry`); `null` if it is not known. */
  readonly facts: string | null;
}

/**
 * `chain`: sent without the intermediate `issuer`. `handshake`: clients could not connect; `protocol`: TLS itself refused
 * it; `name`: another certificate answered for a name; `server`: Windows did not make the change as asked. `person`: a
 * person undid it, or gave it up.
 */
export type RollbackCause =
  | { readonly kind: 'chain'; readonly issuer: string; readonly said: string }
  | { readonly kind: 'handshake' | 'protocol' | 'name' | 'server'; readonly said: string }
  | { readonly kind: 'person' };

/** What a cause says, as what was said then: the old certificate is in use again. */
export function seenWithNew(said: string): string {
  return `The test of the new certificate: "${said}"`;
}

/** What is remembered once a person has given up. */
export function givenUp(before: RolledBack | undefined): RolledBack {
  return { keys: [], facts: null, ...before, cause: { kind: 'person' }, attempts: 0 };
}

/** The first try, and three more. */
const mostAttempts = 4;

/** How often it is tried again by itself, once something has changed there; 0: only a person applies it. */
export function triesLeft({ cause, attempts, facts }: RolledBack): number {
  const isWatched = cause.kind === 'chain' || (cause.kind !== 'person' && facts !== null);
  return isWatched ? Math.max(0, mostAttempts - attempts) : 0;
}

/**
 * Whether its cause no longer holds. A missing intermediate is looked for in the stores. What shows only on the wire is
 * tried again once a fact has changed that could matter there.
 */
export function isTriedAgain(rolledBack: RolledBack, renewal: Pick<Renewal, 'new'>, snapshot: Snapshot): boolean {
  if (triesLeft(rolledBack) === 0) return false;
  const { cause, keys, facts } = rolledBack;
  switch (cause.kind) {
    case 'person':
      return false;
    case 'chain':
      return snapshot.certificates.some(
        ({ thumbprint, intermediates }) => thumbprint === renewal.new && intermediates?.includes(cause.issuer) === true,
      );
    default:
      return facts !== factsOfTry(snapshot, renewal, keys);
  }
}

/**
 * The new certificate with its key and its chain, the options of the places where it failed, and whether the services
 * and sites there run.
 * @param before places as they were when it was tried, if that is not now: a run may have left them otherwise
 */
export function factsOfTry(
  snapshot: Snapshot,
  { new: successor }: Pick<Renewal, 'new'>,
  keys: readonly KeyText[],
  before: ReadonlyMap<KeyText, Holder | null> = new Map(),
): string {
  const holders = holdersByKey(snapshot);
  const concerned = new Set(keys);
  return canonicalDigest({
    certificate: snapshot.certificates
      .filter(({ thumbprint }) => thumbprint === successor)
      .map(({ store, key, keyRights, chain, intermediates, archived }) =>
        JSON.stringify([store, key, keyRights, chain, intermediates, archived]),
      )
      .sort(),
    places: [...concerned].sort().map((key) => [key, optionsOf(before.get(key) ?? holders.get(key))]),
    sites: snapshot.sites
      .filter(({ bindings }) => bindings.some(({ recordKey }) => recordKey !== null && concerned.has(recordKey)))
      .map(({ name, state }) => `${name} ${state}`)
      .sort(),
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
