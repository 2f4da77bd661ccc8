import { momentText } from '../model/certificates/named-certificate.ts';
import type { Thumbprint } from '../model/certificates/thumbprint.ts';
import type { Configuration } from '../model/documents/configuration.ts';
import type { Snapshot } from '../model/documents/snapshot.ts';
import { type DeadlineAlert, isWithin, type Ledger } from '../model/runs/ledger.ts';
import type { BlockedEntry, Plan } from '../model/runs/plan.ts';
import { type Group, groupBy } from '../model/text/group.ts';
import { distinct } from '../model/text/order.ts';
import { certificateInWords } from '../plan/named-certificates.ts';
import { outstandingRenewals, whyNotRenewed } from '../plan/outstanding-renewals.ts';
import { expiringCertificates } from './expiring.ts';

export interface AlertFacts {
  readonly snapshot: Snapshot;
  readonly ledger: Ledger;
  readonly plan: Plan;
  readonly configuration: Configuration;
}

const day = 24 * 3600_000;
/** A day, less the time by which the hourly task may start early: otherwise every second day would be skipped. */
const pause = day - 30 * 60_000;

/**
 * What a person has to be told today: certificates in use that end within the policy's days because their renewal is
 * blocked or because there is none. `null` if nothing ends soon or all of it was reported within a day.
 */
export function deadlineAlert({ snapshot, ledger, plan, configuration }: AlertFacts): DeadlineAlert | null {
  const asOf = Date.parse(snapshot.takenAt);
  const { days } = configuration.deadline;
  const said = new Set(ledger.alerts.filter(({ at }) => isWithin(pause, at, asOf)).map(({ thumbprint }) => thumbprint));
  const lines = new Map<Thumbprint, string>();
  for (const [old, entries] of groupBy(plan.blocked, ({ renewal }) => renewal.old)) {
    const [{ endsAt }] = entries;
    if (endsAt !== null && Date.parse(endsAt) - asOf <= days * day)
      lines.set(old, blockedLine(wordsOf(old, snapshot), endsAt, entries));
  }
  const known = plan.renewals;
  const { held } = outstandingRenewals(snapshot, ledger, configuration);
  for (const { thumbprint, words, notAfter, records } of expiringCertificates(snapshot, known, days, configuration)) {
    lines.set(
      thumbprint,
      `${words} expires at ${momentText(notAfter)}, and ${whyNotRenewed(thumbprint, held)}. It is used by ${records.join(', ')}.`,
    );
  }
  const due = [...lines].filter(([thumbprint]) => !said.has(thumbprint));
  if (due.length === 0) return null;
  return { thumbprints: due.map(([thumbprint]) => thumbprint), lines: due.map(([, line]) => line) };
}

function wordsOf(thumbprint: Thumbprint, { certificates }: Snapshot): string {
  const certificate = certificates.find((one) => one.thumbprint === thumbprint);
  return certificate === undefined ? thumbprint : certificateInWords(certificate);
}

function blockedLine(old: string, endsAt: string, entries: Group<BlockedEntry>): string {
  const keys = entries.map(({ key }) => key).join(', ');
  const reasons = distinct(entries.map(({ reason }) => reason)).join(', ');
  const [{ renewal, detail }] = entries;
  return `${old} expires at ${momentText(endsAt)}, and its renewal ${renewal.new} is blocked (${reasons}) at ${keys}. ${detail}`;
}
