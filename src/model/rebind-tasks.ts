import { lifecycleLog, replacedEvent } from './lifecycle-event.ts';
import { rehearsalTaskPrefix } from './rehearsal.ts';
import {
  formatTask,
  parseTask,
  type TaskDefinition,
  type TaskEntry,
  type TaskSettings,
  taskDifferences,
} from './task.ts';
import { isTriggerId, type Trigger, triggerEvents } from './trigger.ts';

/** The folder of Windows' own certificate tasks, where IIS Manager keeps its rebind task too (fidelity: native-task). */
export const taskFolder = '\\Microsoft\\Windows\\CertificateServicesClient\\';
export const rebindTaskName = 'CertRebind';
export const reconcileTaskName = 'CertRebind-Reconcile';
export const nativeTaskName = 'IIS-AutoCertRebind';

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
 * The task that event 1001 starts. Of the event nothing but its record number reaches the command line, since Task
 * Scheduler pastes values in as they are, and the log assigns this one (fidelity: raw-value-queries).
 * @throws CertRebindError `bad-input` when the path is longer than Task Scheduler allows
 */
export function rebindTask(program: Program): string {
  return eventTask(program, {
    name: rebindTaskName,
    description: 'Binds a renewed certificate wherever IIS used the old one.',
    eventId: replacedEvent,
    words: 'on-event',
  });
}

/** The task of a trigger: the trigger's id is a word of ours, and the rest is as with the task of the program itself. */
export function triggerTask(program: Program, { id, on }: Pick<Trigger, 'id' | 'on'>): ExpectedTask {
  const name = triggerTaskName(id);
  const description = `Starts what the trigger ${id} of CertRebind says. See certrebind trigger list.`;
  const xml = eventTask(program, { name, description, eventId: triggerEvents[on], words: `trigger-run ${id}` });
  return { path: taskFolder, name, xml };
}

/**
 * The task of a rehearsal, started as that of the program is. Its second value query finds nothing, to see what then
 * stands in the arguments (fidelity: missing-value); what a forged event could put there is only noted, never obeyed.
 */
export function rehearsalTask(program: Program, id: string): ExpectedTask {
  const name = `${rehearsalTaskPrefix}${id}`;
  const xml = eventTask(program, {
    name,
    description: 'Notes its own start for certrebind rehearse, which takes it away again.',
    eventId: replacedEvent,
    words: `rehearse-start ${id}`,
    moreWords: ' --nothing $(Nothing)',
    moreQueries: [{ name: 'Nothing', query: 'Event/UserData/CertRebindNothing' }],
  });
  return { path: taskFolder, name, xml };
}

export function triggerTaskName(id: string): string {
  return `${triggerTaskPrefix}${id}`;
}

const triggerTaskPrefix = 'CertRebind-Trigger-';

function triggerOf({ path, name }: Pick<TaskEntry, 'path' | 'name'>): string | null {
  if (path !== taskFolder || !name.startsWith(triggerTaskPrefix)) return null;
  const id = name.slice(triggerTaskPrefix.length);
  return isTriggerId(id) ? id : null;
}

interface EventTask {
  readonly name: string;
  readonly description: string;
  readonly eventId: number;
  /** Before the record number. */
  readonly words: string;
  /** Behind it. */
  readonly moreWords?: string;
  readonly moreQueries?: readonly { readonly name: string; readonly query: string }[];
}

function eventTask({ command }: Program, task: EventTask): string {
  const { name, description, eventId, words, moreWords = '', moreQueries = [] } = task;
  const query = `<QueryList><Query Id='0'><Select Path='${lifecycleLog}'>*[System[EventID=${eventId}]]</Select></Query></QueryList>`;
  return formatTask({
    uri: `${taskFolder}${name}`,
    description,
    user: localSystem,
    runLevel: 'HighestAvailable',
    triggers: [
      {
        ...standingTrigger,
        kind: 'EventTrigger',
        subscription: query,
        valueQueries: [{ name: 'RecordId', query: 'Event/System/EventRecordID' }, ...moreQueries],
      },
    ],
    actions: [
      { kind: 'Exec', command, arguments: `${words} --record $(RecordId)${moreWords}`, workingDirectory: null },
    ],
    settings,
  });
}

/**
 * The task that catches what no event brought: at start-up and hourly.
 * @throws CertRebindError `bad-input` when the path is longer than Task Scheduler allows
 */
