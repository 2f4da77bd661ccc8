import assert from 'node:assert/strict';
import { meaningOfResult, resultOf } from '../../../src/model/windows/task-results.ts';

const table: readonly (readonly [number, string])[] = [
  [0, 'Success: everything is as wanted, or a renewal waits for its time or the change window (0)'],
  [7, 'CertRebind cannot work on this server. The message names what to install or allow (7)'],
  [0x41303, 'it has never run (0x00041303)'],
  [0x41325, 'it is queued (0x00041325)'],
  [0x80070002, 'the program was not found (0x80070002)'],
  [0x800711c7, 'the program is blocked by application control (Windows Defender Application Control) (0x800711C7)'],
  [77, '77'],
  [0x80071234, '0x80071234'],
];

const unrun: readonly (readonly [number | null, boolean, number | null])[] = [
  [0, true, 0],
  [7, true, 7],
  [0x41303, false, null],
  [0, false, null],
  [1, false, null],
  [0x41325, false, 0x41325],
  [0x41301, false, 0x41301],
  [0x80070002, false, 0x80070002],
  [null, false, null],
];

describe('last result of a task', () => {
  for (const [result, hasRun, says] of unrun) {
    it(`${result} of a task that ${hasRun ? 'has' : 'never'} run says ${says}`, () =>
      assert.equal(resultOf(result, hasRun), says));
  }
});

describe('meaning of the last result of a task', () => {
  for (const [result, meaning] of table) {
    it(`${result} is: ${meaning}`, () => assert.equal(meaningOfResult(result), meaning));
  }
});
