import { isAbsolute, normalize } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { CertRebindError, wrongUse } from '../../base/errors.ts';
import { nearest } from '../../base/nearest.ts';
import { isPlainName, quoted } from '../../base/safe-text.ts';
import { isNotificationKind, notificationKinds } from '../../documents/notification.ts';
import { stateOfTask } from '../../documents/recognise-task.ts';
import { isSameTask, taskFolder, triggerTask, triggerTaskName } from '../../documents/scheduled-tasks.ts';
import {
  isOnEvent,
  type ListedTrigger,
  type Trigger,
  type TriggerAction,
  type TriggerEvent,
  triggerEvents,
} from '../../documents/trigger.ts';
import { assertSafeCommand } from '../../session/safe-paths.ts';
import { prepareState } from '../../session/safe-state.ts';
import { clock, type Session, serverCommand, withServer } from '../../session/session.ts';
import { changeTasks } from '../../session/setup/registration.ts';
import { defineCommand, groupOf } from '../../shell/command.ts';
import { argument, needed, parseName, parseNames, wordsAfterDashes } from '../../shell/options.ts';
import { triggersText } from './text.ts';

const runsShown = 10;

const add = defineCommand({
  examples: [
    [
      'trigger add --on installed -- "C:\\Program Files\\CertRebind\\certrebind.exe" reconcile --yes',
      'Look for pending renewals when a certificate is installed',
    ],
    ['trigger add page --on needs-attention -- C:\\Ops\\page.exe', 'Started by a run when it has finished'],
    [
      'trigger add mail --on replaced --names mail.example.com -- C:\\Ops\\mail.exe',
      'The program gets its values as environment variables',
    ],
  ],
  build: (yargs) =>
    yargs
      .positional('id', { type: 'string', describe: 'The name of the trigger' })
      .option('on', { choices: eventWords(), demandOption: true, requiresArg: true, describe: 'What happens' })
      .option('names', argument('Only for certificates with one of these names'))
      .option('issuer', argument('Only for certificates of this issuer'))
      .option('eku', argument('Only for certificates with one of these key usages (OID)'))
      .option('time-limit', argument('Time limit of the program, such as 90s. Default: 10m, or 1m if a run starts it')),
  async run(args, invocation) {
    const id = args.id === undefined ? undefined : parseName(args.id, 'id', 'trigger');
    const wanted = {
      on: args.on,
      names: args.names === undefined ? [] : parseNames(args.names),
      issuer: args.issuer ?? null,
      ekus: args.eku === undefined ? [] : args.eku.split(',').map((word) => parseOid(word.trim())),
      action: parseAction(args.timeLimit ?? (isNotificationKind(args.on) ? '1m' : '10m'), wordsAfterDashes(args)),
    };
    if (isNotificationKind(wanted.on)) assertOutcomeTrigger(wanted);
    return withServer(args, invocation, (session) => addTrigger(session, id, wanted));
  },
});

const list = serverCommand({
  examples: [['trigger list', 'For people; --json for scripts']],
  configuration: 'if-readable',
  run: (session) => show(session),
});

const remove = serverCommand({
  examples: [['trigger remove mail', 'The program itself is not changed']],
  build: (yargs) => yargs.positional('id', needed('Which one')),
  configuration: 'if-readable',
  async run(session, args) {
    const { files, server } = session;
    const task = { path: taskFolder, name: triggerTaskName(args.id) };
    const known = isPlainName(args.id) && (await files.hasTrigger(args.id));
    const registered = (await server.tasks()).some((one) => isSameTask(one, task));
    if (!known && !registered) throw noSuchTrigger(args.id, await files.listTriggers());
    // The task first: a task without its trigger would fail at every event.
    await changeTasks(server, registered ? [{ do: 'unregister-task', ...task }] : []);
    if (known) await files.removeTrigger(args.id);
    return show(session);
  },
});

export const trigger = groupOf(
  ['add [id]', 'Run a program when something happens to a certificate', add],
  ['list', 'List the triggers, with their tasks and last runs', list],
  ['remove <id>', 'Remove a trigger and its task', remove],
);

/** The longest time that a run waits for the program of a trigger, after releasing the lock. */
const longestAfterRun = 300;

function assertOutcomeTrigger({ action, issuer, ekus }: Wanted): void {
  if (issuer !== null || ekus.length > 0)
    throw new CertRebindError('usage', {
      message: '--issuer and --eku work only with certificate events. For outcomes, use --names.',
    });
  if (action.timeLimitSeconds > longestAfterRun)
    throw wrongUse(
      '--time-limit',
      `The time limit of a program that a run starts is at most ${longestAfterRun / 60}m.`,
    );
}

type Wanted = Omit<Trigger, 'schema' | 'id' | 'createdAt'>;

