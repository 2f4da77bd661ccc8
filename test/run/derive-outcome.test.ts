import assert from 'node:assert/strict';
import type { Outcome, StepOutcome } from '../../src/model/outcome.ts';
import type { Plan } from '../../src/model/plan.ts';
import { summarise } from '../../src/run/derive-outcome.ts';
import { renewal, thumbprintOf } from '../builders/snapshot.ts';
import { keyText } from './world.ts';

type Now = StepOutcome['now']['state'];

function step(result: StepOutcome['result'], now: Now = 'holds'): StepOutcome {
  const states: Record<Now, StepOutcome['now']> = {
    holds: { state: 'holds', thumbprint: thumbprintOf('any') },
    absent: { state: 'absent' },
    unknown: { state: 'unknown', why: 'no answer' },
  };
  return {
    id: 1,
    key: keyText('0.0.0.0:443'),
    result,
    now: states[now],
    repairedOptions: [],
    proof: 'none',
    before: [],
    after: [],
    error: null,
  };
}

const blocked: Plan['blocked'] = [
  {
    key: keyText('0.0.0.0:444'),
    consumers: [],
    renewal: renewal('old', 'new'),
    reason: 'names-lost',
    detail: '',
    hosts: [],
    endsAt: null,
  },
];
const skipped = (reason: Plan['skipped'][number]['reason']): Plan['skipped'][number] => ({
  key: keyText('0.0.0.0:445'),
  consumers: [],
  reason,
  detail: '',
});

interface Row {
  readonly steps: readonly StepOutcome[];
  readonly blocked?: boolean;
  readonly isUndo?: boolean;
  readonly dryRun?: boolean;
  readonly is: readonly [Outcome['result'], number];
}

const rows: Readonly<Record<string, Row>> = {
  'nothing at all': { steps: [], is: ['nothing-to-do', 0] },
  'everything changed': { steps: [step('changed'), step('changed')], is: ['rebound', 0] },
  'changed by others meanwhile to what was wanted': { steps: [step('already')], is: ['nothing-to-do', 0] },
  'changed, and some already': { steps: [step('changed'), step('already')], is: ['rebound', 0] },
  'only blocked': { steps: [], blocked: true, is: ['blocked', 3] },
  'changed and blocked': { steps: [step('changed')], blocked: true, is: ['partly-rebound', 3] },
  'all put back': { steps: [step('undone')], is: ['undone', 4] },
  'refused without a change': { steps: [step('failed')], is: ['undone', 4] },
  'changed, and one put back': { steps: [step('changed'), step('undone')], is: ['partly-rebound', 4] },
  'put back and blocked: the worse counts': { steps: [step('undone')], blocked: true, is: ['undone', 4] },
  'not attempted after a failed canary': { steps: [step('undone'), step('not-attempted')], is: ['undone', 4] },
  'stopped before anything was changed': { steps: [step('not-attempted')], is: ['undone', 4] },
  'one that could not be put back': { steps: [step('changed'), step('undo-failed')], is: ['needs-attention', 5] },
  'one that is gone': { steps: [step('failed', 'absent')], is: ['needs-attention', 5] },
  'one that nobody can tell about': { steps: [step('changed'), step('failed', 'unknown')], is: ['needs-attention', 5] },
  'changed, and nobody can tell how it stands now': { steps: [step('changed', 'unknown')], is: ['needs-attention', 5] },
  'found changed, and nobody can tell how it stands now': {
    steps: [step('already', 'unknown')],
    is: ['needs-attention', 5],
  },
  'an undo that did its work': { steps: [step('changed')], isUndo: true, is: ['undone', 0] },
  'an undo with nothing to put back': { steps: [], isUndo: true, is: ['nothing-to-do', 0] },
  'an undo that failed': { steps: [step('undo-failed')], isUndo: true, is: ['needs-attention', 5] },
  'a dry run': { steps: [step('not-attempted')], dryRun: true, is: ['nothing-to-do', 0] },
  'a dry run with something blocked': {
    steps: [step('not-attempted')],
    blocked: true,
    dryRun: true,
    is: ['blocked', 3],
  },
};

describe('an outcome', () => {
  for (const [name, row] of Object.entries(rows)) {
    it(`of ${name} is ${row.is.join(', exit ')}`, () => {
      const { result, exitCode } = summarise({
        steps: row.steps,
        plan: { blocked: row.blocked === true ? blocked : [], skipped: [] },
        isUndo: row.isUndo ?? false,
        dryRun: row.dryRun ?? false,
      });
      assert.deepEqual([result, exitCode], row.is);
    });
  }

  it('is success for no combination of steps that leaves one without what was wanted', () => {
    const results = ['changed', 'already', 'not-attempted', 'undone', 'undo-failed', 'failed'] as const;
    const every = results.flatMap((result) =>
      (['holds', 'absent', 'unknown'] as const).map((now) => step(result, now)),
    );
    for (const one of every) {
      for (const other of every) {
        const summary = summarise({
          steps: [one, other],
          plan: { blocked: [], skipped: [] },
          isUndo: false,
          dryRun: false,
        });
        const stands = [one, other].every(({ result }) => result === 'changed' || result === 'already');
        if (!stands)
          assert.notEqual(summary.exitCode, 0, `${one.result} ${one.now.state}, ${other.result} ${other.now.state}`);
        if (!stands) assert.notEqual(summary.result, 'rebound');
      }
    }
  });

  it('counts each record once', () => {
    const { counts } = summarise({
      steps: [
        step('changed'),
        step('already'),
        step('undone'),
        step('undo-failed'),
        step('failed'),
        step('not-attempted'),
      ],
      plan: { blocked, skipped: [skipped('already'), skipped('not-ours'), skipped('excluded')] },
      isUndo: false,
      dryRun: false,
    });
    assert.deepEqual(counts, { changed: 1, already: 2, blocked: 1, skipped: 2, undone: 1, failed: 2 });
  });
});
