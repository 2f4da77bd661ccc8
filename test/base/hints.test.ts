import assert from 'node:assert/strict';
import { errorCodes, stepErrorCodes } from '../../src/base/codes/error-codes.ts';
import { findingCodes } from '../../src/base/codes/finding-codes.ts';
import { blockCodes, noteCodes, skipCodes } from '../../src/base/codes/plan-codes.ts';

/** What hints of a table may not send to, because it is what shows them. */
const circles = [
  ['stepErrorCodes', stepErrorCodes, /certrebind history last(?! --)/],
  ['findingCodes', findingCodes, /certrebind (?:doctor(?! --fix)|status)/],
  ['blockCodes', blockCodes, /certrebind (?:plan|status)/],
] as const;

const own = /\bcertrebind [a-z]/;
const others = /\b(?:netsh|wevtutil|certutil|[A-Z][a-z]+-[A-Z]\w+)\b/;
/** Nothing of CertRebind works before. */
const comesFirst = ['web-administration-missing'];

describe('what to do', () => {
  for (const [table, codes, circle] of circles)
    it(`never sends to the command that said so: ${table}`, () => {
      const circular = codes.filter(({ hint }) => circle.test(hint)).map(({ code }) => code);
      assert.deepEqual(circular, []);
    });

  it('names the command of CertRebind before those of others', () => {
    const late = [...stepErrorCodes, ...findingCodes, ...blockCodes, ...errorCodes, ...skipCodes, ...noteCodes]
      .filter(({ hint }) => own.test(hint) && others.test(hint) && hint.search(others) < hint.search(own))
      .map(({ code }) => code);
    assert.deepEqual([...new Set(late)], comesFirst);
  });
});
