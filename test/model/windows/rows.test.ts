import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeRows, encodeRows } from '../../../src/model/windows/rows.ts';
import { anyCharacter } from '../../support/any-character.ts';

describe('rows', () => {
  const field = fc.oneof(
    fc.string({ unit: anyCharacter }),
    fc.string({ unit: fc.constantFrom('\\', 't', 'n', '\t', '\n', '\r') }),
  );

  it('carry any fields both ways', () => {
    fc.assert(
      fc.property(fc.array(fc.array(field, { minLength: 1 }), { minLength: 1 }), (rows) => {
        fc.pre(!(rows.length === 1 && rows[0]?.length === 1 && rows[0][0] === ''));
        assert.deepEqual(decodeRows(Buffer.from(encodeRows(rows))), rows);
      }),
    );
  });

  it('are one line each, with tabs between fields only', () => {
    fc.assert(
      fc.property(fc.array(field, { minLength: 1 }), (row) => {
        const text = encodeRows([row]);
        assert.equal(text.split('\t').length, row.length);
        assert.doesNotMatch(text, /[\r\n]/);
      }),
    );
  });

  it('take any text without an error', () => {
    fc.assert(fc.property(fc.string({ unit: anyCharacter }), (text) => void decodeRows(Buffer.from(text))));
  });

  it('are none in an empty text', () => assert.deepEqual(decodeRows(Buffer.alloc(0)), []));
});
