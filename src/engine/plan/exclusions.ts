import type { Configuration } from '../../documents/configuration.ts';
import { recordsIn } from '../../kinds/holder.ts';
import type { HolderInUse } from '../../kinds/place.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import type { StandingBinding } from './bindings-of-records.ts';

/** A place by the names that a configuration may exclude. */
interface PlaceNames {
  readonly key: KeyText;
  /** The certificate bindings that are part of it. */
  readonly records?: readonly KeyText[];
  /** The sites that use it. */
  readonly sites?: readonly string[];
}

export function namesOfRecord(key: KeyText, bindings: readonly StandingBinding[]): PlaceNames {
  return { key, sites: bindings.map(({ site }) => site) };
}

export function namesOfHolder({ key, holder, consumer, sharedBy }: HolderInUse): PlaceNames {
  const own = 'site' in consumer && consumer.site !== null ? [consumer.site] : [];
  return { key, records: recordsIn(holder).map((record) => record.key), sites: [...own, ...sharedBy] };
}

/**
 * Why nothing is changed at a place, from or to these certificates; `null` if nothing excludes it. One excluded site protects all
 * of a place, since a replacement would change the certificate under that site too. Windows ignores the case of names.
 */
export function whyExcluded(
  { key, records = [], sites = [] }: PlaceNames,
  certificates: readonly (Thumbprint | null)[],
  exclude: Configuration['exclude'],
): string | null {
  const isNamed = (name: string, names: readonly string[]) =>
    names.some((one) => one.toLowerCase() === name.toLowerCase());
  if (isNamed(key, exclude.holders)) return 'It is named in exclude.holders.';
  if (isNamed(key, exclude.records)) return 'It is named in exclude.records.';
  const record = records.find((one) => isNamed(one, exclude.records));
  if (record !== undefined) return `Its certificate binding ${record} is named in exclude.records.`;
  const site = sites.find((one) => isNamed(one, exclude.sites));
  if (site !== undefined) return `The site ${site} uses it and is named in exclude.sites.`;
  const certificate = certificates.find((one) => one !== null && exclude.thumbprints.includes(one)) ?? null;
  return certificate === null ? null : `The certificate ${certificate} is named in exclude.thumbprints.`;
}
