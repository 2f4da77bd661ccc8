import assert from 'node:assert/strict';
import { stepErrorCodes } from '../../../src/base/codes/error-codes.ts';
import { beginStep, stepError } from '../../../src/documents/runs/step-progress.ts';
import { tlsHolder } from '../../../src/kinds/holder.ts';
import { record } from '../../builders/snapshot.ts';
import { removeStep, restoreStep } from '../../builders/steps.ts';

describe('a step that has begun', () => {
  const held = record('shop.example.com:443', 'old');

  it('finds its record as the plan has it, or absent where the plan has none', () => {
    const swapped = beginStep(removeStep(1, held), []);
    assert.deepEqual(swapped.now, { state: 'holds', holder: tlsHolder(held) });
    const restored = beginStep(restoreStep(1, held), []);
    assert.deepEqual(restored.now, { state: 'absent' });
  });
});

describe('the error of a step', () => {
  for (const { code, hint } of stepErrorCodes)
    it(`${code} has the hint of its code`, () =>
      assert.deepEqual(stepError(code, 'Why.', 'shop.example.com:443'), {
        code,
        message: 'Why.',
        hint,
        where: 'shop.example.com:443',
      }));
});
