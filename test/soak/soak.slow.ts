import assert from 'node:assert/strict';
import { type CertificateBinding, makeCertificateBinding } from '../../src/kinds/tls/certificate-binding.ts';
import { thumbprintOf } from '../builders/snapshot.ts';
import { randomFrom } from '../fuzz/mutate.ts';
import { each } from '../support/each.ts';
import { chooseDeed } from './deeds.ts';
import { newExcuses } from './excuses.ts';
import { soak } from './soak.ts';
import { complaints } from './watch.ts';

describe('npm run soak', () => {
  it('brings a few deeds on a small lab to rest, with every invariant checked', async () => {
    const { broken, tally } = await soak({
      seed: 55,
      minutes: 1,
      deeds: 4,
      sites: 1,
      deedsUntilRest: 100,
      signal: new AbortController().signal,
      progress: () => {},
    });
    assert.equal(broken, null);
    assert.equal(tally.deeds, 4);
    assert(
      tally.rests > 0 && tally.runs > 0 && tally.handshakes.served > 0 && tally.told.messages > 0,
      JSON.stringify(tally),
    );
  }).timeout(120_000);

  it('takes every choice from the seed', () => {
    const deedsOf = (seed: number) => {
      const random = randomFrom(seed);
      return Array.from({ length: 50 }, () => chooseDeed(random));
    };
    assert.deepEqual(deedsOf(5), deedsOf(5));
    assert.notDeepEqual(deedsOf(5), deedsOf(6));
  });

  it('excuses what a fault explains from its arming until it is lifted, at its record only', () => {
    const excuses = newExcuses();
    excuses.excuse('shop.example.com:443', 'absent');
    assert(excuses.covers('shop.example.com:443', 'absent', performance.now()));
    assert(!excuses.covers('shop.example.com:443', 'options', performance.now()));
    assert(!excuses.covers('www.example.com:443', 'absent', performance.now()));
    const before = performance.now();
    excuses.lift('absent');
    assert(excuses.covers('shop.example.com:443', 'absent', before), 'what began before is still excused');
    assert(!excuses.covers('shop.example.com:443', 'absent', performance.now() + 1));
  });

  const parts = { key: 'shop.example.com:443', thumbprint: thumbprintOf('old'), flags: 2 };
  const before = makeCertificateBinding(parts);
  const line = {
    names: [],
    keys: [before.key],
    others: [],
    chain: [thumbprintOf('old'), thumbprintOf('new')],
    forged: [thumbprintOf('forged')],
  };
  const situations: readonly (readonly [situation: string, now: CertificateBinding | null, complains: string[]])[] = [
    ['holds its old certificate', before, []],
    ['holds its new certificate', makeCertificateBinding({ ...parts, thumbprint: thumbprintOf('new') }), []],
    ['is missing', null, ['no record is missing']],
    ['has lost an option', makeCertificateBinding({ ...parts, flags: 0 }), ['every record has all its options']],
    [
      'holds the certificate of a forged event',
      makeCertificateBinding({ ...parts, thumbprint: thumbprintOf('forged') }),
      ['every record holds its old or its new certificate'],
    ],
  ];
  for (const [situation, now, complains] of situations) {
    it(`${complains.length === 0 ? 'takes' : 'complains of'} a record that ${situation}`, () => {
      const lab = { lines: [line], original: new Map([[before.key, before]]) };
      const found = complaints(lab, new Map(now === null ? [] : [[now.key, now]]));
      assert.deepEqual(each(found, 'invariant'), complains);
    });
  }
});
