import assert from 'node:assert/strict';
import type { Proof } from '../../../src/documents/runs/journal.ts';
import { compareHandshakes, mayComeStill, stepProof } from '../../../src/engine/run/prove.ts';
import type { Handshake, Observation } from '../../../src/model/certificates/handshake.ts';
import { thumbprintOf } from '../../builders/snapshot.ts';

/** What an endpoint showed: the label of a certificate, `+` or `-` for whether it covers the name asked for, or a result. */
function seen(what: string): Observation {
  const result = results[what] ?? 'served';
  const label = what.replace(/[+-]$/, '');
  const handshake: Handshake = {
    endpoint: { address: '192.0.2.1', port: 443, serverName: 'shop.example.com' },
    result,
    thumbprint: result === 'served' ? thumbprintOf(label) : null,
    notAfter: null,
    reason: null,
    attempts: 1,
    durationMs: 1,
  };
  return { handshake, covers: what.endsWith('+') ? true : what.endsWith('-') ? false : null };
}

const unknown = { before: 'unknown', after: 'unknown' } as const;

const results: Readonly<Record<string, Handshake['result']>> = {
  silent: 'unreachable',
  closed: 'not-listening',
  skipped: 'skipped',
};

/** Before, after, what it proves, and whether a later look may show more. The replacement is old to new, and old had replaced older. */
const table: readonly (readonly [string, string, Proof, boolean])[] = [
  ['old+', 'new+', 'verified', false],
  ['old', 'new', 'verified', false],
  ['old+', 'new-', 'verified', false],
  ['silent', 'new+', 'verified', false],
  ['closed', 'new+', 'verified', false],
  ['new+', 'new+', 'served-successor', false],
  ['old+', 'old+', 'still-old', true],
  ['other+', 'old+', 'still-old', true],
  ['other+', 'other+', 'not-verified', false],
  ['other-', 'other-', 'not-verified', false],
  ['old+', 'other+', 'not-verified', false],
  ['old', 'other', 'not-verified', false],
  ['old+', 'other-', 'worse', true],
  ['old-', 'other-', 'not-verified', false],
  ['old+', 'silent', 'worse', true],
  ['old', 'closed', 'worse', true],
  ['new+', 'silent', 'worse', true],
  ['silent', 'silent', 'not-verified', false],
  ['closed', 'silent', 'not-verified', false],
  ['silent', 'old+', 'still-old', true],
  ['silent', 'other-', 'not-verified', false],
  ['older+', 'older+', 'still-old', true],
  ['older-', 'older-', 'still-old', true],
  ['old+', 'older+', 'still-old', true],
  ['old+', 'older-', 'worse', true],
  ['old+', 'old-', 'still-old', true],
  ['skipped', 'skipped', 'none', false],
  ['skipped', 'silent', 'not-verified', false],
  ['old+', 'skipped', 'none', false],
];

describe('an endpoint', () => {
  for (const [before, after, proof, late] of table) {
    it(`that showed ${before} and shows ${after} is ${proof}${late ? ', but may only be late' : ''}`, () => {
      const comparison = {
        before: seen(before),
        after: seen(after),
        held: thumbprintOf('old'),
        wanted: thumbprintOf('new'),
        replaced: new Set([thumbprintOf('old'), thumbprintOf('older')]),
        stillServed: 'still-old',
        chain: unknown,
      } as const;
      assert.equal(compareHandshakes(comparison), proof);
      assert.equal(mayComeStill(comparison), late);
    });
  }

  for (const [before, after, served, proof] of [
    ['whole', 'broken', 'new', 'worse'],
    ['whole', 'unknown', 'new', 'verified'],
    ['unknown', 'broken', 'new', 'verified'],
    ['broken', 'broken', 'new', 'verified'],
    ['broken', 'whole', 'new', 'verified'],
    ['whole', 'broken', 'old', 'still-old'],
    ['whole', 'broken', 'other', 'not-verified'],
  ] as const)
    it(`whose chain was ${before} and is ${after} while ${served} is served is ${proof}`, () => {
      const comparison = {
        before: seen('old+'),
        after: seen(`${served}+`),
        held: thumbprintOf('old'),
        wanted: thumbprintOf('new'),
        replaced: new Set([thumbprintOf('old'), thumbprintOf('older')]),
        stillServed: 'still-old',
        chain: { before, after },
      } as const;
      assert.equal(compareHandshakes(comparison), proof);
      assert.equal(mayComeStill(comparison), proof !== 'verified' && proof !== 'not-verified');
    });

  it('of a record that was taken away is not still old when another record answers with the same certificate', () => {
    const comparison = {
      before: seen('old+'),
      after: seen('old+'),
      held: thumbprintOf('old'),
      wanted: null,
      replaced: new Set([thumbprintOf('old')]),
      stillServed: 'still-old',
      chain: unknown,
    } as const;
    assert.equal(compareHandshakes(comparison), 'not-verified');
  });

  for (const [before, after, proof, late] of [
    ['new+', 'new+', 'still-served', true],
    ['new+', 'new-', 'still-served', true],
    ['old+', 'new+', 'still-served', true],
    ['new+', 'old+', 'verified', false],
    ['old+', 'old+', 'served-successor', false],
    ['new+', 'other+', 'not-verified', false],
  ] as const)
    it(`that showed ${before} and shows ${after} after an undo is ${proof}`, () => {
      const comparison = {
        before: seen(before),
        after: seen(after),
        held: thumbprintOf('new'),
        wanted: thumbprintOf('old'),
        replaced: new Set([thumbprintOf('new')]),
        stillServed: 'still-served',
        chain: unknown,
      } as const;
      assert.equal(compareHandshakes(comparison), proof);
      assert.equal(mayComeStill(comparison), late);
    });
});

describe('a step with several endpoints', () => {
  const cases: readonly (readonly [readonly Proof[], Proof])[] = [
    [[], 'none'],
    [['none', 'none'], 'none'],
    [['verified', 'none'], 'verified'],
    [['verified', 'not-verified'], 'not-verified'],
    [['verified', 'served-successor'], 'served-successor'],
    [['verified', 'worse', 'not-verified'], 'worse'],
  ];
  for (const [proofs, expected] of cases) {
    it(`of ${proofs.join(', ') || 'nothing'} is ${expected}`, () => assert.equal(stepProof(proofs), expected));
  }
});
