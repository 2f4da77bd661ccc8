import type { CentralEndpoint, CentralStore } from '../../documents/central-store.ts';
import type { VerifiedEndpoint } from '../../documents/verify.ts';
import { judgeServed } from '../../engine/findings/served.ts';
import { endpointsOfServer, type ServerEndpoint } from '../../engine/plan/endpoints-of-server.ts';
import { centralStoreFile } from '../../engine/state/found-files.ts';
import { isOfCentralStore } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { endpointId } from '../../model/certificates/handshake.ts';
import { byThumbprint } from '../../model/certificates/named-certificate.ts';
import { tlsHandshaker } from '../../server/handshake.ts';
import { clock, type Session } from '../session.ts';
import { inParallel, looker } from './observe-wire.ts';

/** For all endpoints in one look; what is not reached is as it was at the last one. */
const lookMs = 60_000;

/** Dials the endpoints of the central certificate store, and keeps what they served for views that dial nothing. */
export async function lookAtCentralStore(
  { server, configuration, home }: Pick<Session, 'server' | 'configuration' | 'home'>,
  snapshot: Snapshot,
): Promise<void> {
  if (home === null) return;
  const file = centralStoreFile(home);
  const known = await file.read();
  const expected = endpointsOf(snapshot);
  if (expected.length === 0 && known.endpoints.length === 0 && (await file.damage()) === null) return;
  const look = looker(tlsHandshaker(server, { ...configuration.handshake, attempts: 1, showsCertificate: true }));
  const stored = byThumbprint(snapshot.certificates);
  const before = new Map(known.endpoints.map((one) => [endpointId(one.endpoint), one]));
  const end = clock.now().getTime() + lookMs;
  const endpoints = await inParallel(expected, async (one): Promise<readonly CentralEndpoint[]> => {
    const now = clock.now();
    const last = before.get(endpointId(one.endpoint));
    if (now.getTime() > end) return last === undefined ? [] : [last];
    const { key, endpoint, result, reason, chain, certificate = null } = judgeServed(one, await look(one), stored);
    return [{ key, endpoint, at: now.toISOString(), result, reason, chain, certificate }];
  });
  await file.write({ schema: 'certrebind/central-store/1', endpoints: endpoints.flat() });
}

/** What they served then, as far as they are still there. */
export function servedAtLastLook({ endpoints }: CentralStore, snapshot: Snapshot): readonly VerifiedEndpoint[] {
  const there = new Map(endpointsOf(snapshot).map((one) => [endpointId(one.endpoint), one]));
  return endpoints.flatMap(({ at: _, certificate, ...seen }) => {
    const one = there.get(endpointId(seen.endpoint));
    if (one === undefined || one.skipped !== null) return [];
    const [thumbprint, notAfter] = [certificate?.thumbprint ?? null, certificate?.notAfter ?? null];
    const known = { ...seen, thumbprint, notAfter, attempts: 0, durationMs: 0, expected: '', matches: null } as const;
    return certificate === null ? known : { ...known, certificate };
  });
}

function endpointsOf(snapshot: Snapshot): readonly ServerEndpoint[] {
  return endpointsOfServer(snapshot).filter(({ key }) => isOfCentralStore(key));
}
