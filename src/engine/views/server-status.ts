import { findingEntry } from '../../base/codes/finding-codes.ts';
import { worstRank } from '../../documents/finding.ts';
import { channels } from '../../documents/notification.ts';
import type { RecognisedTask } from '../../documents/recognise-task.ts';
import { meetsFirst } from '../../documents/runs/plan.ts';
import { type ExpectedTask, rebindTaskName, registeredMinute } from '../../documents/scheduled-tasks.ts';
import type { DatedCertificate, RenewalEvent, Status, TaskStatus } from '../../documents/status.ts';
import { isOfCentralStore } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { isKnown } from '../../kinds/unknown-parts.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { replacedEvent } from '../../model/windows/lifecycle-event.ts';
import { parseTask, type TaskEntry } from '../../model/windows/task.ts';
import { actionsOf } from '../findings/actions.ts';
import type { Look } from '../findings/diagnose.ts';
import { recognisedTasks } from '../findings/mechanism-findings.ts';
import { namedCertificates } from '../known/named-certificates.ts';
import { nextHourly } from '../look/outlook.ts';
import { certificatesInUse, inUse } from './in-use.ts';
import { ledgerEntries } from './ledger-entries.ts';

/** Whether certificate rebind is on, what is pending, how the last run ended, and what is not as it should be. */
export function statusOf({ facts, renewals, findings: all, places }: Look): Status {
  const { snapshot, configuration, ledger, lastOutcome, lastError, installation } = facts;
  const verified = installation.setup?.verified ?? null;
  const seesTasks = isKnown(snapshot, 'tasks');
  const tasks = recognisedTasks(snapshot, facts.expected);
  const native = tasks.find(({ recognised }) => recognised.kind === 'native');
  const { pending: outstanding, held, decisions } = renewals;
  const { opens } = decisions;
  const waitsForWindow = new Set(
    decisions.blocked.flatMap((entry) => (meetsFirst('outside-window', entry) ? entry.key : [])),
  );
  const pending = outstanding.map(({ renewal }) => renewal);
  const own = tasks.find(({ entry, recognised }) => entry.name === rebindTaskName && recognised.kind === 'ours');
  const holding = certificatesInUse(snapshot, configuration);
  const known = [...outstanding, ...held, ...ledger.renewals].flatMap(({ renewal }) => [renewal.old, renewal.new]);
  const findings = all.filter(({ severity, code }) => severity !== 'info' || findingEntry(code)?.inStatus === true);
  return {
    schema: 'certrebind/status/1',
    at: snapshot.takenAt,
    server: {
      name: snapshot.server.name,
      iis: snapshot.server.iis,
      windowsBuild: snapshot.server.osBuild,
      timeZone: snapshot.timeZone ?? null,
    },
    rank: worstRank(findings),
    actions: actionsOf(findings),
    places,
    dialledAt: dialledAt(facts),
    inUse: inUse(snapshot, configuration),
    certificates: dated(snapshot, [
      ...holding,
      ...places.flatMap(({ certificate, successor }) => [certificate, successor]),
      ...known,
    ]),
    enabled: seesTasks ? own?.entry.enabled === true : null,
    tasks: [
      ...tasks.flatMap(({ entry, recognised }) => taskStatus(entry, recognised, snapshot.takenAt)),
      ...(seesTasks ? missingTasks(facts.expected, snapshot.tasks) : []),
    ],
    native: seesTasks
      ? { present: native !== undefined, enabled: native?.entry.enabled === true }
      : { present: null, enabled: null },
    log: {
      enabled: isKnown(snapshot, 'lifecycle') ? snapshot.lifecycle.enabled !== false : null,
      lastRecordId: snapshot.lifecycle.lastRecordId,
      lastRenewal: lastRenewal(snapshot),
    },
    channels: channels.filter((channel) => configuration.notify[channel] !== undefined),
    pending,
    waiting: outstanding.flatMap(({ renewal, onOld }) =>
      opens !== null && onOld.every((key) => waitsForWindow.has(key)) ? { renewal, ...opens } : [],
    ),
    held: held.map(({ renewal, onOld: records, decision: { run, at } }) => ({ renewal, records, run, at })),
    ledger: { entries: ledgerEntries(ledger), listing: ledger.listing },
    lastRun: lastOutcome && {
      run: lastOutcome.run,
      result: lastOutcome.result,
      exitCode: lastOutcome.exitCode,
      at: lastOutcome.startedAt,
    },
    lastError,
    engine: installation.engine,
    proof: verified && { at: verified.at, version: verified.version, engine: verified.engine },
    findings,
  };
}

/** As of when every endpoint is known that was dialled; `null` if none was. */
export function dialledAt({ wire, snapshot }: Pick<Look['facts'], 'wire' | 'snapshot'>): string | null {
  const times = wire.flatMap(({ key, at = snapshot.takenAt }) => (isOfCentralStore(key) ? [] : at));
  return times.sort()[0] ?? null;
}

function missingTasks(expected: readonly ExpectedTask[], tasks: readonly TaskEntry[]): readonly TaskStatus[] {
  const missing = expected.filter((task) => !tasks.some(({ path, name }) => task.path === path && task.name === name));
  const none = { is: 'missing', enabled: false, lastResult: null, lastRunAt: null, nextStartAt: null } as const;
  return missing.map(({ path, name }) => ({ path, name, ...none }));
}

function taskStatus(
  { path, name, enabled, lastResult, lastRunAt, xml }: TaskEntry,
  recognised: RecognisedTask,
  now: string,
): TaskStatus[] {
  const is = statesOfTasks[recognised.kind];
  const minute = is === 'ours' && enabled ? registeredMinute(parseTask(xml, name)) : null;
  const nextStartAt = minute === null ? null : nextHourly(minute, Date.parse(now));
  return is === null ? [] : [{ path, name, is, enabled, lastResult, lastRunAt, nextStartAt }];
}

function lastRenewal({ lifecycle }: Snapshot): RenewalEvent | null {
  const event = lifecycle.events.findLast(({ eventId }) => eventId === replacedEvent);
  if (event === undefined) return null;
  const { recordId, timeCreated: at, old, new: successor } = event;
  return { recordId, at, old: old?.thumbprint ?? null, new: successor?.thumbprint ?? null };
}

function dated(snapshot: Snapshot, wanted: Iterable<Thumbprint | null>): readonly DatedCertificate[] {
  const begin = new Map(snapshot.certificates.map(({ thumbprint, notBefore }) => [thumbprint, notBefore]));
  return namedCertificates(snapshot, wanted).map((one) => ({ ...one, notBefore: begin.get(one.thumbprint) ?? '' }));
}

/** `null`: it has nothing to do with rebinding. */
const statesOfTasks: Readonly<Record<RecognisedTask['kind'], TaskStatus['is'] | null>> = {
  ours: 'ours',
  'ours-changed': 'changed',
  native: 'native',
  'third-party': 'third-party',
  trigger: null,
  other: null,
};
