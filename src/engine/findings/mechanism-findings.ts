import type { FindingCode } from '../../base/codes/finding-codes.ts';
import type { ErrorDocument } from '../../base/errors.ts';
import { type FindingParts, finding, listed } from '../../documents/finding.ts';
import { type Message, mostMessages } from '../../documents/notification.ts';
import { type RecognisedTask, recogniseTask } from '../../documents/recognise-task.ts';
import type { Listing } from '../../documents/runs/ledger.ts';
import {
  type ExpectedTask,
  isSameTask,
  rebindTaskName,
  reconcileTaskName,
  taskFolder,
} from '../../documents/scheduled-tasks.ts';
import type { Finding } from '../../documents/status.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { isKnown } from '../../kinds/unknown-parts.ts';
import { momentText } from '../../model/certificates/named-certificate.ts';
import type { TaskEntry } from '../../model/windows/task.ts';
import { logGap } from '../known/log-gap.ts';
import type { DamagedFile, Evidence } from './facts.ts';
import { openRunFinding } from './open-runs.ts';

/**
 * Whether everything that has to notice a renewal exists and works: tasks, their log, and the work that earlier runs
 * left unfinished.
 */
export function mechanismFindings({ snapshot, expected, ...evidence }: Evidence): readonly Finding[] {
  const { listing } = evidence.ledger;
  return [
    ...evidence.openRuns.map(openRunFinding),
    ...serviceFindings(snapshot),
    ...taskFindings(snapshot, expected),
    ...(evidence.triggersKnown ? orphanedTriggers(snapshot, expected) : []),
    ...logFindings(snapshot, listing),
    ...olderState(snapshot, listing),
    ...evidence.damaged.map((file) => {
      const { message, hint, commands, severity } = file;
      const title = message.replace(/\.$/, '');
      return finding('damaged-file', damageText(file), { title, hint, commands, ...(severity && { severity }) });
    }),
    ...evidence.ofRenewals,
    ...evidence.unrecorded,
    ...(evidence.lastError === null ? [] : [couldNotWork(evidence.lastError)]),
    ...outboxFindings(evidence.outbox),
  ];
}

/** The tasks of the folder that rebind certificates, each with its owner. */
export function recognisedTasks(
  { tasks }: Snapshot,
  expected: readonly ExpectedTask[],
): readonly { readonly entry: TaskEntry; readonly recognised: RecognisedTask }[] {
  return tasks.map((entry) => ({ entry, recognised: recogniseTask(entry, expected) }));
}

function serviceFindings({ scheduleService }: Snapshot): readonly Finding[] {
  if (scheduleService !== 'stopped') return [];
  const message = 'The Task Scheduler service (Schedule) is stopped, so renewals do not start CertRebind.';
  return [finding('scheduler-stopped', message, { commands: ['Start-Service Schedule'] })];
}

function taskFindings(snapshot: Snapshot, expected: readonly ExpectedTask[]): readonly Finding[] {
  if (!isKnown(snapshot, 'tasks')) return [];
  const tasks = recognisedTasks(snapshot, expected);
  const own = tasks.filter(({ recognised: { kind } }) => kind === 'ours' || kind === 'ours-changed');
  const others = tasks.filter(
    ({ entry, recognised: { kind } }) => entry.enabled && (kind === 'native' || kind === 'third-party'),
  );
  const working = own.some(({ entry }) => entry.enabled && entry.name === rebindTaskName);
  const present = own.map(({ entry }) => entry.name);
  const missing = expected.map(({ name }) => name).filter((name) => !present.includes(name));
  const changed = own.flatMap(({ entry: { name }, recognised }) =>
    recognised.kind === 'ours-changed' ? { name, text: `${name} (${recognised.differs.join(', ')})` } : [],
  );
  const disabled = own.filter(({ entry }) => !entry.enabled).map(({ entry }) => entry.name);
  const enable = { commands: ['certrebind enable'] };
  const missingAdvice = { ...enable, hint: enableHint };
  return [
    // Without the first task nothing is enabled; without another one, a part is missing.
    ...(present.includes(rebindTaskName)
      ? ofTasks(
          'task-missing',
          missing,
          'is not registered',
          missingAdvice,
          missing.map((name) => `${taskFolder}${name}`),
        )
      : [finding('task-missing', 'CertRebind is not enabled, so nothing applies a renewal by itself.', missingAdvice)]),
    ...ofTasks(
      'task-changed',
      changed.map(({ name }) => name),
      'was changed',
      enable,
      changed.map(({ text }) => text),
    ),
    ...ofTasks('task-disabled', disabled, 'is disabled', enable),
    ...(working ? others : others.slice(1)).map(({ entry, recognised }) => otherMechanism(entry, recognised)),
  ];
}

/** One finding for all tasks of which the same is wrong, since one command mends them. */
function ofTasks(
  code: FindingCode,
  names: readonly string[],
  is: string,
  advice: FindingParts,
  inMessage = names,
): readonly Finding[] {
  const text = (named: string) =>
    names.length === 1
      ? `The scheduled task ${named} ${is}`
      : `Scheduled tasks ${is.replace(/^is/, 'are').replace(/^was/, 'were')}: ${named}`;
  return names.length === 0
    ? []
    : [finding(code, `${text(inMessage.join(', '))}.`, { title: text(listed(names)), ...advice })];
}

