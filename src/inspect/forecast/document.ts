import type { LifeStep } from '../../certificates/longest-life.ts';
import type { NamedCertificate } from '../../certificates/named-certificate.ts';
import type { Renewal } from '../../certificates/renewal.ts';
import type { KeyText } from '../../holders/record-key.ts';

/** What a renewal costs at a place. `restart`: a person changes it, and its service has to be started again. */
export type RenewalCost = 'nothing' | 'restart' | 'person' | 'blocked';

/** The least first. */
export const renewalCosts: readonly RenewalCost[] = ['nothing', 'restart', 'person', 'blocked'];

/** Minutes of a person, for one place at one renewal. */
export type CostMinutes = Readonly<Record<Exclude<RenewalCost, 'nothing'>, number>>;

/** What the renewals of a server will cost, as the lives of public certificates become shorter. */
export interface Forecast {
  readonly schema: 'certrebind/forecast/1';
  readonly at: string;
  /** The first moment that is not counted any more. */
  readonly until: string;
  /** `inventory`: what several servers told of themselves, which is counted by rules alone. */
  readonly from: 'server' | 'inventory';
  /** Its name, or how many there are in an inventory. */
  readonly server: string;
  readonly total: ForecastTotal;
  readonly years: readonly (ForecastTotal & { readonly year: number })[];
  /** Those in use, that with the most work first. */
  readonly certificates: readonly ForecastCertificate[];
  /** What makes renewals cost less, that which saves most first. */
  readonly actions: readonly ForecastAction[];
  readonly minutes: CostMinutes;
  readonly calendar: readonly LifeStep[];
}

export interface ForecastTotal {
  readonly renewals: number;
  /** Renewals by the worst that they cost at a place. */
  readonly costs: Readonly<Record<RenewalCost, number>>;
  /** The work of a person in minutes, and what is left of it after all actions. */
  readonly work: number;
  readonly workAfter: number;
}

export interface ForecastCertificate extends Omit<NamedCertificate, 'names'> {
  /** `unknown`: an issuer is not on this server. It is counted as public. */
  readonly authority: 'public' | 'private' | 'self-signed' | 'unknown';
  /** How CertRebind learns of a renewal; `unknown` in an inventory. */
  readonly learnt: Renewal['source'] | 'nobody' | 'unknown';
  /** The part of its life after which it is renewed: as the one before was, or by a rule. */
  readonly renewedAfter: { readonly share: number; readonly by: 'history' | 'rule' };
  readonly places: readonly ForecastPlace[];
  readonly cost: RenewalCost;
  /** The work of one renewal, in minutes. */
  readonly work: number;
  /** When, and how many days the new certificate lives. */
  readonly renewals: readonly { readonly at: string; readonly days: number }[];
}

export interface ForecastPlace {
  /** `null` in an inventory. */
  readonly key: KeyText | null;
  readonly name: string;
  readonly cost: RenewalCost;
  /** Why it is not changed by itself; `null` if it is. */
  readonly why: string | null;
}

export interface ForecastAction {
  readonly title: string;
  /** `null` for what is done where the certificate is requested. */
  readonly command: string | null;
  /** How many renewals cost less, and how many minutes less in all. */
  readonly renewals: number;
  readonly saves: number;
}
