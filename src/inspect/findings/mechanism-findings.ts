import { byThumbprint, momentText, type NamedCertificate, renewalText } from '../../certificates/named-certificate.ts';
import { finding, listed } from '../../documents/finding.ts';
import { type RecognisedTask, recogniseTask } from '../../documents/recognise-task.ts';
import type { Listing } from '../../documents/runs/ledger.ts';
import { type ExpectedTask, rebindTaskName, taskFolder } from '../../documents/scheduled-tasks.ts';
import type { Finding } from '../../documents/status.ts';
import { type KeyText, toRecordKey } from '../../holders/record-key.ts';
import type { Snapshot } from '../../holders/snapshot.ts';
import { isKnown } from '../../holders/unknown-parts.ts';
import { bindingsByRecord, servedHosts } from '../../plan/bindings-of-records.ts';
import { unresolvedText } from '../../plan/close-renewals.ts';
import { coverageOf, lostOf } from '../../plan/guards.ts';
import { logGap } from '../../plan/log-gap.ts';
import { namedCertificates } from '../../plan/named-certificates.ts';
import type { OutstandingRenewals, StandingRenewal } from '../../plan/outstanding-renewals.ts';
import { certificatesByThumbprint } from '../../plan/renewal-pair.ts';
import { outboxFindings } from '../../tell/outbox-messages.ts';
import type { ErrorDocument } from '../../text/errors.ts';
import { distinct } from '../../text/order.ts';
import type { TaskEntry } from '../../windows/task.ts';
import type { DoctorFacts } from './facts.ts';
import { openRunFinding } from './open-runs.ts';

/**
 * Whether everything that has to notice a renewal exists and works: tasks, their log, and the work that earlier runs
 * left unfinished.
 */
export function mechanismFindings(
  { snapshot, expected, triggersKnown, ...remembered }: DoctorFacts,
  pending: readonly StandingRenewal[],
  unclear: OutstandingRenewals['unclear'],
): readonly Finding[] {
  return [
    ...serviceFindings(snapshot),
    ...taskFindings(snapshot, expected),
    ...(triggersKnown ? orphanedTriggers(snapshot, expected) : []),
    ...logFindings(snapshot, remembered.ledger.listing),
    ...remembered.damaged.map(({ message, hint, command }) =>
      finding('damaged-file', `${message} ${hint}`, { command }),
    ),
    ...remembered.openRuns.map(openRunFinding),
    ...pendingFindings(pending, snapshot),
    ...unclear.map(unclearFinding),
    ...(remembered.lastError === null ? [] : [couldNotWork(remembered.lastError)]),
    ...outboxFindings(remembered.outbox),
  ];
}

/**
 * Whether the old certificate of an applied renewal is set somewhere again. A renewal that was settled without a run,
 * and whose new certificate no holder has, was never applied: at that time no holder had the old certificate.
 */
export function isBackOnOld({ entry, onNew }: Pick<StandingRenewal, 'entry' | 'onNew'>): boolean {
  return entry?.state === 'settled' && (entry.run !== null || onNew.length > 0);
}

function pendingFindings(pending: readonly StandingRenewal[], snapshot: Snapshot): readonly Finding[] {
  const pairs = pending.flatMap(({ renewal }) => [renewal.old, renewal.new]);
  const known = byThumbprint(namedCertificates(snapshot, pairs));
  const lost = lostHosts(pending, snapshot);
  return pending.map((one) => pendingFinding(one, known, lost.get(one) ?? []));
}

