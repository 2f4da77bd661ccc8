import fc from 'fast-check';

/** Checks a property, and on failure says how exactly that case is run again. */
export async function checkProperty<Case>(
  title: string,
  cases: number,
  arbitrary: fc.Arbitrary<Case>,
  holds: (one: Case) => Promise<void>,
): Promise<void> {
  const { CERTREBIND_PATH: path, CERTREBIND_CASES: wanted } = process.env;
  const details = await fc.check(fc.asyncProperty(arbitrary, holds), {
    numRuns: Number(wanted ?? cases),
    ...(path === undefined ? {} : { path }),
  });
  if (!details.failed) return;
  const cause = details.errorInstance instanceof Error ? details.errorInstance : null;
  const replay = `CERTREBIND_SEED=${details.seed} CERTREBIND_PATH=${details.counterexamplePath} npm test -- --grep "${title}"`;
  const message = `${cause?.message}\n${fc.defaultReportMessage(details)}\n\nReplay with\n  ${replay}`;
  throw new Error(message, { cause });
}
