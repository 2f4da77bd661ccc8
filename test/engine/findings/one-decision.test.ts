import assert from 'node:assert/strict';
import { blockEntry } from '../../../src/base/codes/plan-codes.ts';
import { isVerifyOnly } from '../../../src/documents/runs/plan.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import type { DoctorFacts } from '../../../src/engine/findings/facts.ts';
import { planPending, renewalsOf } from '../../../src/engine/plan/plan-pending.ts';
import { statusOf } from '../../../src/engine/views/server-status.ts';
import { usageOf } from '../../../src/engine/views/usage.ts';
import { met } from '../../builders/met.ts';
import { factsIn, situations } from './situations.ts';

/** Where a renewal is outstanding, and what becomes of it there; each place once. */
type Answers = readonly string[];

function byPlan({ snapshot, ledger, configuration, owed }: DoctorFacts): Answers {
  const { steps, blocked, skipped } = planPending(snapshot, ledger, configuration, owed);
  return [
    ...steps.flatMap((step) => (step.renewal === null || isVerifyOnly(step) ? [] : `${step.key} changes`)),
    ...blocked.map(
      ({ key, obstacles: [{ code }] }) =>
        `${key} ${{ soon: 'changes', 'its-time': 'waits', never: 'is blocked' }[blockEntry(code)?.waits ?? 'never']}`,
    ),
    ...skipped.map(met).flatMap(({ key, reason }) => (reason === 'held' ? `${key} is on hold` : [])),
  ].sort();
}

function byFindings(facts: DoctorFacts): Answers {
  const answers = lookAt(facts).every.flatMap(({ code, keys, next, at }) => {
    switch (code) {
      case 'renewal-pending':
        return keys.map((key) => `${key} changes`);
      case 'old-certificate-back':
        return keys.map((key) => `${key} ${at !== null && at <= facts.snapshot.takenAt ? 'changes' : 'waits'}`);
      case 'renewal-waiting':
        return keys.map((key) => `${key} waits`);
      case 'renewal-blocked':
        return keys.map((key) => `${key} is blocked`);
      case 'renewal-rolled-back':
        return keys.map((key) => `${key} ${next === 'retried' ? 'changes' : 'is on hold'}`);
      default:
        return [];
    }
  });
  return [...new Set(answers)].sort();
}

describe('what becomes of a place', () => {
  const all = situations.map((one) => ({ ...one, facts: factsIn(one) }));

  it('is one answer, of a plan and of what is found, in every situation', () => {
    const open = (answers: Answers) => answers.filter((one) => !one.endsWith(' is on hold'));
    for (const { situation, facts } of all) assert.deepEqual(open(byFindings(facts)), open(byPlan(facts)), situation);
    const kinds = new Set(all.flatMap(({ facts }) => byPlan(facts)).map((one) => one.replace(/^\S+ /, '')));
    assert.deepEqual([...kinds].sort(), ['changes', 'is blocked', 'waits']);
  });

  it('is what status shows of it, unless something worse is the matter there', () => {
    const worse = ['down', 'no-answer', 'wrong', 'rolled-back', 'ends-soon'];
    const shown = { changes: ['old'], waits: ['waiting', 'old'], 'is blocked': ['blocked'], 'is on hold': [] };
    for (const { situation, facts } of all) {
      const places = new Map(statusOf(lookAt(facts)).places.map(({ key, state }) => [key as string, state]));
      for (const answer of byPlan(facts)) {
        const [, key = '', is = ''] = /^(\S+) (.+)$/.exec(answer) ?? [];
        const state = places.get(key);
        if (state === undefined) continue;
        assert.ok([...worse, ...shown[is as keyof typeof shown]].includes(state), `${situation}: ${answer}, ${state}`);
      }
    }
  });

  it('is what usage says keeps a renewal from a place that CertRebind changes', () => {
    const shown = all.flatMap(({ situation, facts }) => {
      const { snapshot, configuration, ledger, owed } = facts;
      const { blocked, skipped } = planPending(snapshot, ledger, configuration, owed);
      const codes = new Map<string, string>(
        [...blocked, ...skipped].map(({ key, obstacles }) => [key, obstacles[0].code]),
      );
      const used = usageOf(snapshot, configuration, null, renewalsOf(facts).decisions).certificates.flatMap(
        ({ consumers }) => consumers,
      );
      return used
        .filter(({ handled, key }) => handled && codes.get(key) !== 'already')
        .map(({ key, reason }) => {
          // Where all is on hold, nothing is pending, and the plan has a note.
          const isSilent = reason === 'held' && !codes.has(key);
          assert.ok(isSilent || reason === codes.get(key), `${situation}: ${key} ${reason}`);
          return reason;
        });
    });
    assert.ok(new Set(shown).size > 4);
  });
});
