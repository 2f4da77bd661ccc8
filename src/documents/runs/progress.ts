import type { KeyText } from '../../kinds/record-key.ts';

/** What a run does at the moment, in words for people. */
export const stageTexts = {
  wait: 'Waiting for another run',
  late: 'Waiting for a new certificate, its private key or its start date',
  recover: 'Recovering an interrupted run',
  read: 'Reading the server',
  plan: 'Planning',
  baseline: 'Testing the endpoints before the change',
  canary: 'Changing the first one and testing it',
  replace: 'Replacing',
  prove: 'Testing the endpoints',
  restart: 'Restarting a service, and waiting until it answers',
  'rolled-back': 'Rolling back what got worse',
  close: 'Writing the outcome',
  place: 'Installing the program',
  'proof-start': 'Waiting for Task Scheduler to start the program as SYSTEM',
  'proof-answer': 'Waiting for the program to read the server',
  register: 'Registering the tasks',
} as const;

export type Stage = keyof typeof stageTexts;

/** One line on stderr for each step of progress, with `--progress json`. */
export interface StageLine {
  readonly schema: 'certrebind/progress/1';
  readonly stage: Stage;
  readonly done: number;
  readonly total: number;
  readonly key: KeyText | null;
}
