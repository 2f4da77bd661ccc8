import type { RunResult } from '../runs/step-states.ts';

/** The numbers of the entries in the Application log, source CertRebind, which monitoring is set up on. */
export const logEvents = {
  100: 'A run brought a renewal in, repaired something or carried out an import. Nothing to do.',
  101: 'A run did a part of it: the rest is blocked, waits, or is left for a person.',
  110: 'A renewal is blocked, waits for its time or is left for a person; nothing was changed.',
  120: 'A run, or a person, put back what was changed.',
  130: 'A run needs a person: the text says how each endpoint stands.',
  140: 'Certificates in use end soon and nothing renews them, or their renewal is blocked. Once a day.',
  150: 'CertRebind could not work at all, so no renewal is taken.',
  160: 'enable or install could not prove that the program works, and took nothing away.',
  170: 'The program of a trigger did not end well: its exit code, its time limit, or why it was not started.',
  180: 'CertRebind was installed, or another version of it was put in its place.',
} as const;

export type LogEvent = keyof typeof logEvents;

/** Nothing was done, and nothing is to be done that was not known before. */
export type NoNews = 'nothing-to-do' | 'would-rebind' | 'would-undo' | 'would-repair';

/** What is told of a run that leaves something for a person, where the rest of it would be no news. */
export function toldAs<Told extends string>(result: Told, byHand: number): Told | 'blocked' | 'partly-rebound' {
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
