import assert from 'node:assert/strict';
import { verifyText } from '../../../src/commands/verify/text.ts';
import { scopeOf } from '../../../src/documents/scope.ts';
import type { VerifiedEndpoint } from '../../../src/documents/verify.ts';
import { displayWidth, plain } from '../../../src/shell/print/terminal-style.ts';
import { snapshot, thumbprintOf } from '../../builders/snapshot.ts';

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
  return verifyText(
    { schema: 'certrebind/verify/1', ...scopeOf(snapshot(), []), endpoints, places: [], findings: [] },
    look,
  );
}

const full = { ...plain, full: true };

const [old, successor] = [thumbprintOf('old'), thumbprintOf('new')];
const served: VerifiedEndpoint = {
  ...skipped('shop.example.com'),
  result: 'served',
  expected: old,
  thumbprint: old,
  matches: true,
  chain: 'whole',
  reason: null,
};

describe('what verify prints', () => {
  const text = textOf([skipped('a-rather-long-name.shop.example.com')], { ...full, width: 80 });

  it('fits a terminal of 80 columns, with the reason below the table', () => {
    assert.ok(text.split('\n').every((line) => displayWidth(line) <= 80));
    const [table = '', reasons = ''] = text.split('\n\n');
    assert.match(table, /^endpoint +place +serves +verdict +chain +ends/);
    assert.match(reasons.replace('\n', ' '), /^0\.0\.0\.0:443 as \S+: the central certificate store reads/);
  });

  const trouble = true;
  const cells = (endpoint: Partial<VerifiedEndpoint>, look = plain) =>
    textOf([{ ...served, ...endpoint, trouble }], look)
      .split('\n')
      .slice(1, 3)
      .map((line) => line.trim().split(/ {2,}/));

  const [oldShort, newShort] = [old.slice(0, 8), successor.slice(0, 8)];
  for (const [what, endpoint, verdict, below, counted] of [
    [
      'another certificate',
      { thumbprint: successor, matches: false },
      [newShort, 'differs'],
      `not ${oldShort}`,
      'with another certificate',
    ],
    [
      'one that was replaced, as its holder says',
      { replacedBy: successor },
      [oldShort, 'replaced'],
      `not ${newShort}`,
      'with a certificate that was replaced',
    ],
    [
      'one that its holder no longer has',
      { expected: successor, matches: false, replacedBy: successor },
      [oldShort, 'still old'],
      `not ${newShort}`,
      'with a certificate that was replaced',
    ],
    ['one without its chain', { chain: 'broken' }, [oldShort, 'matches'], null, null],
    [
      'nothing',
      { result: 'unreachable', thumbprint: null, matches: null, chain: null },
      ['-', 'unreachable'],
      null,
      'without an answer',
    ],
  ] as const)
    it(`shows an endpoint that serves ${what}, and counts it`, () => {
      const [first = [], second] = cells(endpoint);
      assert.deepEqual(first.slice(2, 4), verdict);
      if (below !== null) assert.deepEqual(second, [below]);
      const [last = ''] = textOf([{ ...served, ...endpoint, trouble }], plain)
        .split('\n')
        .slice(-1);
      const well = counted === null ? '1 serve what they should' : `0 serve what they should, 1 ${counted}`;
      assert.match(last, new RegExp(`^1 endpoint: ${well}\\.`));
    });

  it('counts one that waits for its time among those that serve what they should', () => {
    const text = textOf([{ ...served, replacedBy: successor }], full);
    assert.match(text, / replaced /);
    assert.match(text, /1 endpoint: 1 serve what they should\.$/);
  });

  it('shows what is well only where all is asked for, below the problems', () => {
    const endpoints = [
      served,
      skipped('a.example.com'),
      { ...served, thumbprint: successor, matches: false, trouble } as const,
    ];
    const brief = textOf(endpoints, plain);
    assert.match(brief, /^endpoint .*\n.* differs .*\n +not \w+\n\n/);
    assert.match(
      brief,
      /3 endpoints: 1 serve what they should, 1 with another certificate, 1 skipped \(--full lists all\)\.$/,
    );
    assert.doesNotMatch(textOf([served], plain), /verdict/);
    const all = textOf(endpoints, full);
    assert.ok(all.indexOf('differs') < all.indexOf('matches'));
    assert.match(all, /1 skipped\.$/);
  });

  it('folds many reasons unless all is asked for', () => {
    const many = Array.from(
      { length: 12 },
      (_, at): VerifiedEndpoint => ({ ...skipped(`${at}.example.com`), result: 'unreachable', trouble }),
    );
    assert.match(textOf(many, plain), /\nand 3 more \(--full\)\n/);
    assert.doesNotMatch(textOf(many, full), /--full/);
  });
});
