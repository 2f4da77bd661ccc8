import { type Group, groupBy } from '../../base/group.ts';
import { distinct, joinedInOrder } from '../../base/order.ts';
import type { Configuration } from '../../documents/configuration.ts';
import { idOfFinding, isWorthReading, listed, typeText } from '../../documents/finding.ts';
import {
  dialledText,
  endsWords,
  makeNotification,
  type Notification,
  namesKept,
} from '../../documents/notification.ts';
import type { Notified, ToldFinding } from '../../documents/notified.ts';
import { isWithin } from '../../documents/runs/ledger.ts';
import type { Finding, InUse } from '../../documents/status.ts';
import { dayMs } from '../../model/certificates/deadline.ts';
import { byThumbprint, momentText, type NamedCertificate } from '../../model/certificates/named-certificate.ts';
import { namedCertificates } from '../known/named-certificates.ts';
import { causeOf } from './actions.ts';
import type { Look } from './diagnose.ts';

/** What people are told of a look. */
export interface LookSummary extends Pick<Look, 'every' | 'findings'> {
  readonly server: Notification['server'];
  readonly at: string;
  readonly named: ReadonlyMap<string, NamedCertificate>;
  /** How long before its end each certificate must be replaced, in milliseconds. */
  readonly margins: ReadonlyMap<string, number>;
  /** Whether everything was read: what could not be read ends nothing. */
  readonly isWhole: boolean;
}

/**
 * After a run, `seen` is what it was planned from. A renewal whose event came since has a start of its own still to come, and is
 * no news before that; the hourly run tells it where that start never came.
 */
export function lookSummaryOf(
  { facts: { snapshot, damaged }, endings, every, findings }: Look,
  seen = snapshot,
): LookSummary {
  const known = new Set(seen.lifecycle.events.map(({ recordId }) => recordId));
  const since = snapshot.lifecycle.events.filter(({ recordId }) => !known.has(recordId));
  const isToCome = ({ code, renewal }: Finding) =>
    code === 'renewal-pending' && since.some(({ recordId }) => recordId === renewal?.eventRecordId);
  const about = new Set(every.map(({ certificate }) => certificate));
  return {
    server: snapshot.server,
    at: snapshot.takenAt,
    named: byThumbprint(namedCertificates(snapshot, about)),
    margins: new Map(snapshot.certificates.map((one) => [one.thumbprint, endings.mustActMs(one)])),
    every,
    findings: findings.filter((found) => !isToCome(found)),
    isWhole: snapshot.notLookedAt.length === 0 && damaged.length === 0,
  };
}

/** The hourly task may start a little early: otherwise every second day would be skipped. */
const slackMs = 30 * 60_000;

/**
 * What people are told of a look: errors and warnings when they begin or get worse, weekly while they stay, daily (of
 * certificates of a few days more often) when the certificate is near its end, and once when they are over.
 */
export function notificationsOfFindings(
  look: LookSummary,
  told: Notified,
): { readonly news: readonly Notification[]; readonly told: Notified } {
  const { every, findings, isWhole, at, server } = look;
  const now = Date.parse(at);
  const known = new Map(told.findings.map((one) => [one.id, one]));
  const shown = findings.flatMap((found) =>
    found.severity === 'info' ? [] : { found, id: idOfFinding(found), severity: found.severity },
  );
  // What is for information since a person decided so is not solved.
  const foundIds = new Set(every.map(idOfFinding));
  const due = shown.filter(({ found, id }) => isDue(found, known.get(id), look));
  const over = isWhole ? told.findings.filter(({ id, overAt }) => overAt === null && !foundIds.has(id)) : [];
  const entries = new Map<string, ToldFinding>();
  for (const { found, id, severity } of shown) {
    if (entries.has(id)) continue;
    const before = known.get(id);
    const since = before === undefined || before.overAt !== null ? at : before.since;
    // Whoever gets a message gets all of it, so that weekly messages do not drift apart.
    const last = due.length > 0 || before === undefined ? { severity, at } : before;
    entries.set(id, { id, severity: last.severity, headline: found.title, since, at: last.at, overAt: null });
  }
  const others = told.findings.filter(({ id }) => !entries.has(id));
  const kept = others
    .map((one) => (over.includes(one) ? { ...one, overAt: at } : one))
    .filter(({ overAt }) => overAt === null || isWithin(dayMs, overAt, now));
  // One that began again within a day was not told, so its end is not either.
  const ended = over.filter(({ since, at: toldAt }) => since <= toldAt);
  const [worst, ...more] = due.map(({ found }) => found);
  const open = shown.map(({ found }) => found);
  return {
    news: [
      ...(worst === undefined ? [] : [problemNotification(look, [worst, ...more], open)]),
      ...(ended.length === 0 ? [] : [solvedNotification(server, at, ended, shown.length)]),
    ],
    told: { ...told, server: { id: server.id, name: server.name }, findings: [...entries.values(), ...kept] },
  };
}

