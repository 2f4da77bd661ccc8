import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseThumbprint, toThumbprint } from '../../../src/model/certificates/thumbprint.ts';
import { typedError } from '../../support/only-typed-errors.ts';

const plain = '61D34F532DA121BBAB64723C4871E72C92F03735';
const decoration = fc.constantFrom(' ', ':', '\t', '\u200E', '\u200F', '\u202A', '\uFEFF', '\u00A0', '');
const digits = fc.stringMatching(/^[0-9A-F]{40}$/);

describe('thumbprint', () => {
  const spellings = [
    ['upper case', plain],
    ['lower case', plain.toLowerCase()],
    ['copied from the MMC with its invisible mark', `\u200E${plain.toLowerCase().replace(/..(?!$)/g, '$& ')}`],
    ['with colons', plain.replace(/..(?!$)/g, '$&:')],
  ] as const;
  for (const [name, text] of spellings) {
    it(`is read when written in ${name}`, () => assert.equal(toThumbprint(text), plain));
  }

  it('is the same however it is decorated and whatever its letter case', () => {
    const decorated = fc.tuple(digits, fc.array(fc.tuple(decoration, fc.boolean()), { minLength: 40, maxLength: 40 }));
    fc.assert(
      fc.property(decorated, ([text, marks]) => {
        const written = marks.map(([mark, lower], at) => `${mark}${lower ? text[at]?.toLowerCase() : text[at]}`);
        assert.equal(toThumbprint(written.join('')), text);
      }),
    );
  });

  it('is nothing but 40 hexadecimal digits', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9A-G]{38,42}$/)), (text) => {
        const read = toThumbprint(text);
        assert.ok(read === null || /^[0-9A-F]{40}$/.test(read));
      }),
    );
  });

  for (const [text, complaint] of [
    [plain.slice(1), 'it has 39 hexadecimal digits'],
    [`${plain}0`, 'it has 41 hexadecimal digits'],
    ['', 'it has 0 hexadecimal digits'],
    [`${plain.slice(1)}G`, 'it contains "G"'],
  ] as const) {
    it(`is refused with its fault named: ${JSON.stringify(text)}`, () => {
      const error = typedError(() => parseThumbprint(text, '--old'));
      assert.deepEqual([error.code, error.exitCode, error.where], ['bad-thumbprint', 2, '--old']);
      assert.ok(error.message.includes(complaint), error.message);
    });
  }
});
