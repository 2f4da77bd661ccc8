import assert from 'node:assert/strict';
import type { ErrorObject } from 'ajv';
import { describe as describeErrors, parseJson } from '../../src/base/document.ts';
import { CertRebindError } from '../../src/base/errors.ts';
import { parseLedger } from '../../src/documents/runs/ledger.ts';

function errorOf(read: () => unknown): Pick<CertRebindError, 'code' | 'message' | 'where'> {
  try {
    read();
  } catch (error) {
    if (!(error instanceof CertRebindError)) throw error;
    return { code: error.code, message: error.message, where: error.where };
  }
  return assert.fail('it was read');
}

const where = 'ledger.json';
const ledger = {
  schema: 'certrebind/ledger/1',
  renewals: [],
  decisions: [],
  listing: null,
  pendingRollbacks: [],
  dismissed: [],
  retired: [],
};
const read = (value: unknown) => () => parseLedger(JSON.stringify(value), where);

describe('a document', () => {
  it('is read with or without a byte order mark', () => {
    assert.deepEqual(parseLedger(JSON.stringify(ledger), where), ledger);
    assert.deepEqual(parseJson('\uFEFF{"a":"\uFEFF"}', where), { a: '\uFEFF' });
  });

  it('that is not JSON is refused by place, without a word of what it holds', () => {
    for (const text of ['{', '{"password": hunter2}', '', '[1,', '{"a" 1}', 'secret']) {
      const { code, message, where: at } = errorOf(() => parseJson(text, where));
      assert.deepEqual([code, at], ['bad-document', where]);
      assert.match(message, /^ledger\.json is not JSON: .{5,}\.$/);
      assert.doesNotMatch(message, /hunter|secret|password/);
      assert.doesNotMatch(message, /"|\.\.\./);
      assert(message.length < 250);
    }
    assert.match(errorOf(() => parseJson('{"a" 1}', where)).message, /position 5/);
  });

  for (const [what, value, message] of [
    [
      'of another kind',
      { ...ledger, schema: 'certrebind/plan/1' },
      'is not a ledger of CertRebind: its schema is "certrebind/plan/1".',
    ],
    ['without a schema', { renewals: [] }, 'is not a ledger of CertRebind: it has no schema.'],
    ['whose schema is no text', { ...ledger, schema: 1 }, 'is not a ledger of CertRebind: it has no schema.'],
    ['that is nothing', null, 'is not a ledger of CertRebind: it has no schema.'],
    ['that is a list', [], 'is not a ledger of CertRebind: it has no schema.'],
    [
      'of no version',
      { ...ledger, schema: 'certrebind/ledger/0' },
      'is not a ledger of CertRebind: its schema is "certrebind/ledger/0".',
    ],
    [
      'with words before the schema',
      { ...ledger, schema: 'x certrebind/ledger/1' },
      'is not a ledger of CertRebind: its schema is "x certrebind/ledger/1".',
    ],
    [
      'with words behind the schema',
      { ...ledger, schema: 'certrebind/ledger/1x' },
      'is not a ledger of CertRebind: its schema is "certrebind/ledger/1x".',
    ],
    [
      'with a long schema',
      { ...ledger, schema: 'x'.repeat(90) },
      `is not a ledger of CertRebind: its schema is "${'x'.repeat(80)}".`,
    ],
    ['with a part of the wrong type', { ...ledger, renewals: 3 }, 'is not a valid ledger: /renewals is not a list.'],
    [
      'without a part',
      { schema: ledger.schema, listing: null },
      'is not a valid ledger: the document has no "renewals".',
    ],
  ] as const)
    it(`${what} is refused, and told what it is`, () =>
      assert.deepEqual(errorOf(read(value)), { code: 'bad-document', message: `${where} ${message}`, where }));
});

describe('the words for what is wrong', () => {
  const error = (instancePath: string, message?: string): ErrorObject => ({
    instancePath,
    schemaPath: '',
    keyword: '',
    params: {},
    ...(message === undefined ? {} : { message }),
  });

  it('are about the deepest place, which is nearest to the mistake', () => {
    const errors = [error('/a', 'one'), error('/a/b/c', 'three'), error('/a/b', 'two'), error('', 'none')];
    assert.equal(describeErrors(errors), '/a/b/c three');
    assert.equal(describeErrors(errors.toReversed()), '/a/b/c three');
    assert.equal(describeErrors([error('/long-name', 'one'), error('/a/b', 'two')]), '/a/b two');
  });

  it('are there even where a validator says nothing', () => {
    for (const nothing of [undefined, null, []])
      assert.equal(describeErrors(nothing), 'it does not have the expected structure');
    assert.equal(describeErrors([error('')]), 'the document is wrong');
  });
});
