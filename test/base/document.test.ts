import assert from 'node:assert/strict';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { describe as describeErrors, parseJson, parserOf } from '../../src/base/document.ts';
import { CertRebindError } from '../../src/base/errors.ts';
import { parseLedger } from '../../src/documents/runs/ledger.ts';
import { parsePlan } from '../../src/documents/runs/plan-document.ts';

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
  schema: 'certrebind/ledger/2',
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
      { ...ledger, schema: 'x certrebind/ledger/2' },
      'is not a ledger of CertRebind: its schema is "x certrebind/ledger/2".',
    ],
    [
      'with words behind the schema',
      { ...ledger, schema: 'certrebind/ledger/2x' },
      'is not a ledger of CertRebind: its schema is "certrebind/ledger/2x".',
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

  it('of a later version is told apart, since this program is at fault', () => {
    assert.deepEqual(errorOf(read({ ...ledger, schema: 'certrebind/ledger/12' })), {
      code: 'later-schema',
      message: `${where} was written by a newer CertRebind: it is a ledger of version 12, and this one reads versions up to 2.`,
      where,
    });
  });

  it('of an earlier version is told apart, since it has to be made again', () => {
    const plan = { schema: 'certrebind/plan/1', steps: [] };
    assert.deepEqual(
      errorOf(() => parsePlan(JSON.stringify(plan), 'plan.json')),
      {
        code: 'earlier-schema',
        message: 'plan.json is a plan of version 1. This version of CertRebind reads version 2.',
        where: 'plan.json',
      },
    );
  });
});

describe('a document of an earlier number', () => {
  const validate = Object.assign((value: unknown) => 'third' in Object(value), { errors: null });
  const parse = parserOf<object>('made', 3, validate as unknown as ValidateFunction, {
    1: (written) => ({ second: Object(written).first }),
    2: (written) => ({ third: Object(written).second }),
    3: (written) => ({ third: Object(written).former }),
  });
  for (const [what, written, read] of [
    [
      'is read by every reader in between',
      { schema: 'certrebind/made/1', first: 1 },
      { schema: 'certrebind/made/3', third: 1 },
    ],
    [
      'is read by the one reader of it',
      { schema: 'certrebind/made/2', second: 2 },
      { schema: 'certrebind/made/3', third: 2 },
    ],
    [
      'as it was written before its number was a promise is read',
      { schema: 'certrebind/made/3', former: 3 },
      { third: 3 },
    ],
    [
      'that is as it should be is not touched',
      { schema: 'certrebind/made/3', third: 4, former: 3 },
      { schema: 'certrebind/made/3', third: 4, former: 3 },
    ],
  ] as const)
    it(what, () => assert.deepEqual(parse(JSON.stringify(written), 'file'), read));
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