/** A start of the hourly task that ended well has listed the log, so it is remembered unless the folder is from before. */
function olderState({ tasks }: Snapshot, listing: Listing | null): readonly Finding[] {
  const own = tasks.find((task) => isSameTask(task, { path: taskFolder, name: reconcileTaskName }));
  const startedAt = own?.lastResult === 0 ? own.lastRunAt : null;
  if (startedAt == null || listing === null || Date.parse(listing.listedAt) + slackMs >= Date.parse(startedAt))
    return [];
  const message = `The newest run in the state folder looked at ${momentText(listing.listedAt)}, and the task ${reconcileTaskName} last started at ${momentText(startedAt)}: the folder is from an earlier time, and what was decided since is forgotten.`;
  const commands = ['certrebind plan', 'certrebind reconcile'];
  return [finding('state-older', message, { commands, hint: olderHint, at: startedAt })];
}

const olderHint =
  'If a newer copy of the folder exists, put it back. Otherwise the next hourly run does what the first command shows, also what you had undone. Settings and exclusions are those of that time too.';

/** Task Scheduler may say a little later when it started a task. */
const slackMs = 60_000;

/** The task of an ACME client stays: it is what renews the certificates. */
function otherMechanism({ path, name }: TaskEntry, recognised: RecognisedTask): Finding {
  const task = `The task ${path}${name}`;
  if (recognised.kind !== 'third-party')
    return finding('two-mechanisms', `${task} of IIS Manager also rebinds certificates.`, {
      commands: ['certrebind enable --replace-native'],
      hint: 'While both are active the guards protect nothing: the task of IIS Manager also changes what CertRebind blocks.',
    });
  const { product, client } = recognised;
  const of = product === null ? '' : ` of ${product}`;
  const alsoStarts = `${task}${of} also starts when a certificate is renewed, and may change bindings.`;
  if (!client) return finding('two-mechanisms', alsoStarts);
  return finding('two-mechanisms', `${task} renews certificates, and ${product} may also change bindings.`, {
    hint: `Leave the task enabled. If the installation step of ${product} is a script that calls certrebind, hide this finding (dismiss). Otherwise replace that step.`,
  });
}

/** Each event still starts such a task, which fails without anybody seeing it. */
function orphanedTriggers(snapshot: Snapshot, expected: readonly ExpectedTask[]): readonly Finding[] {
  return recognisedTasks(snapshot, expected).flatMap(({ entry: { path, name }, recognised }) => {
    if (recognised.kind !== 'trigger') return [];
    const message = `The task ${path}${name} belongs to a trigger that does not exist.`;
    return finding('orphaned-trigger', message, { commands: [`certrebind trigger remove ${recognised.id}`] });
  });
}

const enableHint = 'It restarts nothing, and changes nothing until a renewal is there.';

function logFindings(snapshot: Snapshot, listing: Listing | null): readonly Finding[] {
  if (!isKnown(snapshot, 'lifecycle')) return [];
  const { lifecycle } = snapshot;
  if (lifecycle.enabled === false) {
    const message = 'The certificate lifecycle log is disabled, so no event can start CertRebind.';
    return [finding('log-disabled', message, { commands: ['certrebind doctor --fix log-disabled'] })];
  }
  const gap = logGap(listing, lifecycle);
  return gap === null ? [] : [finding('log-reset', gap, { commands: ['certrebind reconcile'] })];
}

/** That start did nothing, so everything that it was for is still to be done. */
export function couldNotWork({ error: { message, hint } }: ErrorDocument): Finding {
  return finding('could-not-work', hint === null ? message : `${message} ${hint}`, { next: 'retried' });
}

/** After this many failures a receiver is not merely slow once. */
const triesOfConcern = 3;

/** Reports that nobody receives the messages, which nobody would notice otherwise. */
export function outboxFindings(messages: readonly Message[]): readonly Finding[] {
  const isFull = messages.length >= mostMessages;
  const refused = messages.filter(({ attempts }) => attempts >= triesOfConcern);
  const [worst] = [...(isFull ? messages : refused)].sort((a, b) => b.attempts - a.attempts);
  if (worst === undefined) return [];
  const { channel, attempts, lastError } = worst;
  const what = isFull
    ? `The outbox is full (${messages.length} messages), so new messages are lost.`
    : `${refused.length === 1 ? 'One message was' : `${refused.length} messages were`} not accepted.`;
  const why = lastError === null ? '' : ` The last of ${attempts} tries (${channel}): ${lastError}`;
  const isPlain = channel === 'mail' || channel === 'webhook';
  const test = isPlain ? { commands: ['certrebind notify test'], next: 'retried' as const } : {};
  return [finding('messages-not-accepted', `${what}${why}`, test)];
}

/** What the finding of a damaged file says. */
export function damageText({ message, hint }: DamagedFile): string {
  return `${message} ${hint}`;
}
