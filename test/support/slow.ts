// A file that goes through more than `npm test` has time for asks here whether it may take its time: the slow tier of
// `npm run test:all` runs it once more, with this variable (scripts/lib/tiers.mjs).

export const isSlow = process.env.CERTREBIND_SLOW === '1';

/** An `it` for what is left to the slow tier. */
export function itSlowly(title: string, test: (this: Mocha.Context) => void | Promise<void>): void {
  if (isSlow) it(title, test as Mocha.AsyncFunc);
}

/** An `it` for what no kind of server changes: the slow tier, which goes through Windows, leaves it out. */
export function itQuickly(title: string, test: (this: Mocha.Context) => void | Promise<void>): void {
  if (!isSlow) it(title, test as Mocha.AsyncFunc);
}
