import { CertRebindError } from '../../base/errors.ts';
import type { XmlElement } from '../../base/xml.ts';
import { taskResults } from '../../model/windows/task-results.ts';
import type { Outcome } from './answers.ts';
import { UnsupportedQuery } from './event-query.ts';
import type { LabState, LabTask, TaskInstance, TaskStart } from './lab-state.ts';
import { parseTaskDefinition, type TaskDefinition, type Trigger, UnsupportedTask } from './task-definition.ts';
import { failed, refuse, windowsErrors } from './windows-errors.ts';

/** How long a start waits where Task Scheduler is late. */
const lateMs = 2000;

/** Whether the service of Task Scheduler runs (fidelity: schedule-service). */
export function isScheduling({ switches }: Pick<LabState, 'switches'>): boolean {
  return switches['schedule-service'] !== 'stopped';
}

/** Registers a task; anything that the lab's scheduler does not model is refused, never ignored. */
export function registerTask(state: LabState, path: string, name: string, xml: string, force: boolean): Outcome {
  const existing = findTask(state, path, name);
  if (existing !== null && !force) return { state, result: failed(windowsErrors.alreadyExists) };
  const encoding = /^\s*<\?xml[^>]*encoding\s*=\s*["']([^"']+)["']/i.exec(xml)?.[1];
  // Task Scheduler gets UTF-16 text, so any other declaration is a contradiction (fidelity: task-xml-encoding).
  if (encoding !== undefined && !/^utf-16$/i.test(encoding)) {
    return refused(state, 0x8004131a, '(1,40)::ERROR: unable to switch the encoding');
  }
  try {
    const { enabled } = parseTaskDefinition(xml);
    const task: LabTask = {
      path,
      name,
      xml,
      enabled,
      lastRunAt: null,
      lastResult: taskResults.neverRun,
      nextInstance: existing?.nextInstance ?? 1,
      running: existing?.running ?? [],
      queued: [],
    };
    const others = state.tasks.filter((other) => other !== existing);
    return { state: { ...state, tasks: [...others, task] } };
  } catch (thrown) {
    if (thrown instanceof CertRebindError)
      return refused(state, 0x8004131a, `The task XML is malformed. ${thrown.message}`);
    if (thrown instanceof UnsupportedTask || thrown instanceof UnsupportedQuery) {
      return refused(
        state,
        0x80041318,
        `The task XML contains a value which is incorrectly formatted. ${thrown.message}`,
      );
    }
    throw thrown;
  }
}

export function unregisterTask(state: LabState, path: string, name: string): Outcome {
  const task = findTask(state, path, name);
  if (task === null) return refuse(state, windowsErrors.notFound);
  const tasks = state.tasks.filter((other) => other !== task);
  return { state: { ...state, tasks } };
}

export function setTaskEnabled(state: LabState, path: string, name: string, enabled: boolean): Outcome {
  const task = findTask(state, path, name);
  if (task === null) return refuse(state, windowsErrors.notFound);
  return { state: withTask(state, { ...task, enabled }) };
}

/** The process that started the instances ends them; their ends need no report then. */
export function stopTask(state: LabState, path: string, name: string): Outcome {
  const task = findTask(state, path, name);
  if (task === null) return refuse(state, windowsErrors.notFound);
  const lastResult = task.running.length > 0 ? taskResults.terminated : task.lastResult;
  return { state: withTask(state, { ...task, running: [], queued: [], lastResult }) };
}

export function runTask(state: LabState, path: string, name: string, now: string): Outcome {
  const task = findTask(state, path, name);
  if (task === null) return refuse(state, windowsErrors.notFound);
  if (!task.enabled || !definitionOf(task).allowDemand) {
    return refused(state, 0x80041326, 'The task is disabled.');
  }
  return start(state, task, { cause: 'demand', values: {}, now, delayMs: 0 });
}

/** Starts every enabled task with a trigger for this event. */
export function startForEvent(state: LabState, log: string, event: XmlElement, now: string): Outcome {
  if (!isScheduling(state)) return { state };
  return startEach(state, (task, definition) =>
    definition.triggers.flatMap((trigger) => {
      if (trigger.kind !== 'event' || !trigger.matches(log, event)) return [];
      const values = Object.fromEntries(trigger.values.map(({ name, find }) => [name, find(event)]));
      return [{ task, cause: 'event' as const, values, now, delayMs: trigger.delayMs }];
    }),
  );
}

