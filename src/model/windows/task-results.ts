import { exits } from '../../base/codes/exit-codes.ts';

/** Task Scheduler's own results while nothing has ended yet, or because of it (fidelity: task-results). */
export const taskResults = { running: 0x41301, neverRun: 0x41303, terminated: 0x41306, queued: 0x41325 } as const;

/**
 * The last result of a task if it says something: for a task without a last run only that it is queued, running, or
 * could not be started.
 */
export function resultOf(result: number | null, hasRun: boolean): number | null {
  if (result === null || hasRun) return result;
  const says = result === taskResults.queued || result === taskResults.running || result >= 0x8000_0000;
  return says ? result : null;
}

/** What the last result of a task means, as a clause; the number alone if it is unknown. */
export function meaningOfResult(result: number): string {
  const known = meanings.get(result) ?? ownExits.get(result);
  return known === undefined ? numberOf(result) : `${known} (${numberOf(result)})`;
}

function numberOf(result: number): string {
  return result < 0x1_0000 ? String(result) : `0x${result.toString(16).toUpperCase().padStart(8, '0')}`;
}

const ownExits: ReadonlyMap<number, string> = new Map(
  Object.entries(exits).map(([code, meaning]) => [Number(code), meaning.replace(/\.$/, '')]),
);

/** Of MicrosoftDocs/win32, Task Scheduler error and success constants and system error codes. */
const meanings: ReadonlyMap<number, string> = new Map([
  [0x41300, 'it is ready to run'],
  [taskResults.running, 'it is still running'],
  [0x41302, 'it is disabled'],
  [taskResults.neverRun, 'it has never run'],
  [0x41304, 'it has no more runs'],
  [taskResults.terminated, 'it was ended by a user or by Task Scheduler'],
  [taskResults.queued, 'it is queued'],
  [0x80070002, 'the program was not found'],
  [0x80070003, 'the folder of the program was not found'],
  [0x80070005, 'access was denied'],
  [0x800700c1, 'this version of Windows cannot run the program'],
  [0x800704dd, 'there is no logon session for the account'],
  [0x800704ec, 'the program is blocked by group policy (software restriction or AppLocker)'],
  [0x800710e0, 'Task Scheduler refused the request, or its conditions are not met'],
  [0x800711c7, 'the program is blocked by application control (Windows Defender Application Control)'],
  [0xc0000005, 'the program crashed with an access violation'],
  [0xc000013a, 'the program was stopped by another process'],
  [0xc0000135, 'a DLL of the program was not found'],
  [0xc0000139, 'the program needs a function that this version of Windows does not have'],
  [0xc0000142, 'the program could not be initialised'],
]);

/** For code that has to know which words can occur in such a clause. */
export const taskResultTexts: readonly string[] = [...meanings.values()];
