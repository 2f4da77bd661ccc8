import type { Certificate } from './certificate.ts';

/**
 * How long public certificates of servers may live, by the moment from which they are issued: CA/Browser Forum, ballot
 * SC-081v3, Baseline Requirements 6.3.2.
 */
const lifeSteps = [
  { from: '2020-09-01T00:00:00Z', days: 398 },
  { from: '2026-03-15T00:00:00Z', days: 200 },
  { from: '2027-03-15T00:00:00Z', days: 100 },
  { from: '2029-03-15T00:00:00Z', days: 47 },
] as const;

/**
 * The longest life in days of a public certificate that is issued at this moment. What was issued before the first step is
 * not told apart.
 */
export function longestLifeDays(issuedAt: number): number {
  return lifeSteps.findLast(({ from }) => issuedAt >= Date.parse(from))?.days ?? 398;
}

/** The last second of a certificate is part of its life. */
export function lifeMs({ notBefore, notAfter }: Pick<Certificate, 'notBefore' | 'notAfter'>): number {
  return Date.parse(notAfter) - Date.parse(notBefore) + 1000;
}
