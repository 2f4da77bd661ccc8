import { hostname } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import type { ErrorDocument } from '../../base/errors.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { Channel, Notification } from '../../documents/notification.ts';
import { couldNotWork } from '../../engine/findings/mechanism-findings.ts';
import {
  heartbeatOf,
  lookSummaryOf,
  notificationOfOpen,
  notificationsOfFindings,
} from '../../engine/findings/notifications-of-findings.ts';
import { notificationEntry } from '../../engine/run/log-entry.ts';
import { toldFile } from '../../engine/state/found-files.ts';
import { inUse } from '../../engine/views/in-use.ts';
import { dialledAt } from '../../engine/views/server-status.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Change } from '../../server/server.ts';
import { postInto } from '../notify/deliver.ts';
import { clock, type Session } from '../session.ts';
import { lookNow } from '../status/read-status.ts';

/**
 * Tells people and the Application log what began, stays or is over on this server since they were last told, and who was
 * added since then all that is open. It counts as told once it is in the outbox or, where nobody gets messages, in the log:
 * what comes twice is better than what never comes. After a run, `seen` is what it was planned from.
 */
export async function notifyFindings(session: Session, snapshot: Snapshot, seen = snapshot): Promise<void> {
  const { home, configuration } = session;
  if (home === null) return;
  const look = await lookNow(session, snapshot);
  // Of a folder that others can write nothing is believed, and in it lie the addresses.
  if (look.facts.unsafeState !== null) return;
  const file = toldFile(home);
  const before = await file.read();
  const sight = lookSummaryOf(look, seen);
  const { news, told } = notificationsOfFindings(sight, before);
  const used = inUse(snapshot, configuration);
  const heartbeat = heartbeatOf(sight, before, configuration.notify.heartbeat, used, dialledAt(look.facts));
  await post(session, heartbeat === null ? news : [...news, heartbeat]);
  const addresses = addressesOf(configuration);
  const added = [...addresses].filter(([address]) => !before.addresses.includes(address)).map(([, channel]) => channel);
  const open = news.some(({ kind }) => kind === 'problem') ? null : notificationOfOpen(sight);
  if (open !== null && added.length > 0) await postInto(session)(open, added);
  const isLogged = await logged(session, news.flatMap(notificationEntry));
  const after = {
    ...told,
    ...(heartbeat === null ? {} : { heartbeatAt: sight.at }),
    addresses: [...addresses.keys()],
  };
  const isReported = isLogged || addresses.size > 0;
  if (isReported && !isDeepStrictEqual(after, before)) await file.write(after);
}

/** The same of a start that could not work, which knows of nothing else, and has an entry of its own in the log. */
export async function notifyFailure(session: Session, failure: ErrorDocument): Promise<void> {
  if (session.home === null) return;
  const file = toldFile(session.home);
  // Nobody is told every hour what cannot be noted down.
  if ((await file.otherVersion()) !== null) return;
  const before = await file.read();
  const findings = [couldNotWork(failure)];
  const sight = {
    server: before.server ?? { id: '', name: hostname() },
    at: clock.now().toISOString(),
    named: new Map(),
    margins: new Map(),
    every: findings,
    findings,
    isWhole: false,
  };
  const { news, told } = notificationsOfFindings(sight, before);
  await post(session, news);
  if (news.length > 0) await file.write(told);
}

/** Whom each channel reaches, as the configuration says. */
function addressesOf({ notify: { mail, webhook } }: Configuration): ReadonlyMap<string, Channel> {
  return new Map<string, Channel>([
    ...(mail === undefined ? [] : [[`mail ${mail.to.toSorted().join(' ')}`, 'mail'] as const]),
    ...(webhook === undefined ? [] : [[`webhook ${webhook.url}`, 'webhook'] as const]),
  ]);
}

async function post(session: Session, news: readonly Notification[]): Promise<void> {
  const put = postInto(session);
  for (const one of news) await put(one);
}

async function logged({ server }: Session, entries: readonly Change[]): Promise<boolean> {
  if (entries.length === 0) return true;
  const reports = await server.change(entries).catch(() => []);
  return reports.length > 0 && reports.every(({ error }) => error === null);
}
