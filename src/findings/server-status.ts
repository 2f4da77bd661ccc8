import { momentText } from '../model/certificates/named-certificate.ts';
import { bySeverity, finding } from '../model/documents/finding.ts';
import type { ExpiringCertificate, Finding, HeldRenewal, Status, TaskStatus } from '../model/documents/status.ts';
import { isKnown, seesPending, seesRenewals } from '../model/documents/unknown-parts.ts';
import { type ExpectedTask, rebindTaskName } from '../model/windows/rebind-tasks.ts';
import type { RecognisedTask } from '../model/windows/recognise-task.ts';
import type { TaskEntry } from '../model/windows/task.ts';
import { namedCertificates } from '../plan/named-certificates.ts';
import { type KeptRenewal, outstandingRenewals, whyNotRenewed } from '../plan/outstanding-renewals.ts';
import { byHandFindings } from './by-hand.ts';
import { type DoctorFacts, type InstallationFacts, noInstallation, type RememberedFacts } from './doctor/facts.ts';
import { mechanismFindings, recognisedTasks } from './doctor/mechanism-findings.ts';
import { installationFindings, unknownFindings } from './doctor/server-findings.ts';
import { setupFindings } from './doctor/setup-findings.ts';
import { certificatesInUse, expiringCertificates } from './expiring.ts';
import { inUse } from './in-use.ts';

export interface StatusFacts extends RememberedFacts, Pick<DoctorFacts, 'snapshot' | 'configuration' | 'expected'> {
  /** A certificate that ends within this many days ends soon; the policy's days if absent. */
  readonly withinDays?: number | undefined;
  readonly installation?: InstallationFacts;
}

/** Whether certificate rebind is on, what is pending, how the last run ended, and what is wrong. */
export function statusOf(facts: StatusFacts): Status {
  const { snapshot, configuration, ledger, lastOutcome, lastError } = facts;
  const seesTasks = isKnown(snapshot, 'tasks');
  const tasks = recognisedTasks(snapshot, facts.expected);
  const native = tasks.find(({ recognised }) => recognised.kind === 'native');
  const { pending: outstanding, held } = outstandingRenewals(snapshot, ledger, configuration);
  const pending = outstanding.map(({ renewal }) => renewal);
  const expiring = expiringCertificates(
    snapshot,
    pending,
    facts.withinDays ?? configuration.deadline.days,
    configuration,
  );
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
    inUse: isKnown(snapshot, 'records') && isKnown(snapshot, 'certificates') ? inUse(snapshot, configuration) : null,
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
    pending: seesPending(snapshot) ? pending : null,
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
    engine: facts.installation?.engine ?? null,
    proof: proofStatus(facts.installation ?? noInstallation),
    expiring: isKnown(snapshot, 'records') && isKnown(snapshot, 'certificates') ? expiring : null,
    findings: [
      ...installationFindings(facts.installation ?? noInstallation),
      ...setupFindings(facts.installation ?? noInstallation, snapshot, facts.expected),
      ...mechanismFindings(snapshot, facts.expected, outstanding, {
        ...facts,
        // A run under way ends by itself, and must not alarm monitoring that asks every minute.
        openRuns: facts.openRuns.filter(({ by }) => by === null),
      }),
      ...expiring.map((entry) =>
        expiringFinding(entry, seesRenewals(snapshot) ? whyNotRenewed(entry.thumbprint, held) : null),
      ),
      ...byHandFindings(snapshot, ledger, configuration),
      ...unknownFindings(snapshot),
    ].sort(bySeverity),
  };
}

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

function expiringFinding({ words, notAfter, daysLeft, records }: ExpiringCertificate, why: string | null): Finding {
  const code = daysLeft < 0 ? 'certificate-expired' : 'certificate-ends-soon';
  const ends = daysLeft < 0 ? 'has ended' : `expires in ${daysLeft} ${daysLeft === 1 ? 'day' : 'days'}`;
  const message = `${words} ${ends} (${momentText(notAfter)})${why === null ? '' : `, and ${why}`}. It is used by ${records.join(', ')}.`;
  return finding(code, message);
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
