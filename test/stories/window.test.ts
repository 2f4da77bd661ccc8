import assert from 'node:assert/strict';
import { join } from 'node:path';
import { reconcileTaskName } from '../../src/documents/scheduled-tasks.ts';
import { parseTask } from '../../src/model/windows/task.ts';
import { each } from '../support/each.ts';
import { ofAll, ofEach } from '../support/of-each.ts';
import { onLab, openWorld, servers } from './lab-world.ts';

const shiftClock = join(import.meta.dirname, '..', 'support', 'shift-clock.cjs');
const hour = 3600_000;

/** A window that opens in so many hours, by the clock of the lab, which is UTC. */
function windowIn(hours: number) {
  const clock = (at: number) => new Date(at).toISOString().slice(11, 16);
  const opens = Date.now() + hours * hour;
  return JSON.stringify({ from: clock(opens), to: clock(opens + 3 * hour) });
}

for (const { kind, words } of servers)
  describe(`a window for changes (${kind})`, () => {
    const world = ofAll(() => openWorld(words));
    let old: string;
    let successor: string;
    before(async () => {
      old = world.certificates[0]?.thumbprint ?? '';
      await world.json(['config', 'add', 'exclude.records', '0.0.0.0:10443']);
      await world.json(['enable']);
      const { exitCode } = await world.certrebind(['config', 'set', 'window', windowIn(10)]);
      assert.equal(exitCode, 0);
    });

    const held = async () => [...(await world.records()).values()];

    it('lets what an event brings wait, tells it at once, and names the start of the hourly task that will make the change', async () => {
      successor = (await world.lab(['renew', old, '--wait'])).new;
      assert.ok(!(await held()).includes(successor));
      const { document: status } = await world.json(['status']);
      const [waiting] = status.waiting;
      assert.equal(waiting.renewal.new, successor);
      const wait = Date.parse(waiting.notBefore) - Date.now();
      assert.ok(wait > 9 * hour && wait < 13 * hour, waiting.notBefore);
      assert.deepEqual(
        status.findings.map(({ code, severity }: { code: string; severity: string }) => `${code} ${severity}`),
        ['renewal-waiting info'],
      );
      assert.equal(status.ledger.entries[0].state, 'pending');
      const hourly = (await world.snapshot()).tasks.find(({ name }: { name: string }) => name === reconcileTaskName);
      const [, start] = parseTask(hourly.xml).triggers;
      assert.equal(start?.startBoundary?.slice(14), waiting.notBefore.slice(14, 19).concat('Z'));
      const { stdout } = await world.certrebind(['status']);
      assert.match(
        stdout,
        /Waiting for the\s+turn\s+of\s+this\s+server\s+in\s+the\s+window .*,\s+at .* UTC\.\s+To\s+apply\s+it\s+now:\s+certrebind reconcile --now/s,
      );
    });

    it('lets the hourly task bring it in at night', async () => {
      const { document: status } = await world.json(['status']);
      const ahead = Date.parse(status.waiting[0].notBefore) - Date.now() + 1000;
      const night = { NODE_OPTIONS: `--require ${JSON.stringify(shiftClock)}`, SHIFT_CLOCK_MS: String(ahead) };
      await world.serveAgain(night);
      await world.lab(['tick', '--by', '1h', '--wait']);
      const { document: history } = await world.json(['history']);
      assert.deepEqual(each(history.runs, 'result'), ['rebound']);
      assert.ok((await held()).includes(successor));
    });
  });

onLab(servers, 'a window for changes and a person', () => {
  const world = ofEach(openWorld);
  let old: string;
  beforeEach(async () => {
    old = world.certificates[0]?.thumbprint ?? '';
    await world.certrebind(['config', 'set', 'window', windowIn(10)]);
  });

  it('lets reconcile --now change at once', async () => {
    await world.lab(['renew', old]);
    assert.equal((await world.json(['reconcile'])).document.result, 'waiting');
    const { document } = await world.json(['reconcile', '--now']);
    assert.equal(document.result, 'rebound');
  });

  it('keeps a pair that was named until the window opens, and says that nothing starts it where it is not enabled', async () => {
    const { new: successor } = await world.lab(['renew', old, '--no-event', '--no-property']);
    const { document } = await world.json(['rebind', '--old', old, '--new', successor]);
    assert.deepEqual([document.result, document.exitCode], ['waiting', 0]);
    assert.ok(document.notes.some(({ code }: { code: string }) => code === 'not-enabled'));
    const { document: status } = await world.json(['status']);
    assert.deepEqual(
      status.waiting.map(({ renewal }: { renewal: { new: string } }) => renewal.new),
      [successor],
    );
    assert.equal((await world.json(['reconcile', '--now'])).document.result, 'rebound');
    assert.ok([...(await world.records()).values()].includes(successor));
  });

  it('refuses a plan file outside of the window, and takes it with --now', async () => {
    await world.lab(['renew', old]);
    const file = join(world.folder, '..', 'plan.json');
    const { document: plan } = await world.json(['plan', '--now', '--out', file]);
    assert.ok(plan.steps.length > 0);
    const { exitCode, document } = await world.json(['apply', file]);
    assert.deepEqual([exitCode, document.error.code], [3, 'outside-window']);
    assert.equal((await world.json(['apply', file, '--now'])).document.result, 'rebound');
    const { document: waiting } = await world.json(['plan']);
    assert.deepEqual([waiting.steps, waiting.notBefore], [[], undefined]);
  });
});
