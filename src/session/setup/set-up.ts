import { randomBytes } from 'node:crypto';
import { CertRebindError, messageFrom } from '../../base/errors.ts';
import type { Installation } from '../../documents/installation.ts';
import { hourlyMinute, isSameTask, proofTask, rebindTaskName, taskFolder } from '../../documents/scheduled-tasks.ts';
import { nothingAdopted, nothingSetUp, type Setup } from '../../documents/setup.ts';
import { isVerified, verifiedProgram, whyNotVerified } from '../../engine/findings/proof.ts';
import { notificationEntry } from '../../engine/run/log-entry.ts';
import { notificationOfFailedProof } from '../../engine/run/notification-of-run.ts';
import { defaultProofTimeouts, type ProofEnd, proveTask } from '../../engine/run/prove-task.ts';
import { hashOfFile } from '../../engine/state/program-files.ts';
import { proofFiles } from '../../engine/state/proof-files.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { isKnown } from '../../kinds/unknown-parts.ts';
import { parseTask, type TaskEntry } from '../../model/windows/task.ts';
import { version } from '../../shell/version.ts';
import { deliver, postInto } from '../notify/deliver.ts';
import { clock, type Session } from '../session.ts';
import { withInstallationLock } from './installation-lock.ts';
import { finishPlacing, isInPlace, placeAdapter, planPlacing, stageProgram, withdrawProgram } from './place-program.ts';
import {
  activeNative,
  clearProofs,
  enableNative,
  isInForce,
  isOfProof,
  replaceNativeTask,
  restoreTasks,
  stands,
} from './registration.ts';
import { tasksToRegister, triggerTasks } from './tasks.ts';

/** What is wanted of a server, and which questions are already answered. An option that is left out is off: nothing is taken away. */
interface SetupRequest {
  /**
   * Shown to anybody who finds the work unfinished. `enable` registers the tasks; `install` changes them only to start this
   * version, where they are registered already.
   */
  readonly command: 'enable' | 'install';
  /** Disable IIS Manager's own task once ours are in force. */
  readonly replaceNative?: boolean;
  /** Leave IIS Manager's own task active beside ours. */
  readonly alongside?: boolean;
  /** Replace a later version too. */
  readonly force?: boolean;
  /** Register the tasks without proof that they work. */
  readonly noProof?: boolean;
  /** For another process that does such a thing. */
  readonly wait: boolean;
}

/**
 * Installs the program and registers its tasks, so that nothing that works is removed before the new version has
 * answered from where it will run: the version is put beside the one in use, a temporary task shows that Task
 * Scheduler starts it and that it can read this server as SYSTEM, and only then are tasks changed and IIS Manager's own
 * disabled. A proof changes nothing else on the server; everything it made is removed if it fails.
 * @throws CertRebindError `proof-failed`, `no-task-scheduler`, `native-active`, `locked`, `unsafe-folder`, `task-refused` …
 */
export async function setUp(session: Session, request: SetupRequest): Promise<SetupDone> {
  assertSense(request);
  tasksToRegister(session.executable);
  try {
    return await withInstallationLock(session, request, () => carryOut(session, request));
  } catch (thrown) {
    // The lock is released; a failed notification does not change the result.
    if (thrown instanceof CertRebindError && (thrown.code === 'proof-failed' || thrown.code === 'proof-left'))
      await deliver(session).catch(() => {});
    if (thrown instanceof CertRebindError && thrown.code === 'script-control')
      throw await afterScriptControl(session, request, thrown);
    throw thrown;
  }
}

/** Names the file that application control has to allow, which is put there for it. */
async function afterScriptControl(
  { place }: Session,
  { command }: SetupRequest,
  thrown: CertRebindError,
): Promise<CertRebindError> {
  const placed = place === null ? null : await placeAdapter(place).catch(() => null);
  if (placed === null) return thrown;
  const { name: file, sha256 } = placed;
  return new CertRebindError('script-control', {
    message: `${thrown.message} The script of CertRebind is ${file} (SHA-256 ${sha256}). Nothing else was changed.`,
    hint: `Allow that file in WDAC, AppLocker or the antivirus program, by its signature or hash, then run certrebind ${command} again. For AppLocker: Get-AppLockerFileInformation '${file}' | New-AppLockerPolicy -RuleType Hash -User Everyone -Xml`,
    where: file,
    cause: thrown,
  });
}

export interface SetupDone {
  /** Absolute path of what tasks start from now on; another one than when this began, where it was an upgrade. */
  readonly program: string;
  /** `null` if the program is a bundle, which stays where it is. */
  readonly installation: Installation | null;
  /** What a person should know: where the program was copied from, what a proof has left. */
  readonly warnings: readonly string[];
}

/** @throws CertRebindError `usage` */
export function assertSense({ replaceNative, alongside, noProof }: Omit<SetupRequest, 'command' | 'wait'>): void {
  if (replaceNative && alongside)
    throw new CertRebindError('usage', { message: 'Use either --replace-native or --alongside, not both.' });
  if (replaceNative && noProof)
    throw new CertRebindError('usage', {
      message: '--replace-native needs the proof that --no-proof leaves out.',
      hint: 'Leave out --no-proof, or keep the task of IIS Manager with --alongside.',
    });
}