async function addTrigger(session: Session, id: string | undefined, wanted: Wanted): Promise<number> {
  const { server, files, executable, beforeStarts } = session;
  if (executable === null)
    throw new CertRebindError('read-only-server', { message: 'A captured server cannot run triggers.' });
  await prepareState(session);
  await assertSafeCommand(server, wanted.action);
  const triggers = id === undefined ? await files.listTriggers() : [];
  // An unnamed trigger with the same definition is the same one: adding it twice would run everything twice.
  const same = triggers.find((each) => sameTrigger(each, wanted));
  const made: Trigger = {
    schema: 'certrebind/trigger/1',
    id: id ?? same?.id ?? freeId(wanted.on, triggers),
    ...wanted,
    createdAt: clock.now().toISOString(),
  };
  const known = await files.readTrigger(made.id);
  if (known !== null && !sameTrigger(known, made)) {
    throw new CertRebindError('trigger-exists', { message: `There is already another trigger ${made.id}.` });
  }
  if (known !== null) session.shell.say(`The trigger ${made.id} already exists with the same settings.`);
  // The definition first: an event may start the task as soon as it exists.
  if (known === null) await files.writeTrigger(made);
  if (!isOnEvent(made)) return show(session);
  const expected = triggerTask({ command: executable }, made);
  const tasks = await server.tasks();
  const { enabled } = await server.events();
  await changeTasks(server, [
    ...(stateOfTask(tasks, expected) === 'ours' ? [] : [{ do: 'register-task' as const, ...expected }]),
    ...(enabled === false ? [{ do: 'enable-lifecycle-log' as const }] : []),
  ]);
  await beforeStarts();
  return show(session);
}

async function show(session: Session): Promise<number> {
  session.shell.result({ schema: 'certrebind/triggers/1', triggers: await listedTriggers(session) }, triggersText);
  for (const { of, error } of await session.files.findDamage())
    if (of !== 'adoption') session.shell.say(`${error.message}\n${error.hint ?? ''}`);
  return 0;
}

async function listedTriggers({ server, files, executable }: Session): Promise<readonly ListedTrigger[]> {
  const triggers = await files.listTriggers();
  if (triggers.length === 0) return [];
  const tasks = await server.tasks();
  return Promise.all(
    triggers.map(async (each) => {
      const { schema: _, ...rest } = each;
      const runs = (await files.readTriggerRuns(rest.id)).slice(-runsShown);
      if (!isOnEvent(each)) return { ...rest, task: 'none' as const, runs };
      return { ...rest, task: stateOfTask(tasks, triggerTask({ command: executable ?? '' }, each)), runs };
    }),
  );
}

function sameTrigger(a: Wanted, b: Wanted): boolean {
  const wantedOf = ({ on, names, issuer, ekus, action }: Wanted) => ({ on, names, issuer, ekus, action });
  return isDeepStrictEqual(wantedOf(a), wantedOf(b));
}

function freeId(on: Trigger['on'], triggers: readonly Trigger[]): string {
  const taken = new Set(triggers.map(({ id }) => id));
  for (let number = 1; ; number++) {
    const id = number === 1 ? on : `${on}-${number}`;
    if (!taken.has(id)) return id;
  }
}

function eventWords(): readonly Trigger['on'][] {
  const isEvent = (word: string): word is TriggerEvent => word in triggerEvents;
  return [...Object.keys(triggerEvents).filter(isEvent), ...notificationKinds];
}

function parseAction(timeLimit: string, [program, ...args]: readonly string[]): TriggerAction {
  if (program === undefined) {
    throw new CertRebindError('usage', {
      message: 'No program is given.',
      hint: 'Write the full path of the program after --, with its arguments.',
    });
  }
  return { program: parseProgram(program), args, timeLimitSeconds: parseTimeLimit(timeLimit) };
}

/**
 * Checks how a program is named: by one absolute path of a local file that the system can start itself, because no
 * shell is used that would search for it or interpret it.
 * @throws CertRebindError `usage`
 */
function parseProgram(program: string): string {
  if (!isAbsolute(program) || normalize(program) !== program || /^[\\/]{2}/.test(program)) {
    throw new CertRebindError('usage', {
      message: `${quoted(program, 200)} is not the absolute path of a local program.`,
      hint: 'Write the full path after --, without .. in it. PATH is not searched.',
    });
  }
  if (process.platform === 'win32' && !/\.(?:exe|com)$/i.test(program)) {
    throw new CertRebindError('usage', {
      message: `${program} is not a program that Windows starts without a shell.`,
      hint: 'Start it with its interpreter: C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe -NoProfile -File C:\\…',
    });
  }
  return program;
}

/** Below the hour after which Task Scheduler would end the task itself. */
const longestSeconds = 55 * 60;

function parseTimeLimit(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,4})([sm])$/.exec(text) ?? [];
  const seconds = Number(number) * (unit === 'm' ? 60 : 1);
  if (number !== '' && seconds >= 1 && seconds <= longestSeconds) return seconds;
  throw wrongUse('--time-limit', `${quoted(text, 40)} is not a valid time limit. Use a number with s or m, up to 55m.`);
}

function parseOid(text: string): string {
  if (/^\d+(?:\.\d+)+$/.test(text)) return text;
  throw wrongUse('--eku', `${quoted(text, 100)} is not a key usage. Write its OID, for example 1.3.6.1.5.5.7.3.1.`);
}

/** Names the trigger that was probably meant. */
export function noSuchTrigger(id: string, triggers: readonly Trigger[]): CertRebindError {
  const meant = nearest(
    id,
    triggers.map((each) => each.id),
  );
  const hint = meant === null ? {} : { hint: `Did you mean ${meant}?` };
  return new CertRebindError('no-such-trigger', { message: `There is no trigger ${quoted(id, 60)}.`, ...hint });
}
