import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ledgerOf } from '../../builders/ledger.ts';
import {
  certificate,
  logOf,
  record,
  replaced,
  type SnapshotParts,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { isSlow } from '../../support/slow.ts';
import { anyone, labels, linkedServers } from '../plan/linked-servers.ts';
import { factsOf, wireOf } from './facts.ts';
import { assertOneOffer, offersIn } from './offered.ts';
import { factsIn, situations } from './situations.ts';

/** A site, Network Policy Server and a certificate binding of another product use it. */
const used = (label: string): SnapshotParts => ({
  sites: [site('Shop', [sni('shop.example.com')])],
  records: [
    record('shop.example.com:443', label),
    record('0.0.0.0:8443', label, { appId: '{ba195980-cd49-458b-9e23-c84ee0adcd75}' }),
  ],
  others: [{ thumbprint: thumbprintOf(label), consumer: { kind: 'nps', detail: 'wireless' } }],
  roles: [{ kind: 'exchange', why: null }],
});
/** Each certificate is used by a site and by Network Policy Server. */
const everywhere: SnapshotParts = {
  sites: labels.map((label) => site(label, [sni(`${label}.example.com`)])),
  records: labels.map((label) => record(`${label}.example.com:443`, label)),
  others: labels.map((label) => ({ thumbprint: thumbprintOf(label), consumer: { kind: 'nps', detail: label } })),
};
const dialled = (parts: SnapshotParts) => factsOf(parts, { wire: wireOf(snapshot(parts)) });

describe('what places are to get', () => {
  it('is the end of the way, in every view', () => {
    const certificates = [certificate('a', { renewedTo: 'b' }), certificate('b', { renewedTo: 'c' }), certificate('c')];
    const offers = offersIn(dialled({ ...used('a'), certificates }));
    assert.deepEqual([...new Set(offers.map((one) => one.new))], [thumbprintOf('c')]);
    assert.deepEqual([...new Set(offers.map(({ by }) => by))].sort(), [
      'change-by-hand',
      'plan, skipped',
      'plan, steps',
      'status, places',
      'verify',
    ]);
  });

  it('is nothing that only an event of any account names', () => {
    const certificates = [certificate('a'), certificate('b')];
    const forged = logOf(replaced(1, 'a', 'b', { userId: anyone }));
    assert.deepEqual(offersIn(dialled({ ...used('a'), certificates, lifecycle: forged })), []);
  });

  it('is the same in every view, and trusted, in every situation', () =>
    assert.ok(situations.map((one) => assertOneOffer(factsIn(one))).some((offers) => offers > 0)));

  it('is the same in every view, and trusted, for any server', () => {
    const numRuns = isSlow ? 120 : 40;
    let offers = 0;
    fc.assert(
      fc.property(linkedServers, ({ parts, entries }) => {
        const named = new Set(parts.certificates?.map(({ thumbprint }) => thumbprint));
        const others = labels.filter((label) => !named.has(thumbprintOf(label))).map((label) => certificate(label));
        const certificates = [...(parts.certificates ?? []), ...others];
        const facts = dialled({ ...parts, ...everywhere, certificates });
        offers += assertOneOffer({ ...facts, ledger: ledgerOf(entries) });
      }),
      { numRuns },
    );
    assert.ok(offers > numRuns, `${offers}`);
  });
});
