import assert from 'node:assert/strict';
import { ofAll } from '../support/of-each.ts';
import { itQuickly } from '../support/slow.ts';
import { openWorld, servers } from './lab-world.ts';

for (const { kind, words } of servers)
  describe(`a public certificate that nothing announces, on the ${kind} server`, () => {
    const world = ofAll(() => openWorld(words));
    let old: string;
    let successor: string;
    before(async () => {
      old = world.certificates[0]?.thumbprint ?? '';
      await world.lab(['switch', 'root-store', 'fetched']);
    });

    const findings = async () =>
      ((await world.json(['status'])).document.findings as { code: string }[]).map(({ code }) => code);

    it('is said to be one whose renewal nothing would tell of', async () => {
      const { stdout } = await world.certrebind(['enable', '--no-proof']);
      assert.match(stdout, /certrebind enable --successors same-names/);
      assert.ok((await findings()).includes('renewal-unnoticed'));
    });

    it('is not replaced by one that lies beside it', async () => {
      // From before the next one: certificates tell seconds, and these tests take less than one.
      await world.lab(['renew', old, '--no-event', '--no-property', '--keep-old', '--valid-in', '-2h']);
      assert.equal((await world.json(['reconcile'])).document.result, 'nothing-to-do');
    });

    it('is, once names count, within the hour and with the proof of every run', async () => {
      assert.equal((await world.json(['enable', '--no-proof', '--successors', 'same-names'])).exitCode, 0);
      assert.ok(!(await findings()).includes('renewal-unnoticed'));
      const { exitCode, document } = await world.json(['reconcile']);
      assert.equal(exitCode, 0);
      assert.deepEqual([document.result, document.renewals[0].source], ['rebound', 'same-names']);
      successor = document.renewals[0].new;
      assert.ok(document.steps.length > 5);
      assert.equal((await world.records()).get(document.steps[0].key), successor);
    });

    itQuickly('is found by a hook that knows only the new one', async () => {
      const { new: next } = await world.lab(['renew', successor, '--no-event', '--no-property', '--keep-old']);
      const hook = ['rebind', '--old', 'auto', '--new', next, '--yes'];
      const { exitCode, document } = await world.json(hook);
      assert.deepEqual([exitCode, document.result, document.renewals[0].old], [0, 'rebound', successor]);
      assert.equal((await world.json(hook)).document.result, 'nothing-to-do', 'again');
    });
  });