/** All that is open, for whom nothing was told before; `null` where nothing is. */
export function notificationOfOpen(look: LookSummary): Notification | null {
  const [worst, ...more] = look.findings.filter(({ severity }) => severity !== 'info');
  return worst === undefined ? null : problemNotification(look, [worst, ...more], [worst, ...more]);
}

/** That it works and what it sees, where the configuration asks for that and it is time. */
export function heartbeatOf(
  { server, at, findings }: LookSummary,
  told: Notified,
  heartbeat: Configuration['notify']['heartbeat'],
  { sites, certificates, nextEnd }: InUse,
  dialledAt: string | null,
): Notification | null {
  if (heartbeat === undefined) return null;
  const pause = (heartbeat === 'daily' ? dayMs : 7 * dayMs) - slackMs;
  if (told.heartbeatAt !== null && isWithin(pause, told.heartbeatAt, Date.parse(at))) return null;
  const open = findings.filter((found) => found.severity !== 'info').length;
  const ends = nextEnd === null ? '' : `, the next one ${endsWords(nextEnd.notAfter, at)}`;
  return makeNotification('heartbeat', server, {
    at,
    run: null,
    names: [],
    headline:
      open === 0 ? 'all is well' : `CertRebind works, ${open} ${open === 1 ? 'problem is' : 'problems are'} open`,
    advice: open === 0 ? 'Nothing to do.' : 'To see what is wrong: certrebind status',
    lines: [`${sites} sites, ${certificates} certificates in use${ends}; ${dialledText(dialledAt, at)}.`],
  });
}

/** Whether it is told now: a moment in the future comes from a clock that was wrong. */
function isDue(
  { severity, endsAt, certificate }: Finding,
  known: ToldFinding | undefined,
  { at, margins }: LookSummary,
): boolean {
  if (known === undefined) return true;
  if (severity === 'error' && known.severity === 'warning') return true;
  const now = Date.parse(at);
  const margin = margins.get(certificate ?? '') ?? 7 * dayMs;
  const isLast = endsAt !== null && Date.parse(endsAt) - now <= margin;
  const isBackUntold = known.overAt !== null || known.since > known.at;
  const pause = isLast ? Math.min(dayMs, margin / 3) : isBackUntold ? dayMs : 7 * dayMs;
  return !isWithin(pause - slackMs, known.at, now);
}

function problemNotification(look: LookSummary, due: Group<Finding>, open: readonly Finding[]): Notification {
  const [worst] = due;
  const more = open.length - 1;
  const others = open.filter((found) => !due.includes(found));
  const names = distinct(open.flatMap(({ certificate }) => look.named.get(certificate ?? '')?.names ?? []));
  return makeNotification('problem', look.server, {
    at: look.at,
    run: worst.run,
    names: names.slice(0, namesKept),
    headline: `${worst.title}${more === 0 ? '' : ` (and ${more} more)`}`,
    advice: adviceOf(worst),
    lines: [
      ...paragraphsOf(due, look.at),
      ...(others.length === 0 ? [] : ['Still open:', ...paragraphsOf(others, look.at)]),
    ],
  });
}

function solvedNotification(
  server: Notification['server'],
  at: string,
  ended: readonly ToldFinding[],
  open: number,
): Notification {
  const [first] = ended;
  const more = ended.length - 1;
  return makeNotification('solved', server, {
    at,
    run: null,
    names: [],
    headline: `solved: ${first?.headline}${more === 0 ? '' : ` (and ${more} more)`}`,
    advice: open === 0 ? 'Nothing to do.' : `${open} still open. To see them: certrebind status`,
    lines: ended.map(({ headline, since }) => `${headline}, since ${momentText(since)}.`),
  });
}

function adviceOf({ commands, hint, next }: Finding): string {
  if (commands.length > 0) return typeText(hint, commands.slice(0, 1));
  if (next === 'retried') return 'The hourly run tries it again by itself. To see it: certrebind status';
  return `What to do: ${hint}`;
}

/** A paragraph for each cause, and what to type below it. */
function paragraphsOf(findings: readonly Finding[], at: string): readonly string[] {
  return [...groupBy(findings, causeOf).values()].flatMap((group) => {
    const [{ key, message, hint, endsAt }] = group;
    const places = distinct(group.flatMap((one) => one.key ?? []));
    const where = places.length > 1 ? ` The same at ${listed(places.slice(1))}.` : '';
    const named = key === null || message.includes(key) ? message : `${key}: ${message}`;
    const commands = joinedInOrder(group.map(({ commands: each }) => each));
    const ending = endsAt === null || message.includes('expires') ? '' : ` The certificate ${endsWords(endsAt, at)}.`;
    const advice = isWorthReading(hint, commands) ? [hint, ...commands] : commands;
    return [`${named}${where}${ending}`, ...advice.map((line) => `  ${line}`)];
  });
}