/** The server starts: running instances are lost, and boot triggers fire. */
export function startForBoot(state: LabState, now: string, passedMs = 0): Outcome {
  if (!isScheduling(state)) return { state };
  const quiet = state.tasks.map((task) => ({ ...task, running: [], queued: [] }));
  const booted = { ...state, tasks: quiet, bootedAt: now, tickedAt: now };
  return startEach(booted, (task, definition) =>
    definition.triggers.flatMap((trigger) => {
      const occasion = { task, values: {}, now };
      if (trigger.kind === 'boot')
        return { ...occasion, cause: trigger.kind, delayMs: Math.max(0, trigger.delayMs - passedMs) };
      const isDueStill = definition.startWhenAvailable && wasMissed(trigger, state.tickedAt, now);
      return isDueStill ? { ...occasion, cause: 'time' as const, delayMs: 0 } : [];
    }),
  );
}

/**
 * A single start that came due while the server was off; Windows makes up for it some minutes later (fidelity:
 * missed-start).
 */
function wasMissed(trigger: Trigger, since: string, now: string): boolean {
  return trigger.kind === 'time' && trigger.repeatMs === null && isDue(trigger.startsAt, null, since, now, true);
}

/** Starts every task with a time trigger, or a repetition of one, that came due since the last check. */
export function startForTime(state: LabState, now: string, passedMs = 0): Outcome {
  if (!isScheduling(state)) return { state };
  const since = new Date(Math.min(Date.parse(state.tickedAt), Date.parse(now) - passedMs)).toISOString();
  return startEach({ ...state, tickedAt: now }, (task, definition) =>
    definition.triggers.some((trigger) => fellDue(trigger, state, since, now))
      ? [{ task, cause: 'time' as const, values: {}, now, delayMs: 0 }]
      : [],
  );
}

/** An instance ended, and the next one in the queue starts. An exit code is no reason to start it again (fidelity: task-schema). */
export function finishTask(
  state: LabState,
  request: { readonly path: string; readonly name: string; readonly instance: number; readonly exitCode: number },
  now: string,
): Outcome {
  const task = findTask(state, request.path, request.name);
  const ended = task?.running.find(({ instance }) => instance === request.instance);
  // A task may be unregistered while it runs; then its end is not an error.
  if (task === null || ended === undefined) return { state };
  const running = task.running.filter((instance) => instance !== ended);
  const finished: LabTask = { ...task, running, lastResult: request.exitCode };
  const definition = definitionOf(task);
  const [next, ...queued] = finished.queued;
  if (next === undefined || definition.policy !== 'Queue') {
    return { state: withTask(state, finished) };
  }
  return begin(state, { ...finished, queued }, definition, { ...next, since: now }, 0);
}

function findTask(state: LabState, path: string, name: string): LabTask | null {
  return (
    state.tasks.find(
      (task) => task.path.toLowerCase() === path.toLowerCase() && task.name.toLowerCase() === name.toLowerCase(),
    ) ?? null
  );
}

interface Occasion {
  readonly cause: TaskInstance['cause'];
  readonly values: TaskInstance['values'];
  readonly now: string;
  readonly delayMs: number;
}

function startEach(
  state: LabState,
  occasions: (task: LabTask, definition: TaskDefinition) => readonly (Occasion & { readonly task: LabTask })[],
): Outcome {
  let current = state;
  const started: TaskStart[] = [];
  for (const task of state.tasks.filter(({ enabled }) => enabled)) {
    for (const occasion of occasions(task, definitionOf(task))) {
      const latest = findTask(current, task.path, task.name);
      if (latest === null) continue;
      const next = start(current, latest, occasion);
      current = next.state;
      started.push(...(next.started ?? []));
    }
  }
  return { state: current, started };
}

/** A new instance runs, waits or is dropped, as the task's policy for several instances says. */
function start(state: LabState, task: LabTask, occasion: Occasion): Outcome {
  const definition = definitionOf(task);
  const instance: TaskInstance = {
    instance: task.nextInstance,
    since: occasion.now,
    values: occasion.values,
    cause: occasion.cause,
  };
  if (task.running.length === 0 || definition.policy === 'Parallel') {
    return begin(state, task, definition, instance, occasion.delayMs);
  }
  if (definition.policy === 'IgnoreNew') return { state };
  return { state: withTask(state, enqueue(state, task, instance)) };
}

