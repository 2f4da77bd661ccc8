import { orNull } from '../../base/errors.ts';
import type { VerifiedEndpoint } from '../../documents/verify.ts';
import { endpointsToVerify } from '../../engine/known/endpoints-of-server.ts';
import { dueToDial, judgeServed, seenNow } from '../../engine/known/served.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { byThumbprint } from '../../model/certificates/named-certificate.ts';
import { tlsHandshaker } from '../../server/handshake.ts';
import { clock, type Session } from '../session.ts';
import { inParallel, looker } from './observe-wire.ts';

/** For all endpoints of one start; those that are not reached are the first at the next one. */
const mostMs = 30_000;

/** What a start of the hourly task does besides its run: it dials what is due, for views that dial nothing. */
export async function dialDue(
  session: Pick<Session, 'server' | 'configuration' | 'state'>,
  snapshot: Snapshot,
): Promise<void> {
  const { server, configuration, state } = session;
  // One that takes long does not take all of the time.
  const timeoutMs = Math.min(configuration.handshake.timeoutMs, mostMs / 2);
  const start = clock.now();
  const due = dueToDial(await state.readSeen(), endpointsToVerify(snapshot), start);
  const look = looker(tlsHandshaker(server, { ...configuration.handshake, timeoutMs, showsCertificate: true }));
  const stored = byThumbprint(snapshot.certificates);
  // None begins so late that it could end after the limit.
  const end = start.getTime() + mostMs - timeoutMs;
  const wire = await inParallel(due, async (one): Promise<readonly VerifiedEndpoint[]> => {
    return clock.now().getTime() > end ? [] : [judgeServed(one, await look(one), stored)];
  });
  await keepSeen(session, snapshot, wire.flat(), start);
}

/**
 * Who may not write into the state folder can still look.
 * @param start when dialling began
 */
export async function keepSeen(
  { state }: Pick<Session, 'state'>,
  snapshot: Snapshot,
  wire: readonly VerifiedEndpoint[],
  start: Date,
): Promise<void> {
  if (wire.length === 0) return;
  const times = { at: start.toISOString(), now: clock.now().toISOString() };
  await orNull(() => state.changeSeen((seen) => seenNow(seen, wire, endpointsToVerify(snapshot), times)));
}
