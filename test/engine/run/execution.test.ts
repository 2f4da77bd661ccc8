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
  for (const { code, hint, lines } of stepErrorCodes)
    it(`${code} has the hint of its code, and its lines below`, () => {
      const error = stepError(code, 'Why.', 'shop.example.com:443');
      const below = Object.entries(lines ?? {}).flatMap(([what, line]) => [`${what}:`, `  ${line}`]);
      const expected = { code, message: 'Why.', hint: [hint, ...below].join('\n'), where: 'shop.example.com:443' };
      assert.deepEqual(error, expected);
    });
});
