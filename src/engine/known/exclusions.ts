import { distinct } from '../../base/order.ts';
import type { Configuration } from '../../documents/configuration.ts';
import { type Excluded, type ExclusionList, exclusionLists } from '../../documents/runs/plan.ts';
import { recordsIn } from '../../kinds/holder.ts';
import type { HolderInUse } from '../../kinds/place.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import type { UsedBinding } from './bindings-of-records.ts';

/** A place by the names that a configuration may exclude. */
interface PlaceNames {
  readonly key: KeyText;
  /** The certificate bindings that are part of it. */
  readonly records?: readonly KeyText[];
  /** The sites that use it. */
  readonly sites?: readonly string[];
}

export function namesOfRecord(key: KeyText, bindings: readonly UsedBinding[]): PlaceNames {
  return { key, sites: bindings.map(({ site }) => site) };
}

export function namesOfHolder({ key, holder, consumer, sharedBy }: HolderInUse): PlaceNames {
  const own = 'site' in consumer && consumer.site !== null ? [consumer.site] : [];
  return { key, records: recordsIn(holder).map((record) => record.key), sites: [...own, ...sharedBy] };
}

/** The entries of each list as they are compared: Windows ignores the case of names. */
const indexed = new WeakMap<Configuration['exclude'], ReadonlyMap<string, string>>();

function indexOf(exclude: Configuration['exclude']): ReadonlyMap<string, string> {
  const known = indexed.get(exclude);
  if (known !== undefined) return known;
  const entries = exclusionLists.flatMap((list) =>
    exclude[list].map((entry) => [`${list} ${entry.toLowerCase()}`, entry] as const),
  );
  const index = new Map(entries);
  indexed.set(exclude, index);
  return index;
}

/**
 * Every entry of the configuration for which nothing is changed at a place, from or to these certificates; empty if nothing
 * excludes it. One excluded site protects all of a place, since a replacement would change the certificate under that site too.
 */
export function whyExcluded(
  { key, records = [], sites = [] }: PlaceNames,
  certificates: readonly (Thumbprint | null)[],
  exclude: Configuration['exclude'],
): readonly Excluded[] {
  const index = indexOf(exclude);
  if (index.size === 0) return [];
  const named = (list: ExclusionList, names: readonly (string | null)[], text: (name: string) => string) =>
    distinct(names.flatMap((name) => name ?? [])).flatMap((name): readonly Excluded[] => {
      const entry = index.get(`${list} ${name.toLowerCase()}`);
      return entry === undefined ? [] : [{ code: 'excluded', list, entry, text: text(name) }];
    });
  const parts = records.filter((record) => record !== key);
  const { others } = sitesHeld(sites, exclude);
  const also = others.length === 0 ? '' : ` So ${others.join(', ')} ${others.length === 1 ? 'keeps' : 'keep'} it too.`;
  return [
    ...named('holders', [key], () => 'It is named in exclude.holders.'),
    ...named('records', [key], () => 'It is named in exclude.records.'),
    ...named('records', parts, (record) => `Its certificate binding ${record} is named in exclude.records.`),
    ...named('sites', sites, (site) => `The site ${site} uses it and is named in exclude.sites.${also}`),
    ...named('thumbprints', certificates, (one) => `The certificate ${one} is named in exclude.thumbprints.`),
  ];
}

/** What `exclude.sites` names of the sites that share a place, and the others that are left alone with them. */
export function sitesHeld(
  sites: readonly string[],
  exclude: Configuration['exclude'],
): { readonly entries: readonly string[]; readonly others: readonly string[] } {
  const index = indexOf(exclude);
  const entryOf = (site: string) => index.get(`sites ${site.toLowerCase()}`);
  const all = distinct(sites);
  return {
    entries: all.flatMap((site) => entryOf(site) ?? []),
    others: all.filter((site) => entryOf(site) === undefined),
  };
}
