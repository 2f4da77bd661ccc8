import assert from 'node:assert/strict';
import type { PlannedRepair } from '../../../src/base/codes/finding-codes.ts';
import type { CertRebindError } from '../../../src/base/errors.ts';
import { planDigest } from '../../../src/documents/runs/seal-plan.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { planRepair } from '../../../src/engine/plan/plan-repair.ts';
import { met } from '../../builders/met.ts';
import {
  certificate,
  https,
  policy,
  record,
  renewal,
  type SnapshotParts,
  site,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { leaves } from '../../builders/steps.ts';
import { each } from '../../support/each.ts';
import { factsOf } from '../findings/facts.ts';

const host = 'shop.example.com';
const lost = record(`${host}:443`, 'shop', { flags: 2 });
const shop: SnapshotParts = {
  sites: [site('Shop', [sni(host)])],
  records: [],
  certificates: [certificate('shop'), certificate('other', { names: ['other.example.com'] })],
};

/** The plan of a repair, with what doctor finds in the same server. */
function planOf(
  repair: PlannedRepair,
  server: SnapshotParts,
  { lastKnown = [lost], ...parts }: { lastKnown?: readonly (typeof lost)[] } & Parameters<typeof policy>[0] = {},
) {
  const facts = factsOf(server, {
    lastKnown: new Map(lastKnown.map((known) => [known.key, known])),
    configuration: policy(parts),
  });
  const { snapshot, configuration, lastKnown: records } = facts;
  const byHand = lookAt(facts).findings.filter((found) => found.code === repair && found.repair !== 'plan');
  return planRepair({ repair, snapshot, configuration, lastKnown: records, owed: [], byHand });
}

function errorOf(make: () => unknown): CertRebindError {
  let thrown: unknown;
  assert.throws(make, (error) => {
    thrown = error;
    return true;
  });
  return thrown as CertRebindError;
}

describe('the repair of bindings without a record', () => {
  const restored = (server: SnapshotParts, parts: Parameters<typeof planOf>[2] = {}) =>
    planOf('binding-without-record', server, parts).steps.map((step) =>
      leaves(step) !== null
        ? [step.id, step.before, step.wanted?.value, step.verify.map(({ serverName }) => serverName)]
        : step,
    );

  it('makes the record again as it was last left, as a sealed plan of its own', () => {
    const plan = planOf('binding-without-record', shop);
    assert.deepEqual(restored(shop), [[1, null, lost, [host]]]);
    assert.deepEqual(plan.steps[0]?.consumers, [
      { kind: 'iis-binding', site: 'Shop', information: `*:443:${host}`, siteState: 'started' },
    ]);
    assert.deepEqual(plan.steps[0]?.notes, []);
    assert.equal(plan.schema, 'certrebind/plan/1');
    assert.equal(plan.digest, planDigest(plan));
    assert.deepEqual([plan.blocked, plan.skipped, plan.renewals, plan.notes, plan.policy], [[], [], [], [], []]);
    assert.equal(plan.server.name, 'WEB01');
  });

  it('dials no endpoint of a stopped site or service, and none that another record answers', () => {
    const stopped = { ...shop, sites: [site('Shop', [sni(host)], 'stopped')] };
    assert.deepEqual(restored(stopped), [[1, null, lost, []]]);
    assert.deepEqual(restored({ ...shop, webService: 'stopped' }), [[1, null, lost, []]]);
    const known = record('0.0.0.0:443', 'shop');
    const sites = [site('Shop', [https('*:443:a.example.com'), https('*:443:b.example.com')])];
    const taken = { ...shop, sites, records: [record('a.example.com:443', 'other')] };
    assert.deepEqual(restored(taken, { lastKnown: [known] }), [[1, null, known, ['b.example.com']]]);
  });

  it('numbers its steps by the order of the keys', () => {
    const names = ['b.example.com', 'a.example.com'];
    const known = names.map((name) => record(`${name}:443`, 'shop'));
    assert.deepEqual(
      restored({ ...shop, sites: [site('Shop', names.map(sni))] }, { lastKnown: known }),
      [known[1], known[0]].map((each, index) => [index + 1, null, each, [names[1 - index]]]),
    );
  });

  for (const [what, server, lastKnown] of [
    ['nothing tells what it was', shop, []],
    ['its certificate is gone', { ...shop, certificates: [] }, [lost]],
    [
      'its certificate lies in the other store',
      { ...shop, certificates: [certificate('shop', { store: 'WebHosting' })] },
      [lost],
    ],
    ['the key is missing', { ...shop, certificates: [certificate('shop', { key: 'missing' })] }, [lost]],
    ['the key cannot be opened', { ...shop, certificates: [certificate('shop', { key: 'unusable' })] }, [lost]],
    [
      'its certificate ended this moment',
      { ...shop, certificates: [certificate('shop', { notAfter: '2026-06-01T12:00:00.000Z' })] },
      [lost],
    ],
    ['netsh cannot write its options', shop, [record(lost.key, 'shop', { flags: 0x4000_0000 })]],
  ] as const)
    it(`is not planned where ${what}: a person is told what to type`, () => {
      const { code, message, hint } = errorOf(() => planOf('binding-without-record', server, { lastKnown }));
      assert.equal(code, 'no-repair');
      assert.match(
        message,
        /^CertRebind cannot tell which certificate is right here: shop\.example\.com:443: Shop: no certificate is bound\.$/,
      );
      assert.match(
        hint ?? '',
        /^(?:Type: netsh http add sslcert hostnameport=shop\.example\.com:443 |First order a certificate for shop\.example\.com, as a \.pfx file: none on this server covers it\. Then type: certrebind import <file>$)/,
      );
    });

  it('is planned with a key of which nobody knows whether it can be opened, and a moment before the certificate ends', () => {
    const server = {
      ...shop,
      certificates: [certificate('shop', { key: 'unknown', notAfter: '2026-06-01T12:00:00.001Z' })],
    };
    assert.equal(restored(server).length, 1);
  });

  it('notes beside its steps what is left to a person', () => {
    const plan = planOf('binding-without-record', {
      ...shop,
      sites: [site('Shop', [sni(host), sni('b.example.com')])],
    });
    assert.equal(plan.steps.length, 1);
    assert.equal(plan.notes.length, 1);
    assert.equal(plan.notes[0]?.code, 'repair-by-hand');
    assert.match(
      plan.notes[0]?.text ?? '',
      /^b\.example\.com:443: Shop: no certificate is bound\. First order a certificate for b\.example\.com, as a \.pfx file: none on this server covers it\. Then type: certrebind import <file>$/,
    );
  });

  it('leaves alone what is excluded, and records that are there', () => {
    const plan = planOf('binding-without-record', shop, {
      exclude: { sites: ['shop'], records: [], thumbprints: [], holders: [] },
    });
    assert.deepEqual(plan.steps, []);
    assert.deepEqual(
      plan.skipped.map(met).map(({ key, reason, detail, consumers }) => [key, reason, detail, consumers.length]),
      [[lost.key, 'excluded', 'The site Shop uses it and is named in exclude.sites.', 1]],
    );
    const byCertificate = { exclude: { sites: [], records: [], thumbprints: [thumbprintOf('shop')], holders: [] } };
    assert.equal(planOf('binding-without-record', shop, byCertificate).skipped.length, 1);
    assert.deepEqual(restored({ ...shop, records: [record(lost.key, 'other')] }), []);
  });
});

describe('the repair of orphaned records', () => {
  const orphan = record('old.example.com:443', 'shop');
  const removed = (server: SnapshotParts) =>
    planOf('orphaned-record', server, { lastKnown: [] }).steps.map((step) => {
      assert.equal(step.wanted, null);
      return [step.id, step.before?.key, step.verify.map(({ serverName, port }) => `${serverName} ${port}`)];
    });

  it('takes them away in the order of their keys, and says whose application id they have', () => {
    const server = { ...shop, sites: [], records: [orphan, record('0.0.0.0:8443', 'shop')] };
    assert.deepEqual(removed(server), [
      [1, '0.0.0.0:8443', ['null 8443']],
      [2, 'old.example.com:443', ['old.example.com 443']],
    ]);
    const [first] = planOf('orphaned-record', server).steps;
    assert.deepEqual(first?.consumers, [
      { kind: 'http-sys', appId: '{4dc3e181-e14b-4a21-b022-59fc669b0914}', owner: 'IIS' },
    ]);
    assert.deepEqual(first?.notes, []);
  });

  it('of a host that IIS does not know on its port is not dialled, for nobody is served there', () => {
    const bound = (...bindings: readonly string[]) => ({
      ...shop,
      sites: [
        site(
          'Shop',
          bindings.map((information) => https(information)),
        ),
      ],
      records: [orphan, record('0.0.0.0:443', 'other')],
    });
    const dialled = [[1, orphan.key, ['old.example.com 443']]];
    assert.deepEqual(removed(bound('*:443:shop.example.com')), [[1, orphan.key, []]]);
    assert.deepEqual(removed(bound('*:443:shop.example.com', '*:443:')), dialled);
    assert.deepEqual(removed(bound('*:443:', '*:443:shop.example.com')), dialled);
    assert.deepEqual(removed(bound('*:443:*.example.com')), dialled);
  });

  it('is neither planned nor written out where a binding that cannot be read may stand on it', () => {
    const server = { ...shop, sites: [site('Odd', [https('nonsense')])], records: [orphan] };
    const { code, hint } = errorOf(() => planOf('orphaned-record', server));
    assert.equal(code, 'no-repair');
    assert.doesNotMatch(hint ?? '', /netsh/);
  });

  for (const [what, server] of [
    [
      'a product that answers keeps the hash',
      { others: [{ thumbprint: thumbprintOf('shop').toLowerCase(), consumer: { kind: 'sstp', detail: '' } }] },
    ],
    ['it could not be rolled back', { records: [record('old.example.com:443', 'shop', { flags: 0x4000_0000 })] }],
  ] as const)
    it(`is not planned where ${what}`, () => {
      const { code, hint } = errorOf(() =>
        planOf('orphaned-record', { ...shop, sites: [], records: [orphan], ...server }),
      );
      assert.equal(code, 'no-repair');
      assert.equal(hint, 'Type: netsh http delete sslcert hostnameport=old.example.com:443');
    });

  it('is not planned, and no line is given, where a binding that cannot be read may stand on the record', () => {
    const { code, message, hint } = errorOf(() =>
      planOf('orphaned-record', { ...shop, sites: [site('Odd', [https('nonsense')])], records: [orphan] }),
    );
    assert.equal(code, 'no-repair');
    assert.match(message, /one that cannot be read may\./);
    assert.doesNotMatch(`${message} ${hint}`, /netsh/);
  });

  it('spares what is excluded, what others own, and what a binding stands on', () => {
    const server = { ...shop, sites: [], records: [orphan, record('0.0.0.0:8443', null)] };
    const plan = planOf('orphaned-record', server, {
      exclude: { sites: [], records: [orphan.key], thumbprints: [], holders: [] },
    });
    assert.deepEqual(
      plan.skipped
        .map(met)
        .map(({ key, reason, detail, consumers }) => [key, reason, detail, consumers.map(({ kind }) => kind)]),
      [[orphan.key, 'excluded', 'It is named in exclude.records.', ['http-sys']]],
    );
    assert.deepEqual(
      plan.steps.map((step) => step.before?.key),
      ['0.0.0.0:8443'],
    );
    const others = record('0.0.0.0:8443', 'shop', { appId: '{11111111-2222-3333-4444-555555555555}' });
    assert.deepEqual(removed({ ...shop, records: [record(lost.key, 'shop'), others] }), []);
  });
});

describe('the repair of records whose certificate lies elsewhere', () => {
  const elsewhere = [certificate('shop', { store: 'WebHosting' })];
  const server = { ...shop, records: [record(lost.key, 'shop')], certificates: elsewhere };

  it('sets the same certificate again, from the store that has it', () => {
    const plan = planOf('certificate-elsewhere', server);
    assert.deepEqual(
      plan.steps.map((step) => [step.id, leaves(step)]),
      [[1, { thumbprint: thumbprintOf('shop'), store: 'WebHosting' }]],
    );
    assert.deepEqual(plan.renewals, [renewal('shop', 'shop')]);
  });

  it('touches no other record, whatever else is to be said of it', () => {
    const mixed: SnapshotParts = {
      sites: [site('Shop', [sni(host), sni('b.example.com'), sni('c.example.com')])],
      records: [
        record('b.example.com:443', 'shop', { store: 'WebHosting' }),
        record(lost.key, 'shop'),
        record('0.0.0.0:8443', 'shop'),
        record('c.example.com:443', 'other', { store: 'WebHosting' }),
        record('0.0.0.0:8444', null),
      ],
      certificates: [...elsewhere, certificate('other', { names: ['c.example.com'] })],
    };
    const plan = planOf('certificate-elsewhere', mixed);
    assert.deepEqual(
      plan.steps.map((step) => [step.id, step.before?.key, leaves(step)?.store]),
      [
        [1, 'c.example.com:443', 'My'],
        [2, lost.key, 'WebHosting'],
      ],
    );
    const order = [thumbprintOf('shop'), thumbprintOf('other')].sort();
    assert.deepEqual(
      plan.renewals.map((each) => each.old),
      order,
    );
    assert.deepEqual([plan.skipped, plan.blocked], [[], []]);
  });

  it('is blocked by the guards of a swap, and skips what is excluded', () => {
    const dead = { ...server, certificates: [certificate('shop', { store: 'WebHosting', key: 'missing' })] };
    assert.deepEqual(each(planOf('certificate-elsewhere', dead).blocked.map(met), 'key', 'reason'), [
      [lost.key, 'key-missing'],
    ]);
    const parts = { exclude: { sites: ['Shop'], records: [], thumbprints: [], holders: [] } };
    assert.deepEqual(
      planOf('certificate-elsewhere', server, parts)
        .skipped.map(met)
        .map(({ key, reason }) => [key, reason]),
      [[lost.key, 'excluded']],
    );
  });

  it('has nothing to do where every store is right', () => {
    const plan = planOf('certificate-elsewhere', { ...server, certificates: [certificate('shop')] });
    assert.deepEqual([plan.steps, plan.renewals, plan.skipped], [[], [], []]);
  });
});
