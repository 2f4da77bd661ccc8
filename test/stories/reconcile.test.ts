import assert from 'node:assert/strict';
import { taskFolder } from '../../src/documents/scheduled-tasks.ts';
import { ofEach } from '../support/of-each.ts';
import { itQuickly } from '../support/slow.ts';
import { tellLab } from '../support/tell-lab.ts';
import { openWorld, servers } from './lab-world.ts';
import { nativeTask } from './native-task.ts';

/** The start-up task waits a minute after the start; here it is over. */
const startUp = ['boot', '--after', '1m', '--wait'];
const lost = ['--no-event'];
/** Of a product that CertRebind does not change: a person would have to, and status would say so. */
const foreignRecord = '0.0.0.0:10443';

for (const { kind, words } of servers)
  describe(`reconcile (${kind})`, () => {
    const world = ofEach(() => openWorld(words));
    let first: string;
    beforeEach(() => {
      first = world.certificates[0]?.thumbprint ?? '';
    });

    async function renewTwice(more: readonly string[] = []): Promise<{ readonly b: string; readonly c: string }> {
      const { new: b } = await world.lab(['renew', first, ...lost, ...more]);
      const { new: c } = await world.lab(['renew', b, ...lost, ...more]);
      return { b, c };
    }

    /** What the records that held the first certificate hold now, and the one that is none of IIS's. */
    async function holders(
      before: ReadonlyMap<string, string | null>,
    ): Promise<readonly (string | null | undefined)[]> {
      const now = await world.records();
      const keys = [...before].filter(([, held]) => held === first).map(([key]) => key);
      assert.ok(keys.length > 5);
      return [...new Set(keys.filter((key) => key !== '0.0.0.0:10443').map((key) => now.get(key)))];
    }

    it('at start-up catches A→B→C though no event came', async () => {
      await world.json(['enable', '--no-proof']);
      const before = await world.records();
      const { c } = await renewTwice();
      await world.lab(startUp);
      assert.deepEqual(await holders(before), [c]);
      const { document } = await world.json(['status', '--check']);
      assert.deepEqual(document.pending, []);
      assert.equal(document.lastRun.result, 'rebound');
      const verified = await world.json(['verify']);
      assert.deepEqual([verified.exitCode, codesOf(verified.document)[0]], [9, 'change-by-hand']);
    });

    itQuickly(
      'brings a renewal in again whose old certificate came back after it was settled, and doctor names it',
      async () => {
        await world.json(['config', 'add', 'exclude.records', foreignRecord]);
        await world.json(['enable']);
        const before = await world.records();
        const { new: b } = await world.lab(['renew', first, ...lost]);
        const { document: settled } = await world.json(['reconcile']);
        assert.equal((await world.json(['status', '--check'])).exitCode, 0);
        await world.lab(['netsh', storing('0.0.0.0:443', first)]);

        const { exitCode, document: status } = await world.json(['status', '--check']);
        assert.equal(exitCode, 9);
        const [found] = status.findings;
        assert.equal(found.code, 'old-certificate-back');
        assert.deepEqual([found.run, found.next], [settled.run, 'waits']);
        assert.match(found.message, /0\.0\.0\.0:443\. The old certificate is back: .*It is applied again at/);
        assert.deepEqual(found.commands, ['certrebind reconcile', 'certrebind config add exclude.records 0.0.0.0:443']);
        const [short, planned] = [await world.certrebind(['status']), await world.certrebind(['plan'])];
        assert.match(
          short.stdout,
          /old certificate is back, the new one is set at .* unless you leave the place alone\n +certrebind reconcile\n/,
        );
        assert.match(
          planned.stdout,
          /Leave the place alone:\n +certrebind config add exclude\.records 0\.0\.0\.0:443\n/,
        );
        assert.ok(codesOf((await world.json(['doctor'])).document).includes('old-certificate-back'));
        const { steps, blocked } = (await world.json(['plan'])).document;
        assert.deepEqual([steps.length, blocked.length, blocked[0].obstacles[0].code], [0, 1, 'set-back']);
        await world.lab(['tick', '--by', '1h', '--wait']);
        assert.equal((await world.records()).get('0.0.0.0:443'), first, 'the hourly task leaves it for a day');
        const verified = await world.json(['verify']);
        assert.deepEqual([codesOf(verified.document)[0], verified.exitCode], ['old-certificate-back', 9]);
        assert.ok(verified.document.endpoints.every(({ matches }: { matches: boolean | null }) => matches !== false));

        assert.equal((await world.json(['reconcile'])).document.result, 'rebound');
        assert.deepEqual(await holders(before), [b]);
        assert.equal((await world.json(['verify'])).exitCode, 0);
        assert.equal((await world.json(['status', '--check'])).exitCode, 0);
      },
    );

    itQuickly('leaves what was undone, and plan and status say that it is held', async () => {
      await world.json(['enable']);
      const before = await world.records();
      const { new: b } = await world.lab(['renew', first, ...lost]);
      await world.json(['reconcile']);
      const { document: undone } = await world.json(['undo']);
      assert.equal((await world.json(['reconcile'])).document.result, 'nothing-to-do');
      assert.deepEqual(await holders(before), [first]);
      const again = new RegExp(`\\n +certrebind rebind --old ${first} --new ${b}\\n`);
      const { stdout } = await world.certrebind(['plan']);
      assert.match(stdout, /No renewals, except one that was rolled back/);
      assert.match(stdout, again);
      const { document: status } = await world.json(['status']);
      assert.equal(status.held[0].run, undone.run);
      const { stdout: told } = await world.certrebind(['status', '--full']);
      assert.match(told, new RegExp(`was taken back by run ${undone.run}`));
      assert.match(told, again);
    });

    for (const how of ['undo', 'rebind'] as const)
      itQuickly(`leaves two renewals that ${how} took back one after the other, until a third`, async () => {
        await world.json(['enable', '--no-proof']);
        const before = await world.records();
        const { new: b } = await world.lab(['renew', first, ...lost]);
        const { document: earlier } = await world.json(['reconcile']);
        const { new: c } = await world.lab(['renew', b, ...lost]);
        const { document: later } = await world.json(['reconcile']);
        for (const [{ run }, old, next] of [
          [later, c, b],
          [earlier, b, first],
        ] as const) {
          const words = how === 'undo' ? ['undo', run] : ['rebind', '--old', old, '--new', next];
          assert.equal((await world.json([...words, '--yes'])).exitCode, 0);
        }
        assert.equal((await world.json(['reconcile'])).document.result, 'nothing-to-do');
        await world.lab(['tick', '--by', '2h', '--wait']);
        assert.deepEqual(await holders(before), [first]);
        assert.match(
          (await world.certrebind(['plan'])).stdout,
          new RegExp(`\n +certrebind rebind --old ${first} --new ${c}\n`),
        );
        const { new: d } = await world.lab(['renew', c, ...lost]);
        await world.json(['reconcile']);
        assert.deepEqual(await holders(before), [d]);
      });

    itQuickly('forgets a pair whose new certificate was mistyped, by the line that status names', async () => {
      const mistyped = 'A'.repeat(40);
      const pair = ['rebind', '--old', first, '--new', mistyped, '--yes'];
      const line = `certrebind dismiss ${mistyped}`;
      for (const told of [pair, ['plan']])
        assert.match((await world.certrebind(told)).stdout, new RegExp(`^ +${line}$`, 'm'), told[0]);
      const { certificates } = (await world.json(['usage', '--renewed', mistyped])).document;
      assert.ok(certificates[0].places[0].commands.includes(line));
      const pending = async () =>
        (await world.json(['status'])).document.findings.filter(
          ({ code }: { readonly code: string }) => code === 'renewal-pending',
        );
      assert.deepEqual((await pending())[0].commands, [`certrebind import <file> --replace ${first}`, line]);
      await world.json(['rebind', '--old', world.certificates[1]?.thumbprint ?? '', '--new', mistyped, '--yes']);
      assert.equal((await world.json(['dismiss', mistyped, '--yes'])).exitCode, 0);
      assert.deepEqual(await pending(), [], 'both of them');
      assert.equal((await world.json(['reconcile'])).document.result, 'nothing-to-do');
      const { new: b } = await world.lab(['renew', first, ...lost]);
      await world.json(pair);
      assert.equal((await world.json(['dismiss', first, '--yes'])).exitCode, 0);
      assert.equal((await world.json(['reconcile'])).document.renewals[0].new, b);
    });

    itQuickly('dials every endpoint for the views that dial none, however long each may take', async () => {
      await world.json(['config', 'set', 'handshake.timeoutMs', '60000']);
      assert.equal((await world.json(['status'])).document.dialledAt, null);
      await world.json(['reconcile']);
      assert.notEqual((await world.json(['status'])).document.dialledAt, null);
    });

    itQuickly('leaves an old certificate that an undo found put back already', async () => {
      const before = await world.records();
      await world.lab(['renew', first, ...lost]);
      await world.json(['reconcile']);
      const changed = [...before].filter(([key, held]) => held === first && key !== '0.0.0.0:10443');
      for (const [key] of changed) await world.lab(['netsh', storing(key, first)]);
      await world.json(['undo']);
      assert.equal((await world.json(['reconcile'])).document.result, 'nothing-to-do');
      assert.deepEqual(await holders(before), [first]);
    });
  });

