import { CertRebindError } from '../../base/errors.ts';
import { shortestUniquePrefixes } from '../../base/order.ts';
import { quoted } from '../../base/safe-text.ts';

const wholeName = /^\d{8}-\d{9}-[0-9a-f]{4}$/;
const fewestCharacters = 4;

/**
 * The run that a person means: its name, a beginning of it that no other run has, or `last`.
 * @param runs names of all runs, oldest first
 * @throws CertRebindError `no-such-run`, or `ambiguous-run` naming the candidates
 */
export function selectRun(text: string, runs: readonly string[]): string {
  const wanted = text.trim().toLowerCase();
  if (wholeName.test(wanted) || runs.includes(text)) return wholeName.test(wanted) ? wanted : text;
  if (wanted === 'last') {
    const last = runs.at(-1);
    if (last !== undefined) return last;
    throw new CertRebindError('no-such-run', { message: 'There are no runs yet.', where: 'run' });
  }
  const found = wanted.length < fewestCharacters ? [] : runs.filter((run) => run.startsWith(wanted));
  const [first, ...others] = found;
  if (first === undefined)
    throw new CertRebindError('no-such-run', { message: `There is no run ${quoted(text, 60)}.`, where: 'run' });
  if (others.length === 0) return first;
  const shown = found.slice(-candidatesNamed).join(', ');
  throw new CertRebindError('ambiguous-run', {
    message: `${found.length} runs have a name that begins with ${wanted}: ${found.length > candidatesNamed ? '…, ' : ''}${shown}.`,
    where: 'run',
  });
}

const candidatesNamed = 5;

/** The shortest beginning of each run's name that no other one has, down to its second. */
export function shortRunNames(runs: readonly string[]): ReadonlyMap<string, string> {
  const short = shortestUniquePrefixes(runs, shortestName);
  return new Map(runs.map((run) => [run, short(run)]));
}

/** `20260131-091500` */
const shortestName = 15;