/** What setting up comes to on this server. */
type SetupContext = Awaited<ReturnType<typeof look>>;

async function carryOut(session: Session, request: SetupRequest): Promise<SetupDone> {
  const context = await look(session, request);
  const { placing, setup, unfinished, takesTasks, needsProof } = context;
  const { files, beforeStarts } = session;
  if (needsProof && !session.server.startsTasks)
    throw new CertRebindError('no-task-scheduler', {
      message: 'Nothing runs scheduled tasks here, so CertRebind cannot test that its tasks work. Nothing was changed.',
      hint: `Type the command again where tasks run: in a lab, serve the lab first. Without that test:\n  certrebind ${request.command} --no-proof`,
    });
  await beforeStarts();
  await files.writeSetup({ ...setup, unfinished });
  if (setup.unfinished !== null || context.snapshot.tasks.some(isOfProof)) await clearProofs(session);
  if (placing !== null) {
    session.shell.progress.progress({ stage: 'place', done: 0, total: 0, key: null });
    await stageProgram(session, placing);
  }
  const verified = needsProof ? await prove(context) : { setup, warnings: [] };
  if (takesTasks)
    await replaceNativeTask(session, context, unfinished).catch(async (thrown: unknown) => {
      throw await afterRefusedTasks(context, thrown);
    });
  const lists = request.command === 'install' || setup.unfinished !== null;
  const installation = placing === null ? null : await finishPlacing(session, placing, { lists });
  await files.writeSetup({ ...verified.setup, unfinished: null });
  const warnings = [...(installation?.warnings ?? []), ...verified.warnings];
  return { program: context.program, installation, warnings };
}

/** Reads everything and touches nothing. */
async function look(session: Session, request: SetupRequest) {
  const { server, files, place } = session;
  const setup = await readSetup(session);
  const snapshot = await server.snapshot();
  assertAble(snapshot);
  const packaged = place?.running.packaged === true;
  const isInstall = request.command === 'install';
  // A bundle is started from where it lies, so that only `install` copies it.
  const placing = place !== null && (packaged || isInstall) ? await planPlacing(session, place, request) : null;
  const program = packaged && placing !== null ? placing.program : session.executable;
  const rebinding = tasksToRegister(program, hourlyMinute(snapshot.server.id));
  const expected = [...rebinding, ...(await triggerTasks({ files, executable: program }))];
  const isRegistered = stands(rebinding, snapshot.tasks);
  const takesTasks = !isInstall || (packaged && isRegistered);
  const replaceNative =
    request.replaceNative || (!request.alongside && !request.noProof && setup.unfinished?.replaceNative === true);
  const [active] = activeNative(snapshot.tasks, expected);
  // If ours is registered beside it already, somebody chose that; repairing ours does not ask again.
  const isChosen = request.alongside || replaceNative || isRegistered;
  if (takesTasks && active !== undefined && !isChosen)
    throw new CertRebindError('native-active', {
      message: `The task ${active.path}${active.name} is active and also rebinds certificates. Nothing was registered.`,
      where: `${active.path}${active.name}`,
    });
  const [first] = rebinding;
  if (first === undefined || program === null) throw new TypeError('no task starts the program');
  const proof = verifiedProgram(first, placing?.sha256 ?? (await hashOfFile(program)));
  const unfinished = { command: request.command, at: clock.now().toISOString(), replaceNative };
  // Reinstalling the program that the tasks already start removes nothing that works.
  const isInUse =
    isInstall && rebinding.every((task) => isInForce(task, snapshot.tasks)) && placing !== null && isInPlace(placing);
  const needsProof = takesTasks && !request.noProof && !isInUse && !isVerified(setup.verified, proof);
  return {
    session,
    request,
    snapshot,
    /** As it was remembered when this began. */
    setup,
    /** What is remembered until this has finished. */
    unfinished,
    placing,
    rebinding,
    expected,
    /** Absolute path of what the tasks start. */
    program,
    proof,
    takesTasks,
    needsProof,
  };
}

/** Its content can be rebuilt, so a damaged file does not stop the setup. */
async function readSetup({ files }: Pick<Session, 'files'>): Promise<Setup> {
  try {
    return await files.readSetup();
  } catch (thrown) {
    if (thrown instanceof CertRebindError && thrown.code === 'damaged-file') return nothingSetUp;
    throw thrown;
  }
}

function assertAble(snapshot: Snapshot): void {
  if (snapshot.account === 'other')
    throw new CertRebindError('not-elevated', {
      message: 'Only an elevated administrator can register tasks that run as SYSTEM. Nothing was changed.',
    });
  if (snapshot.scheduleService === 'stopped')
    throw new CertRebindError('no-task-scheduler', {
      message:
        'The Task Scheduler service (Schedule) is stopped, so no task can be registered or started. Nothing was changed.',
      hint: 'Start-Service Schedule',
    });
  if (!isKnown(snapshot, 'tasks'))
    throw new CertRebindError('no-task-scheduler', {
      message: 'Task Scheduler does not list its tasks. Nothing was changed.',
    });
}

