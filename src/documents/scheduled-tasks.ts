import { canonicalDigest } from '../base/canonical-json.ts';
import { lifecycleLog, replacedEvent } from '../model/windows/lifecycle-event.ts';
import { localSystem } from '../model/windows/service-account.ts';
import {
  formatTask,
  schemaDefaults,
  type TaskDefinition,
  type TaskSettings,
  type TaskTrigger,
} from '../model/windows/task.ts';
import { proofTaskPrefix } from './proof.ts';
import { type EventTrigger, triggerEvents } from './trigger.ts';

/** The folder of Windows' own certificate tasks, where IIS Manager keeps its rebind task too (fidelity: native-task). */
export const taskFolder = '\\Microsoft\\Windows\\CertificateServicesClient\\';
export const rebindTaskName = 'CertRebind';
export const reconcileTaskName = 'CertRebind-Reconcile';
export const nativeTaskName = 'IIS-AutoCertRebind';

/** Task Scheduler ends what takes longer. */
export const taskLimitMs = 3600_000;

/** A task as it has to be registered. */
export interface ExpectedTask {
  readonly path: string;
  readonly name: string;
  readonly xml: string;
}

interface Program {
  /** Absolute path of the executable; not quoted. */
  readonly command: string;
}

/**
 * The task that event 1001 starts. Only the record number of the event reaches the command line: Task Scheduler pastes
 * values unchanged, and the record number is assigned by the log (fidelity: raw-value-queries).
 * @throws CertRebindError `bad-input` when the path is longer than Task Scheduler allows
 */
export function rebindTask(program: Program): string {
  return eventTask(program, {
    name: rebindTaskName,
    description: 'Binds a renewed certificate wherever IIS used the old one.',
    eventId: replacedEvent,
    words: 'on-event',
  }).xml;
}

/**
 * The task of a trigger: the trigger's id is a word that this program checks; everything else is as in the program's
 * own task.
 */
export function triggerTask(program: Program, { id, on }: Pick<EventTrigger, 'id' | 'on'>): ExpectedTask {
  return eventTask(program, {
    name: triggerTaskName(id),
    description: `Starts what the trigger ${id} of CertRebind says. See certrebind trigger list.`,
    eventId: triggerEvents[on],
    words: `trigger-run ${id}`,
  });
}

/**
 * The task of a proof: principal, settings and command as in the real ones, no trigger, and arguments that change
 * nothing on the server.
 */
export function proofTask(program: Program, nonce: string): ExpectedTask {
  return systemTask(program, {
    name: `${proofTaskPrefix}${nonce}`,
    description: 'Shows that Task Scheduler can start CertRebind on this server; certrebind takes it away again.',
    triggers: [],
    words: `prove ${nonce}`,
  });
}

export function triggerTaskName(id: string): string {
  return `${triggerTaskPrefix}${id}`;
}

export const triggerTaskPrefix = 'CertRebind-Trigger-';

/** The record number of the event follows the words of the task. */
function eventTask(program: Program, task: Omit<SystemTask, 'triggers'> & { readonly eventId: number }): ExpectedTask {
  const { eventId, words, ...rest } = task;
  const subscription = `<QueryList><Query Id='0'><Select Path='${lifecycleLog}'>*[System[EventID=${eventId}]]</Select></Query></QueryList>`;
  const valueQueries = [{ name: 'RecordId', query: 'Event/System/EventRecordID' }];
  return systemTask(program, {
    ...rest,
    triggers: [{ ...standingTrigger, kind: 'EventTrigger', subscription, valueQueries }],
    words: `${words} --record $(RecordId)`,
  });
}

/**
 * The task that catches renewals without an event: at start-up and hourly, at a minute of the server's own. That is in
 * UTC, so that no change of the clock moves it (fidelity: task-boundary-utc).
 * @param minute 0 to 59, `hourlyMinute`
 * @throws CertRebindError `bad-input` when the path is longer than Task Scheduler allows
 */
export function reconcileTask(program: Program, minute: number): string {
  const startBoundary = `2020-01-01T00:${String(minute).padStart(2, '0')}:00Z`;
  return systemTask(program, {
    name: reconcileTaskName,
    description: 'Binds renewed certificates that no event announced.',
    triggers: [
      { ...standingTrigger, kind: 'BootTrigger', delay: 'PT1M' },
      { ...standingTrigger, kind: 'TimeTrigger', startBoundary, interval: 'PT1H' },
    ],
    words: 'reconcile --hourly',
    settings: { startWhenAvailable: true },
  }).xml;
}

/** The minute at which the hourly task of a server starts, so that a fleet does not start all at once. */
export function hourlyMinute(serverId: string): number {
  return Math.floor(60 * shareOf({ hourly: serverId }));
}

/** Between 0 and 1, always the same for a value. */
export function shareOf(value: Readonly<Record<string, string>>): number {
  return Number.parseInt(canonicalDigest(value).slice(0, 8), 16) / 2 ** 32;
}

/** The minute of an hourly task as it is registered; `null` for another start than `reconcileTask` writes. */
export function registeredMinute({ triggers }: Pick<TaskDefinition, 'triggers'>): number | null {
  const minutes = triggers.flatMap(
    ({ startBoundary }) => /^2020-01-01T00:([0-5]\d):00Z$/.exec(startBoundary ?? '')?.[1] ?? [],
  );
  return minutes[0] === undefined ? null : Number(minutes[0]);
}

interface SystemTask {
  readonly name: string;
  readonly description: string;
  readonly triggers: readonly TaskTrigger[];
  /** Arguments of the program. */
  readonly words: string;
  /** That are not the usual ones. */
  readonly settings?: Partial<TaskSettings>;
}

/** A task of this program, as SYSTEM. */
function systemTask({ command }: Program, { name, description, triggers, words, settings }: SystemTask): ExpectedTask {
  const xml = formatTask({
    uri: `${taskFolder}${name}`,
    description,
    user: localSystem,
    runLevel: 'HighestAvailable',
    triggers,
    actions: [{ kind: 'Exec', command, arguments: words, workingDirectory: null }],
    settings: { ...usualSettings, ...settings },
  });
  return { path: taskFolder, name, xml };
}

/**
 * Queue, because renewals come in bursts and each start must be carried out. Runs on batteries too: a USB UPS counts as
 * a battery and could end a run midway (fidelity: task-batteries).
 */
const usualSettings: TaskSettings = {
  ...schemaDefaults,
  multipleInstancesPolicy: 'Queue',
  disallowStartIfOnBatteries: false,
  stopIfGoingOnBatteries: false,
  executionTimeLimit: `PT${taskLimitMs / 3600_000}H`,
};

const standingTrigger = {
  enabled: true,
  startBoundary: null,
  endBoundary: null,
  interval: null,
  subscription: null,
  delay: null,
  valueQueries: [],
} as const;

/** Whether two names mean one task; Task Scheduler ignores letter case. */
export function isSameTask(a: TaskName, b: TaskName): boolean {
  return a.path.toLowerCase() === b.path.toLowerCase() && a.name.toLowerCase() === b.name.toLowerCase();
}

type TaskName = Pick<ExpectedTask, 'path' | 'name'>;