function enqueue(state: LabState, task: LabTask, instance: TaskInstance): LabTask {
  // fidelity: queued-values, task-queue
  const waiting = state.switches['task-queue'] === 'keeps-one' ? [] : task.queued;
  const queued =
    state.switches['queued-values'] === 'latest'
      ? waiting.map((other) => ({ ...other, values: instance.values }))
      : waiting;
  return { ...task, nextInstance: task.nextInstance + 1, queued: [...queued, instance] };
}

function begin(
  state: LabState,
  task: LabTask,
  definition: TaskDefinition,
  instance: TaskInstance,
  askedDelayMs: number,
): Outcome {
  // fidelity: task-starts
  const starts = state.switches['task-starts'];
  if (starts === 'never') return { state: withTask(state, task) };
  if (starts === 'queued') {
    return { state: withTask(state, { ...task, lastResult: taskResults.queued }) };
  }
  const delayMs = askedDelayMs + (starts === 'late' ? lateMs : 0);
  const running: LabTask = {
    ...task,
    nextInstance: Math.max(task.nextInstance, instance.instance + 1),
    running: [...task.running, instance],
    lastRunAt: instance.since,
    lastResult: starts === 'late' ? taskResults.queued : taskResults.running,
  };
  const paste = (text: string) => pasteValues(text, valuesFor(definition, instance), state.switches['missing-value']);
  const started: TaskStart = {
    path: task.path,
    name: task.name,
    instance: instance.instance,
    command: definition.command,
    arguments: paste(definition.arguments),
    workingDirectory: definition.workingDirectory === null ? null : paste(definition.workingDirectory),
    user: definition.user,
    timeLimitMs: definition.timeLimitMs,
    delayMs,
  };
  return { state: withTask(state, running), started: [started] };
}

/** Every name that the task's triggers know; those of another trigger, or of no event at all, have no value. */
function valuesFor(definition: TaskDefinition, instance: TaskInstance): TaskInstance['values'] {
  const names = definition.triggers.flatMap((trigger) =>
    trigger.kind === 'event' ? trigger.values.map(({ name }) => name) : [],
  );
  return { ...Object.fromEntries(names.map((name) => [name, null])), ...instance.values };
}

/** Raw, as Task Scheduler does it: a blank or a quote in a value makes further arguments (fidelity: raw-value-queries). */
function pasteValues(text: string, values: TaskInstance['values'], missing: 'literal' | 'empty'): string {
  return text.replace(/\$\(([^()]*)\)/g, (written, name: string) => {
    if (!Object.hasOwn(values, name)) return written;
    return values[name] ?? (missing === 'literal' ? written : '');
  });
}

function fellDue(trigger: Trigger, { bootedAt }: LabState, since: string, now: string): boolean {
  switch (trigger.kind) {
    case 'event':
      return false;
    case 'boot':
      return trigger.repeatMs !== null && isDue(bootedAt, trigger.repeatMs, since, now, false);
    case 'time':
      return isDue(trigger.startsAt, trigger.repeatMs, since, now, true);
  }
}

/** Whether base, or base plus a number of intervals, lies after `since` and not after `now`. */
function isDue(base: string, everyMs: number | null, since: string, now: string, includesBase: boolean): boolean {
  const [first, after, until] = [Date.parse(base), Date.parse(since), Date.parse(now)];
  if (includesBase && first > after && first <= until) return true;
  if (everyMs === null || until < first + everyMs) return false;
  const latest = first + Math.floor((until - first) / everyMs) * everyMs;
  return latest > after;
}

function withTask(state: LabState, task: LabTask): LabState {
  return {
    ...state,
    tasks: state.tasks.map((other) => (other.path === task.path && other.name === task.name ? task : other)),
  };
}

function refused(state: LabState, hresult: number, message: string): Outcome {
  return { state, result: { kind: 'failed', hresult, message } };
}

const definitions = new WeakMap<LabTask, TaskDefinition>();

function definitionOf(task: LabTask): TaskDefinition {
  const known = definitions.get(task);
  if (known !== undefined) return known;
  const definition = parseTaskDefinition(task.xml);
  definitions.set(task, definition);
  return definition;
}
