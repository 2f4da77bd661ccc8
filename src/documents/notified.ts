import type { Time } from '../base/document.ts';
import { validateTold } from './generated/validate-told.js';
import { parserOf } from './parser-of.ts';

/** What people were told of the findings, so that each is told when it begins, while it stays, and when it is over. */
export interface Notified {
  readonly schema: 'certrebind/told/1';
  /** The server as a task last saw it. */
  readonly server: { readonly id: string; readonly name: string } | null;
  readonly findings: readonly ToldFinding[];
  readonly heartbeatAt: Time | null;
  /** Those that were told all that was open when they were added: a channel and whom it reaches. */
  readonly addresses: readonly string[];
}

export interface ToldFinding {
  /** Digest of what makes it this one and no other. */
  readonly id: string;
  readonly severity: 'error' | 'warning';
  /** As in the subject of a mail, without the server. */
  readonly headline: string;
  /** When a task first found it. */
  readonly since: Time;
  /** When people were last told. */
  readonly at: Time;
  /** When it was found to be over; kept for a day, so that one that comes and goes is not told each time. */
  readonly overAt: Time | null;
}

export const nothingNotified: Notified = {
  schema: 'certrebind/told/1',
  server: null,
  findings: [],
  heartbeatAt: null,
  addresses: [],
};

export const parseTold = parserOf<Notified>('certrebind/told/1', validateTold);
