import type { Random } from '../fuzz/mutate.ts';
import { type FaultChoice, faultWeights } from './faults.ts';

/** One thing that happens during a soak. All of it is chosen beforehand, so that a seed decides the whole sequence. */
export interface Deed {
  readonly action: Action;
  /** Armed just before. */
  readonly faults: readonly FaultChoice[];
  readonly kill: KillChoice | null;
  /** Until the next deed; processes go on meanwhile. */
  readonly pauseMs: number;
}

export type Action =
  | { readonly do: 'renew'; readonly renewals: readonly RenewalChoice[] }
  | { readonly do: 'command'; readonly words: readonly string[] }
  /** An hour passes, and the task that goes by the clock is due. */
  | { readonly do: 'hour' }
  /** From now on renewals wait for a window that opens hours later, or are brought in at any time. */
  | { readonly do: 'window'; readonly is: 'closed' | 'none' }
  /** From now on the receiver of notifications answers like this. */
  | { readonly do: 'receiver'; readonly answers: ReceiverAnswer };

export type ReceiverAnswer = 202 | 500 | 'hang-up';

/** Places in lists are any numbers; whoever carries the deed out takes them modulo what there is. */
export interface RenewalChoice {
  readonly line: number;
  readonly how: RenewalKind;
}

export type RenewalKind =
  | 'usual'
  /** The renewal property alone tells. */
  | 'no-event'
  /** The event alone tells. */
  | 'no-property'
  | 'late-key'
  /** A host is lost, which a guard blocks. */
  | 'fewer-names'
  /** A service wrote the event, and nothing vouches for it. */
  | 'forged';

/** The next process of the program, a while after its start; a command also at one of its effects. */
export interface KillChoice {
  readonly afterMs: number;
  readonly atEffect: number | null;
}

/** A deed, from the next numbers of the seed and nothing else. */
export function chooseDeed(random: Random): Deed {
  const action = chooseAction(random);
  const withFaults = random(100) < 45;
  return {
    action,
    faults: withFaults ? listOf(1 + random(3), () => chooseFault(random)) : [],
    kill: random(100) < 35 ? chooseKill(random) : null,
    pauseMs: random(5) === 0 ? 0 : random(2500),
  };
}

function chooseAction(random: Random): Action {
  switch (weighted(random, actionWeights)) {
    case 'renew':
      return {
        do: 'renew',
        renewals: listOf(random(4) === 0 ? 2 + random(4) : 1, () => ({
          line: random(1_000_000),
          how: weighted(random, renewalWeights),
        })),
      };
    case 'command':
      return { do: 'command', words: commands[weighted(random, commandWeights)] };
    case 'hour':
      return { do: 'hour' };
    case 'window':
      return { do: 'window', is: weighted(random, windowWeights) };
    case 'receiver':
      return { do: 'receiver', answers: weighted(random, answerWeights) };
  }
}

const actionWeights: Weights<Action['do']> = [
  ['renew', 55],
  ['command', 32],
  ['hour', 7],
  ['window', 3],
  ['receiver', 3],
];
const windowWeights: Weights<'closed' | 'none'> = [
  ['closed', 40],
  ['none', 60],
];
const answerWeights: Weights<ReceiverAnswer> = [
  [202, 50],
  [500, 30],
  ['hang-up', 20],
];
const renewalWeights: Weights<RenewalKind> = [
  ['usual', 60],
  ['no-event', 10],
  ['no-property', 10],
  ['late-key', 8],
  ['fewer-names', 6],
  ['forged', 6],
];

const commands = {
  reconcile: ['reconcile'],
  undo: ['undo', '--wait'],
  'undo-at-once': ['undo'],
  verify: ['verify'],
  status: ['status'],
  doctor: ['doctor'],
  history: ['history'],
  dry: ['reconcile', '--dry-run'],
  enable: ['enable', '--no-proof'],
  disable: ['disable'],
} as const;
const commandWeights: Weights<keyof typeof commands> = [
  ['reconcile', 35],
  ['undo', 25],
  ['undo-at-once', 5],
  ['verify', 8],
  ['status', 8],
  ['doctor', 7],
  ['history', 6],
  ['dry', 6],
  ['enable', 8],
  ['disable', 4],
];

function chooseFault(random: Random): FaultChoice {
  return {
    kind: weighted(random, faultWeights),
    record: random(1_000_000),
    nth: 1 + random(3),
    times: random(4) === 0 ? null : 1 + random(3),
  };
}

function chooseKill(random: Random): KillChoice {
  return { afterMs: random(random(2) === 0 ? 1500 : 5000), atEffect: random(2) === 0 ? 1 + random(120) : null };
}

function listOf<T>(length: number, make: () => T): readonly T[] {
  return Array.from({ length }, make);
}

type Weights<Choice> = readonly (readonly [Choice, number])[];

function weighted<Choice>(random: Random, weights: Weights<Choice>): Choice {
  let at = random(weights.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [choice, weight] of weights) {
    if (at < weight) return choice;
    at -= weight;
  }
  throw new Error('nothing to choose from');
}
