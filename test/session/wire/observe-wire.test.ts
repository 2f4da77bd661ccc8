import assert from 'node:assert/strict';
import type { ServerEndpoint } from '../../../src/engine/known/endpoints-of-server.ts';
import type { Handshake } from '../../../src/model/certificates/handshake.ts';
import { looker } from '../../../src/session/wire/observe-wire.ts';
import { record } from '../../builders/snapshot.ts';

/** The results of looking at two names in turn, and how many of them were dialled. */
async function lookAt(answer: Pick<Handshake, 'result' | 'durationMs'>, mayBeSilent = true) {
  let dialled = 0;
  const look = looker(async (endpoint) => {
    dialled++;
    const handshake = { endpoint, thumbprint: null, notAfter: null, reason: 'as told', attempts: 1, ...answer };
    return { handshake, covers: null };
  });
  const results: Handshake['result'][] = [];
  for (const serverName of ['shop.example.com', 'www.example.com']) {
    const one: ServerEndpoint = {
      key: record(`${serverName}:443`, 'shop').key,
      expected: null,
      endpoint: { address: '0.0.0.0', port: 443, serverName },
      sites: ['Shop'],
      skipped: null,
      ...(mayBeSilent ? { mayBeSilent } : {}),
    };
    const {
      handshake: { result, reason },
    } = await look(one);
    assert.equal(reason, 'as told');
    results.push(result);
  }
  return { results, dialled };
}

describe('an endpoint that is looked at', () => {
  for (const [what, result, durationMs, expected, mayBeSilent] of [
    ['counts where it is silent, even if nothing needs to listen', 'unreachable', 1000, 'unreachable'],
    ['is skipped where nothing listens and nothing needs to', 'not-listening', 1, 'skipped'],
    ['counts where nothing listens and something needs to', 'not-listening', 1, 'not-listening', false],
  ] as const)
    it(what, async () => {
      const seen = await lookAt({ result, durationMs }, mayBeSilent);
      assert.deepEqual(seen, { results: [expected, expected], dialled: 2 });
    });
});
