import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CertRebindError } from '../../src/base/errors.ts';
import { defaultConfiguration } from '../../src/documents/configuration.ts';
import { parseJournalLine } from '../../src/documents/runs/journal-document.ts';
import { parseOutcome } from '../../src/documents/runs/outcome-document.ts';
import { parsePlan } from '../../src/documents/runs/plan-document.ts';
import { planDigest, sealPlan } from '../../src/documents/runs/seal-plan.ts';
import { parseSnapshot } from '../../src/documents/snapshot-document.ts';
import { planRebind } from '../../src/engine/plan/plan-rebind.ts';
import { certificate, logOf, record, renewal, replaced, site, snapshot, sni } from '../builders/snapshot.ts';
import { throwsOnlyTypedErrors } from '../support/only-typed-errors.ts';
import { workingSchemas } from './frozen.ts';

const server = snapshot({
  sites: [site('Shop', [sni('shop.example.com'), sni('www.example.com')])],
  records: [record('shop.example.com:443', 'old', { flags: 2 }), record('www.example.com:443', 'old')],
  certificates: [certificate('old'), certificate('new', { notAfter: '2028-01-01T00:00:00.000Z' })],
  lifecycle: logOf(replaced(1, 'old', 'new')),
});
const plan = planRebind({ snapshot: server, renewals: [renewal('old', 'new')], configuration: defaultConfiguration });
const code = (expected: string) => (error: CertRebindError) => error.code === expected && error.exitCode === 2;

/** The schema says which parts a document must have. */
function requiredParts(name: string): readonly string[] {
  const { required } = Object(workingSchemas().get(`${name}/1`));
  assert(required.length > 5);
  return required;
}

const documents = {
  plan: { parse: parsePlan, value: plan },
  snapshot: { parse: parseSnapshot, value: server },
} as const;

for (const [name, { parse, value }] of Object.entries(documents)) {
  describe(`a ${name} file`, () => {
    const text = JSON.stringify(value);

    it('comes back as it was written, whatever its blanks and the order of its keys', () => {
      assert.deepEqual(parse(text, 'file'), value);
      const reversed = Object.fromEntries(Object.entries(value).toReversed());
      assert.deepEqual(parse(`\uFEFF${JSON.stringify(reversed, null, 4)}`, 'file'), value);
    });

    it('cut off anywhere is a bad document', () => {
      for (let length = 0; length < text.length; length += 97) {
        assert.throws(() => parse(text.slice(0, length), 'file'), code('bad-document'));
      }
    });

    it('of another version is refused as such, and one of another kind as a bad document', () => {
      assert.throws(
        () => parse(JSON.stringify({ ...value, schema: `certrebind/${name}/9` }), 'file'),
        code('other-version'),
      );
      assert.throws(
        () => parse(JSON.stringify({ ...value, schema: 'certrebind/other/1' }), 'file'),
        code('bad-document'),
      );
      assert.throws(() => parse('{}', 'file'), code('bad-document'));
    });

    it('without any one of its parts is a bad document, never something half read', () => {
      for (const key of requiredParts(name)) {
        const rest = Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
        assert.throws(() => parse(JSON.stringify(rest), 'file'), code('bad-document'), key);
      }
    });

    it('of any other content is a typed error', () => {
      fc.assert(fc.property(fc.json(), (json) => throwsOnlyTypedErrors(() => parse(json, 'file'))));
    });
  });
}

describe('the digest of a plan', () => {
  it('is that of its content, and is kept by sealing', () => {
    assert.equal(plan.digest, planDigest(plan));
    const { digest: _, ...rest } = plan;
    assert.deepEqual(sealPlan(rest), plan);
  });

  it('gives away any edit', () => {
    const edits: readonly object[] = [
      { asOf: '2026-06-01T12:00:00.001Z' },
      { steps: plan.steps.slice(1) },
      { steps: plan.steps.toReversed() },
      { server: { ...plan.server, id: 'server-2' } },
      { notes: [{ code: 'names-fewer', text: '' }] },
      { digest: '0'.repeat(64) },
    ];
    for (const edit of edits) {
      assert.throws(
        () => parsePlan(JSON.stringify({ ...plan, ...edit }), 'file'),
        code('plan-edited'),
        JSON.stringify(edit),
      );
    }
  });
});

describe('other documents of a run', () => {
  it('are a typed error when they are anything else', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        throwsOnlyTypedErrors(() => parseJournalLine(json, 'journal'));
        throwsOnlyTypedErrors(() => parseOutcome(json, 'outcome'));
      }),
    );
  });
});
