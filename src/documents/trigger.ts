import type { Integer, Time } from '../base/document.ts';
import { validateTrigger } from './generated/validate-trigger.js';
import { validateTriggerRuns } from './generated/validate-trigger-runs.js';
import type { NotificationKind } from './notification.ts';
import { parserOf } from './parser-of.ts';

/** What happens to a certificate, by the number of the lifecycle event that reports it (fidelity: lifecycle-events). */
export const triggerEvents = {
  replaced: 1001,
  expired: 1002,
  'near-expiry': 1003,
  deleted: 1004,
  archived: 1005,
  installed: 1006,
  exported: 1007,
  'key-associated': 1008,
  'key-missing': 1009,
  'deleted-in-directory': 1010,
} as const;

export type TriggerEvent = keyof typeof triggerEvents;

/** Whether an event of the lifecycle log starts it, through a task; otherwise runs of CertRebind start it. */
export function isOnEvent(trigger: Trigger): trigger is EventTrigger {
  return trigger.on in triggerEvents;
}

export type EventTrigger = Trigger & { readonly on: TriggerEvent };

/** @pattern ^[0-9]+(?:\.[0-9]+)+$ */
type Oid = string;

/** An administrator's program that a lifecycle event starts, or the result of a run. */
export interface Trigger {
  readonly schema: 'certrebind/trigger/1';
  /** @pattern ^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$ */
  readonly id: string;
  readonly on: TriggerEvent | NotificationKind;
  /** Each filter that is not empty must hold: one of these names is the certificate's (`*.` for any below). */
  readonly names: readonly string[];
  /** Subject text of the issuer, or its common name. */
  readonly issuer: string | null;
  /** One of these usages (OID) is the certificate's. */
  readonly ekus: readonly Oid[];
  readonly action: TriggerAction;
  readonly createdAt: Time;
}

export interface TriggerAction {
  /**
   * Absolute path of a file.
   * @minLength 1
   */
  readonly program: string;
  readonly args: readonly string[];
  /**
   * @asType integer
   * @minimum 1
   * @maximum 3300
   */
  readonly timeLimitSeconds: number;
}

/** One start of a trigger's program for an event that passed its filters. */
export interface TriggerRun {
  readonly at: Time;
  readonly eventId: Integer | null;
  readonly recordId: Integer | null;
  /** `refused`: not started, because others could have changed what would have run. */
  readonly result: 'ended' | 'time-limit' | 'not-started' | 'refused';
  readonly exitCode: Integer | null;
  readonly durationMs: number;
  readonly why: string | null;
}

export interface TriggerRuns {
  readonly schema: 'certrebind/trigger-runs/1';
  /** Oldest first. */
  readonly runs: readonly TriggerRun[];
}

/** What `trigger add`, `list` and `remove` print. */
export interface Triggers {
  readonly schema: 'certrebind/triggers/1';
  readonly triggers: readonly ListedTrigger[];
}

export type ListedTrigger = Omit<Trigger, 'schema'> & {
  /** `none`: it has no task, since runs start it. */
  readonly task: 'ours' | 'changed' | 'disabled' | 'missing' | 'none';
  /** Its last runs, oldest first. */
  readonly runs: readonly TriggerRun[];
};

/** What `trigger-run` prints. */
export interface TriggerOutcome {
  readonly schema: 'certrebind/trigger-run/1';
  readonly trigger: string;
  /** `null` if the event did not pass the filters; then `why` has the reason. */
  readonly run: TriggerRun | null;
  readonly why: string | null;
}

export const parseTrigger = parserOf<Trigger>('certrebind/trigger/1', validateTrigger);

export const parseTriggerRuns = parserOf<TriggerRuns>('certrebind/trigger-runs/1', validateTriggerRuns);
