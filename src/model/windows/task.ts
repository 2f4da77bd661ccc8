import { CertRebindError, wrongInput } from '../../base/errors.ts';
import { attribute, child, children, localName, parseXml, textIn, textOf, type XmlElement } from '../../base/xml.ts';
import { escapeXml, xmlElement } from '../../base/xml-text.ts';

/** One scheduled task of the folder, ours or another's, as Task Scheduler holds it. */
export interface TaskEntry {
  /** With leading and trailing backslash. */
  readonly path: string;
  readonly name: string;
  readonly enabled: boolean;
  /** `null` if Task Scheduler reports none, for example in a capture. */
  readonly lastResult: number | null;
  readonly lastRunAt: string | null;
  readonly xml: string;
}

/** What a task does, when, and as whom; settings that are left out of the XML have the values of the schema (ours: `documents/scheduled-tasks.ts`). */
export interface TaskDefinition {
  readonly uri: string | null;
  readonly description: string | null;
  /** A SID where the account is a well-known one. */
  readonly user: string | null;
  readonly runLevel: string;
  readonly triggers: readonly TaskTrigger[];
  readonly actions: readonly TaskAction[];
  readonly settings: TaskSettings;
}

export interface TaskTrigger {
  /** `EventTrigger`, `BootTrigger`, `TimeTrigger` … */
  readonly kind: string;
  readonly enabled: boolean;
  readonly startBoundary: string | null;
  readonly endBoundary: string | null;
  /** Repetition, as an XML duration. */
  readonly interval: string | null;
  readonly subscription: string | null;
  readonly delay: string | null;
  readonly valueQueries: readonly { readonly name: string; readonly query: string }[];
}

export interface TaskAction {
  /** `Exec`, `ComHandler` … */
  readonly kind: string;
  readonly command: string | null;
  readonly arguments: string | null;
  readonly workingDirectory: string | null;
}

/**
 * What Task Scheduler assumes for a setting that a task does not state, in the order in which they are written
 * (fidelity: task-schema).
 */
export const schemaDefaults = {
  multipleInstancesPolicy: 'IgnoreNew',
  disallowStartIfOnBatteries: true,
  stopIfGoingOnBatteries: true,
  allowHardTerminate: true,
  startWhenAvailable: false,
  runOnlyIfNetworkAvailable: false,
  allowStartOnDemand: true,
  enabled: true,
  hidden: false,
  runOnlyIfIdle: false,
  /** As an XML duration; `PT0S` is none. */
  executionTimeLimit: 'PT72H',
};

const settingNames = Object.keys(schemaDefaults) as readonly (keyof typeof schemaDefaults)[];

export type TaskSettings = Readonly<typeof schemaDefaults>;

const taskNamespace = 'http://schemas.microsoft.com/windows/2004/02/mit/task';

/** The schema's limits on lengths. */
const longestPath = 260;
const mostValueQueries = 32;

/**
 * Reads a task as Task Scheduler exports it, with its elements in any order.
 * @throws CertRebindError `bad-xml`, or `bad-input` when the root is not a task
 */
export function parseTask(xml: string, where = 'task'): TaskDefinition {
  const root = parseXml(xml, where);
  if (localName(root) !== 'Task') throw wrongInput('bad-input', where, 'is not the XML of a scheduled task');
  const actions = child(root, 'Actions');
  const principal = principalOf(root, attribute(actions, 'Context'));
  return {
    uri: textIn(child(root, 'RegistrationInfo'), 'URI'),
    description: textIn(child(root, 'RegistrationInfo'), 'Description'),
    user: wellKnownUser(textIn(principal, 'UserId') ?? textIn(principal, 'GroupId')),
    runLevel: textIn(principal, 'RunLevel') ?? 'LeastPrivilege',
    triggers: children(child(root, 'Triggers')).map(readTrigger),
    actions: children(actions).map((action) => ({
      kind: localName(action),
      command: textIn(action, 'Command'),
      arguments: textIn(action, 'Arguments'),
      workingDirectory: textIn(action, 'WorkingDirectory'),
    })),
    settings: readSettings(child(root, 'Settings')),
  };
}

/**
 * Writes a task that starts programs, in the order of the schema and in version 1.2, which every supported Windows
 * reads. Without a declaration: the text is registered as a UTF-16 string, and a declared other encoding would be
 * refused (fidelity: task-xml-encoding).
 * @throws CertRebindError `bad-input` for what the schema does not allow
 */
export function formatTask(definition: TaskDefinition): string {
  for (const action of definition.actions) checkAction(action);
  const { uri, description, user, runLevel, triggers, actions, settings } = definition;
  const principal = 'Author';
  const written = settingNames.map((name) => [elementOf(name), String(settings[name])]);
  return xmlElement('Task', { version: '1.2', xmlns: taskNamespace }, [
    xmlElement('RegistrationInfo', {}, textElements({ URI: uri, Description: description })),
    xmlElement('Triggers', {}, triggers.map(formatTrigger)),
    xmlElement('Principals', {}, [
      xmlElement('Principal', { id: principal }, textElements({ UserId: user, RunLevel: runLevel })),
    ]),
    xmlElement('Settings', {}, textElements(Object.fromEntries(written))),
    xmlElement('Actions', { Context: principal }, actions.map(formatAction)),
  ]);
}

