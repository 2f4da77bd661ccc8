import assert from 'node:assert/strict';
import { planRebind } from '../../src/plan/plan-rebind.ts';
import { changeTo } from '../../src/run/ask-server.ts';
import { certificate, https, policy, record, renewal, site, snapshot } from '../builders/snapshot.ts';

/** Through which binding the record of all addresses is replaced when a site each has these. */
function through(...informations: readonly string[]) {
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
  const change = changeTo(step, step.before, step.wanted);
  return change.do === 'put' ? change.through?.information : undefined;
}

describe('a swap goes through a binding that stands on the record', () => {
  for (const [informations, chosen] of [
    [['*:443:'], '*:443:'],
    [[':443:', '*:443:shop.example.com'], '*:443:shop.example.com'],
    [[' :443:', ':443:shop.example.com'], ' :443:'],
  ] as const) {
    it(`of ${informations.join(' and ')} through ${chosen}`, () => {
      assert.equal(through(...informations), chosen);
    });
  }
});
