import type { Thumbprint } from '../model/certificates/thumbprint.ts';
import type { Configuration } from '../model/documents/configuration.ts';
import type { KeyText } from '../model/holders/record-key.ts';
import type { StandingBinding } from './bindings-of-records.ts';

/** Tells why a record must not be touched; `null` when nothing excludes it. */
export type WhyExcluded = (
  key: KeyText,
  bindings: readonly StandingBinding[],
  thumbprints: readonly (Thumbprint | null)[],
) => string | null;

/** One excluded site protects the whole record, since a swap would change the certificate under that site too. */
export function exclusions(exclude: Configuration['exclude']): WhyExcluded {
  const records = new Set<string>(exclude.records);
  const sites = new Set(exclude.sites.map((site) => site.toLowerCase()));
  const certificates = new Set<string>(exclude.thumbprints);
  return (key, bindings, thumbprints) => {
    if (records.has(key)) return 'The record is named in exclude.records.';
    const site = bindings.find((binding) => sites.has(binding.site.toLowerCase()))?.site;
    if (site !== undefined) return `The site ${site} stands on it and is named in exclude.sites.`;
    const thumbprint = thumbprints.find((candidate) => candidate !== null && certificates.has(candidate));
    return thumbprint === undefined ? null : `The certificate ${thumbprint} is named in exclude.thumbprints.`;
  };
}