/** @returns what is remembered from now on @throws CertRebindError `proof-failed`, `proof-left` */
async function prove(context: SetupContext): Promise<{ readonly setup: Setup; readonly warnings: readonly string[] }> {
  const { session, setup, proof } = context;
  const end = await askForProof(context);
  if (!end.verified) throw await afterFailedProof(context, end);
  const { at, account, engine, read } = end.answer;
  const verified: Setup = { ...setup, verified: { ...proof, at, version, account, engine, read }, failed: null };
  await session.files.writeSetup({ ...verified, unfinished: context.unfinished });
  return { setup: verified, warnings: end.left === null ? [] : [end.left] };
}

async function askForProof({ session, program, proof }: SetupContext): Promise<ProofEnd> {
  const { server, home, proofPatience = defaultProofTimeouts } = session;
  if (home === null) throw new TypeError('a proof needs a state folder');
  const { shell } = session;
  const nonce = randomBytes(8).toString('hex');
  const files = proofFiles(home);
  await files.ask(nonce);
  try {
    return await proveTask({
      server,
      clock,
      report: shell.progress,
      signal: shell.interruptible(),
      task: proofTask({ command: program }, nonce),
      readAnswer: () => files.readAnswer(nonce),
      whyNotVerified: (answer) => whyNotVerified(answer, { nonce, version, sha256: proof.sha256 }),
      patience: proofPatience,
    });
  } finally {
    await files.clear();
  }
}

/** Removes everything that was made, and says why. */
async function afterFailedProof(
  context: SetupContext,
  end: Extract<ProofEnd, { verified: false }>,
): Promise<CertRebindError> {
  const { session, placing, setup, rebinding, snapshot } = context;
  const left: string[] = end.left === null ? [] : [end.left];
  const noteLeft = (thrown: unknown) => void left.push(messageFrom(thrown));
  if (placing !== null) await withdrawProgram(placing).catch(noteLeft);
  const given = (await giveBackUnproven(context).catch(noteLeft)) ?? [];
  const failed = { at: clock.now().toISOString(), version, why: end.why };
  const unfinished = left.length === 0 ? null : context.unfinished;
  await session.files.writeSetup({ ...setup, failed, unfinished });
  // Those who are told of runs, and the Application log; the person who typed the command sees it anyway.
  const news = notificationOfFailedProof(failed, snapshot.server, left);
  await postInto(session)(news).catch(() => {});
  await session.server.change(notificationEntry(news)).catch(() => {});
  const message = [
    end.why,
    stands(rebinding, snapshot.tasks) ? 'The tasks were not changed.' : 'Nothing was registered.',
    ...given.map((task) => `${task} was enabled again, because it is not verified that the installed version works.`),
    ...left,
  ].join(' ');
  return new CertRebindError(left.length === 0 ? 'proof-failed' : 'proof-left', {
    message,
    ...(end.hint === null ? {} : { hint: end.hint }),
  });
}

/**
 * A version that is in use and was verified stays. If none was ever verified, nobody knows that it works: IIS Manager's own
 * task, if this program disabled it, is enabled again.
 */
async function giveBackUnproven({ session, setup, snapshot }: SetupContext): Promise<readonly string[]> {
  const own = snapshot.tasks.find((task) => isSameTask(task, { path: taskFolder, name: rebindTaskName }));
  if (own === undefined || (await countsStill(own, setup))) return [];
  const { disabled } = await session.files.readAdoption();
  const given = await enableNative(session.server, disabled);
  if (given.length > 0) await session.files.writeAdoption(nothingAdopted);
  return given;
}

async function countsStill(own: TaskEntry, { verified }: Setup): Promise<boolean> {
  if (verified === null) return false;
  try {
    const command = parseTask(own.xml).actions[0]?.command ?? '';
    return isVerified(verified, verifiedProgram(own, await hashOfFile(command)));
  } catch {
    return false;
  }
}

/**
 * Where Task Scheduler refuses what an upgrade registers, some tasks would start this version and others the one before: all get
 * their earlier definition again, and what was put beside the version in use is removed.
 */
async function afterRefusedTasks(context: SetupContext, thrown: unknown): Promise<unknown> {
  const { session, snapshot, expected, rebinding, placing, setup, request } = context;
  const isRefused = thrown instanceof CertRebindError && thrown.code === 'task-refused';
  if (!isRefused || placing === null || !stands(rebinding, snapshot.tasks)) return thrown;
  const { message } = thrown;
  const where = thrown.where === null ? {} : { where: thrown.where };
  try {
    await restoreTasks(session.server, snapshot.tasks, expected);
    await withdrawProgram(placing);
  } catch (left) {
    return new CertRebindError('task-refused', {
      message: `${message} Some tasks start this version now, and others may still start the one before: ${messageFrom(left)}`,
      hint: `Run certrebind ${request.command} again, which finishes this.`,
      ...where,
    });
  }
  await session.files.writeSetup({ ...setup, unfinished: null });
  return new CertRebindError('task-refused', {
    message: `${message} The tasks start the version before, as they did.`,
    ...where,
  });
}
