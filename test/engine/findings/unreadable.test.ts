import assert from 'node:assert/strict';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { met } from '../../builders/met.ts';
import { https, policy, record, renewal, site, snapshot, sni } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';
import { factsOf } from './facts.ts';

describe('what cannot be read is there', () => {
  const shop = 'shop.example.com';
  const broken = {
    part: 'records',
    where: `SslSniBindingInfo\\${shop}:443`,
    text: `${shop}:443`,
    why: 'the hash has 3 bytes',
  } as const;

  it('a record without a readable hash is no binding without a record, and no line adds one', () => {
    const facts = factsOf({ sites: [site('Shop', [sni(shop)])], unreadable: [broken] });
    const findings = lookAt(facts).findings;
    assert.deepEqual(each(findings, 'code', 'commands'), [['unreadable', []]]);
  });

  it('an entry that shows no key at all may be the record of a binding: no line adds one', () => {
    const nameless = { ...broken, text: '{0B7B4C3A-0000-0000-0000-000000000000}' };
    const findings = lookAt(factsOf({ sites: [site('Shop', [sni(shop)])], unreadable: [nameless] })).findings;
    assert.deepEqual(each(findings, 'code', 'commands'), [
      ['binding-without-record', []],
      ['unreadable', []],
    ]);
  });

  for (const [information, record443] of [
    ['*:443:*', 'blocked'],
    ['443', 'blocked'],
    ['fe80::1:443:name', 'blocked'],
    ['*:443443:x', 'blocked'],
    ['*:8443:*', 'other-program'],
  ] as const) {
    it(`a binding ${information} that cannot be read: the record 0.0.0.0:443 of IIS is ${record443}`, () => {
      const server = snapshot({ sites: [site('Shop', [https(information)])], records: [record('0.0.0.0:443', 'old')] });
      const plan = planRebind({ snapshot: server, renewals: [renewal('old', 'new')], configuration: policy() });
      const said = [
        ...plan.blocked.map(met).map(({ reason }) => `blocked ${reason}`),
        ...plan.skipped.map(met).map(({ reason }) => reason),
      ];
      assert.deepEqual(said, [record443 === 'blocked' ? 'blocked binding-unreadable' : 'other-program']);
    });
  }

  it('no line deletes a record on which an unreadable binding may stand', () => {
    const facts = factsOf({ sites: [site('Shop', [https('*:443:*')])], records: [record('0.0.0.0:443', 'old')] });
    const orphan = lookAt(facts).findings.find(({ code }) => code === 'orphaned-record');
    assert.deepEqual(orphan?.commands, []);
    assert.match(orphan?.message ?? '', /one that cannot be read may\./);
  });
});
