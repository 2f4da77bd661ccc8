import assert from 'node:assert/strict';

import type { FindingCode } from '../../src/base/codes/finding-codes.ts';
import { type FindingParts, finding, inOrder, worstRank } from '../../src/documents/finding.ts';
import { dayMs } from '../../src/model/certificates/deadline.ts';

const at = '2026-06-01T00:00:00.000Z';
const inDays = (days: number) => new Date(Date.parse(at) + days * dayMs).toISOString();

function orderOf(...found: readonly (readonly [FindingCode, FindingParts?])[]): readonly string[] {
  const findings = found.map(([code, parts]) => finding(code, code, parts));
  return inOrder(findings.toReversed(), at).map(({ code }) => code);
}

describe('order of findings', () => {
  it('begins with what clients meet now, then what they meet soon, what keeps CertRebind from acting, and what is later', () => {
    const rows = [
      ['certificate-expired', { endsAt: inDays(-1) }],
      ['name-not-covered'],
      ['certificate-ends-soon', { endsAt: inDays(5), severity: 'error' }],
      ['certificate-ends-soon', { endsAt: inDays(20) }],
      ['task-disabled'],
      ['task-missing'],
      ['renewal-rolled-back', { endsAt: inDays(64) }],
      ['renewal-pending', { endsAt: inDays(64) }],
      ['shadowed-names', { severity: 'info' }],
      ['source-stale'],
    ] as const;
    assert.deepEqual(
      orderOf(...rows),
      rows.map(([code]) => code),
    );
  });

  it('puts an endpoint that does not answer before what clients do not meet yet', () => {
    const later = ['certificate-ends-soon', { endsAt: inDays(1), severity: 'error' }] as const;
    assert.deepEqual(orderOf(['endpoint-unreachable'], later), ['endpoint-unreachable', 'certificate-ends-soon']);
  });

  it('tells the certificate of a holder that has ended from one that is about to', () => {
    const [over, near] = [{}, { endsAt: inDays(20) }];
    const disabled = ['task-disabled'] as const;
    assert.deepEqual(orderOf(['ftps-certificate-expired', over], ['certificate-ends-soon', { endsAt: inDays(1) }]), [
      'ftps-certificate-expired',
      'certificate-ends-soon',
    ]);
    assert.deepEqual(orderOf(['name-not-covered'], ['listener-certificate-expired', near], disabled), [
      'name-not-covered',
      'listener-certificate-expired',
      'task-disabled',
    ]);
  });

  it('ranks by the worst, wherever that stands', () => {
    const found = [finding('name-not-covered', ''), finding('task-disabled', ''), finding('source-stale', '')];
    assert.equal(worstRank(found), 0);
    assert.equal(worstRank(found.slice(2)), 2);
    assert.equal(worstRank([]), 2);
  });
});
