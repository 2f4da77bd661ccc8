import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ofAll } from '../support/of-each.ts';
import { openWorld } from './lab-world.ts';

const shiftClock = join(import.meta.dirname, '..', 'support', 'shift-clock.cjs');
const hourMs = 3600_000;
const rounds = 4;

// The programs themselves, each with its clock ahead: what `test/properties/public-renewals.test.ts` tells in one process.
for (const { life, renewedAfter, endsSoon } of [
  { life: 6, renewedAfter: 4, endsSoon: 5.9 },
  { life: 47, renewedAfter: 31, endsSoon: 44 },
])
  describe(`${rounds} renewals in a row of a certificate of ${life} days, that nothing announces`, function () {
    this.timeout(300_000);
    const world = ofAll(openWorld);

    /** Goes on to a day of the story, with the lab and all that is started after. */
    async function goTo(days: number) {
      const env = {
        NODE_OPTIONS: `--require ${JSON.stringify(shiftClock)}`,
        SHIFT_CLOCK_MS: String(Math.round(days * 24 * hourMs)),
      };
      await world.serveAgain(env);
      const typed = async (words: readonly string[]) => {
        const { stdout, stderr } = await world.certrebind([...words, '--json'], { env });
        assert.ok(stdout.startsWith('{'), stderr);
        return JSON.parse(stdout);
      };
      const renew = (old: string, ...more: readonly string[]) =>
        world.lab(['renew', old, '--expires-in', `${life}d`, '--keep-old', ...more]);
      const warnedOf = async (thumbprint: string) =>
        (await typed(['status'])).findings
          .filter(({ severity }: { severity: string }) => severity !== 'info')
          .filter((finding: unknown) => JSON.stringify(finding).includes(thumbprint))
          .map(({ code }: { code: string }) => code);
      return { typed, renew, warnedOf };
    }

    it('each is used within the hour, none is warned of, and its end is when none comes any more', async () => {
      let current: string = world.certificates[0]?.thumbprint ?? '';
      await world.lab(['switch', 'root-store', 'fetched']);
      await world.certrebind(['config', 'set', 'successors', 'same-names']);
      const begin = await goTo(0);
      ({ new: current } = await begin.renew(current));
      assert.equal((await begin.typed(['reconcile'])).result, 'rebound');
      for (let round = 1; round <= rounds; round++) {
        const { typed, renew, warnedOf } = await goTo(round * renewedAfter);
        assert.deepEqual(await warnedOf(current), [], `before renewal ${round}`);
        const { new: next } = await renew(current, '--no-event', '--no-property');
        const outcome = await typed(['reconcile']);
        assert.equal(outcome.result, 'rebound');
        // The first one is renewed again and again too, for a record of another program that keeps it.
        const taken = outcome.renewals.find(({ old }: { old: string }) => old === current);
        assert.deepEqual([taken?.new, taken?.source], [next, 'same-names']);
        const held = [...(await world.records()).values()];
        assert.deepEqual([held.includes(next), held.includes(current)], [true, false]);
        assert.deepEqual(await warnedOf(next), [], `after renewal ${round}`);
        current = next;
      }
      const { warnedOf } = await goTo(rounds * renewedAfter + endsSoon);
      assert.ok((await warnedOf(current)).includes('certificate-ends-soon'));
    });
  });
