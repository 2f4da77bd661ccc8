import assert from 'node:assert/strict';
import type { JournalLine } from '../../../src/documents/runs/journal.ts';
import type { Step } from '../../../src/documents/runs/plan.ts';
import { sealPlan } from '../../../src/documents/runs/seal-plan.ts';
import type { State } from '../../../src/documents/runs/step-states.ts';
import { needsLastKnown } from '../../../src/engine/findings/record-findings.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import type { RunRecord } from '../../../src/engine/run/last-known.ts';
import {
  certificate,
  https,
  now,
  policy,
  record,
  renewal,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { removeStep } from '../../builders/steps.ts';
import { lastKnownRecords } from '../../support/last-known-records.ts';
import { outcomeOf } from '../plan/outcomes.ts';

const before = record('shop.example.com:443', 'old', { flags: 2 });
const server = snapshot({
  sites: [site('Shop', [sni('shop.example.com')])],
  records: [before],
  certificates: [certificate('old'), certificate('new', { notAfter: '2028-01-01T00:00:00.000Z' })],
});
const swap = planRebind({ snapshot: server, renewals: [renewal('old', 'new')], configuration: policy() });

/** A closed run of these steps, or of the replacement above. */
function run(state: State, steps: readonly Step[] = swap.steps): RunRecord {
  const { digest: _, ...rest } = swap;
  const plan = sealPlan({ ...rest, steps });
  const opened: JournalLine = {
    schema: 'certrebind/journal/1',
    at: now,
    type: 'opened',
    run: 'run-1',
    command: 'rebind',
    plan,
    baseline: [],
  };
  const recovering: JournalLine = { at: now, type: 'recovering', pid: 1 };
  return { journal: [recovering, opened], outcome: outcomeOf(plan, [state]) };
}

/** Label of the certificate of each record that is known, in their order. */
function known(...runs: readonly RunRecord[]): readonly (string | null)[] {
  const labels = new Map<string | null, string>(['old', 'new'].map((label) => [thumbprintOf(label), label]));
  return [...lastKnownRecords(runs).values()].map(({ thumbprint }) => labels.get(thumbprint) ?? null);
}

describe('records as runs last left them', () => {
  for (const [state, left] of [
    ['verified', ['new']],
    ['not-verified', ['new']],
    ['already', ['new']],
    ['rolled-back', ['old']],
    ['as-before', []],
    ['rollback-failed', []],
    ['not-attempted', []],
    ['planned', []],
  ] as const)
    it(`after a step that is ${state}: ${left.join() || 'nothing'}`, () => assert.deepEqual(known(run(state)), left));

  it('are whole', () => assert.deepEqual([...lastKnownRecords([run('rolled-back')])], [[before.key, before]]));

  it('are those of the latest run that dealt with them', () => {
    assert.deepEqual(known(run('verified'), run('rolled-back')), ['old']);
    assert.deepEqual(known(run('verified'), run('not-attempted')), ['new']);
    assert.deepEqual(known(run('verified'), run('as-before')), []);
  });

  it('are none of what a run took away', () =>
    assert.deepEqual(known(run('rolled-back'), run('verified', [removeStep(1, before)])), []));

  it('are none of a run that is unfinished, never began, or says nothing of a step', () => {
    assert.deepEqual(known({ ...run('verified'), outcome: null }), []);
    assert.deepEqual(known({ ...run('verified'), journal: [] }), []);
    const told = run('verified');
    assert(told.outcome !== null);
    assert.deepEqual(known({ ...told, outcome: { ...told.outcome, steps: [] } }), []);
  });
});

describe('earlier runs are read', () => {
  for (const [what, parts, needed] of [
    ['nothing is bound', { sites: [] }, false],
    ['every binding has its record', {}, false],
    ['a binding has none', { records: [] }, true],
    [
      'one of two bindings has none',
      { sites: [site('Shop', [sni('shop.example.com'), https('*:8443:')]), site('Bare', [])] },
      true,
    ],
    ['a binding cannot be read', { sites: [site('Odd', [https('nonsense')])] }, false],
  ] as const)
    it(`when ${what}: ${needed ? 'yes' : 'no'}`, () =>
      assert.equal(needsLastKnown(snapshot({ ...server, ...parts })), needed));
});
