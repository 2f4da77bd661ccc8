import type { Purpose } from './plan.ts';

/** What can have become of a step. `changing` and `putting-back` are where only a killed run ends. */
export type State =
  | 'planned'
  | 'already'
  | 'not-attempted'
  | 'changing'
  | 'held'
  | 'lost-options'
  | 'repaired'
  | 'proven'
  | 'unproven'
  | 'served-successor'
  | 'still-old'
  | 'worse'
  | 'putting-back'
  | 'put-back'
  | 'put-back-failed'
  | 'as-before'
  | 'changed-by-others'
  | 'absent'
  | 'silent';

/**
 * Numbers that an outcome gives. `unproven` counts some of the changed ones once more, and in an undo `undone` all of them;
 * in other runs it counts what they rolled back.
 */
export type CountName =
  | 'planned'
  | 'changed'
  | 'already'
  | 'blocked'
  | 'skipped'
  | 'undone'
  | 'failed'
  | 'unproven'
  | 'stillOld'
  | 'waiting';

export interface StateEntry {
  /** What a run exits with when nothing worse happened to another step. */
  readonly exit: 0 | 4 | 5;
  readonly counts: readonly CountName[];
  readonly text: string;
}

/** The one table of states: exit codes, counts, help and docs come from here. */
export const states: Readonly<Record<State, StateEntry>> = {
  planned: { exit: 0, counts: ['planned'], text: 'Would be changed.' },
  already: { exit: 0, counts: ['already'], text: 'Others had made the same change by then.' },
  'not-attempted': { exit: 4, counts: ['planned'], text: 'Not changed, because the run stopped before it.' },
  changing: { exit: 5, counts: ['failed'], text: 'The run ended while it changed this.' },
  held: { exit: 0, counts: ['changed'], text: 'Changed and read back; no endpoint of it could be dialled.' },
  'lost-options': { exit: 5, counts: ['failed'], text: 'The change lost something else that was set there.' },
  repaired: {
    exit: 0,
    counts: ['changed'],
    text: 'Changed, what was lost repaired, and read back; no endpoint dialled.',
  },
  proven: { exit: 0, counts: ['changed'], text: 'Changed, read back, and served on every endpoint that answered.' },
  unproven: {
    exit: 0,
    counts: ['changed', 'unproven'],
    text: 'Changed and read back; an endpoint did not answer, or served a third certificate.',
  },
  'served-successor': {
    exit: 0,
    counts: ['changed'],
    text: 'Changed and read back; the wire served the new certificate before that already.',
  },
  'still-old': {
    exit: 5,
    counts: ['stillOld'],
    text: 'Changed and read back, and an endpoint goes on serving the old certificate.',
  },
  worse: { exit: 5, counts: ['failed'], text: 'An endpoint that answered before does not now, or lost its name.' },
  'putting-back': { exit: 5, counts: ['failed'], text: 'The run ended while it rolled this back.' },
  'put-back': { exit: 4, counts: ['undone'], text: 'Rolled back, and read back as it was before.' },
  'put-back-failed': {
    exit: 5,
    counts: ['failed'],
    text: 'Neither as it was nor as it should be; the message says how it stands.',
  },
  'as-before': {
    exit: 4,
    counts: ['failed'],
    text: 'The change was refused or had no effect; it is as it was before.',
  },
  'changed-by-others': {
    exit: 4,
    counts: ['failed'],
    text: 'Changed by others since the plan, and left as they made it.',
  },
  absent: { exit: 5, counts: ['failed'], text: 'It does not exist any more.' },
  silent: { exit: 5, counts: ['failed'], text: 'The server stopped answering; how it stands is not known.' },
};

/** Whether the holder is what the step wanted, whatever the wire serves. */
export function stands(state: State): boolean {
  return changed(state) || state === 'already';
}

export function changed(state: State): boolean {
  return state === 'still-old' || states[state].counts.includes('changed');
}

export type RunResult =
  | 'rebound'
  | 'partly-rebound'
  | 'would-rebind'
  | 'waiting'
  | 'nothing-to-do'
  | 'blocked'
  | 'undone'
  | 'partly-undone'
  | 'would-undo'
  | 'repaired'
  | 'partly-repaired'
  | 'would-repair'
  | 'imported'
  | 'needs-attention';

/** What a run is called when all of it, a part of it, or nothing yet is done. */
export const resultWords: Readonly<Record<Purpose, { readonly [which in 'done' | 'partly' | 'would']: RunResult }>> = {
  rebind: { done: 'rebound', partly: 'partly-rebound', would: 'would-rebind' },
  undo: { done: 'undone', partly: 'partly-undone', would: 'would-undo' },
  repair: { done: 'repaired', partly: 'partly-repaired', would: 'would-repair' },
  recovery: { done: 'rebound', partly: 'partly-rebound', would: 'would-rebind' },
  rehearsal: { done: 'rebound', partly: 'partly-rebound', would: 'would-rebind' },
  import: { done: 'imported', partly: 'partly-rebound', would: 'would-rebind' },
};
