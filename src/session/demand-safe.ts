import { CertRebindError } from '../base/errors.ts';
import { firstClauses } from '../documents/finding.ts';
import { compareVersions, type Installed } from '../documents/installation.ts';
import type { PathDanger, PathSafety } from '../model/windows/path-safety.ts';

/**
 * Whether a version may replace what is installed. Going back is allowed, but never by accident: an old task that
 * starts an old executable must not bring back bugs that a later version fixed.
 * @throws CertRebindError `newer-installed`
 */
export function assertNoDowngrade(
  version: string,
  installed: Installed | null,
  { force, folder }: { readonly force: boolean; readonly folder: string },
): void {
  if (force || installed === null || compareVersions(version, installed.version) >= 0) return;
  throw new CertRebindError('newer-installed', {
    message: `${folder} contains version ${installed.version}, and this is the older version ${version}. Nothing was changed.`,
    where: folder,
  });
}

const shown = 5;

/**
 * Only administrators may be able to change what runs or steers code as SYSTEM. Anything else is refused and never
 * repaired: an account that could change it may have done so already, and an owner can give itself any permission
 * again.
 * @throws CertRebindError `unsafe-folder` naming who can do what where
 */
export function assertSafe(paths: readonly PathSafety[]): void {
  const dangers = paths.flatMap((path) => path.dangers);
  const [first] = dangers;
  if (first === undefined) return;
  throw new CertRebindError('unsafe-folder', {
    message: `${firstClauses(describeDangers(paths), shown)}.`,
    where: first.where,
    hint: howToMend(dangers),
  });
}

/** Every command to type, one below the other, because people copy them. */
export function howToMend(dangers: readonly PathDanger[]): string {
  const mends = [...new Set(dangers.flatMap(({ mend }) => mend ?? []))];
  const trusts = [...new Set(dangers.flatMap(({ trust }) => trust ?? []))];
  return [
    'CertRebind never changes these permissions itself. Find out whether someone used them, then run as administrator:',
    ...firstLines(mends),
    ...(trusts.length === 0 ? [] : ['or, if these accounts administer this server:', ...firstLines(trusts)]),
  ].join('\n');
}

function firstLines(lines: readonly string[]): readonly string[] {
  const more = lines.length > shown ? [`and ${lines.length - shown} more`] : [];
  return [...lines.slice(0, shown), ...more].map((line) => `  ${line}`);
}

/** Notes for a person about files that are copied to a place only administrators can change. */
export function warningsOfSources(paths: readonly PathSafety[]): readonly string[] {
  const dangers = describeDangers(paths);
  if (dangers.length === 0) return [];
  return [
    `Accounts other than administrators could change the files before they were installed: ${firstClauses(dangers, shown)}. Check their signatures or hashes.`,
  ];
}

/** Each danger once, as a clause. */
function describeDangers(paths: readonly PathSafety[]): readonly string[] {
  return [...new Set(paths.flatMap(({ dangers }) => dangers.map(({ where, why }) => `${where} ${why}`)))];
}