export function reconcileTask({ command }: Program): string {
  return formatTask({
    uri: `${taskFolder}${reconcileTaskName}`,
    description: 'Binds renewed certificates that no event announced.',
    user: localSystem,
    runLevel: 'HighestAvailable',
    triggers: [
      { ...standingTrigger, kind: 'BootTrigger', delay: 'PT1M' },
      { ...standingTrigger, kind: 'TimeTrigger', startBoundary: '2020-01-01T00:17:00', interval: 'PT1H' },
    ],
    actions: [{ kind: 'Exec', command, arguments: 'reconcile', workingDirectory: null }],
    settings: { ...settings, startWhenAvailable: true },
  });
}

export type RecognisedTask =
  | { readonly kind: 'ours' }
  /** It bears our name, and these parts of it are not as they were registered. */
  | { readonly kind: 'ours-changed'; readonly differs: readonly string[] }
  /** The task of IIS Manager. */
  | { readonly kind: 'native' }
  /** Another product's way to bind renewed certificates. */
  | { readonly kind: 'third-party'; readonly product: string }
  /** The task of a trigger of ours that is not among those expected. */
  | { readonly kind: 'trigger'; readonly id: string }
  | { readonly kind: 'other' };

/** Tells whose task this is; `expected` are the tasks as this program would register them now. */
export function recogniseTask(entry: TaskEntry, expected: readonly ExpectedTask[]): RecognisedTask {
  const own = expected.find((task) => sameText(task.path, entry.path) && sameText(task.name, entry.name));
  const found = readable(entry.xml);
  if (own !== undefined) {
    if (found === null) return { kind: 'ours-changed', differs: ['xml'] };
    const differs = taskDifferences(parseTask(own.xml), found);
    return differs.length === 0 ? { kind: 'ours' } : { kind: 'ours-changed', differs };
  }
  if (isNative(entry, found)) return { kind: 'native' };
  const trigger = triggerOf(entry);
  if (trigger !== null) return { kind: 'trigger', id: trigger };
  const product = thirdParties.find(({ owns }) => owns(entry))?.product;
  if (product !== undefined) return { kind: 'third-party', product };
  return found !== null && isForReplacement(found)
    ? { kind: 'third-party', product: 'a task on event 1001' }
    : { kind: 'other' };
}

/** S-1-5-18, the account whose key access HTTP.SYS shares. */
const localSystem = 'S-1-5-18';

/**
 * Queue, since renewals come in bursts and each start must see its turn. Batteries do not matter: a USB UPS counts as
 * one and could end a run midway (fidelity: task-batteries).
 */
const settings: TaskSettings = {
  enabled: true,
  multipleInstancesPolicy: 'Queue',
  disallowStartIfOnBatteries: false,
  stopIfGoingOnBatteries: false,
  allowHardTerminate: true,
  startWhenAvailable: false,
  runOnlyIfNetworkAvailable: false,
  runOnlyIfIdle: false,
  allowStartOnDemand: true,
  hidden: false,
  executionTimeLimit: 'PT1H',
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

const thirdParties: readonly { readonly product: string; readonly owns: (entry: TaskEntry) => boolean }[] = [
  { product: 'Windows Admin Center', owns: ({ name }) => sameText(name, 'WindowsAdminCenter-AutoCertRebind') },
  { product: 'win-acme', owns: ({ name }) => /^win-acme\b/i.test(name) },
  { product: 'simple-acme', owns: ({ name }) => /^simple-acme\b/i.test(name) },
  {
    product: 'a certificate notification task',
    owns: ({ path }) => path.toLowerCase().startsWith(`${taskFolder}Notification\\`.toLowerCase()),
  },
];

function isNative({ name, path }: TaskEntry, found: TaskDefinition | null): boolean {
  if (sameText(name, nativeTaskName) && sameText(path, taskFolder)) return true;
  return (
    found?.actions.some(
      (action) =>
        /\bappcmd(?:\.exe)?"?$/i.test(action.command ?? '') && /\brenew\s+binding\b/i.test(action.arguments ?? ''),
    ) ?? false
  );
}

/** Whether event 1001 starts this task. */
export function startsOnReplacement({ xml }: Pick<TaskEntry, 'xml'>): boolean {
  const found = readable(xml);
  return found !== null && isForReplacement(found);
}

function isForReplacement({ triggers }: TaskDefinition): boolean {
  return triggers.some(
    ({ subscription }) => subscription?.includes(lifecycleLog) === true && /\bEventID\s*=\s*1001\b/.test(subscription),
  );
}

function readable(xml: string): TaskDefinition | null {
  try {
    return parseTask(xml);
  } catch {
    return null;
  }
}

/** Whether two names mean one task; Task Scheduler does not look at letter case. */
export function isSameTask(a: TaskName, b: TaskName): boolean {
  return sameText(a.path, b.path) && sameText(a.name, b.name);
}

type TaskName = Pick<ExpectedTask, 'path' | 'name'>;

function sameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
