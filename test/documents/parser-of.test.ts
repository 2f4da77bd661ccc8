import assert from 'node:assert/strict';
import type { ValidateFunction } from 'ajv';
import { CertRebindError } from '../../src/base/errors.ts';
import { parserOf } from '../../src/documents/parser-of.ts';

/** A made-up document whose number has changed twice, and one of the two changes has a reader. */
const validate = Object.assign((value: unknown) => 'third' in Object(value), { errors: null });
const parse = parserOf('certrebind/made-up/3', validate as unknown as ValidateFunction, {
  'certrebind/made-up/2': (written) => ({ third: Object(written).second }),
});
const read = (document: object) => parse(JSON.stringify(document), 'file');

describe('the number of a document', () => {
  it('that this program writes is read as it stands', () => {
    const document = { schema: 'certrebind/made-up/3', third: 1, second: 2 };
    assert.deepEqual(read(document), document);
  });

  it('with a reader is read as the number after it', () => {
    assert.deepEqual(read({ schema: 'certrebind/made-up/2', second: 2 }), { schema: 'certrebind/made-up/3', third: 2 });
  });

  it('with a reader is checked as any other', () => {
    const readers = { 'certrebind/made-up/2': () => ({ fourth: 4 }) };
    const careless = parserOf('certrebind/made-up/3', validate as unknown as ValidateFunction, readers);
    assert.throws(() => careless('{"schema":"certrebind/made-up/2"}', 'file'), { code: 'bad-document' });
  });

  it('is read by every reader on its way', () => {
    const readers = {
      'certrebind/made-up/1': (written: unknown) => ({ second: Object(written).first }),
      'certrebind/made-up/2': (written: unknown) => ({ third: Object(written).second }),
    };
    const both = parserOf('certrebind/made-up/3', validate as unknown as ValidateFunction, readers);
    const text = '{"schema":"certrebind/made-up/1","first":1}';
    assert.deepEqual(both(text, 'file'), { schema: 'certrebind/made-up/3', third: 1 });
  });

  for (const number of [1, 4, 12])
    it(`without a reader is refused as that of another version: ${number}`, () =>
      assert.throws(
        () => read({ schema: `certrebind/made-up/${number}`, third: 3 }),
        (error) =>
          error instanceof CertRebindError &&
          error.code === 'other-version' &&
          error.where === 'file' &&
          error.message ===
            `file was written by another version of CertRebind: it is a made-up of version ${number}, and this one reads version 3.`,
      ));
});
