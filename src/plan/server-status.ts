import { type FindingCode, findingCodes } from '../model/codes.ts';
import type { Configuration } from '../model/configuration.ts';
import type { ErrorDocument } from '../model/errors.ts';
import type { Ledger } from '../model/ledger.ts';
import type { Outcome } from '../model/outcome.ts';
import { type ExpectedTask, type RecognisedTask, rebindTaskName, recogniseTask } from '../model/rebind-tasks.ts';
import type { Renewal } from '../model/renewal.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ExpiringCertificate, Finding, Status, TaskStatus } from '../model/status.ts';
import type { TaskEntry } from '../model/task.ts';
import { bindingsByRecord } from './bindings-of-records.ts';
import { closeRenewals } from './close-renewals.ts';
import { pendingRenewals } from './renewals.ts';

export interface StatusFacts {
  readonly snapshot: Snapshot;
  /** The tasks as this program would register them now. */
  readonly expected: readonly ExpectedTask[];
  readonly ledger: Ledger;
  readonly configuration: Configuration;
  /** The last closed run. */
  readonly lastOutcome: Outcome | null;
  readonly unfinishedRuns: readonly string[];
  readonly lastError: ErrorDocument | null;
}

/** Whether certificate rebind is on, what is pending, what became of the last run, and what is not as it should be. */
export function statusOf(facts: StatusFacts): Status {
  const { snapshot, ledger, lastOutcome, lastError } = facts;
  const tasks = snapshot.tasks.map((entry) => ({ entry, recognised: recogniseTask(entry, facts.expected) }));
  const native = tasks.find(({ recognised }) => recognised.kind === 'native');
  const pending = closeRenewals(pendingRenewals(snapshot, ledger, facts.configuration)).renewals;
  const own = tasks.find(({ entry }) => entry.name === rebindTaskName && isOurs(entry, facts.expected));
  return {
    schema: 'certrebind/status/1',
    enabled: own?.entry.enabled === true && own.recognised.kind === 'ours',
    tasks: tasks.flatMap(({ entry, recognised }) => taskStatus(entry, recognised)),
    native: { present: native !== undefined, enabled: native?.entry.enabled === true },
    log: { enabled: snapshot.lifecycle.enabled !== false, lastRecordId: snapshot.lifecycle.lastRecordId },
    pending,
    ledger: { entries: ledger.entries, listing: ledger.listing },
    lastRun:
      lastOutcome === null ? null : { run: lastOutcome.run, result: lastOutcome.result, at: lastOutcome.startedAt },
    lastError,
    expiring: expiring(snapshot, facts.configuration, pending),
    findings: [
      ...taskFindings(tasks, facts.expected),
      ...logFindings(snapshot),
      ...facts.unfinishedRuns.map((run) =>
        finding('unfinished-run', 'warning', `Run ${run} was interrupted.`, 'certrebind reconcile'),
      ),
      ...pending.map((renewal) =>
        finding(
          'renewal-pending',
          'warning',
          `${renewal.new} renews ${renewal.old} and is not in use yet.`,
          'certrebind reconcile',
        ),
      ),
      ...lastRunFindings(lastOutcome, lastError),
    ],
  };
}

type SeenTask = { readonly entry: TaskEntry; readonly recognised: RecognisedTask };

function isOurs(entry: TaskEntry, expected: readonly ExpectedTask[]): boolean {
  return expected.some(({ path, name }) => path === entry.path && name === entry.name);
}

function taskStatus(
  { path, name, enabled, lastResult, lastRunAt }: TaskEntry,
  recognised: RecognisedTask,
): TaskStatus[] {
  const is = kindOf(recognised);
  return is === null ? [] : [{ path, name, is, enabled, lastResult, lastRunAt }];
}

function kindOf({ kind }: RecognisedTask): TaskStatus['is'] | null {
  switch (kind) {
    case 'ours':
    case 'native':
    case 'third-party':
      return kind;
    case 'ours-changed':
      return 'changed';
    case 'other':
      return null;
  }
}

function taskFindings(tasks: readonly SeenTask[], expected: readonly ExpectedTask[]): readonly Finding[] {
  const own = tasks.filter(({ entry }) => isOurs(entry, expected));
  const others = tasks.filter(
    ({ entry, recognised: { kind } }) => entry.enabled && (kind === 'native' || kind === 'third-party'),
  );
  const working = own.some(({ entry }) => entry.enabled && entry.name === rebindTaskName);
  return [
    ...(own.some(({ entry }) => entry.name === rebindTaskName)
      ? []
      : [finding('task-missing', 'warning', 'Certificate rebind is not enabled.', 'certrebind enable')]),
    ...own.flatMap(({ entry, recognised }) => [
      ...(recognised.kind === 'ours-changed'
        ? [
            finding(
              'task-changed',
              'error',
              `The task ${entry.name} was changed: ${recognised.differs.join(', ')}.`,
              'certrebind enable',
            ),
          ]
        : []),
      ...(entry.enabled
        ? []
        : [finding('task-disabled', 'error', `The task ${entry.name} is disabled.`, 'certrebind enable')]),
    ]),
    ...(working ? others : others.slice(1)).map(({ entry, recognised }) =>
      finding(
        'two-mechanisms',
        'warning',
        `The task ${entry.name} of ${recognised.kind === 'third-party' ? recognised.product : 'IIS Manager'} rebinds certificates too.`,
        null,
      ),
    ),
  ];
}

function logFindings({ lifecycle }: Snapshot): readonly Finding[] {
  if (lifecycle.enabled !== false) return [];
  return [
    finding(
      'log-disabled',
      'error',
      'The certificate lifecycle log is disabled, so no event can start anything.',
      'certrebind enable',
    ),
  ];
}

function lastRunFindings(outcome: Outcome | null, lastError: ErrorDocument | null): readonly Finding[] {
  if (lastError !== null) return [finding('last-run-failed', 'error', lastError.error.message, null)];
  if (outcome === null || (outcome.exitCode !== 4 && outcome.exitCode !== 5)) return [];
  return [
    finding(
      'last-run-failed',
      'error',
      `Run ${outcome.run} ended as ${outcome.result}.`,
      `certrebind history ${outcome.run}`,
    ),
  ];
}

function finding(code: FindingCode, severity: Finding['severity'], message: string, command: string | null): Finding {
  const hint = findingCodes.find((entry) => entry.code === code)?.hint ?? '';
  return { code, severity, key: null, message, hint, repair: command === null ? null : 'command', command };
}

const day = 24 * 3600_000;

/** Certificates under IIS bindings that end within the policy's days, and that nothing renews on this server. */
function expiring(
  snapshot: Snapshot,
  { deadline }: Configuration,
  pending: readonly Renewal[],
): readonly ExpiringCertificate[] {
  const standing = bindingsByRecord(snapshot.sites);
  const renewed = new Set(pending.map(({ old }) => old));
  const seen = new Set<string>();
  return snapshot.certificates.flatMap((certificate) => {
    const { thumbprint, subject, notAfter } = certificate;
    const left = Date.parse(notAfter) - Date.parse(snapshot.takenAt);
    if (left > deadline.days * day || renewed.has(thumbprint) || seen.has(thumbprint)) return [];
    const records = snapshot.records.filter((record) => record.thumbprint === thumbprint && standing.has(record.key));
    if (records.length === 0) return [];
    seen.add(thumbprint);
    return { thumbprint, subject, notAfter, daysLeft: Math.floor(left / day), records: records.map(({ key }) => key) };
  });
}
