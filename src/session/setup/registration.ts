import { asResult, CertRebindError } from '../../base/errors.ts';
import { proofTaskPrefix } from '../../documents/proof.ts';
import { recogniseTask, stateOfTask } from '../../documents/recognise-task.ts';
import { type ExpectedTask, isSameTask, taskFolder } from '../../documents/scheduled-tasks.ts';
import { type Adoption, nothingAdopted } from '../../documents/setup.ts';
import type { PersistentFiles } from '../../engine/state/persistent-files.ts';
import { proofFiles } from '../../engine/state/proof-files.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { TaskEntry } from '../../model/windows/task.ts';
import type { Change, Server } from '../../server/server.ts';
import { clock, type Session } from '../session.ts';
import { namesOfTriggerTasks, tasksToRegister } from './tasks.ts';

/** The result for the tasks of IIS Manager that `enable` disabled, if they were to be enabled again. */
export interface GivenBack {
  /** Enabled again, by path and name. */
  readonly restored: readonly string[];
  /** It was asked for, and `enable` had disabled none; not told where it is done only `if-known`. */
  readonly nothingToRestore: boolean;
  /** Why it is not known which were disabled, if the command could continue without knowing; `null` otherwise. */
  readonly notKnown: CertRebindError | null;
  /** Tasks of IIS Manager that are disabled now, by path and name. */
  readonly stillDisabled: readonly string[];
}

/**
 * Removes only the tasks that `enable` registered; enables IIS Manager's own task again if asked.
 * @param restoreNative `if-known`: an unreadable record of the disabled tasks does not stop the removal
 * @param triggers those of triggers too, which otherwise stay
 * @throws CertRebindError `task-refused`, `read-only-server`, or why it is not known which tasks to give back
 */
export async function unregister(
  session: Session,
  { restoreNative, triggers = false }: { readonly restoreNative: boolean | 'if-known'; readonly triggers?: boolean },
): Promise<GivenBack> {
  const { server, executable, files } = session;
  const expected = [...tasksToRegister(executable), ...(triggers ? await namesOfTriggerTasks(session) : [])];
  // Before anything is touched: an unreadable file must not leave the work half done.
  const adoption = restoreNative === false ? nothingAdopted : await asResult(() => files.readAdoption());
  const notKnown = adoption instanceof CertRebindError ? adoption : null;
  if (notKnown !== null && restoreNative !== 'if-known') throw notKnown;
  const { disabled } = adoption instanceof CertRebindError ? nothingAdopted : adoption;
  // Before ours are removed, and verified: at every moment something handles a renewal.
  const restored = await enableNative(server, disabled);
  const tasks = await server.tasks();
  const registered = tasks.filter((task) => expected.some((own) => isSameTask(own, task)) || isOfProof(task));
  await changeTasks(server, registered.map(removal));
  const left = (await server.tasks()).find((task) => registered.some((removed) => isSameTask(removed, task)));
  assertDone(left, 'is still registered, although Task Scheduler reported that it was removed');
  if (disabled.length > 0) await files.writeAdoption(nothingAdopted);
  return {
    restored,
    nothingToRestore: restoreNative === true && disabled.length === 0,
    notKnown,
    stillDisabled: tasks
      .filter((task) => !task.enabled && recogniseTask(task, []).kind === 'native')
      .map(({ path, name }) => `${path}${name}`),
  };
}

/**
 * Enables the tasks of IIS Manager that `enable` disabled, and verifies it; tasks that somebody else disabled are left
 * alone.
 * @returns path and name of each that was not enabled before
 * @throws CertRebindError `task-refused`
 */
export async function enableNative(server: Server, disabled: Adoption['disabled']): Promise<readonly string[]> {
  if (disabled.length === 0) return [];
  const isOurs = (task: TaskEntry) => disabled.some((known) => isSameTask(known, task)) && !task.enabled;
  const native = (await server.tasks()).filter(isOurs);
  if (native.length === 0) return [];
  await switchTasks(server, native, true);
  const still = (await server.tasks()).find(isOurs);
  assertDone(still, 'is still disabled, although Task Scheduler reported that it was enabled');
  return native.map(({ path, name }) => `${path}${name}`);
}

/** The tasks that a server is to have, and what it had before. */
interface TasksWanted {
  readonly snapshot: Snapshot;
  /** The tasks that every server with CertRebind has. */
  readonly rebinding: readonly ExpectedTask[];
  /** With those of triggers. */
  readonly expected: readonly ExpectedTask[];
}

/** Registers our tasks, verifies that they are in force, and only then disables IIS Manager's own. */
export async function replaceNativeTask(
  { server, files, shell }: Session,
  { snapshot, rebinding, expected }: TasksWanted,
  { replaceNative }: { readonly replaceNative: boolean },
): Promise<void> {
  shell.progress.progress({ stage: 'register', done: 0, total: 0, key: null });
  const due = expected.filter((task) => !isInForce(task, snapshot.tasks));
  // Without its log no renewal would ever be noticed.
  const log: readonly Change[] = snapshot.lifecycle.enabled === false ? [{ do: 'enable-lifecycle-log' }] : [];
  await changeTasks(server, [...due.map(registration), ...log]);
  const registered = await server.tasks();
  const missing = rebinding.find((task) => !isInForce(task, registered));
  assertDone(missing, 'is not registered as it should be, although Task Scheduler reported success');
  const native = activeNative(registered, expected);
  if (!replaceNative || native.length === 0) return;
  const adoption = await files.readAdoption();
  await rememberDisabled(files, native);
  await switchTasks(server, native, false);
  const after = await server.tasks();
  const gone = rebinding.find((task) => !isInForce(task, after));
  if (gone !== undefined) {
    await switchTasks(server, native, true);
    await files.writeAdoption(adoption);
  }
  assertDone(gone, 'was removed or changed in the meantime, so the rebind task of IIS Manager was enabled again');
  assertDone(
    activeNative(after, expected)[0],
    'is still active, although Task Scheduler reported that it was disabled',
  );
}

