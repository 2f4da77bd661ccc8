import { listed } from '../../documents/finding.ts';
import type { Ledger } from '../../documents/runs/ledger.ts';
import type { Note, Plan } from '../../documents/runs/plan.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { isKnown } from '../../kinds/unknown-parts.ts';
import { momentText } from '../../model/certificates/named-certificate.ts';
import { whySuccessorUnfit } from '../known/certificate-faults.ts';
import { whatEnded } from '../known/held-renewals.ts';
import { logGap } from '../known/log-gap.ts';
import { looksDue, renewalsDue } from '../known/looks-due.ts';
import { setBacksAt } from '../known/set-backs.ts';
import { type KeptRenewal, type OutstandingRenewals, outstandingRenewals } from './outstanding-renewals.ts';
import type { Policy } from './overrides.ts';
import { debtNotes, judgeDebts, type OwedValue } from './plan-debts.ts';
import { type Decisions, decisionsBy, planRebind, type RebindRequest } from './plan-rebind.ts';

/**
 * The plan for everything pending: what `plan` shows, and what `on-event` and `reconcile` do. Events are only one of
 * its sources, so lost events are noted, but no renewal is lost that a renewal property, or by policy matching names,
 * still shows.
 * @param byPerson whether a person asks, so that what was set back is applied again at once
 */
export function planPending(
  snapshot: Snapshot,
  ledger: Ledger,
  configuration: Policy,
  values: readonly OwedValue[] = [],
  byPerson = false,
): Plan {
  // A log that was not looked at, in an imported capture for example, has lost nothing.
  const gap = isKnown(snapshot, 'lifecycle') ? logGap(ledger.listing, snapshot.lifecycle) : null;
  const outstanding = outstandingRenewals(snapshot, ledger, configuration);
  const { pending, held, succession } = outstanding;
  const debts = judgeDebts(values, snapshot, configuration);
  return planRebind({
    ...requestFor(snapshot, ledger, configuration, outstanding),
    byPerson,
    succession,
    again: new Set(pending.flatMap(({ onOld, again }) => (again === null ? [] : onOld))),
    ...(ledger.pendingRollbacks.length === 0 ? {} : { debts: debtsOfPlan(ledger, debts) }),
    notes: [
      ...debtNotes(debts),
      ...(gap === null ? [] : [{ code: 'log-gap', text: gap } as const]),
      ...held.map((one) => heldNote(one, snapshot)),
    ],
  });
}

function requestFor(
  snapshot: Snapshot,
  ledger: Ledger,
  configuration: Policy,
  { links, pending, holdAt, succession }: OutstandingRenewals,
): RebindRequest {
  return {
    snapshot,
    renewals: links,
    configuration,
    ledger,
    setBacks: setBacksAt(
      new Map(pending.flatMap(({ renewal, onOld }) => onOld.map((key) => [key, renewal] as const))),
      ledger,
      snapshot,
    ),
    stillOld: renewalsDue(looksDue(snapshot, ledger, succession), ledger),
    holdAt,
  };
}

/** Every renewal that is known, and what that plan decides: views show this, and not what an earlier run decided. */
export interface RenewalsNow extends OutstandingRenewals {
  /** About every place whose certificate was renewed: also where nothing is open any more, because all of it is held or left. */
  readonly decisions: Decisions;
}

/**
 * Derived once for whoever looks at a server.
 * @param byPerson as in `planPending`
 */
export function renewalsOf({ snapshot, ledger, configuration }: Known, byPerson = false): RenewalsNow {
  const outstanding = outstandingRenewals(snapshot, ledger, configuration);
  const all = { ...outstanding, links: outstanding.succession.links };
  return {
    ...outstanding,
    decisions: decisionsBy({ ...requestFor(snapshot, ledger, configuration, all), byPerson }),
  };
}

interface Known {
  readonly snapshot: Snapshot;
  readonly ledger: Ledger;
  readonly configuration: Policy;
}

/** The steps that pay, and everything that is owed still. A debt whose journal cannot be read does not end by that. */
export function debtsOfPlan({ pendingRollbacks }: Ledger, judged: ReturnType<typeof judgeDebts>) {
  const over = new Set(judged.flatMap(({ debt, now }) => (now.is === 'owed' || now.is === 'stuck' ? [] : debt)));
  return {
    steps: judged.flatMap(({ now }) => (now.is === 'owed' ? now.step : [])),
    owed: pendingRollbacks.filter((debt) => !over.has(debt)).map(({ run, key }) => ({ run, key })),
  };
}

function heldNote({ renewal, onOld, decision }: KeptRenewal, { certificates, takenAt }: Snapshot): Note {
  const { old, new: successor, corroborated } = renewal;
  const successors = certificates.filter(({ thumbprint }) => thumbprint === successor);
  const unfit = whySuccessorUnfit({ renewal, successors }, '', Date.parse(takenAt));
  const isOffered = corroborated && unfit === null;
  const until = decision.by === 'person' ? ', until the next renewal' : '';
  const text = [
    `${successor} renews ${old} and ${whatEnded(decision)} at ${momentText(decision.at)}${until}.`,
    `The old certificate is on ${listed(onOld)}.`,
    ...(isOffered ? ['The command applies the renewal again.'] : unfit === null ? [] : [unfit]),
  ];
  return {
    code: 'renewal-held',
    text: text.join(' '),
    ...(isOffered ? { command: `certrebind rebind --old ${old} --new ${successor}` } : {}),
  };
}
