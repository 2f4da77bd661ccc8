/**
 * The longest life in days that a public certificate of a server may have, by the moment it was issued (CA/Browser Forum,
 * ballot SC-081v3, Baseline Requirements 6.3.2). What was issued before the first date is not told apart.
 */
export function longestLifeDays(issuedAt: number): number {
  return steps.findLast(({ from }) => issuedAt >= from)?.days ?? 398;
}

const steps = [
  { from: Date.UTC(2026, 2, 15), days: 200 },
  { from: Date.UTC(2027, 2, 15), days: 100 },
  { from: Date.UTC(2029, 2, 15), days: 47 },
];
