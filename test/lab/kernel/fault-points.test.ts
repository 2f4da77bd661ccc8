import assert from 'node:assert/strict';
import { movableKinds } from '../../../src/kinds/holder.ts';
import { isReportedUse } from '../../../src/kinds/reported/reported.ts';
import { faultKinds } from '../../../src/lab/commands/fault.ts';
import { loadLab } from '../../../src/lab/host/folder.ts';
import { applyRequest } from '../../../src/lab/kernel/apply-request.ts';
import { strike } from '../../../src/lab/kernel/fault-points.ts';
import type { FaultPoint } from '../../../src/lab/kernel/faults.ts';
import { requestsToPut } from '../../../src/lab/kernel/holders/kinds.ts';
import type { LabRequest } from '../../../src/lab/kernel/requests.ts';
import { snapshotOf } from '../../../src/lab/kernel/snapshot.ts';
import { labState } from '../../builders/lab.ts';
import { now } from '../../builders/snapshot.ts';
import { sampleHolders, temporaryLab } from '../../support/temporary-lab.ts';

describe('a fault with the key of a holder', () => {
  it('can be named for each request that changes it, strikes that, and none that changes another', async () => {
    const lab = await temporaryLab({ holders: true });
    const { state } = loadLab(lab.folder);
    await lab.remove();
    const { holders } = snapshotOf(state, 'system', now);
    const moved = holders.flatMap((one) => (one.kind === 'tls' || isReportedUse(one) ? [] : one));
    const struck = moved.flatMap((one) => {
      const others = moved.map(({ key }) => key).filter((key) => key !== one.key);
      const put = requestsToPut(one, null);
      return put
        .flatMap((request) => (request.kind === 'in-turn' ? request.requests : request))
        .map((request) => {
          const on = (key: string) => ({ kind: request.kind as FaultPoint['kind'], key });
          const faults = [one.key, ...others].map((key) => ({
            ...{ on: on(key), nth: 1, times: null, seen: 0 },
            effect: { do: 'no-effect' } as const,
          }));
          assert.ok(
            faultKinds.some((kind) => kind === request.kind),
            request.kind,
          );
          assert.deepEqual(
            strike({ ...state, faults }, request).faults.map(({ seen }) => seen),
            [1, ...others.map(() => 0)],
            `${one.key}: ${request.kind}`,
          );
          return one.key;
        });
    });
    // SSTP stores nothing of its own until a person chooses, and what is only reported is not changed.
    const changed = sampleHolders.filter((key) => !/^(sstp|nps|smb-quic)\//.test(key));
    assert.deepEqual([...new Set<string>(struck)].sort(), changed);
  });
});

describe('the requests that faults can be armed at', () => {
  it('come in the order in which kinds of holders are listed everywhere', () => {
    const kinds = faultKinds.map((request) => movableKinds.findIndex((kind) => request === `set-${kind}`));
    const found = kinds.filter((at) => at >= 0);
    assert.deepEqual(
      found,
      [...found].sort((a, b) => a - b),
    );
    assert.equal(faultKinds.at(-1), 'set-key-access');
  });
});

describe('a request that no kind of holder knows', () => {
  it('is refused, and is nothing that was done', () => {
    const unknown = { kind: 'set-printer', hash: '' } as unknown as LabRequest;
    assert.throws(() => applyRequest(labState().build(), unknown, now), /set-printer is not a request to a lab/);
  });
});
