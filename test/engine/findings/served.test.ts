import assert from 'node:assert/strict';
import type { StepOutcome } from '../../../src/documents/runs/outcome.ts';
import type { State } from '../../../src/documents/runs/step-states.ts';
import { servedInRun } from '../../../src/engine/findings/served.ts';
import { endpointsOfServer } from '../../../src/engine/plan/endpoints-of-server.ts';
import type { Handshake } from '../../../src/model/certificates/handshake.ts';
import { certificate, record, type SnapshotParts, site, snapshot, sni, thumbprintOf } from '../../builders/snapshot.ts';

const key = record('shop.example.com:443', 'shop').key;
const server: SnapshotParts = {
  sites: [site('Shop', [sni('shop.example.com')])],
  records: [record('shop.example.com:443', 'shop')],
  certificates: [certificate('shop')],
};

function seenIn(
  parts: SnapshotParts,
  { state = 'not-verified', result = 'unreachable' }: { state?: State; result?: Handshake['result'] } = {},
) {
  const [there] = endpointsOfServer(snapshot(server));
  assert.ok(there);
  const { endpoint } = there;
  const after = [{ endpoint, result, thumbprint: null, notAfter: null, reason: 'reset', attempts: 1, durationMs: 1 }];
  const now = { state: 'holds', thumbprint: thumbprintOf('shop') } as const;
  const step: StepOutcome = { id: 1, key, state, now, repairedOptions: [], before: [], after, error: null };
  return servedInRun({ steps: [step] }, snapshot({ ...server, ...parts })).map((one) => [one.key, one.result]);
}

describe('what an endpoint served in a run counts', () => {
  it('while its holder names what the run set', () => assert.deepEqual(seenIn({}), [[key, 'unreachable']]));

  for (const [what, seen] of [
    ['no longer once its holder names another certificate', seenIn({ records: [record(key, 'other')] })],
    ['no longer once its site is stopped', seenIn({ sites: [site('Shop', [sni('shop.example.com')], 'stopped')] })],
    [
      'not where another holder has taken its place, of which the run knows nothing',
      seenIn({ sites: [site('Api', [sni('api.example.com')])], records: [record('api.example.com:443', 'shop')] }),
    ],
    ['no longer once its holder is gone', seenIn({ records: [] })],
    ['not where the run rolled its change back', seenIn({}, { state: 'rolled-back' })],
    ['not where the run dialled nothing', seenIn({}, { result: 'skipped' })],
  ] as const)
    it(what, () => assert.deepEqual(seen, []));
});