function pendingFinding(
  { renewal, onOld, onNew, entry, waitsFor }: StandingRenewal,
  known: ReadonlyMap<string, NamedCertificate>,
  lost: readonly string[],
): Finding {
  const renews = renewalText(renewal, known);
  const about = {
    renewal,
    certificate: renewal.old,
    endsAt: known.get(renewal.old)?.notAfter ?? null,
    keys: onOld,
    run: entry?.run ?? null,
  };
  const command = 'certrebind reconcile';
  if (waitsFor !== null) {
    const { notBefore, window } = waitsFor;
    return finding(
      'renewal-waiting',
      `${renews}: waits for the window ${window}, which opens at ${momentText(notBefore)}.`,
      { ...about, next: 'waits', at: notBefore },
    );
  }
  const uses = onOld.length === 1 ? 'uses' : 'use';
  const where = `${listed(onOld)} still ${uses} the old certificate`;
  if (entry !== null && isBackOnOld({ entry, onNew })) {
    const by = entry.run === null ? '' : ` by run ${entry.run}`;
    const message = `${renews}: was applied${by} at ${momentText(entry.at)}. Now ${listed(onOld)} ${uses} the old certificate again.`;
    return finding('old-certificate-back', message, { ...about, since: entry.at, command });
  }
  if (entry?.state === 'blocked') {
    const lacks = lost.length === 0 ? '' : ` The new certificate does not cover ${listed(lost)}.`;
    const message = `${renews}: blocked (${entry.reasons.join(', ')}).${lacks} ${where}.`;
    return finding('renewal-blocked', message, {
      ...about,
      missingNames: lost,
      since: entry.at,
      ...(lost.length === 0
        ? { command: 'certrebind plan' }
        : { hint: lostHint(lost, known.get(renewal.new)?.names ?? []), command: null }),
    });
  }
  if (onNew.length > 0) return finding('renewal-pending', `${renews}: ${where}.`, { ...about, command });
  return finding('renewal-pending', `${renews}: not in use yet.`, { ...about, command });
}

function lostHint(lost: readonly string[], others: readonly string[]): string {
  return `Order a certificate for ${listed([...lost, ...others])}: CertRebind finds it in the store My (Personal) within the hour; a file needs certrebind import <file>. Until then the old one stays.`;
}

/** Nothing is guessed, so only a person can settle it. */
function unclearFinding(one: OutstandingRenewals['unclear'][number]): Finding {
  const { old, onOld } = one;
  const message = `${unresolvedText(one)} ${listed(onOld)} ${onOld.length === 1 ? 'uses' : 'use'} it.`;
  return finding('renewal-blocked', message, { keys: onOld, certificate: old, command: 'certrebind plan' });
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
  return [finding('scheduler-stopped', message, { command: 'Start-Service Schedule' })];
}

function taskFindings(snapshot: Snapshot, expected: readonly ExpectedTask[]): readonly Finding[] {
  if (!isKnown(snapshot, 'tasks')) return [];
  const tasks = recognisedTasks(snapshot, expected);
  const own = tasks.filter(({ recognised: { kind } }) => kind === 'ours' || kind === 'ours-changed');
  const others = tasks.filter(
    ({ entry, recognised: { kind } }) => entry.enabled && (kind === 'native' || kind === 'third-party'),
  );
  const working = own.some(({ entry }) => entry.enabled && entry.name === rebindTaskName);
  const enable = { command: 'certrebind enable' };
  return [
    ...missingTasks(
      own.map(({ entry }) => entry.name),
      expected,
    ).map((message) => finding('task-missing', message, { ...enable, hint: enableHint })),
    ...own.flatMap(({ entry, recognised }) => [
      ...(recognised.kind === 'ours-changed'
        ? [finding('task-changed', `The task ${entry.name} was changed: ${recognised.differs.join(', ')}.`, enable)]
        : []),
      ...(entry.enabled ? [] : [finding('task-disabled', `The task ${entry.name} is disabled.`, enable)]),
    ]),
    ...(working ? others : others.slice(1)).map(({ entry, recognised }) => otherMechanism(entry, recognised)),
  ];
}

