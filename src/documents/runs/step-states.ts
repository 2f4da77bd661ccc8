import { shared } from '../../base/codes/shared-codes.ts';
import type { Purpose } from './plan.ts';

/** What each number of an outcome counts. */
export const countTexts = {
  planned: 'Steps that would be made, or that the run did not reach.',
  changed: 'Changed by this run to the new certificate.',
  already: 'The place already is as the run wants it.',
  blocked: 'Not changed because a guard blocks it.',
  skipped: 'Not part of this run.',
  undone: 'Rolled back.',
  failed: 'Something went wrong.',
  notVerified: 'Changed, but an endpoint did not answer. Also counted as changed.',
  stillOld: 'Changed, but an endpoint still serves the certificate from before.',
  waiting: 'Waits for its window, or until the new certificate is valid.',
} as const;

/**
 * The counts in an outcome. `notVerified` counts some of the changed steps again, and in an undo `undone` counts all of
 * them; in other runs `undone` counts what was rolled back.
 */
export type CountName = keyof typeof countTexts;

/** A count in the words that people read. */
export function countText(name: string, number: number): string {
  return `${number} ${name === 'stillOld' ? 'not yet served' : name === 'notVerified' ? 'not verified' : name}`;
}

export interface StateEntry {
  /** The exit code of a run if no other step ended worse. */
  readonly exit: 0 | 4 | 5;
  readonly counts: readonly CountName[];
  readonly text: string;
}

const table = {
  planned: { exit: 0, counts: ['planned'], text: 'Would be changed.' },
  already: { exit: 0, counts: ['already'], ...shared.already },
  'not-attempted': { exit: 4, counts: ['planned'], text: 'Not changed: the run did not begin this step.' },
  changing: { exit: 5, counts: ['failed'], text: 'The run was interrupted during this change.' },
  untested: { exit: 0, counts: ['changed'], text: 'Changed and read back. No endpoint of it could be tested.' },
  'lost-options': { exit: 5, counts: ['failed'], text: 'The change lost settings of the certificate binding.' },
  verified: {
    exit: 0,
    counts: ['changed'],
    text: 'Changed and read back. Every endpoint that answered serves the new certificate.',
  },
  'not-verified': {
    exit: 0,
    counts: ['changed', 'notVerified'],
    text: 'Changed and read back. An endpoint did not answer, or served neither the old nor the new certificate.',
  },
  'served-successor': { exit: 0, counts: ['changed'], ...shared.servedSuccessor },
  'still-old': { exit: 5, counts: ['stillOld'], ...shared.stillOld },
  'still-served': { exit: 5, counts: ['stillOld'], ...shared.stillServed },
  worse: {
    exit: 5,
    counts: ['failed'],
    text: 'An endpoint stopped answering, or its certificate no longer covers its name.',
  },
  'rolling-back': { exit: 5, counts: ['failed'], text: 'The run was interrupted during the rollback of this change.' },
  'rolled-back': { exit: 4, counts: ['undone'], text: 'Rolled back and read back: the place is as it was before.' },
  'rollback-failed': { exit: 5, counts: ['failed'], text: 'The rollback failed. The message shows the current state.' },
  'as-before': {
    exit: 4,
    counts: ['failed'],
    text: 'The change was refused or had no effect. The place is as it was before.',
  },
  'changed-by-others': {
    exit: 4,
    counts: ['failed'],
    text: 'Someone else changed the place after the plan was made. CertRebind left it as it is.',
  },
  absent: { exit: 5, counts: ['failed'], text: 'The place no longer exists.' },
  silent: { exit: 5, counts: ['failed'], text: 'PowerShell stopped answering. The current state is not known.' },
} as const satisfies Readonly<Record<string, StateEntry>>;

/** The state of a step. Only a run that was killed ends in `changing` or `rolling-back`. */
export type State = keyof typeof table;

/** The only table of states: exit codes, counts, help and docs come from here. */
export const states: Readonly<Record<State, StateEntry>> = table;

/** Whether the holder is what the step wanted, whatever the endpoint serves. */
export function isApplied(state: State): boolean {
  return changed(state) || state === 'already';
}

export function changed(state: State): boolean {
  return states[state].counts.some((count) => count === 'changed' || count === 'stillOld');
}

/** Whether the run left its holder neither as it was before nor as it was to be. */
export function isLeftBroken({ state, error }: { readonly state: State; readonly error: { code: string } | null }) {
  return states[state].exit === 5 && !changed(state) && error?.code !== 'changed-meanwhile';
}

/** What each result of a run means. */
export const resultTexts = {
  rebound: 'Every change was made. Skipped places keep the certificate that they had.',
  'partly-rebound': 'A part was changed. The rest is blocked, waits, or was rolled back.',
  'would-rebind': 'Dry run: a real run would change something.',
  waiting: 'Nothing was changed yet. The change waits for its window, or until the new certificate is valid.',
  'nothing-to-do': 'There is no renewal to apply, or the new certificate is already in use everywhere.',
  blocked: 'Nothing was changed: a guard blocks it.',
  undone: 'Every change was rolled back.',
  'partly-undone': 'A part was rolled back. The rest could not be rolled back.',
  'would-undo': 'Dry run: a real run would roll something back.',
  repaired: 'Everything that doctor found was repaired.',
  'partly-repaired': 'Some of what doctor found was repaired.',
  'would-repair': 'Dry run: a real run would repair something.',
  imported: 'The import is complete.',
  'needs-attention': 'A person has to act. The history shows which certificate each place has now.',
} as const;

export type RunResult = keyof typeof resultTexts;

/** The result of a run when all of it, a part of it, or nothing yet is done. */
export const resultWords: Readonly<Record<Purpose, { readonly [which in 'done' | 'partly' | 'would']: RunResult }>> = {
  rebind: { done: 'rebound', partly: 'partly-rebound', would: 'would-rebind' },
  undo: { done: 'undone', partly: 'partly-undone', would: 'would-undo' },
  repair: { done: 'repaired', partly: 'partly-repaired', would: 'would-repair' },
  recovery: { done: 'rebound', partly: 'partly-rebound', would: 'would-rebind' },
  rehearsal: { done: 'rebound', partly: 'partly-rebound', would: 'would-rebind' },
  import: { done: 'imported', partly: 'partly-rebound', would: 'would-rebind' },
};
