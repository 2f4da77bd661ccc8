import assert from 'node:assert/strict';
import { defaultConfiguration } from '../../../src/documents/configuration.ts';
import { iisAppId } from '../../../src/kinds/tls/certificate-binding.ts';
import { https } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';
import { certificates, kindWorlds, managementService, played, wmsvcAppId } from './kind-worlds.ts';
import { undo, worldOf } from './world.ts';

const { lab, allowing, rebinding, standing, named, all } = played('wmsvc');
const record = '0.0.0.0:8172';
const [key] = kindWorlds.wmsvc.keys;

describe('the Web Management Service', () => {
  it('whose application id the configuration names goes on being changed as a record until it is moved as a whole', async () => {
    const own = { ...defaultConfiguration, applicationIds: [wmsvcAppId] };
    const one = worldOf(lab);
    const outcome = await rebinding(one, own);
    assert.deepEqual(each([...outcome.steps, ...outcome.skipped], 'key'), [record]);
    assert.deepEqual(named(one), ['new', 'new', 'old']);
    const both = await rebinding(worldOf(lab), { ...own, holders: allowing.holders });
    assert.deepEqual(each([...both.steps, ...both.skipped], 'key'), [key]);
  });

  it('that stands on a record of an IIS binding is not taken for its owner', async () => {
    const shared = lab.record(record, 'old', { appId: iisAppId }).site('Shop', [https('*:8172:')]);
    const outcome = await rebinding(worldOf(shared));
    assert.deepEqual(each(outcome.steps, 'key'), [record]);
  });

  for (const [listed, what] of [
    ['other', 'names a third certificate'],
    ['', 'names none'],
  ] as const) {
    it(`whose registry ${what} has its record moved and the registry left`, async () => {
      const one = worldOf(managementService(certificates, listed));
      const outcome = await rebinding(one);
      assert.equal(outcome.steps[0]?.state, 'verified');
      assert.deepEqual(named(one), ['new', 'new', listed]);
      assert.equal((await undo(one, outcome.run)).result, 'undone');
      assert.deepEqual(named(one), ['old', 'old', listed]);
    });
  }

  it('whose record holds another certificate is not concerned, whatever the registry names', async () => {
    const one = worldOf(lab.record(record, 'other', { appId: wmsvcAppId }));
    assert.equal((await rebinding(one)).result, 'nothing-to-do');
  });

  it('whose registry said success and took nothing has it written again', async () => {
    const one = worldOf(lab.fault({ on: { kind: 'set-wmsvc' }, effect: { do: 'no-effect' } }));
    const { exitCode, steps } = await rebinding(one);
    const { state, repairedOptions } = steps[0] ?? {};
    assert.deepEqual([exitCode, state, repairedOptions], [0, 'verified', ['registry value']]);
    assert.deepEqual(await standing(one), all('new'));
  });

  it('that others change in its record alone is left so', async () => {
    const one = worldOf(lab);
    const args = ['http', 'update', 'sslcert', `ipport=${record}`, `certhash=${certificates.thumbprint('other')}`];
    const { change } = one.context.server;
    one.context.server.change = (changes) => {
      if (changes.some((each) => each.do === 'put'))
        one.kernel.apply({ kind: 'netsh', args: [...args, `appid=${wmsvcAppId}`] });
      return change(changes);
    };
    const outcome = await rebinding(one);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [4, 'changed-by-others']);
    assert.deepEqual(named(one), ['other', 'other', 'old']);
  });

  it('that is stopped is changed, and not dialled', async () => {
    const outcome = await rebinding(worldOf(managementService(certificates, 'old', 'stopped')));
    assert.deepEqual([outcome.steps[0]?.state, outcome.steps[0]?.after], ['untested', []]);
  });

  for (const position of ['shown-only', 'written-at-start'] as const) {
    it(`goes on serving the new certificate after a start, with a value that is ${position}`, async () => {
      const one = worldOf(lab.switched('wmsvc-value', position));
      await rebinding(one);
      one.kernel.apply({ kind: 'boot' });
      assert.deepEqual(await standing(one), all('new'));
    });
  }
});
