import type { Certificate } from './certificate.ts';
import { comparedOrganisation } from './trust.ts';

export interface LifeStep {
  /** Of what is issued from this moment on. */
  readonly from: string;
  readonly days: number;
  /** Only of this authority, by its organisation; absent for every public one. */
  readonly authority?: string;
}

/**
 * How long public certificates of servers may live, by the moment they are issued: CA/Browser Forum, ballot SC-081v3,
 * Baseline Requirements 6.3.2; and what an authority announced for itself (Let's Encrypt, 2 December 2025).
 */
export const lifeSteps: readonly LifeStep[] = [
  { from: '2020-09-01T00:00:00Z', days: 398 },
  { from: '2026-03-15T00:00:00Z', days: 200 },
  { from: '2027-03-15T00:00:00Z', days: 100 },
  { from: '2029-03-15T00:00:00Z', days: 47 },
  { from: '2015-12-03T00:00:00Z', days: 90, authority: "let's encrypt" },
  { from: '2027-02-10T00:00:00Z', days: 64, authority: "let's encrypt" },
  { from: '2028-02-16T00:00:00Z', days: 45, authority: "let's encrypt" },
];

/**
 * The longest life in days of a public certificate that is issued at this moment. What was issued before the first step is
 * not told apart.
 * @param organisation of the authority; without it, what every authority may issue
 */
export function longestLifeDays(issuedAt: number, organisation: string | null = null): number {
  const own = organisation === null ? null : comparedOrganisation(organisation);
  const daysOf = (authority: string | undefined) =>
    lifeSteps.findLast((step) => step.authority === authority && issuedAt >= Date.parse(step.from))?.days;
  const all = daysOf(undefined) ?? 398;
  return own === null ? all : Math.min(all, daysOf(own) ?? all);
}

/** The last second of a certificate is part of its life. */
export function lifeMs({ notBefore, notAfter }: Pick<Certificate, 'notBefore' | 'notAfter'>): number {
  return Date.parse(notAfter) - Date.parse(notBefore) + 1000;
}
