import assert from 'node:assert/strict';
import { sightOf } from '../../src/model/documents/sight.ts';
import type { VerifiedEndpoint } from '../../src/model/documents/verify.ts';
import { displayWidth, plain } from '../../src/report/look.ts';
import { verifyText } from '../../src/report/verify.ts';
import { snapshot, thumbprintOf } from '../builders/snapshot.ts';

const key = 'a-rather-long-name.shop.example.com:443' as VerifiedEndpoint['key'];

function skipped(serverName: string): VerifiedEndpoint {
  return {
    endpoint: { address: '0.0.0.0', port: 443, serverName },
    key,
    expected: thumbprintOf('old'),
    result: 'skipped',
    thumbprint: null,
    notAfter: null,
    matches: null,
    chain: null,
    reason: 'the central certificate store takes its certificates from files',
    attempts: 0,
    durationMs: 0,
  };
}

function textOf(endpoints: readonly VerifiedEndpoint[], look: Parameters<typeof verifyText>[1]): string {
  return verifyText({ schema: 'certrebind/verify/1', ...sightOf(snapshot(), []), endpoints, findings: [] }, look);
}

describe('what verify prints', () => {
  const text = textOf([skipped('a-rather-long-name.shop.example.com')], { ...plain, width: 80 });

  it('fits a terminal of 80 columns, with the reason below the table', () => {
    assert.ok(text.split('\n').every((line) => displayWidth(line) <= 80));
    const [table = '', reasons = ''] = text.split('\n\n');
    assert.match(table, /^endpoint +holder +names +serves +verdict +chain +ends/);
    assert.match(reasons.replace('\n', ' '), /^0\.0\.0\.0:443 as \S+: the central certificate store takes/);
  });

  it('folds many reasons unless all is asked for', () => {
    const many = Array.from({ length: 12 }, (_, at) => skipped(`${at}.example.com`));
    assert.match(textOf(many, plain), /\nand 3 more \(--full\)\n/);
    assert.doesNotMatch(textOf(many, { ...plain, full: true }), /--full/);
  });
});
