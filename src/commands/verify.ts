import type { Handshake } from '../model/handshake.ts';
import type { VerifiedEndpoint, Verify } from '../model/verify.ts';
import { endpointsOfServer, type ServerEndpoint } from '../plan/endpoints-of-server.ts';
import { verifyText } from '../report/verify.ts';
import type { Handshaker } from '../run/context.ts';
import { tlsHandshaker } from '../server/handshake.ts';
import { readSnapshot } from '../server/server.ts';
import { defineCommand, type Invocation } from './shell/command.ts';
import { inParallel } from './shell/parallel.ts';
import { type Session, withServer } from './shell/session.ts';

const handshakesAtOnce = 16;

export const verify = defineCommand({
  usage: 'verify',
  summary: 'Compare what every endpoint serves with what its record names',
  examples: [
    ['verify', 'Exit 0 when every endpoint serves what its record names, 9 otherwise'],
    ['verify --json', 'The same as a document'],
  ],
  build: (yargs) => yargs,
  async run(args, invocation) {
    const { shell } = invocation;
    return withServer(args, invocation, async (session) => {
      shell.progress.progress({ stage: 'read', done: 0, total: 0, key: null });
      const expected = endpointsOfServer(await readSnapshot(session.server));
      const endpoints = await observeWire(session, invocation, expected);
      const document: Verify = { schema: 'certrebind/verify/1', endpoints };
      shell.result(document, (look) => verifyText(document, look));
      return endpoints.every(isFine) && somethingWasSeen(expected, endpoints) ? 0 : 9;
    });
  },
});

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

/** Endpoints that cannot be dialled from here are no finding, but if none can, nothing was verified. */
function somethingWasSeen(expected: readonly ServerEndpoint[], endpoints: readonly VerifiedEndpoint[]): boolean {
  return expected.every(({ skipped }) => skipped !== null) || endpoints.some(({ result }) => result !== 'skipped');
}

function isFine({ matches, result }: VerifiedEndpoint): boolean {
  return matches === true || result === 'skipped';
}
