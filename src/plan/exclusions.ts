import type { Thumbprint } from '../certificates/thumbprint.ts';
import type { Configuration } from '../documents/configuration.ts';
import type { KeyText } from '../holders/record-key.ts';
import type { StandingBinding } from './bindings-of-records.ts';

/** Why a holder with this key is left alone; `null` if it is not excluded. Windows ignores the case of names. */
export function whyHolderExcluded(key: KeyText, { holders }: Configuration['exclude']): string | null {
  const isNamed = holders.some((one) => one.toLowerCase() === key.toLowerCase());
  return isNamed ? 'It is named in exclude.holders.' : null;
}

/** Why nothing is changed from or to these certificates; `null` if none is excluded. */
export function whyCertificateExcluded(
  certificates: readonly (Thumbprint | null)[],
  { thumbprints }: Configuration['exclude'],
): string | null {
  const found = certificates.find((one) => one !== null && thumbprints.includes(one)) ?? null;
  return found === null ? null : `The certificate ${found} is named in exclude.thumbprints.`;
}

/**
 * Tells why a record must not be touched; `null` when nothing excludes it. One excluded site protects the whole record,
 * since a replacement would change the certificate under that site too.
 */
export function exclusions(exclude: Configuration['exclude']) {
  const records = new Set<string>(exclude.records);
  const sites = new Set(exclude.sites.map((site) => site.toLowerCase()));
  return (key: KeyText, bindings: readonly StandingBinding[], thumbprints: readonly (Thumbprint | null)[]) => {
    if (records.has(key)) return 'The record is named in exclude.records.';
    const site = bindings.find((binding) => sites.has(binding.site.toLowerCase()))?.site;
    if (site !== undefined) return `The site ${site} uses it and is named in exclude.sites.`;
    return whyCertificateExcluded(thumbprints, exclude);
  };
}
