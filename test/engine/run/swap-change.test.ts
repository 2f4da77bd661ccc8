import assert from 'node:assert/strict';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { changeTo } from '../../../src/engine/run/ask-server.ts';
import { certificate, https, policy, record, renewal, site, snapshot, thumbprintOf } from '../../builders/snapshot.ts';

/** Through which binding the record of all addresses is replaced when a site each has these; whose stores have these certificates. */
function through(informations: readonly string[], stored = ['old', 'new']) {
  const { steps } = planRebind({
    snapshot: snapshot({
      sites: informations.map((information, at) => site(`Site ${at}`, [https(information)])),
      records: [record('0.0.0.0:443', 'old')],
      certificates: [certificate('old'), certificate('new')],
    }),
    renewals: [renewal('old', 'new')],
    configuration: policy(),
  });
  const [step] = steps;
  assert(step !== undefined);
  const inStores = new Map(stored.map((label) => [thumbprintOf(label), certificate(label)]));
  const change = changeTo({ stored: inStores }, step, step.before, step.wanted);
  return change.do === 'put' ? change.through?.information : undefined;
}

describe('a swap goes through a binding that stands on the record', () => {
  for (const [informations, chosen] of [
    [['*:443:'], '*:443:'],
    [[':443:', '*:443:shop.example.com'], '*:443:shop.example.com'],
    [[' :443:', ':443:shop.example.com'], ' :443:'],
  ] as const) {
    it(`of ${informations.join(' and ')} through ${chosen}`, () => assert.equal(through(informations), chosen));
  }

  it('but past IIS where the certificate that it replaces has left the stores; where nobody told what is there, through it', () => {
    assert.equal(through(['*:443:'], ['new']), undefined);
    assert.equal(through(['*:443:'], []), '*:443:');
  });
});
