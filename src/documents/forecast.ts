import type { KeyText } from '../kinds/record-key.ts';
import type { NamedCertificate } from '../model/certificates/named-certificate.ts';
import type { Renewal } from '../model/certificates/renewal.ts';

/** What a renewal costs at a place, the least first. `restart`: of its service, in the change window. */
export const renewalCosts = ['nothing', 'restart', 'person'] as const;
export type RenewalCost = (typeof renewalCosts)[number];

/** The renewals to come, as the lives of public certificates become shorter, and what each costs. */
export interface Forecast {
  readonly schema: 'certrebind/forecast/2';
  readonly at: string;
  /** The first moment that is not counted any more. */
  readonly until: string;
  /** Its name, or how many there are in an inventory. */
  readonly server: string;
  readonly total: ForecastCount;
  readonly years: readonly (ForecastCount & { readonly year: number })[];
  /** Those in use, that with the most renewals by a person first. */
  readonly certificates: readonly ForecastCertificate[];
  /** Each change that ends work of a person, that for the most renewals first. */
  readonly actions: readonly (WorkEnd & { readonly renewals: number })[];
}

export interface ForecastCount {
  readonly renewals: number;
  /** By the worst of the places. */
  readonly costs: Readonly<Record<RenewalCost, number>>;
}

export interface ForecastCertificate extends Omit<NamedCertificate, 'names'> {
  /** `unknown`: an issuer is not on this server. It is counted as public. */
  readonly authority: 'public' | 'private' | 'self-signed' | 'unknown';
  /** How CertRebind learns of a renewal; `nobody`: a person tells it. `unknown` in an inventory. */
  readonly learnt: Renewal['source'] | 'nobody' | 'unknown';
  /** What ends telling it. */
  readonly ends: WorkEnd | null;
  readonly places: readonly ForecastPlace[];
  readonly cost: RenewalCost;
  /** When, and how many days the new certificate lives. */
  readonly renewals: readonly { readonly at: string; readonly days: number }[];
}

export interface ForecastPlace {
  /** `null` in an inventory. */
  readonly key: KeyText | null;
  readonly name: string;
  readonly cost: RenewalCost;
  /** Why it costs something; `null` if it does not. */
  readonly why: string | null;
  readonly ends: WorkEnd | null;
}

/** What ends the work of a person. */
export interface WorkEnd {
  readonly title: string;
  /** `null` for what is done where the certificate is requested. */
  readonly command: string | null;
}
