import assert from 'node:assert/strict';
import type { Endpoint, Handshake } from '../../../src/certificates/handshake.ts';
import { looker } from '../../../src/inspect/verify/observe-wire.ts';
import type { ServerEndpoint } from '../../../src/plan/endpoints-of-server.ts';
import { record } from '../../builders/snapshot.ts';

const timeoutMs = 1000;

/** The results of looking at two names in turn, and how many of them were dialled. */
async function lookAt(
  startTls: Endpoint['startTls'],
  answer: Pick<Handshake, 'result' | 'durationMs'>,
  mayBeSilent = true,
) {
  let dialled = 0;
  const look = looker(async (endpoint) => {
    dialled++;
    const handshake = { endpoint, thumbprint: null, notAfter: null, reason: 'as told', attempts: 1, ...answer };
    return { handshake, covers: null };
  }, timeoutMs);
  const results: Handshake['result'][] = [];
  for (const serverName of ['shop.example.com', 'www.example.com']) {
    const one: ServerEndpoint = {
      key: record(`${serverName}:443`, 'shop').key,
      expected: null,
      endpoint: { address: '0.0.0.0', port: 443, serverName, ...(startTls === undefined ? {} : { startTls }) },
      sites: ['Shop'],
      skipped: null,
      ...(mayBeSilent ? { mayBeSilent } : {}),
    };
    const { result, reason } = await look(one);
    assert.equal(reason, 'as told');
    results.push(result);
  }
  return { results, dialled };
}

describe('an endpoint that is looked at', () => {
  for (const [what, startTls, result, durationMs, expected, dialled, mayBeSilent] of [
    [
      'over HTTP/3 is skipped where nothing comes back, and so is the next name',
      'h3',
      'unreachable',
      1000,
      'skipped',
      1,
    ],
    ['over HTTP/3 is skipped where it is turned away, by itself', 'h3', 'unreachable', 1, 'skipped', 2],
    ['over HTTP/3 is skipped where nothing listens', 'h3', 'not-listening', 1, 'skipped', 2],
    ['over HTTP/3 counts where it answers', 'h3', 'served', 1000, 'served', 2],
    ['counts where it is silent, even if nothing needs to listen', undefined, 'unreachable', 1000, 'unreachable', 2],
    ['is skipped where nothing listens and nothing needs to', undefined, 'not-listening', 1, 'skipped', 2],
    ['counts where nothing listens and something needs to', undefined, 'not-listening', 1, 'not-listening', 2, false],
  ] as const)
    it(what, async () => {
      const seen = await lookAt(startTls, { result, durationMs }, mayBeSilent);
      assert.deepEqual(seen, { results: [expected, expected], dialled });
    });
});
