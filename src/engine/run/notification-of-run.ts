import { entryOfWaiting } from '../../base/codes/plan-codes.ts';
import { type Group, groupBy } from '../../base/group.ts';
import { listed } from '../../documents/finding.ts';
import { type NoNews, notifiedAs } from '../../documents/log-events.ts';
import { endsWords, makeNotification, type Notification, namesKept, placeWords } from '../../documents/notification.ts';
import type { Outcome } from '../../documents/runs/outcome.ts';
import { commandOf, obstaclesText } from '../../documents/runs/plan.ts';
import { type RunResult, resultTexts, states } from '../../documents/runs/step-states.ts';
import type { FailedProof } from '../../documents/setup.ts';
import { kindOf } from '../../kinds/holder.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { ServerIdentity } from '../../kinds/snapshot.ts';
import { byThumbprint, renewalText, shortOf } from '../../model/certificates/named-certificate.ts';
import { byHandLines, isNoNews, leftByHand } from './log-entry.ts';

type Newsworthy = Exclude<RunResult, NoNews>;

/** What a run reports outside this server; `null` for one that had nothing to do. */
export function notificationOfOutcome(outcome: Outcome, server: ServerIdentity): Notification | null {
  const byHand = leftByHand(outcome);
  const kind = isNoNews(outcome.result) ? notifiedAs(outcome.result, byHand.length) : outcome.result;
  if (isNoNews(kind)) return null;
  const known = byThumbprint(outcome.certificates ?? []);
  // A run that is not kept is not named, because people would look for it.
  const run = outcome.kept ? outcome.run : null;
  return makeNotification(kind, server, {
    at: outcome.startedAt,
    run,
    names: [...new Set((outcome.certificates ?? []).flatMap(({ names }) => names))].slice(0, namesKept),
    headline: headlineOf(kind, outcome),
    advice: adviceOf(kind, run, byHand, outcome),
    lines: [
      resultTexts[outcome.result],
      ...outcome.renewals.map(
        (pair) => `${renewalText(pair, known)} (${shortOf(pair.old, known)} → ${shortOf(pair.new, known)})`,
      ),
      ...causes(outcome.steps, ({ state, error }) => (error === null ? null : `${state}, ${error.code}`)).map(
        ([{ state, error }, keys]) => `${keys}: ${state}. ${error?.message ?? ''}`,
      ),
      ...causes(
        outcome.blocked,
        ({ obstacles, renewal }) => `${obstacles.map(({ code }) => code)} ${renewal.old} ${renewal.new}`,
      ).map(([{ obstacles }, keys]) => `${keys}: ${obstacles[0].code}. ${obstaclesText(obstacles)}`),
      ...causes(byHand, ({ obstacles: [first] }) => `${first.text}, ${commandOf(first)}`).flatMap(([entry, keys]) =>
        byHandLines(keys, entry),
      ),
    ],
    ...(byHand.length === 0 ? {} : { leftByHand: byHand.length }),
  });
}

/** What has one cause is said once, with the places that it concerns. */
function causes<Entry extends { readonly key: KeyText }>(
  entries: readonly Entry[],
  causeOf: (entry: Entry) => string | null,
): readonly (readonly [Entry, string])[] {
  const groups = groupBy(
    entries.filter((entry) => causeOf(entry) !== null),
    causeOf,
  );
  return [...groups.values()].map((group: Group<Entry>) => [group[0], listed(group.map(({ key }) => key))] as const);
}

function headlineOf(kind: Newsworthy, outcome: Outcome): string {
  const { steps, counts, undoes, certificates = [], renewals, startedAt } = outcome;
  const one = steps.every(({ key }) => kindOf(key) === 'tls') ? 'binding' : 'place';
  const number = (count: number) => `${count} ${count === 1 ? one : `${one}s`}`;
  const olds = new Set(renewals.map(({ old }) => old));
  const [nextEnd] = certificates.flatMap(({ thumbprint, notAfter }) => (olds.has(thumbprint) ? notAfter : [])).sort();
  const old = nextEnd === undefined ? '' : `, old certificate ${endsWords(nextEnd, startedAt)}`;
  switch (kind) {
    case 'rebound':
      return `${number(counts.changed)} renewed`;
    case 'partly-rebound':
      return `${number(counts.changed)} renewed, others not`;
    case 'repaired':
    case 'partly-repaired':
      return `${number(counts.changed)} repaired${kind === 'repaired' ? '' : ', others not'}`;
    case 'imported':
      return 'certificate imported';
    case 'blocked':
      return `renewal blocked${old}`;
    case 'waiting':
      return `renewal waits${old}`;
    case 'undone':
    case 'partly-undone': {
      const partly = kind === 'undone' ? '' : ' in part';
      return undoes === undefined ? `new certificate rolled back${partly}${old}` : `run ${undoes} undone${partly}`;
    }
    case 'needs-attention': {
      const worst = steps.find(({ state }) => states[state].exit === 5);
      if (worst === undefined) return 'a person has to act';
      const place = placeWords(worst.key);
      return worst.now.state === 'absent' ? `${place} is DOWN: no certificate` : `${place}: ${worst.state}`;
    }
  }
}

function adviceOf(
  kind: Newsworthy,
  run: string | null,
  byHand: ReturnType<typeof leftByHand>,
  { notes }: Pick<Outcome, 'notes'>,
): string {
  switch (kind) {
    case 'rebound':
    case 'repaired':
    case 'imported':
      if (byHand.length > 0) return `To be changed by you, as below: ${listed(byHand.map(({ key }) => key))}.`;
      return 'Nothing to do.';
    case 'waiting':
      return entryOfWaiting(notes).hint;
    case 'blocked':
      return 'To see why, and what helps: certrebind plan';
    default:
      return `To see what happened: ${run === null ? 'certrebind status' : `certrebind history ${run}`}`;
  }
}

/** The report of an installation that was not verified. */
export function notificationOfFailedProof(
  { at, version, why }: FailedProof,
  server: ServerIdentity,
  lines: readonly string[],
): Notification {
  return makeNotification('proof-failed', server, {
    at,
    run: null,
    names: [],
    headline: `version ${version} of CertRebind is not verified to work`,
    advice: 'Mend the cause below, then: certrebind enable',
    lines: ['Nothing was removed.', why, ...lines],
  });
}
