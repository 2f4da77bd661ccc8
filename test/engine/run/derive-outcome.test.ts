import assert from 'node:assert/strict';
import type { BlockCode, SkipCode } from '../../../src/base/codes/plan-codes.ts';
import type { Outcome, StepOutcome } from '../../../src/documents/runs/outcome.ts';
import type { Plan, Purpose } from '../../../src/documents/runs/plan.ts';
import { isApplied, type State, states } from '../../../src/documents/runs/step-states.ts';
import { summarise } from '../../../src/engine/run/close-run.ts';
import { obstacle } from '../../builders/met.ts';
import { renewal, thumbprintOf } from '../../builders/snapshot.ts';
import { keyText } from './world.ts';

type Now = StepOutcome['now']['state'];

function step(state: State, now: Now = 'holds'): StepOutcome {
  const found: Record<Now, StepOutcome['now']> = {
    holds: { state: 'holds', thumbprint: thumbprintOf('any') },
    absent: { state: 'absent' },
    unknown: { state: 'unknown', why: 'no answer' },
  };
  return {
    id: 1,
    key: keyText('0.0.0.0:443'),
    state,
    now: found[now],
    repairedOptions: [],
    before: [],
    after: [],
    error: null,
  };
}

function blockedBy(reason: BlockCode): Plan['blocked'][number] {
  return {
    key: keyText('0.0.0.0:444'),
    consumers: [],
    renewal: renewal('old', 'new'),
    obstacles: [obstacle(reason)],
  };
}
const skipped = (reason: SkipCode): Plan['skipped'][number] => ({
  key: keyText('0.0.0.0:445'),
  consumers: [],
  renewal: null,
  obstacles: [obstacle(reason)],
});

interface Row {
  readonly steps: readonly StepOutcome[];
  readonly blocked?: readonly BlockCode[];
  readonly purpose?: Purpose;
  readonly is: readonly [Outcome['result'], number];
}

const rows: Readonly<Record<string, Row>> = {
  'nothing at all': { steps: [], is: ['nothing-to-do', 0] },
  'everything changed': { steps: [step('verified'), step('untested')], is: ['rebound', 0] },
  'everything changed, and nothing dialled': { steps: [step('untested')], is: ['rebound', 0] },
  'changed, and not verified': { steps: [step('verified'), step('not-verified')], is: ['rebound', 0] },
  'changed by others meanwhile to what was wanted': { steps: [step('already')], is: ['nothing-to-do', 0] },
  'changed, and some already': { steps: [step('verified'), step('already')], is: ['rebound', 0] },
  'only blocked': { steps: [], blocked: ['names-lost'], is: ['blocked', 3] },
  'changed and blocked': { steps: [step('verified')], blocked: ['names-lost'], is: ['partly-rebound', 3] },
  'only what has its time': { steps: [], blocked: ['not-yet-valid'], is: ['waiting', 0] },
  'what has its time, and what was refused': {
    steps: [],
    blocked: ['not-yet-valid', 'names-lost'],
    is: ['blocked', 3],
  },
  'changed, and what has its time': {
    steps: [step('verified')],
    blocked: ['not-yet-valid'],
    is: ['partly-rebound', 0],
  },
  'a key that did not come': { steps: [], blocked: ['key-missing'], is: ['blocked', 3] },
  'all put back': { steps: [step('rolled-back')], is: ['undone', 4] },
  'refused without a change': { steps: [step('as-before')], is: ['undone', 4] },
  'changed by others to something else': { steps: [step('changed-by-others')], is: ['undone', 4] },
  'changed, and one put back': { steps: [step('verified'), step('rolled-back')], is: ['partly-rebound', 4] },
  'put back and blocked: the worse counts': {
    steps: [step('rolled-back')],
    blocked: ['names-lost'],
    is: ['undone', 4],
  },
  'not attempted after a failed canary': { steps: [step('rolled-back'), step('not-attempted')], is: ['undone', 4] },
  'stopped before anything was changed': { steps: [step('not-attempted')], is: ['undone', 4] },
  'one that could not be rolled back': {
    steps: [step('verified'), step('rollback-failed')],
    is: ['needs-attention', 5],
  },
  'one that is gone': { steps: [step('absent', 'absent')], is: ['needs-attention', 5] },
  'one that nobody can tell about': {
    steps: [step('verified'), step('silent', 'unknown')],
    is: ['needs-attention', 5],
  },
  'an undo that did its work': { steps: [step('verified')], purpose: 'undo', is: ['undone', 0] },
  'an undo with nothing to put back': { steps: [], purpose: 'undo', is: ['nothing-to-do', 0] },
  'an undo of which a part failed': {
    steps: [step('verified'), step('as-before')],
    purpose: 'undo',
    is: ['partly-undone', 4],
  },
  'an undo that changed nothing': { steps: [step('as-before')], purpose: 'undo', is: ['partly-undone', 4] },
  'an undo that failed': { steps: [step('rollback-failed')], purpose: 'undo', is: ['needs-attention', 5] },
  'a repair': { steps: [step('untested')], purpose: 'repair', is: ['repaired', 0] },
  'a repair of which a part failed': {
    steps: [step('untested'), step('as-before')],
    purpose: 'repair',
    is: ['partly-repaired', 4],
  },
  'a dry run': { steps: [step('planned')], is: ['would-rebind', 0] },
  'a dry run of an undo': { steps: [step('planned')], purpose: 'undo', is: ['would-undo', 0] },
  'a dry run of a repair': { steps: [step('planned')], purpose: 'repair', is: ['would-repair', 0] },
  'a dry run with something blocked': { steps: [step('planned')], blocked: ['names-lost'], is: ['would-rebind', 3] },
};

