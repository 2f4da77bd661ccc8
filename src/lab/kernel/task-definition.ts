import type { XmlElement } from '../../base/xml.ts';
import { parseTask, type TaskTrigger } from '../../model/windows/task.ts';
import { parseSubscription, parseValueQuery } from './event-query.ts';

/** The parts of a task's XML that the lab's scheduler understands. */
export interface TaskDefinition {
  readonly enabled: boolean;
  readonly user: string | null;
  readonly command: string;
  readonly arguments: string;
  readonly workingDirectory: string | null;
  readonly policy: 'Parallel' | 'Queue' | 'IgnoreNew';
  readonly timeLimitMs: number | null;
  readonly allowDemand: boolean;
  /** A start that was missed while the server was off is made up for. */
  readonly startWhenAvailable: boolean;
  readonly triggers: readonly Trigger[];
}

export type Trigger =
  | {
      readonly kind: 'event';
      readonly delayMs: number;
      readonly matches: (log: string, event: XmlElement) => boolean;
      readonly values: readonly { readonly name: string; readonly find: (event: XmlElement) => string | null }[];
    }
  | { readonly kind: 'boot'; readonly delayMs: number; readonly repeatMs: number | null }
  | { readonly kind: 'time'; readonly startsAt: string; readonly repeatMs: number | null };

/** The task uses something that this lab does not model, so registering it fails with an error. */
export class UnsupportedTask extends Error {}

/**
 * @throws CertRebindError `bad-xml`, `bad-input`
 * @throws UnsupportedTask, UnsupportedQuery
 */
export function parseTaskDefinition(xml: string): TaskDefinition {
  const { actions, settings, triggers, user } = parseTask(xml);
  const [action, ...more] = actions;
  if (action === undefined || action.kind !== 'Exec' || action.command === null || more.length > 0) {
    throw new UnsupportedTask('a task has exactly one action here, and it starts a program');
  }
  return {
    enabled: settings.enabled,
    user,
    command: action.command,
    arguments: action.arguments ?? '',
    workingDirectory: action.workingDirectory,
    policy: policyOf(settings.multipleInstancesPolicy),
    // `PT0S` means no limit.
    timeLimitMs: parseDuration(settings.executionTimeLimit) || null,
    allowDemand: settings.allowStartOnDemand,
    startWhenAvailable: settings.startWhenAvailable,
    triggers: triggers.filter(({ enabled }) => enabled).map(readTrigger),
  };
}

/** Milliseconds of an XSD duration such as `PT1H30M` or `P1D`. */
function parseDuration(text: string): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (match === null || text === 'P' || text.endsWith('T'))
    throw new UnsupportedTask(`${text} is not a known duration`);
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60_000 + (seconds ?? 0) * 1000;
}

function readTrigger(trigger: TaskTrigger): Trigger {
  const delayMs = trigger.delay === null ? 0 : parseDuration(trigger.delay);
  const repeatMs = trigger.interval === null ? null : parseDuration(trigger.interval);
  switch (trigger.kind) {
    case 'EventTrigger':
      return {
        kind: 'event',
        delayMs,
        matches: parseSubscription(trigger.subscription ?? ''),
        values: trigger.valueQueries.map(({ name, query }) => ({ name, find: parseValueQuery(query) })),
      };
    case 'BootTrigger':
      return { kind: 'boot', delayMs, repeatMs };
    case 'TimeTrigger':
      return { kind: 'time', startsAt: moment(trigger.startBoundary ?? ''), repeatMs };
    default:
      throw new UnsupportedTask(`${trigger.kind} is not modelled`);
  }
}

/** A boundary without a zone is local time; the lab's is UTC. */
function moment(text: string): string {
  const time = Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(time)) throw new UnsupportedTask('the StartBoundary of a time trigger is not a date');
  return new Date(time).toISOString();
}

function policyOf(text: string): TaskDefinition['policy'] {
  if (text === 'Parallel' || text === 'Queue' || text === 'IgnoreNew') return text;
  throw new UnsupportedTask(`the policy ${text} for several instances is not modelled`);
}
