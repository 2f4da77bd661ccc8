import type { VerifiedEndpoint } from '../../documents/verify.ts';
import type { ServerEndpoint } from '../../engine/known/endpoints-of-server.ts';
import { judgeServed } from '../../engine/known/served.ts';
import type { Handshaker } from '../../engine/run/context.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import type { Observation } from '../../model/certificates/handshake.ts';
import { byThumbprint } from '../../model/certificates/named-certificate.ts';
import { tlsHandshaker } from '../../server/handshake.ts';
import type { Session } from '../session.ts';

export const handshakesAtOnce = 16;

/**
 * Dials what is to be expected, and tells how far it has come.
 * @param certificates of the stores, which tell what is to be sent with one
 */
export async function observeWire(
  { server, configuration, shell }: Session,
  expected: readonly ServerEndpoint[],
  certificates: readonly Certificate[],
): Promise<readonly VerifiedEndpoint[]> {
  const look = looker(tlsHandshaker(server, { ...configuration.handshake, showsCertificate: true }));
  const stored = byThumbprint(certificates);
  let done = 0;
  return inParallel(expected, async (endpoint) => {
    const verified = judgeServed(endpoint, await look(endpoint), stored);
    done++;
    shell.progress.progress({ stage: 'prove', done, total: expected.length, key: endpoint.key });
    return verified;
  });
}

/** Where nothing needs to listen, nothing there is no error. */
export function looker(handshake: Handshaker): (at: ServerEndpoint) => Promise<Observation> {
  return async ({ endpoint, skipped, mayBeSilent }) => {
    if (skipped !== null) {
      const nothing = { thumbprint: null, notAfter: null, attempts: 0, durationMs: 0 };
      return { handshake: { endpoint, result: 'skipped', reason: skipped, ...nothing }, covers: null };
    }
    const seen = await handshake(endpoint);
    const isSilent = mayBeSilent && seen.handshake.result === 'not-listening';
    return isSilent ? { ...seen, handshake: { ...seen.handshake, result: 'skipped' } } : seen;
  };
}

/** Works on the items, at most `handshakesAtOnce` at once, and returns the results in the order of the items. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  async function worker(): Promise<void> {
    for (const [index, item] of waiting) results[index] = await work(item);
  }
  await Promise.all(Array.from({ length: Math.min(handshakesAtOnce, items.length) }, worker));
  return results;
}
