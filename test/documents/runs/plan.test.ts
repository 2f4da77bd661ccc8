import assert from 'node:assert/strict';
import { isVerifyOnly, type Step, type Task, taskOf } from '../../../src/documents/runs/plan.ts';
import type { Holder } from '../../../src/kinds/holder.ts';
import { keyAccess, keyAccessKey } from '../../../src/kinds/key-access/key-access.ts';
import { record, renewal, thumbprintOf } from '../../builders/snapshot.ts';
import { removeStep, restoreStep, swapStep } from '../../builders/steps.ts';

const key = 'a.example.com:443';
const [old, successor] = [record(key, 'old'), record(key, 'new')];
const pair = renewal('old', 'new');
const rights = (reads: boolean): Holder<'keyAccess'> => {
  const value = { ...keyAccess(thumbprintOf('new'), ''), asked: [{ sid: 'S-1-5-20', reads }] };
  return { kind: 'keyAccess', key: keyAccessKey(thumbprintOf('new')), value };
};
const granted: Step = { ...swapStep(1, old, pair), before: rights(false), wanted: rights(true) };

const tasks: readonly (readonly [what: string, Step, Task])[] = [
  ['the new certificate in place of the old one', swapStep(1, old, pair), 'apply'],
  ['in place of a third one', swapStep(1, record(key, 'third'), pair), 'apply'],
  ['the same certificate, for its chain', swapStep(1, old, renewal('old', 'old')), 'reapply'],
  ['the old certificate in place of the new one', swapStep(1, successor, pair, pair.old), 'put-back'],
  ['the new certificate where it is', swapStep(1, successor, pair), 'check'],
  ['the old certificate where it is', swapStep(1, old, pair, pair.old), 'check-back'],
  ['rights on the new key', granted, 'grant'],
  ['none any more', { ...granted, before: rights(true), wanted: rights(false), renewal: null }, 'grant'],
  ['a whole record from nothing', restoreStep(1, old), 'restore'],
  ['a whole record in place of another', restoreStep(1, old, successor), 'restore'],
  ['nothing', removeStep(1, old), 'remove'],
];

describe('the task of a step', () => {
  for (const [what, step, task] of tasks) {
    it(`${task}: ${what}`, () => {
      assert.equal(taskOf(step), task);
      assert.equal(isVerifyOnly(step), task === 'check' || task === 'check-back');
    });
  }
});