for (const { kind, words } of servers)
  describe(`status (${kind})`, () => {
    const world = ofEach(() => openWorld(words));

    itQuickly('names certificates in use that end within the days asked for', async () => {
      await world.json(['enable']);
      assert.equal((await world.json(['status', '--check'])).exitCode, 0);
      const { exitCode, document } = await world.json(['status', '--check', '--days', '400']);
      assert.deepEqual([exitCode, codesOf(document).includes('certificate-ends-soon')], [9, true]);
    });

    itQuickly('refuses days that are no number', async () => {
      assert.equal((await world.json(['status', '--days', 'soon'])).exitCode, 2);
    });
  });

for (const { kind, words } of servers)
  describe(`the task of IIS Manager (${kind})`, () => {
    const world = ofEach(() => openWorld(words));
    const native = async () => (await world.json(['status'])).document.native;

    itQuickly('stays disabled when somebody else had disabled it', async () => {
      await nativeTask(world.folder, { name: 'IIS-AutoCertRebind', enabled: false });
      await world.json(['enable', '--replace-native']);
      const { exitCode, stdout } = await world.certrebind(['disable', '--restore-native']);
      assert.equal(exitCode, 0);
      assert.match(stdout, /did not disable one/);
      assert.deepEqual(await native(), { present: true, enabled: false });
    });

    itQuickly('that was removed meanwhile is no obstacle', async () => {
      await nativeTask(world.folder, { name: 'IIS-AutoCertRebind', enabled: true });
      await world.json(['enable', '--replace-native']);
      await tellLab(world.folder, { kind: 'unregister-task', path: taskFolder, name: 'IIS-AutoCertRebind' });
      assert.equal((await world.json(['disable', '--restore-native'])).exitCode, 0);
      assert.deepEqual(await native(), { present: false, enabled: false });
    });
  });

/** What sets the certificate of a record past IIS, as deployment tools do. */
function storing(key: string, thumbprint: string): string {
  const parameter = /^[\d.]+:\d+$|^\[/.test(key) ? 'ipport' : 'hostnameport';
  return `http update sslcert ${parameter}=${key} certhash=${thumbprint} certstorename=My appid={4dc3e181-e14b-4a21-b022-59fc669b0914}`;
}

function codesOf({ findings }: { readonly findings: readonly { readonly code: string }[] }): readonly string[] {
  return findings.map(({ code }) => code);
}
