import assert from 'node:assert/strict';
import { finding } from '../../../src/documents/finding.ts';
import type { KeyText } from '../../../src/holders/record-key.ts';
import { dismissalOf, isDismissed, stillDismissed } from '../../../src/inspect/dismiss/dismissals.ts';
import { now } from '../../builders/snapshot.ts';

const key = '0.0.0.0:443' as KeyText;
const earlier = finding('names-lost', `${key} lacks a.example.com.`, { key });
const later = finding('names-lost', `${key} lacks b.example.com.`, { key });
const other = finding('two-mechanisms', 'Two.');

describe('what a person dismissed', () => {
  const of = (one: typeof other) => dismissalOf(one, 'WEB01\\Admin', now);

  it('is hidden until one of its facts changes, and an error never is', () => {
    assert.equal(isDismissed(earlier, { dismissed: [of(earlier)] }), true);
    assert.equal(isDismissed(later, { dismissed: [of(earlier)] }), false);
    const worse = { ...earlier, severity: 'error' as const };
    assert.equal(isDismissed(worse, { dismissed: [of(worse)] }), false);
  });

  it('leaves the ledger once it is found with other facts, or not at all', () => {
    assert.deepEqual(stillDismissed([of(earlier), of(other)], [later, other]), [of(other)]);
  });
});