/** The task of an ACME client stays: it is what renews the certificates. */
function otherMechanism({ path, name }: TaskEntry, recognised: RecognisedTask): Finding {
  const task = `The task ${path}${name}`;
  if (recognised.kind !== 'third-party')
    return finding('two-mechanisms', `${task} of IIS Manager also rebinds certificates.`, {
      command: 'certrebind enable --replace-native',
      hint: 'While both are active the guards protect nothing: the task of IIS Manager also changes what CertRebind blocks.',
    });
  const { product, client } = recognised;
  if (!client)
    return finding(
      'two-mechanisms',
      `${task}${product === null ? '' : ` of ${product}`} also starts when a certificate is renewed, and may change bindings.`,
    );
  return finding('two-mechanisms', `${task} renews certificates, and ${product} may also change bindings.`, {
    hint: `Leave the task enabled. Where the installation step of ${product} is a script that calls certrebind, hide this: certrebind dismiss two-mechanisms. Otherwise replace that step.`,
  });
}

/** Each event still starts such a task, which fails without anybody seeing it. */
function orphanedTriggers(snapshot: Snapshot, expected: readonly ExpectedTask[]): readonly Finding[] {
  return recognisedTasks(snapshot, expected).flatMap(({ entry, recognised }) =>
    recognised.kind === 'trigger'
      ? [
          finding('orphaned-trigger', `The task ${entry.path}${entry.name} belongs to a trigger that does not exist.`, {
            command: `certrebind trigger remove ${recognised.id}`,
          }),
        ]
      : [],
  );
}

const enableHint = 'Run certrebind enable: it restarts nothing, and changes nothing until a renewal is there.';

/** Without the first task nothing is enabled; without another one, a part is missing. */
function missingTasks(present: readonly string[], expected: readonly ExpectedTask[]): readonly string[] {
  if (!present.includes(rebindTaskName)) return ['CertRebind is not enabled, so nothing applies a renewal by itself.'];
  return expected
    .filter(({ name }) => !present.includes(name))
    .map(({ name }) => `The task ${taskFolder}${name} is not registered.`);
}

function logFindings(snapshot: Snapshot, listing: Listing | null): readonly Finding[] {
  if (!isKnown(snapshot, 'lifecycle')) return [];
  const { lifecycle } = snapshot;
  if (lifecycle.enabled === false) {
    const message = 'The certificate lifecycle log is disabled, so no event can start CertRebind.';
    return [finding('log-disabled', message, { command: 'certrebind doctor --fix log-disabled' })];
  }
  const gap = logGap(listing, lifecycle);
  return gap === null ? [] : [finding('log-reset', gap, { command: 'certrebind reconcile' })];
}

/** That start did nothing, so everything that it was for is still to be done. */
export function couldNotWork({ error: { message, hint } }: ErrorDocument): Finding {
  return finding('could-not-work', hint === null ? message : `${message} ${hint}`, { next: 'retried' });
}

/** The hosts that clients could no longer ask for at these records with the new certificate of a renewal. */
function lostHosts(
  pending: readonly StandingRenewal[],
  { sites, certificates }: Pick<Snapshot, 'sites' | 'certificates'>,
): ReadonlyMap<StandingRenewal, readonly string[]> {
  const blocked = pending.filter(({ entry }) => entry?.state === 'blocked' && entry.reasons.includes('names-lost'));
  if (blocked.length === 0) return new Map();
  const found = certificatesByThumbprint(certificates);
  const bindings = bindingsByRecord(sites);
  const lostOn = (text: KeyText, pair: Parameters<typeof coverageOf>[1]) => {
    const key = toRecordKey(text);
    return key === null ? [] : lostOf(coverageOf(servedHosts(key, bindings.get(text) ?? []), pair));
  };
  return new Map(
    blocked.map((one) => {
      const pair = { old: found.get(one.renewal.old)?.[0] ?? null, successors: found.get(one.renewal.new) ?? [] };
      return [one, distinct(one.onOld.flatMap((text) => lostOn(text, pair)).map(({ host }) => host))];
    }),
  );
}
