import assert from 'node:assert/strict';
import { spy } from 'sinon';
import { emptyLedger } from '../../../src/documents/runs/ledger.ts';
import type { Plan } from '../../../src/documents/runs/plan.ts';
import { endpointsOfServer } from '../../../src/engine/known/endpoints-of-server.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { planUndo } from '../../../src/engine/plan/plan-undo.ts';
import { certificatesInUse } from '../../../src/engine/views/in-use.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { certificate, https, now, policy, record, renewal, site, snapshot, sni } from '../../builders/snapshot.ts';
import { watched } from '../../support/watched.ts';
import { outcomeOf } from './outcomes.ts';

/** So many sites, each with a record and a certificate of its own, all of which a run has just renewed. */
function renewedServer(size: number): { readonly plan: Plan; readonly today: Snapshot } {
  const hosts = Array.from({ length: size }, (_, at) => `host${at}.example.com`);
  const server = snapshot({
    sites: hosts.map((host) => site(host, [sni(host)])),
    records: hosts.map((host) => record(`${host}:443`, host)),
    certificates: hosts.flatMap((host) => {
      const parts = { names: [host], notAfter: '2026-06-03T00:00:00.000Z' };
      return [certificate(host, parts), certificate(`new ${host}`, parts)];
    }),
  });
  const renewals = hosts.map((host) => renewal(host, `new ${host}`));
  return {
    plan: planRebind({ snapshot: server, renewals, configuration: policy() }),
    today: snapshot({ ...server, records: hosts.map((host) => record(`${host}:443`, `new ${host}`)) }),
  };
}

function undo(today: Snapshot, plan: Plan): void {
  const opened = { at: now, type: 'opened', run: 'run-1', command: 'rebind', plan, baseline: [] } as const;
  const undone = planUndo({
    snapshot: today,
    ledger: emptyLedger,
    run: 'run-1',
    journal: [{ schema: 'certrebind/journal/1', ...opened }],
    outcome: outcomeOf(plan, []),
    force: false,
    configuration: policy(),
    later: new Map(),
  });
  assert.equal(undone.steps.length, plan.steps.length);
}

function findWhatIsUsed(today: Snapshot): void {
  assert.equal(certificatesInUse(today, policy()).length, today.sites.length);
}

const passes: readonly {
  readonly what: string;
  readonly through: 'sites' | 'holders' | 'certificates';
  readonly work: (today: Snapshot, plan: Plan) => void;
}[] = [
  { what: 'an undo', through: 'sites', work: undo },
  { what: 'an undo', through: 'certificates', work: undo },
  { what: 'the search for what is in use', through: 'holders', work: findWhatIsUsed },
];

describe('the work on a server of many records', () => {
  for (const { what, through, work } of passes) {
    it(`${what} goes through the ${through} as often for twenty records as for two`, () => {
      const [few, many] = [2, 20].map((size) => {
        const { plan, today } = renewedServer(size);
        const asked = spy();
        work(watched(today, through, asked), plan);
        return asked.callCount;
      });
      assert.notEqual(few, 0);
      assert.equal(many, few);
    });
  }

  it('looks at each host of one record equally often, however many hosts there are', () => {
    const [few, many] = [10, 40].map((size) => {
      const asked = spy();
      const sites = Array.from({ length: size }, (_, at) => {
        const binding = https(`*:443:host${at}.example.com`);
        const parts = binding.parts && watched(binding.parts, 'host', asked);
        return site(`Site ${at}`, [{ ...binding, parts }], at % 2 === 0 ? 'started' : 'stopped');
      });
      const endpoints = endpointsOfServer(snapshot({ sites, records: [record('0.0.0.0:443', 'old')] }));
      assert.equal(endpoints.length, size);
      return asked.callCount / size;
    });
    assert.notEqual(few, 0);
    assert.equal(many, few);
  });
});
