import { hostname } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import type { DoctorFacts } from '../../findings/doctor/facts.ts';
import { couldNotWork } from '../../findings/doctor/mechanism-findings.ts';
import { inUse } from '../../findings/in-use.ts';
import { heartbeatOf, type Look, lookOf, newsOfFindings } from '../../findings/news-of-findings.ts';
import { channels, type News } from '../../model/documents/news.ts';
import type { Told } from '../../model/documents/told.ts';
import type { ErrorDocument } from '../../model/text/errors.ts';
import { newsEntry } from '../../run/log-entry.ts';
import type { Change } from '../../server/server.ts';
import { toldFile } from '../../state/told-file.ts';
import { clock, type Session } from '../session/session.ts';
import { postInto } from './post.ts';

/** Tells people and the Application log what began, stays or is over on this server since they were last told. */
export async function tellFindings(session: Session, facts: DoctorFacts): Promise<void> {
  const { snapshot, configuration, unsafeState } = facts;
  // Of a folder that others can write nothing is believed, and in it lie the addresses.
  if (unsafeState !== null) return;
  const look = lookOf(facts);
  await tell(
    session,
    () => look,
    (told) => heartbeatOf(look, told, configuration.notify.heartbeat, inUse(snapshot, configuration)),
  );
}

/** The same of a start that could not work, which knows of nothing else. */
export async function tellFailure(session: Session, failure: ErrorDocument): Promise<void> {
  await tell(session, (told) => ({
    server: told.server ?? { id: '', name: hostname() },
    at: clock.now().toISOString(),
    named: new Map(),
    findings: [couldNotWork(failure)],
    dismissed: new Set(),
    isWhole: false,
  }));
}

/**
 * Into the outbox, or where nobody gets messages into the Application log, before it counts as told: what comes twice is
 * better than what never comes.
 */
async function tell(
  session: Session,
  lookSince: (told: Told) => Look,
  heartbeatSince: (told: Told) => News | null = () => null,
): Promise<void> {
  const { home } = session;
  if (home === null) return;
  const file = toldFile(home);
  const before = await file.read();
  const look = lookSince(before);
  const { news, told } = newsOfFindings(look, before);
  const heartbeat = heartbeatSince(before);
  const post = postInto(session);
  for (const one of [...news, ...(heartbeat === null ? [] : [heartbeat])]) await post(one);
  const isLogged = await logged(session, news.flatMap(newsEntry));
  const after = heartbeat === null ? told : { ...told, heartbeatAt: look.at };
  const isHeard = isLogged || channels.some((channel) => session.configuration.notify[channel] !== undefined);
  if (isHeard && !isDeepStrictEqual(after, before)) await file.write(after);
}

async function logged({ server }: Session, entries: readonly Change[]): Promise<boolean> {
  if (entries.length === 0) return true;
  const reports = await server.change(entries).catch(() => []);
  return reports.length > 0 && reports.every(({ error }) => error === null);
}
