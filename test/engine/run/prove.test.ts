import assert from 'node:assert/strict';
import { stub } from 'sinon';
import type { Handshake } from '../../../src/model/certificates/handshake.ts';
import { given, rebind, stepAt, wideLab, worldOf } from './world.ts';

const lab = wideLab();
const old = lab.thumbprint('old');

describe('an endpoint that has become worse', () => {
  for (const [what, answer, says] of [
    [
      'no longer listens',
      { result: 'not-listening', reason: null },
      `0.0.0.0 port 443 served ${old} before the change. Afterwards it no longer listened.`,
    ],
    [
      'no longer listens, for a known reason',
      { result: 'not-listening', reason: 'ECONNREFUSED' },
      `0.0.0.0 port 443 served ${old} before the change. Afterwards it no longer listened: ECONNREFUSED.`,
    ],
    [
      'no longer answers',
      { result: 'unreachable', reason: null },
      `0.0.0.0 port 443 served ${old} before the change. Afterwards it no longer answered.`,
    ],
  ] as const satisfies readonly (readonly [string, Pick<Handshake, 'result' | 'reason'>, string])[])
    it(`${what} is said with what it served before`, async () => {
      const world = worldOf(lab);
      const { handshake } = world.context;
      const dialled = stub(world.context, 'handshake').callsFake(async (endpoint) => {
        const seen = await handshake(endpoint);
        return { covers: null, handshake: { ...seen.handshake, ...answer, thumbprint: null } };
      });
      // Four endpoints before the change; the canary's comes first after it.
      for (const before of [0, 1, 2, 3]) dialled.onCall(before).callsFake(handshake);
      const outcome = await rebind(world, [given(lab, 'old', 'new')]);
      assert.equal(stepAt(outcome, '0.0.0.0:443').error?.message, says);
    });
});
