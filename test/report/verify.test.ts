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
    reason: 'the central certificate store reads its certificates from files',
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
    assert.match(table, /^endpoint +holder +serves +verdict +chain +ends/);
    assert.match(reasons.replace('\n', ' '), /^0\.0\.0\.0:443 as \S+: the central certificate store reads/);
  });

  it('names the certificate of the holder only where another one is served', () => {
    const [named, other] = [thumbprintOf('old'), thumbprintOf('new')];
    const served: VerifiedEndpoint = {
      ...skipped('shop.example.com'),
      result: 'served',
      expected: named,
      reason: null,
    };
    const cells = (thumbprint: typeof named, matches: boolean) =>
      textOf([{ ...served, thumbprint, matches }], plain)
        .split('\n')
        .slice(1, 3)
        .map((line) => line.trim().split(/ {2,}/));
    assert.deepEqual(cells(named, true)[0]?.slice(2, 4), [named.slice(0, 8), 'matches']);
    const [first = [], second] = cells(other, false);
    assert.deepEqual([first.slice(2, 4), second], [[other.slice(0, 8), 'differs'], [`not ${named.slice(0, 8)}`]]);
  });

  it('folds many reasons unless all is asked for', () => {
    const many = Array.from({ length: 12 }, (_, at) => skipped(`${at}.example.com`));
    assert.match(textOf(many, plain), /\nand 3 more \(--full\)\n/);
    assert.doesNotMatch(textOf(many, { ...plain, full: true }), /--full/);
  });
});
