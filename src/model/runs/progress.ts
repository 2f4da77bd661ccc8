import type { KeyText } from '../holders/record-key.ts';

/** What a run does at the moment, in words for people. */
export const stageTexts = {
  wait: 'Waiting for another run',
  late: 'Waiting for a new certificate, its private key or its time',
  recover: 'Recovering an unfinished run',
  read: 'Reading the server',
  plan: 'Planning',
  baseline: 'Looking at the endpoints before anything changes',
  canary: 'Changing one holder and proving it',
  swap: 'Swapping',
  prove: 'Proving by handshakes',
  'put-back': 'Putting back what got worse',
  close: 'Writing the outcome',
  place: 'Putting the program in place',
  'proof-start': 'Waiting for Task Scheduler to start the program as SYSTEM',
  'proof-answer': 'Waiting for the program to read the server',
  register: 'Registering the tasks',
} as const;

export type Stage = keyof typeof stageTexts;

/** One line on stderr for each step of progress, with `--progress json`. */
export interface Progress {
  readonly schema: 'certrebind/progress/1';
  readonly stage: Stage;
  readonly done: number;
  readonly total: number;
  readonly key: KeyText | null;
}
