import type { RunResult } from './runs/step-states.ts';

/** The numbers of the entries in the Application log, source CertRebind, which monitoring is set up on. */
export const logEvents = {
  100: 'A run applied a renewal, made a repair or imported a certificate. Nothing to do.',
  101: 'A run made some of the changes. The rest is blocked, waits, or has to be changed by a person.',
  110: 'Nothing was changed: a renewal is blocked, waits for its time, or has to be applied by a person.',
  120: 'A run or a person rolled back changes.',
  130: 'A person has to act. The text shows the state of each endpoint.',
  140: 'Something is not as it should be. Written when it begins or gets worse, then weekly, and daily in the last 7 days of a certificate.',
  141: 'Something that entry 140 named is over.',
  150: 'CertRebind could not work, so renewals are not applied.',
  160: 'enable or install could not prove that CertRebind works on this server. Nothing was removed.',
  170: 'The program of a trigger failed, took too long, or was not started.',
  180: 'CertRebind was installed, or replaced by another version.',
} as const;

export type LogEvent = keyof typeof logEvents;

/** Nothing was done, and there is nothing new to do. */
export type NoNews = 'nothing-to-do' | 'would-rebind' | 'would-undo' | 'would-repair';

/** How the result of a run is reported if it leaves work for a person. */
export function notifiedAs<Told extends string>(result: Told, byHand: number): Told | 'blocked' | 'partly-rebound' {
  if (byHand === 0) return result;
  return result === 'nothing-to-do' ? 'blocked' : result === 'rebound' ? 'partly-rebound' : result;
}

export const eventOfResult: Readonly<Record<Exclude<RunResult, NoNews>, LogEvent>> = {
  rebound: 100,
  repaired: 100,
  imported: 100,
  'partly-rebound': 101,
  'partly-repaired': 101,
  blocked: 110,
  waiting: 110,
  undone: 120,
  'partly-undone': 120,
  'needs-attention': 130,
};
