import { type ExpectedTask, rebindTaskName } from '../../documents/rebind-tasks.ts';
import type { RecognisedTask } from '../../documents/recognise-task.ts';
import type { HeldRenewal, Status, TaskStatus } from '../../documents/status.ts';
import { isKnown } from '../../holders/unknown-parts.ts';
import type { InstallationFacts } from '../../installation/facts.ts';
import { namedCertificates } from '../../plan/named-certificates.ts';
import type { KeptRenewal } from '../../plan/outstanding-renewals.ts';
import type { FindingCode } from '../../text/codes.ts';
import type { TaskEntry } from '../../windows/task.ts';
import { diagnose, renewalsOf } from '../findings/diagnose.ts';
import { endingsOf } from '../findings/endings.ts';
import type { DoctorFacts } from '../findings/facts.ts';
import { recognisedTasks } from '../findings/mechanism-findings.ts';
import { certificatesInUse, expiringCertificates } from './expiring.ts';
import { inUse } from './in-use.ts';

/** Whether certificate rebind is on, what is pending, how the last run ended, and what is not as it should be. */
export function statusOf(facts: DoctorFacts): Status {
  const { snapshot, configuration, ledger, lastOutcome, lastError } = facts;
  const renewals = renewalsOf(facts);
  const seesTasks = isKnown(snapshot, 'tasks');
  const tasks = recognisedTasks(snapshot, facts.expected);
  const native = tasks.find(({ recognised }) => recognised.kind === 'native');
  const { pending: outstanding, held } = renewals;
  const pending = outstanding.map(({ renewal }) => renewal);
  const endings = endingsOf(snapshot, renewals.inForce, configuration, facts.endsWithinDays);
  const expiring = expiringCertificates(snapshot, pending, endings, configuration);
  const own = tasks.find(({ entry, recognised }) => entry.name === rebindTaskName && recognised.kind === 'ours');
  const holding = certificatesInUse(snapshot, configuration);
  const remembered = [
    ...pending,
    ...held.map(({ renewal }) => renewal),
    ...ledger.entries.map(({ renewal }) => renewal),
  ];
  return {
    schema: 'certrebind/status/1',
    server: { name: snapshot.server.name },
    inUse: inUse(snapshot, configuration),
    certificates: namedCertificates(snapshot, [
      ...holding,
      ...remembered.flatMap((renewal) => [renewal.old, renewal.new]),
    ]),
    enabled: seesTasks ? own?.entry.enabled === true : null,
    tasks: [
      ...tasks.flatMap(({ entry, recognised }) => taskStatus(entry, recognised)),
      ...(seesTasks ? facts.expected.filter((task) => !isThere(task, snapshot.tasks)).map(missingTask) : []),
    ],
    native: seesTasks
      ? { present: native !== undefined, enabled: native?.entry.enabled === true }
      : { present: null, enabled: null },
    log: {
      enabled: isKnown(snapshot, 'lifecycle') ? snapshot.lifecycle.enabled !== false : null,
      lastRecordId: snapshot.lifecycle.lastRecordId,
    },
    pending,
    waiting: outstanding.flatMap(({ renewal, waitsFor }) => (waitsFor === null ? [] : { renewal, ...waitsFor })),
    held: held.map(heldRenewal),
    ledger: { entries: ledger.entries, listing: ledger.listing },
    lastRun:
      lastOutcome === null
        ? null
        : {
            run: lastOutcome.run,
            result: lastOutcome.result,
            exitCode: lastOutcome.exitCode,
            at: lastOutcome.startedAt,
          },
    lastError,
    engine: facts.installation.engine,
    proof: proofStatus(facts.installation),
    expiring,
    findings: diagnose(facts, renewals).filter(({ severity, code }) => severity !== 'info' || informing.has(code)),
  };
}

/** Of what is only for information, what belongs to the state of renewals; doctor has the rest. */
const informing: ReadonlySet<FindingCode> = new Set([
  'renewal-waiting',
  'renewal-late',
  'renewal-unnoticed',
  'renewal-unclear',
  'replaced-earlier',
  'renewal-rolled-back',
  'part-unknown',
]);

function proofStatus({ setup }: InstallationFacts): Status['proof'] {
  if (setup?.proven == null) return null;
  const { at, version, engine } = setup.proven;
  return { at, version, engine };
}

function isThere(task: ExpectedTask, tasks: readonly TaskEntry[]): boolean {
  return tasks.some(({ path, name }) => task.path === path && task.name === name);
}

function heldRenewal({ renewal, onOld, entry }: KeptRenewal): HeldRenewal {
  return { renewal, records: onOld, run: entry.run, at: entry.at };
}

function missingTask({ path, name }: ExpectedTask): TaskStatus {
  return { path, name, is: 'missing', enabled: false, lastResult: null, lastRunAt: null };
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
    case 'trigger':
    case 'other':
      return null;
  }
}
