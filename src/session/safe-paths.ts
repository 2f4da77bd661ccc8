import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { CertRebindError } from '../base/errors.ts';
import { leadsElsewhere, pathsInWords } from '../base/paths-in-words.ts';
import { firstClauses } from '../documents/finding.ts';
import type { TriggerAction } from '../documents/trigger.ts';
import type { PathDanger, PathSafety } from '../model/windows/path-safety.ts';
import { firstDanger, type Server } from '../server/server.ts';

const system = process.platform === 'win32' ? 'windows' : 'posix';

/**
 * Refuses a program that would run as SYSTEM if others could change it, or a file or folder named in its arguments, or
 * a folder where they could create one that is missing. Nothing is repaired: rights that were set by mistake may
 * already have been used.
 * @param steering further files that decide what runs
 * @throws CertRebindError `unsafe-folder` naming the first danger, `bad-input` for a program that is not a file
 */
export async function assertSafeCommand(
  server: Server,
  { program, args }: Pick<TriggerAction, 'program' | 'args'>,
  steering: readonly string[] = [],
): Promise<void> {
  // The program is started in its own folder.
  const spelled = pathsInWords(args, { system, folder: dirname(program), isThere: existsSync });
  const remote = spelled.find((path) => leadsElsewhere(path, system));
  if (remote !== undefined) {
    throw new CertRebindError('unsafe-folder', {
      message: `${program} was not started with ${remote}: it is not a local file, so CertRebind cannot check who can change it.`,
      hint: 'Copy the file to a folder on this server that only administrators can write to.',
      where: remote,
    });
  }
  const judged = (await server.judgePaths([program, ...steering, ...spelled])).paths;
  for (const safety of judged) {
    if (safety.path === program) assertFile(safety);
    assertUnchangeable(safety, program);
  }
}

function assertFile({ path, is }: PathSafety): void {
  if (is === 'file') return;
  throw new CertRebindError('bad-input', {
    message: is === 'missing' ? `There is no file ${path}.` : `${path} is a folder, not a program.`,
    where: path,
  });
}

function assertUnchangeable({ path, is, dangers }: PathSafety, program: string): void {
  const [danger] = dangers;
  if (danger === undefined) return;
  const subject = path === program ? '' : ` with ${path}${is === 'missing' ? ', which is missing' : ''}`;
  throw new CertRebindError('unsafe-folder', {
    message: `${program} was not started${subject}: ${danger.where} ${danger.why}, so others could decide what runs as SYSTEM.`,
    where: danger.where,
    hint: howToMend(dangers),
  });
}

/**
 * Refuses to write a file that others could replace.
 * @param so what follows from that
 * @throws CertRebindError `unsafe-folder`
 */
export async function assertSafeTarget(server: Server, file: string, so = ''): Promise<void> {
  const danger = await firstDanger(server, [dirname(file)]);
  if (danger === null) return;
  throw new CertRebindError('unsafe-folder', {
    message: `${file} was not written: ${danger.where} ${danger.why}${so}.`,
    where: danger.where,
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
function howToMend(dangers: readonly PathDanger[]): string {
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
