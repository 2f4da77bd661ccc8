import type { Handshake } from '../../model/handshake.ts';
import type { VerifiedEndpoint } from '../../model/verify.ts';
import type { ServerEndpoint } from '../../plan/endpoints-of-server.ts';
import type { Handshaker } from '../../run/context.ts';
import { tlsHandshaker } from '../../server/handshake.ts';
import type { Invocation } from '../shell/command.ts';
import { inParallel } from './parallel.ts';
import type { Session } from './session.ts';

const handshakesAtOnce = 16;

/** Dials what is to be expected, and tells how far it has come. */
export async function observeWire(
  { server, configuration }: Session,
  { shell }: Invocation,
  expected: readonly ServerEndpoint[],
): Promise<readonly VerifiedEndpoint[]> {
  const handshake = tlsHandshaker(server, configuration.handshake);
  let done = 0;
  return inParallel(expected, handshakesAtOnce, async (endpoint) => {
    const verified = await verifyEndpoint(endpoint, handshake);
    done++;
    shell.progress.progress({ stage: 'prove', done, total: expected.length, key: endpoint.key });
    return verified;
  });
}

async function verifyEndpoint(
  { key, expected, endpoint, skipped }: ServerEndpoint,
  handshake: Handshaker,
): Promise<VerifiedEndpoint> {
  const seen = skipped === null ? (await handshake(endpoint)).handshake : notDialled(endpoint, skipped);
  const matches = seen.result === 'served' ? seen.thumbprint === expected : null;
  return { ...seen, key, expected: expected ?? '', matches };
}

function notDialled(endpoint: Handshake['endpoint'], reason: string): Handshake {
  return { endpoint, result: 'skipped', thumbprint: null, notAfter: null, reason, attempts: 0, durationMs: 0 };
}
