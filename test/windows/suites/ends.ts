import { isBroken, type Measured, type MeasuredRow } from './document.ts';
import { facts } from './facts.ts';
import { otherwise } from './measurement.ts';
import { believed, positionsOf } from './measurements.ts';
import { unlikeALab } from './on-lab.ts';

/** What an answer to a row means for the product. Only what contradicts it ends a job as failed. */
export type End =
  | { readonly is: 'as-believed'; readonly position: string }
  /** The product is tested in that Windows too. */
  | { readonly is: 'otherwise'; readonly position: string; readonly safe: string }
  /** Neither believed nor tested: the code has to change, or what is said of Windows. */
  | { readonly is: 'contradicts'; readonly position: string }
  | { readonly is: 'not-answered'; readonly why: string };

export type EndName = End['is'];

export function endOf({ row, measured, how }: Pick<MeasuredRow, 'row' | 'measured' | 'how'>): End {
  if (measured === null) return { is: 'not-answered', why: how };
  const { known, safe } = facts[row] ?? {};
  const isForeseen = known !== undefined && positionsOf(row).includes(measured);
  // One server says nothing of others there.
  if (isForeseen && (known === 'varies' || measured === believed(row)))
    return { is: 'as-believed', position: measured };
  if (isForeseen && measured !== otherwise)
    return { is: 'otherwise', position: measured, safe: safe ?? 'each position of its switch is tested' };
  if (isForeseen && safe !== undefined) return { is: 'otherwise', position: measured, safe };
  return { is: 'contradicts', position: measured };
}

/** Those that ended so, with what their end says. */
export function endedAs<R extends Pick<MeasuredRow, 'row' | 'measured' | 'how'>, N extends EndName>(
  results: readonly R[],
  name: N,
): readonly (R & { readonly end: Extract<End, { readonly is: N }> })[] {
  return results.flatMap((result) => {
    const end = endOf(result);
    return isNamed(end, name) ? [{ ...result, end }] : [];
  });
}

/** Why a job that found this is red, one line each; nothing where it is green. A lab is held to what is known of labs. */
export function whyRed(documents: readonly Measured[], { isLab }: { readonly isLab: boolean }): readonly string[] {
  const results = documents.flatMap((document) => document.results);
  const contradictions = endedAs(results, 'contradicts').map(
    ({ row, how, end }) => `contradicts: ${row} is ${end.position} (${how})`,
  );
  const unlike = results.flatMap((result) => unlikeALab(result) ?? []).map((line) => `not as on a lab: ${line}`);
  const broken = documents
    .flatMap(({ files }) => files)
    .filter(isBroken)
    .map(({ file, why }) => `broke: ${file}, ${why}`);
  return [...(isLab ? unlike : contradictions), ...broken];
}

function isNamed<N extends EndName>(end: End, name: N): end is Extract<End, { readonly is: N }> {
  return end.is === name;
}
