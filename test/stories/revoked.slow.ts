import assert from 'node:assert/strict';
import { ofAll } from '../support/of-each.ts';
import { openWorld, serverKinds } from './lab-world.ts';

for (const { kind, words } of serverKinds)
  describe(`a certificate that its issuer has revoked, by a list that the ${kind} server has`, function () {
    this.timeout(180_000);
    const world = ofAll(() => openWorld(words));
    let old: string;
    let successor: string;
    before(async () => {
      old = world.certificates[0]?.thumbprint ?? '';
      await world.json(['config', 'set', 'successors', 'same-names']);
      const renewed = await world.lab([
        'renew',
        old,
        '--no-event',
        '--no-property',
        '--keep-old',
        '--expires-in',
        '30d',
      ]);
      successor = renewed.new;
    });

    const moved = async () => [...(await world.records()).values()].filter((hash) => hash === successor).length;
    const reconcile = async () => (await world.json(['reconcile'])).document.result;

    it('is left for a day where it is only issued again', async () => {
      assert.deepEqual([await reconcile(), await moved()], ['nothing-to-do', 0]);
      const { findings } = (await world.json(['status'])).document;
      assert.ok(findings.some(({ code }: { code: string }) => code === 'replaced-earlier'));
    });

    it('is left where the list revokes another one', async () => {
      const other = world.certificates[1]?.thumbprint ?? '';
      await world.lab(['revoke', other]);
      assert.deepEqual([await reconcile(), await moved()], ['nothing-to-do', 0]);
    });

    it('is replaced at once where the list revokes it', async () => {
      await world.lab(['revoke', old]);
      const { result, counts } = (await world.json(['reconcile'])).document;
      assert.deepEqual([result, counts.changed], ['rebound', await moved()]);
      assert.ok(counts.changed > 5);
    });
  });
