import assert from 'node:assert/strict';
import { type Configuration, defaultConfiguration } from '../../../src/documents/configuration.ts';
import { verifyOf } from '../../../src/inspect/verify/server-verify.ts';
import { type EntryParts, ledgerOf } from '../../builders/ledger.ts';
import {
  certificate,
  logOf,
  now,
  policy,
  record,
  renewal,
  replaced,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { factsOf, wireOf } from '../findings/facts.ts';

const entry = (from: string, to: string, state: EntryParts['state']): EntryParts => ({
  renewal: renewal(from, to),
  state,
  reasons: [],
  run: '2026-05-02-1',
  at: now,
});

const shop = record('shop.example.com:443', 'a').key;

/** A site whose endpoint serves A, which has been renewed twice. */
const server = snapshot({
  sites: [site('Shop', [sni('shop.example.com')])],
  records: [record('shop.example.com:443', 'a')],
  certificates: [certificate('a', { renewedTo: 'b' }), certificate('b', { renewedTo: 'c' }), certificate('c')],
});

function replacedBy(
  served: string,
  {
    on = server,
    entries = [],
    exclude = {},
  }: {
    on?: typeof server;
    entries?: readonly EntryParts[];
    exclude?: Partial<Configuration['exclude']>;
  } = {},
) {
  const configuration = policy({ exclude: { ...defaultConfiguration.exclude, ...exclude } });
  const ledger = ledgerOf(entries);
  const wire = wireOf(on, { thumbprint: thumbprintOf(served) });
  const { endpoints } = verifyOf(factsOf(on, { ledger, configuration, wire }));
  return endpoints.map((one) => one.replacedBy ?? null);
}

describe('an endpoint serves a certificate that was replaced', () => {
  it('whatever its record names, and however many renewals ago', () => {
    assert.deepEqual(replacedBy('a'), [thumbprintOf('c')]);
    const onNewest = snapshot({ ...server, records: [record('shop.example.com:443', 'c')] });
    assert.deepEqual(replacedBy('a', { on: onNewest }), [thumbprintOf('c')]);
    assert.deepEqual(replacedBy('b', { on: onNewest }), [thumbprintOf('c')]);
    assert.deepEqual(replacedBy('c', { on: onNewest }), [null]);
  });

  it('not where a person undid the renewal there, nobody trusts the event, or they replace each other', () => {
    const on = { ...server, certificates: ['a', 'b'].map((label) => certificate(label)) };
    assert.deepEqual(replacedBy('a', { on, entries: [entry('a', 'b', 'settled')] }), [thumbprintOf('b')]);
    assert.deepEqual(replacedBy('a', { on, entries: [{ ...entry('a', 'b', 'undone'), heldAt: [shop] }] }), [null]);
    const elsewhere = { ...entry('a', 'b', 'undone'), heldAt: [record('0.0.0.0:443', 'a').key] };
    assert.deepEqual(replacedBy('a', { on, entries: [elsewhere] }), [thumbprintOf('b')]);
    const around = [entry('a', 'b', 'settled'), entry('b', 'c', 'settled')];
    assert.deepEqual(replacedBy('a', { on, entries: around }), [thumbprintOf('c')]);
    assert.deepEqual(replacedBy('a', { on, entries: [...around, entry('c', 'a', 'settled')] }), [null]);
    const forged = logOf(replaced(1, 'a', 'b', { userId: 'S-1-5-21-1-2-3-1001' }));
    assert.deepEqual(replacedBy('a', { on: { ...on, lifecycle: forged } }), [null]);
  });

  for (const exclude of [
    { records: ['shop.example.com:443'] },
    { holders: ['shop.example.com:443'] },
    { sites: ['Shop'] },
    { thumbprints: [thumbprintOf('c')] },
  ] as readonly Partial<Configuration['exclude']>[])
    it(`not where the configuration leaves it alone: ${JSON.stringify(exclude)}`, () =>
      assert.deepEqual(replacedBy('a', { exclude }), [null]));
});