/**
 * What differs between two tasks, by name; empty if they do the same. Texts for people are ignored, and so is `enabled`: a
 * disabled task is a different finding from a changed one.
 */
export function taskDifferences(expected: TaskDefinition, found: TaskDefinition): readonly string[] {
  return [
    ...(expected.user === found.user ? [] : ['account']),
    ...(expected.runLevel === found.runLevel ? [] : ['run level']),
    ...(same(expected.triggers, found.triggers) ? [] : ['triggers']),
    ...actionDifferences(expected.actions, found.actions),
    ...settingNames
      .filter((name) => name !== 'enabled' && expected.settings[name] !== found.settings[name])
      .map((name) => `setting ${name}`),
  ];
}

function actionDifferences(expected: readonly TaskAction[], found: readonly TaskAction[]): readonly string[] {
  const [wanted, ...others] = expected;
  const [action, ...more] = found;
  if (wanted === undefined || action === undefined || others.length !== more.length || !same(others, more)) {
    return same(expected, found) ? [] : ['actions'];
  }
  return [
    ...(wanted.kind === action.kind ? [] : ['kind of action']),
    ...(wanted.command === action.command ? [] : ['command']),
    ...(wanted.arguments === action.arguments ? [] : ['arguments']),
    ...(wanted.workingDirectory === action.workingDirectory ? [] : ['working directory']),
  ];
}

function readTrigger(trigger: XmlElement): TaskTrigger {
  return {
    kind: localName(trigger),
    enabled: truthIn(trigger, 'Enabled', true),
    startBoundary: textIn(trigger, 'StartBoundary'),
    endBoundary: textIn(trigger, 'EndBoundary'),
    interval: textIn(child(trigger, 'Repetition'), 'Interval'),
    subscription: textIn(trigger, 'Subscription'),
    delay: textIn(trigger, 'Delay'),
    valueQueries: children(child(trigger, 'ValueQueries')).map((value) => ({
      name: attribute(value, 'name') ?? '',
      query: textOf(value),
    })),
  };
}

function readSettings(settings: XmlElement | null): TaskSettings {
  const stated = settingNames.map((name) => {
    const standing = schemaDefaults[name];
    const element = elementOf(name);
    return [
      name,
      typeof standing === 'boolean' ? truthIn(settings, element, standing) : (textIn(settings, element) ?? standing),
    ] as const;
  });
  return { ...schemaDefaults, ...Object.fromEntries(stated) };
}

function elementOf(setting: string): string {
  return `${setting.slice(0, 1).toUpperCase()}${setting.slice(1)}`;
}

/** The schema fixes this order, unlike that of most other elements. */
function formatTrigger(trigger: TaskTrigger): string {
  if (trigger.valueQueries.length > mostValueQueries) {
    throw badTask(`has ${trigger.valueQueries.length} value queries, and ${mostValueQueries} are the most`);
  }
  const values = trigger.valueQueries.map(({ name, query }) => xmlElement('Value', { name }, escapeXml(query)));
  const { kind, enabled, startBoundary, endBoundary, interval, subscription, delay } = trigger;
  return xmlElement(kind, {}, [
    ...textElements({ Enabled: String(enabled), StartBoundary: startBoundary, EndBoundary: endBoundary }),
    ...(interval === null ? [] : [xmlElement('Repetition', {}, textElements({ Interval: interval }))]),
    ...textElements({ Subscription: subscription, Delay: delay }),
    ...(values.length === 0 ? [] : [xmlElement('ValueQueries', {}, values)]),
  ]);
}

function formatAction({ kind, command, arguments: words, workingDirectory }: TaskAction): string {
  return xmlElement(kind, {}, textElements({ Command: command, Arguments: words, WorkingDirectory: workingDirectory }));
}

function checkAction({ kind, command, workingDirectory }: TaskAction): void {
  if (kind !== 'Exec' || command === null || command === '') throw badTask('starts no program');
  for (const path of [command, workingDirectory ?? '']) {
    if (path.length > longestPath)
      throw badTask(`names a path of ${path.length} characters, and ${longestPath} are the most`);
  }
}

function principalOf(root: XmlElement, context: string | null): XmlElement | null {
  const principals = children(child(root, 'Principals'));
  return principals.find((principal) => attribute(principal, 'id') === context) ?? principals[0] ?? null;
}

/** SYSTEM is stored as its SID, but a task can be written with its name. */
function wellKnownUser(user: string | null): string | null {
  return user !== null && /^(?:NT AUTHORITY\\)?(?:SYSTEM|LocalSystem)$/i.test(user) ? 'S-1-5-18' : user;
}

function truthIn(parent: XmlElement | null, name: string, standing: boolean): boolean {
  const text = textIn(parent, name);
  return text === null ? standing : text === 'true' || text === '1';
}

/** In this order, those that have a text. */
function textElements(texts: Readonly<Record<string, string | null>>): readonly string[] {
  return Object.entries(texts).flatMap(([name, text]) => (text === null ? [] : xmlElement(name, {}, escapeXml(text))));
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function badTask(what: string): CertRebindError {
  return new CertRebindError('bad-input', { message: `The task ${what}.`, where: 'task' });
}
