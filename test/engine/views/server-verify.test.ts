import assert from 'node:assert/strict';
import { type Configuration, defaultConfiguration } from '../../../src/documents/configuration.ts';
import { emptyLedger } from '../../../src/documents/runs/ledger.ts';
import type { VerifiedEndpoint } from '../../../src/documents/verify.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { dismissalsOf } from '../../../src/engine/findings/dismissals.ts';
import type { DoctorFacts } from '../../../src/engine/findings/facts.ts';
import type { ServerEndpoint } from '../../../src/engine/known/endpoints-of-server.ts';
import { isAllRight, verifyOf } from '../../../src/engine/views/server-verify.ts';
import { type EntryParts, ledgerOf } from '../../builders/ledger.ts';
import {
  certificate,
  logOf,
  now,
  policy,
  record,
  renewal,
  replaced,
  type SnapshotParts,
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
  const { endpoints } = verifyOf(lookAt(factsOf(on, { ledger, configuration, wire })));
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

describe('verify ends with', () => {
  const shop = 'shop.example.com:443';
  const dialled = [{ skipped: null }] as unknown as readonly ServerEndpoint[];
  const ends = (facts: DoctorFacts, expected: readonly ServerEndpoint[] = []) => {
    const document = verifyOf(lookAt(facts), expected);
    return [isAllRight(document) ? 0 : 9, document.endpoints.map(({ trouble = false }) => trouble)];
  };
  const on = (parts: SnapshotParts, served: Partial<VerifiedEndpoint> = {}, facts: Partial<DoctorFacts> = {}) => {
    const wire = wireOf(snapshot(parts), { notAfter: '2027-01-01T00:00:00.000Z', ...served });
    return factsOf(parts, { wire, ...facts });
  };
  const window = { from: '22:00', to: '23:00' };
  const foreign = {
    sites: [],
    records: [record('0.0.0.0:8172', 'a', { appId: '{11111111-2222-3333-4444-555555555555}' })],
  };
  const whole = { ...server, lifecycle: logOf(replaced(1, 'a', 'c')) };

  it('0 where an endpoint serves what is set for it', () =>
    assert.deepEqual(ends(on({ ...server, records: [record(shop, 'c')] })), [0, [false]]));

  it('9 where it serves one that was replaced, whoever has to change that, until a person dismisses it', () => {
    assert.deepEqual(ends(on(server)), [9, [true]]);
    const endpoint = { address: '0.0.0.0', port: 8172, serverName: null };
    const [seen = assert.fail()] = wireOf(snapshot(server));
    const parts = { ...server, ...foreign };
    const facts = factsOf(parts, { wire: [{ ...seen, key: record('0.0.0.0:8172', 'a').key, endpoint }] });
    assert.deepEqual(ends(facts), [9, [true]]);
    const [found = assert.fail(), ...others] = verifyOf(lookAt(facts)).findings;
    assert.deepEqual([found.code, others], ['change-by-hand', []]);
    const dismissed = dismissalsOf(found, lookAt(facts).held, 'admin', now);
    assert.deepEqual(ends({ ...facts, ledger: { ...emptyLedger, dismissed } }), [0, [false]]);
  });

  it('0 where the renewal waits for its window, or Windows is ahead of the record', () => {
    assert.deepEqual(ends(on(whole, {}, { configuration: policy({ window }) })), [0, [false]]);
    assert.deepEqual(ends(on(whole, { thumbprint: thumbprintOf('c') }, { configuration: policy({ window }) })), [
      0,
      [false],
    ]);
  });

  it('9 where another certificate is served', () => {
    const parts = { ...server, certificates: [certificate('a')] };
    assert.deepEqual(ends(on(parts, { thumbprint: thumbprintOf('x') })), [9, [true]]);
  });

  it('9 where nothing answers, or nothing that was to be dialled could be', () => {
    const silent = { result: 'unreachable', thumbprint: null, matches: null } as const;
    assert.deepEqual(ends(on({ ...server, records: [record(shop, 'c')] }, silent)), [9, [true]]);
    const skipped = on({ ...server, records: [record(shop, 'c')] }, { ...silent, result: 'skipped' });
    assert.deepEqual(ends(skipped), [0, [false]]);
    assert.deepEqual(ends(skipped, dialled), [9, [false]]);
    assert.deepEqual(
      verifyOf(lookAt(skipped), dialled).findings.map(({ code, severity }) => `${severity} ${code}`),
      ['warning wire-not-seen'],
    );
  });
});
