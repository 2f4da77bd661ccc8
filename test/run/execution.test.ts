import assert from 'node:assert/strict';
import { stepErrorCodes } from '../../src/model/codes.ts';
import { beginStep, stepError } from '../../src/run/execution.ts';
import { record } from '../builders/snapshot.ts';

describe('a step that has begun', () => {
  const parts = { consumers: [], verify: [], notes: [] };
  const held = record('shop.example.com:443', 'old');

  it('finds its record as the plan has it, or absent where the plan has none', () => {
    const swapped = beginStep({ id: 1, action: 'remove', before: held, ...parts }, []);
    assert.deepEqual(swapped.now, { state: 'holds', record: held });
    const restored = beginStep({ id: 1, action: 'restore', before: null, record: held, ...parts }, []);
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