describe('an outcome', () => {
  for (const [name, row] of Object.entries(rows)) {
    it(`of ${name} is ${row.is.join(', exit ')}`, () => {
      const { result, exitCode } = summarise({
        steps: row.steps,
        plan: { purpose: row.purpose ?? 'rebind', blocked: (row.blocked ?? []).map(blockedBy), skipped: [] },
      });
      assert.deepEqual([result, exitCode], row.is);
    });
  }

  it('of an undo counts what it changed as undone, and not what it rolled back itself', () => {
    const steps = [step('verified'), step('untested'), step('rolled-back'), step('as-before')];
    const { counts } = summarise({ steps, plan: { ...nothingLeftOut, purpose: 'undo' } });
    assert.deepEqual([counts.changed, counts.undone, counts.failed], [2, 2, 2]);
  });

  it('is success for no combination of steps that leaves one without what was wanted', () => {
    const every = Object.keys(states) as State[];
    for (const one of every) {
      for (const other of every) {
        const { exitCode, result } = summarise({ steps: [step(one), step(other)], plan: nothingLeftOut });
        if (isApplied(one) && isApplied(other)) continue;
        if (one !== 'planned' && other !== 'planned') assert.notEqual(exitCode, 0, `${one}, ${other}`);
        assert.notEqual(result, 'rebound', `${one}, ${other}`);
      }
    }
  });

  it('counts each step once, and those that are not verified among the changed', () => {
    for (const [state, { counts }] of Object.entries(states)) {
      const others = counts.filter((name) => name !== 'notVerified');
      assert.equal(others.length, 1, state);
    }
    const { counts } = summarise({
      steps: [
        step('verified'),
        step('not-verified'),
        step('already'),
        step('rolled-back'),
        step('rollback-failed'),
        step('as-before'),
        step('not-attempted'),
      ],
      plan: {
        purpose: 'rebind',
        blocked: [blockedBy('names-lost'), blockedBy('not-yet-valid')],
        skipped: [skipped('already'), skipped('other-program'), skipped('excluded')],
      },
    });
    assert.deepEqual(counts, {
      planned: 1,
      changed: 2,
      already: 2,
      blocked: 1,
      skipped: 2,
      undone: 1,
      failed: 2,
      notVerified: 1,
      stillOld: 0,
      waiting: 1,
    });
  });
});

const nothingLeftOut = { purpose: 'rebind', blocked: [], skipped: [] } as const;