/** @throws CertRebindError `task-refused` */
export async function restoreTasks(
  server: Server,
  before: readonly TaskEntry[],
  expected: readonly ExpectedTask[],
): Promise<void> {
  const isOurs = (task: TaskEntry) => expected.some((own) => isSameTask(own, task));
  const isAsBefore = (task: TaskEntry) => (one: TaskEntry) =>
    isSameTask(one, task) && one.xml === task.xml && one.enabled === task.enabled;
  const wanted = before.filter(isOurs);
  const now = (await server.tasks()).filter(isOurs);
  const due = wanted.filter((task) => !now.some(isAsBefore(task)));
  await changeTasks(server, [
    ...due.flatMap((task) => [registration(task), ...(task.enabled ? [] : [switched(task, false)])]),
    ...now.filter((task) => !wanted.some((one) => isSameTask(one, task))).map(removal),
  ]);
  const after = await server.tasks();
  const other = wanted.find((task) => !after.some(isAsBefore(task)));
  assertDone(other, 'is not as it was, although Task Scheduler reported success');
}

/** One change each, so that a task is the old or the new one at every moment. */
function registration({ path, name, xml }: ExpectedTask | TaskEntry): Change {
  return { do: 'register-task', path, name, xml };
}

/** The active tasks of IIS Manager's own certificate rebind. */
export function activeNative(tasks: readonly TaskEntry[], expected: readonly ExpectedTask[]): readonly TaskEntry[] {
  return tasks.filter((task) => task.enabled && recogniseTask(task, expected).kind === 'native');
}

/** Remembered before they are disabled: a task that is disabled and forgotten would stay disabled for ever. */
async function rememberDisabled(files: PersistentFiles, native: readonly TaskEntry[]): Promise<void> {
  const { disabled } = await files.readAdoption();
  const news = native.filter((task) => !disabled.some((known) => isSameTask(known, task)));
  if (news.length === 0) return;
  const at = clock.now().toISOString();
  const added = news.map(({ path, name }) => ({ path, name, at }));
  await files.writeAdoption({ schema: 'certrebind/adoption/1', disabled: [...disabled, ...added] });
}

/** Removes what a killed proof has left: its task, its question and its answer. */
export async function clearProofs({ server, home }: Pick<Session, 'server' | 'home'>): Promise<void> {
  const left = (await server.tasks()).filter(isOfProof);
  await server.change(left.map(({ path, name }) => ({ do: 'stop-task', path, name })));
  await changeTasks(server, left.map(removal));
  if (home !== null) await proofFiles(home).clear();
}

export function isOfProof({ path, name }: Pick<TaskEntry, 'path' | 'name'>): boolean {
  return path.toLowerCase() === taskFolder.toLowerCase() && name.startsWith(proofTaskPrefix);
}

/** Whether one of these is registered, changed or disabled as it may be. */
export function stands(ours: readonly ExpectedTask[], tasks: readonly TaskEntry[]): boolean {
  return ours.some((one) => tasks.some((task) => isSameTask(one, task)));
}

/** Whether this task is registered as it has to be, and enabled. */
export function isInForce(task: ExpectedTask, tasks: readonly TaskEntry[]): boolean {
  return stateOfTask(tasks, task) === 'ours';
}

function switchTasks(server: Server, tasks: readonly TaskEntry[], enabled: boolean): Promise<void> {
  const changes = tasks.map((task) => switched(task, enabled));
  return changeTasks(server, changes);
}

function switched({ path, name }: TaskEntry, enabled: boolean): Change {
  return { do: 'set-task-enabled', path, name, enabled };
}

function removal({ path, name }: TaskEntry): Change {
  return { do: 'unregister-task', path, name };
}

/** What Task Scheduler accepted and did not do is not a success. @param task one that is not as it should be */
export function assertDone(task: Pick<TaskEntry, 'path' | 'name'> | undefined, why: string): void {
  if (task === undefined) return;
  const where = `${task.path}${task.name}`;
  throw new CertRebindError('task-refused', { message: `The task ${where} ${why}.`, where });
}

/**
 * Carries out changes to tasks and their log; none means that the server is not asked at all.
 * @throws CertRebindError `task-refused` naming the first that was refused
 */
export async function changeTasks(server: Server, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  const reports = await server.change(changes);
  for (const [index, { error }] of reports.entries()) {
    if (error === null) continue;
    const change = changes[index];
    const where = change !== undefined && 'name' in change ? { where: `${change.path}${change.name}` } : {};
    throw new CertRebindError('task-refused', { message: error.message, ...where });
  }
}
