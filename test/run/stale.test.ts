import assert from 'node:assert/strict';
import type { Plan, Step } from '../../src/model/plan.ts';
import { planDigest, sealPlan } from '../../src/model/plan-document.ts';
import type { TlsRecord } from '../../src/model/tls-record.ts';
import { planRebind } from '../../src/plan/plan-rebind.ts';
import { refuseStale } from '../../src/run/stale.ts';
import { certificate, policy, record, renewal, site, snapshot, sni, thumbprintOf } from '../builders/snapshot.ts';

const names = Array.from({ length: 25 }, (_, index) => `h${index}.example.com`);
const key = (index: number) => `h${index}.example.com:443`;

function server(records: readonly TlsRecord[]) {
  return snapshot({
    sites: [site('Shop', names.map(sni))],
    records,
    certificates: [certificate('old', { names }), certificate('new', { names, notAfter: '2028-01-01T00:00:00.000Z' })],
  });
}

const planned = (count: number) =>
  planRebind({
    snapshot: server(names.slice(0, count).map((name) => record(`${name}:443`, 'old'))),
    renewals: [renewal('old', 'new')],
    configuration: policy(),
  });
const messageOf = (plan: Plan, records: readonly TlsRecord[], force = false): string => {
  try {
    refuseStale(plan, server(records), force);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return '';
};
const since = 'Since the plan was made, records have changed:';
const [old, other] = [thumbprintOf('old'), thumbprintOf('other')];

describe('a plan that was made earlier', () => {
  const plan = planned(1);
  const parts = { consumers: [], verify: [], notes: [] };
  const { digest: _, ...rest } = plan;
  const made: Step = { id: 1, action: 'restore', before: null, record: record(key(0), 'old'), ...parts };
  const restore = sealPlan({ ...rest, steps: [made] });

  it('is itself while every record is as it was', () => {
    assert.equal(refuseStale(plan, server([record(key(0), 'old')]), false), plan);
    assert.equal(refuseStale(restore, server([]), false), restore);
  });

  for (const [what, stale, now, says] of [
    ['another certificate', plan, [record(key(0), 'other')], `held ${old} and holds ${other}`],
    ['no certificate', plan, [record(key(0), null)], `held ${old} and holds no certificate`],
    ['other options', plan, [record(key(0), 'old', { flags: 2 })], `held ${old} and holds ${old} with other options`],
    ['nothing', plan, [], `held ${old} and is gone`],
    ['a record where none was', restore, [record(key(0), 'other')], `did not exist and holds ${other}`],
  ] as const)
    it(`is refused where there is ${what} now`, () => {
      assert.equal(messageOf(stale, now), `${since} ${key(0)} ${says}.`);
      assert.throws(() => refuseStale(stale, server(now), false), { code: 'plan-stale', where: key(0) });
    });

  it('names at most twenty records, and how many more there are', () => {
    assert.match(messageOf(planned(20), []), /^Since[^:]*:( \S+ held \S+ and is gone[;.]){20}$/);
    const message = messageOf(planned(22), []);
    assert.equal(message.split('is gone').length, 21);
    assert.match(message, /; and 2 more\.$/);
    assert.throws(
      () => refuseStale(planned(22), server([]), false),
      (error: { readonly where?: string }) => error.where?.split(', ').length === 20,
    );
  });

  it('starts from the records as they are when it is forced, as a sealed plan', () => {
    const now = record(key(0), 'other', { flags: 2 });
    const forced = refuseStale(plan, server([now]), true);
    assert.deepEqual(forced.steps, [{ ...plan.steps[0], before: now }]);
    assert.equal(forced.digest, planDigest(forced));
    assert.deepEqual(refuseStale(restore, server([now]), true).steps, [{ ...made, before: now }]);
    const replaced = sealPlan({ ...rest, steps: [{ ...made, before: now }] });
    assert.deepEqual(refuseStale(replaced, server([]), true).steps, [made]);
  });

  it('cannot be forced where the record is gone, and names only those', () => {
    assert.equal(messageOf(planned(2), [record(key(0), 'other')], true), `${since} ${key(1)} held ${old} and is gone.`);
  });
});
