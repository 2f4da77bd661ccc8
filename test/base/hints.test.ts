import assert from 'node:assert/strict';
import { errorCodes, stepErrorCodes } from '../../src/base/codes/error-codes.ts';
import { findingCodes } from '../../src/base/codes/finding-codes.ts';
import { blockCodes, noteCodes, skipCodes } from '../../src/base/codes/plan-codes.ts';
import { each } from '../support/each.ts';

/** What hints of a table may not send to, because it is what shows them. */
const circles = [
  ['stepErrorCodes', stepErrorCodes, /certrebind history last(?! --)/],
  ['findingCodes', findingCodes, /certrebind (?:doctor(?! --fix)|status)/],
  ['blockCodes', blockCodes, /certrebind (?:plan|status)/],
] as const;

const own = /\bcertrebind [a-z]/;
const others = /\b(?:netsh|wevtutil|certutil|[A-Z][a-z]+-[A-Z]\w+)\b/;
/** Nothing of CertRebind works before the first; the sentence of the other begins with our own way. */
const comesFirst = ['web-administration-missing', 'uncorroborated'];

describe('what to do', () => {
  for (const [table, codes, circle] of circles)
    it(`never sends to the command that said so: ${table}`, () => {
      const circular = codes.filter(({ hint }) => circle.test(hint)).map(({ code }) => code);
      assert.deepEqual(circular, []);
    });

  const all = [...stepErrorCodes, ...findingCodes, ...blockCodes, ...errorCodes, ...skipCodes, ...noteCodes];

  it('names the command of CertRebind before those of others', () => {
    const late = all
      .map(({ code, hint, lines = {} }) => ({ code, said: [hint, ...Object.values(lines)].join('\n') }))
      .filter(({ said }) => own.test(said) && others.test(said) && said.search(others) < said.search(own))
      .map(({ code }) => code);
    assert.deepEqual([...new Set(late)], comesFirst);
  });

  it('has a line to type for itself, and not in a sentence', () => {
    const inside = all.filter(({ text, hint }) =>
      /\bcertrebind [a-z]|\b(?:netsh http|wevtutil|certutil) /.test(`${text} ${hint}`),
    );
    assert.deepEqual(each(inside, 'code'), []);
  });
});
