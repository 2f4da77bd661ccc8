import { attribute, child, children, localName, parseXml, textOf, type XmlElement } from '../../../model/xml.ts';
import { parseSubscription, parseValueQuery } from './event-query.ts';

/** What the lab's scheduler understands of a task's XML. */
export interface TaskDefinition {
  readonly enabled: boolean;
  readonly user: string | null;
  readonly command: string;
  readonly arguments: string;
  readonly workingDirectory: string | null;
  readonly policy: 'Parallel' | 'Queue' | 'IgnoreNew';
  readonly timeLimitMs: number | null;
  readonly restart: { readonly intervalMs: number; readonly count: number } | null;
  readonly allowDemand: boolean;
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

/** The task uses what this lab does not model, so registering it fails loudly. */
export class UnsupportedTask extends Error {}

/**
 * @throws CertRebindError `bad-xml`
 * @throws UnsupportedTask, UnsupportedQuery
 */
export function parseTaskDefinition(xml: string): TaskDefinition {
  const task = parseXml(xml, 'task');
  const actions = child(task, 'Actions');
  const [exec, ...more] = actions === null ? [] : children(actions);
  if (exec === undefined || localName(exec) !== 'Exec' || more.length > 0) {
    throw new UnsupportedTask('a task has exactly one action here, and it starts a program');
  }
  const principals = child(task, 'Principals');
  const context = actions === null ? null : attribute(actions, 'Context');
  const principal = principals === null ? [] : children(principals, 'Principal');
  const own = principal.find((entry) => attribute(entry, 'id') === context) ?? null;
  if (context !== null && own === null) throw new UnsupportedTask(`no principal has the id ${context}`);
  const settings = child(task, 'Settings');
  const triggers = child(task, 'Triggers');
  return {
    enabled: truth(settings, 'Enabled', true),
    user: textAt(own, 'UserId') ?? textAt(own, 'GroupId'),
    command: textAt(exec, 'Command') ?? '',
    arguments: textAt(exec, 'Arguments') ?? '',
    workingDirectory: textAt(exec, 'WorkingDirectory'),
    policy: policyOf(textAt(settings, 'MultipleInstancesPolicy') ?? 'IgnoreNew'),
    timeLimitMs: limitOf(textAt(settings, 'ExecutionTimeLimit') ?? 'PT72H'),
    restart: restartOf(settings),
    allowDemand: truth(settings, 'AllowStartOnDemand', true),
    triggers: (triggers === null ? [] : children(triggers)).filter(isEnabled).map(readTrigger),
  };
}

/** Milliseconds of an XSD duration such as `PT1H30M` or `P1D`. */
export function parseDuration(text: string): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (match === null || text === 'P' || text.endsWith('T'))
    throw new UnsupportedTask(`${text} is no duration known here`);
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60_000 + (seconds ?? 0) * 1000;
}

function readTrigger(trigger: XmlElement): Trigger {
  const delayMs = durationAt(trigger, 'Delay') ?? 0;
  const repeatMs = repetitionOf(trigger);
  switch (localName(trigger)) {
    case 'EventTrigger': {
      const values = child(trigger, 'ValueQueries');
      return {
        kind: 'event',
        delayMs,
        matches: parseSubscription(textAt(trigger, 'Subscription') ?? ''),
        values: (values === null ? [] : children(values, 'Value')).map((value) => ({
          name: attribute(value, 'name') ?? '',
          find: parseValueQuery(textOf(value)),
        })),
      };
    }
    case 'BootTrigger':
      return { kind: 'boot', delayMs, repeatMs };
    case 'TimeTrigger':
      return { kind: 'time', startsAt: momentAt(trigger, 'StartBoundary'), repeatMs };
    case 'CalendarTrigger':
      return { kind: 'time', startsAt: momentAt(trigger, 'StartBoundary'), repeatMs: repeatMs ?? daily(trigger) };
    default:
      throw new UnsupportedTask(`${localName(trigger)} is not modelled`);
  }
}

function daily(trigger: XmlElement): number {
  const days = textAt(child(trigger, 'ScheduleByDay'), 'DaysInterval');
  if (days === null) throw new UnsupportedTask('only a calendar trigger by day is modelled');
  return Number(days) * 86_400_000;
}

function isEnabled(trigger: XmlElement): boolean {
  return truth(trigger, 'Enabled', true);
}

function repetitionOf(trigger: XmlElement): number | null {
  const repetition = child(trigger, 'Repetition');
  return repetition === null ? null : durationAt(repetition, 'Interval');
}

function momentAt(element: XmlElement, name: string): string {
  const text = textAt(element, name);
  const moment = text === null ? Number.NaN : Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(moment)) throw new UnsupportedTask(`${name} of a time trigger is no moment`);
  return new Date(moment).toISOString();
}

function policyOf(text: string): TaskDefinition['policy'] {
  if (text === 'Parallel' || text === 'Queue' || text === 'IgnoreNew') return text;
  throw new UnsupportedTask(`the policy ${text} for several instances is not modelled`);
}

/** `PT0S` stands for no limit. */
function limitOf(text: string): number | null {
  return parseDuration(text) || null;
}

function restartOf(settings: XmlElement | null): TaskDefinition['restart'] {
  const restart = settings === null ? null : child(settings, 'RestartOnFailure');
  if (restart === null) return null;
  return { intervalMs: durationAt(restart, 'Interval') ?? 60_000, count: Number(textAt(restart, 'Count') ?? 0) };
}

function durationAt(element: XmlElement, name: string): number | null {
  const text = textAt(element, name);
  return text === null ? null : parseDuration(text);
}

function truth(element: XmlElement | null, name: string, otherwise: boolean): boolean {
  const text = textAt(element, name);
  return text === null ? otherwise : text === 'true' || text === '1';
}

function textAt(element: XmlElement | null, name: string): string | null {
  const found = element === null ? null : child(element, name);
  return found === null ? null : textOf(found);
}
