import { nothingAdopted } from '../../model/adoption.ts';
import { CertRebindError } from '../../model/errors.ts';
import { type ExpectedTask, isSameTask } from '../../model/rebind-tasks.ts';
import { recogniseTask } from '../../model/recognise-task.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { TaskEntry } from '../../model/task.ts';
import { type Change, readSnapshot, readTasks } from '../../server/server.ts';
import { orError } from '../../state/reading.ts';
import type { StandingFiles } from '../../state/standing-files.ts';
import { changeTasks } from './change-tasks.ts';
import { placeProgram } from './place-program.ts';
import { prepareState } from './safe-state.ts';
import { clock, type Session } from './session.ts';
import { namesOfTriggerTasks, tasksToRegister, triggerTasks } from './tasks.ts';

/**
 * Registers the tasks of this program on a server, and opens the log that starts them. Returns what a person should know of
 * where the program was copied from.
 * @throws CertRebindError `native-active` when IIS Manager's own task is active and nothing is said about it
 */
export async function register(
  session: Session,
  {
    replaceNative,
    alongside,
    force = false,
  }: { readonly replaceNative: boolean; readonly alongside: boolean; readonly force?: boolean },
): Promise<readonly string[]> {
  const { server, executable, place, standing, whenEnabled } = session;
  const rebinding = tasksToRegister(executable);
  // A trigger whose task somebody removed or changed is put right on the way.
  const expected = [...rebinding, ...(await triggerTasks(session))];
  const snapshot = await readSnapshot(server);
  const native = snapshot.tasks.filter((task) => task.enabled && recogniseTask(task, expected).kind === 'native');
  const [active] = native;
  // Where ours stands beside it already, somebody has chosen that; nothing is decided anew by putting ours right.
  const isChosen = alongside || replaceNative || stands(rebinding, snapshot.tasks);
  if (active !== undefined && !isChosen) throw nativeActive(active);
  // Made now, with its rights, so that what a task starts finds it even when PowerShell does not answer.
  await prepareState(session);
  // Tasks never start a program where it was downloaded to: whoever can write there could exchange it.
  const placed =
    place?.running.packaged === true ? await placeProgram(session, place, { force, withModule: false }) : null;
  // Remembered first: a task that is disabled and forgotten would stay so for ever.
  if (replaceNative) await rememberDisabled(standing, native);
  await changeTasks(server, [
    ...expected.flatMap((task) => registration(task, snapshot.tasks, expected)),
    ...(replaceNative ? native.map(disabling) : []),
    ...logOpening(snapshot),
  ]);
  await whenEnabled();
  return placed?.warnings ?? [];
}

/** What became of the tasks of IIS Manager that `register` disabled, where they were to be given back. */
export interface GivenBack {
  /** Enabled again, by path and name. */
  readonly restored: readonly string[];
  /** It was asked for, and `register` had disabled none. */
  readonly nothingToRestore: boolean;
  /** Why it is not known which were disabled, where that was put up with; `null` otherwise. */
  readonly notKnown: CertRebindError | null;
  /** Tasks of IIS Manager that are disabled now, by path and name. */
  readonly stillDisabled: readonly string[];
}

/**
 * Removes the tasks that `register` registered from a server, and nothing else; gives IIS Manager its own back if asked.
 * @param restoreNative `if-known`: what was remembered of them may be unreadable, and keeps nothing from being removed
 * @param triggers those of triggers too, which otherwise stay
 * @throws CertRebindError `task-refused`, `read-only-server`, or why it is not known which tasks to give back
 */
export async function unregister(
  session: Session,
  { restoreNative, triggers = false }: { readonly restoreNative: boolean | 'if-known'; readonly triggers?: boolean },
): Promise<GivenBack> {
  const { server, executable, standing } = session;
  const expected = [...tasksToRegister(executable), ...(triggers ? await namesOfTriggerTasks(session) : [])];
  const tasks = await readTasks(server);
  const registered = tasks.filter((task) => expected.some((own) => isSameTask(own, task)));
  // Before anything is touched: what cannot be read must not leave half of it done.
  const adoption = restoreNative === false ? nothingAdopted : await orError(() => standing.readAdoption());
  const notKnown = adoption instanceof CertRebindError ? adoption : null;
  if (notKnown !== null && restoreNative !== 'if-known') throw notKnown;
  const { disabled } = adoption instanceof CertRebindError ? nothingAdopted : adoption;
  // What somebody else disabled is not ours to enable.
  const native = tasks.filter((task) => disabled.some((known) => isSameTask(known, task)) && !task.enabled);
  await changeTasks(server, [
    // Before ours are gone: at no moment does a renewal find nobody.
    ...native.map(({ path, name }): Change => ({ do: 'set-task-enabled', path, name, enabled: true })),
    ...registered.map(({ path, name }): Change => ({ do: 'unregister-task', path, name })),
  ]);
  if (disabled.length > 0) await standing.writeAdoption(nothingAdopted);
  return {
    restored: native.map(({ path, name }) => `${path}${name}`),
    nothingToRestore: restoreNative !== false && notKnown === null && disabled.length === 0,
    notKnown,
    stillDisabled: tasks
      .filter((task) => !task.enabled && !native.includes(task) && recogniseTask(task, []).kind === 'native')
      .map(({ path, name }) => `${path}${name}`),
  };
}

/** Whether one of these is registered, changed or disabled as it may be. */
function stands(ours: readonly ExpectedTask[], tasks: readonly TaskEntry[]): boolean {
  return ours.some((one) => tasks.some((task) => isSameTask(one, task)));
}

async function rememberDisabled(standing: StandingFiles, native: readonly TaskEntry[]): Promise<void> {
  const { disabled } = await standing.readAdoption();
  const news = native.filter((task) => !disabled.some((known) => isSameTask(known, task)));
  if (news.length === 0) return;
  const at = clock.now().toISOString();
  const added = news.map(({ path, name }) => ({ path, name, at }));
  await standing.writeAdoption({ schema: 'certrebind/adoption/1', disabled: [...disabled, ...added] });
}

/** Nothing for a task that is as it has to be, so that enabling twice changes nothing. */
function registration(
  { path, name, xml }: ExpectedTask,
  tasks: readonly TaskEntry[],
  expected: readonly ExpectedTask[],
): readonly Change[] {
  const found = tasks.find((task) => task.path === path && task.name === name);
  if (found?.enabled === true && recogniseTask(found, expected).kind === 'ours') return [];
  return [{ do: 'register-task', path, name, xml }];
}

function disabling({ path, name }: TaskEntry): Change {
  return { do: 'set-task-enabled', path, name, enabled: false };
}

/** Without its log no renewal would ever be noticed. */
function logOpening({ lifecycle }: Snapshot): readonly Change[] {
  return lifecycle.enabled === false ? [{ do: 'enable-lifecycle-log' }] : [];
}

function nativeActive({ path, name }: TaskEntry): CertRebindError {
  return new CertRebindError('native-active', {
    message: `The task ${path}${name} is active and would rebind certificates too. Nothing was registered.`,
    where: `${path}${name}`,
  });
}
