import assert from 'node:assert/strict';
import { element, elements } from '../../../src/model/certificates/der.ts';

describe('DER that is written', () => {
  // X.690, 8.1.3 and 10.1: the shortest form of the length.
  for (const [bytes, head] of [
    [0, '0400'],
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [65_536, '0483010000'],
  ] as const)
    it(`has its length in the shortest form, and is read again: ${bytes} bytes`, () => {
      const made = element(0x04, Buffer.alloc(bytes, 7));
      assert.equal(made.subarray(0, made.length - bytes).toString('hex'), head);
      const [read, ...more] = elements(made);
      assert.deepEqual([read?.tag, read?.body.length, more], [0x04, bytes, []]);
    });
});
