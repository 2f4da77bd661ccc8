import assert from 'node:assert/strict';
import { join } from 'node:path';
import { met } from '../builders/met.ts';
import { each } from '../support/each.ts';
import { ofEach } from '../support/of-each.ts';
import { stateOfLab } from '../support/tell-lab.ts';
import { openWorld } from './lab-world.ts';

const shiftClock = join(import.meta.dirname, '..', 'support', 'shift-clock.cjs');
const day = 24 * 3600_000;

/** The environment of a program whose clock is so many days ahead. */
const daysAhead = (days: number) => ({
  NODE_OPTIONS: `--require ${JSON.stringify(shiftClock)}`,
  SHIFT_CLOCK_MS: String(days * day),
});
const ahead = daysAhead(11 * 365);

describe('a clock that was ahead', () => {
  const world = ofEach(openWorld);
  let old: string;
  beforeEach(() => {
    old = world.certificates[0]?.thumbprint ?? '';
  });

  /** Runs a command while the clock of this program is ahead. */
  // biome-ignore lint/suspicious/noExplicitAny: a story reads whatever the contract says is there
  async function early(words: readonly string[]): Promise<any> {
    const { exitCode, stdout, stderr } = await world.certrebind([...words, '--json'], { env: ahead });
    assert.ok(exitCode === 0 || exitCode === 3, `${stdout}${stderr}`);
    return JSON.parse(stdout);
  }

  async function warnings(): Promise<number> {
    const { entries } = (await stateOfLab(world.folder)).applicationLog;
    return entries.filter(({ eventId }) => eventId === 140).length;
  }

  it('lets undo without a name take the run that was begun last, and history list it last', async () => {
    const { new: b } = await world.lab(['renew', old, '--expires-in', '9000d']);
    const first = await early(['reconcile']);
    assert.match(first.run, /^203[0-9]/);
    const { new: c } = await world.lab(['renew', b, '--expires-in', '9001d']);
    const { document: second } = await world.json(['reconcile']);
    assert.ok(second.run < first.run);
    assert.deepEqual(each((await world.json(['history'])).document.runs, 'run'), [first.run, second.run]);
    assert.equal((await world.json(['status'])).document.lastRun.run, second.run);

    const { document: undone } = await world.json(['undo']);
    assert.ok(undone.steps.length > 0);
    const now = await world.records();
    for (const { key } of undone.steps) assert.equal(now.get(key), b, `${key}, and not ${c}`);
  });

  it('silences no warning once it is right again', async () => {
    const { new: b } = await world.lab(['renew', old, '--expires-in', '3d']);
    await world.json(['rebind', '--old', old, '--new', b]);
    await world.json(['reconcile']);
    assert.equal(await warnings(), 1);
    await early(['reconcile']);
    const before = await warnings();
    await world.json(['reconcile']);
    assert.equal(await warnings(), before + 1);
    await world.json(['reconcile']);
    assert.equal(await warnings(), before + 1);
  });

  it('lets no event of a log that was cleared pass unseen', async () => {
    await world.lab(['renew', old, '--expires-in', '9000d']);
    const next = world.certificates[1]?.thumbprint ?? '';
    await early(['reconcile']);
    await world.lab(['event', '--clear']);
    const { new: successor, eventRecordId } = await world.lab(['renew', next]);
    const { exitCode, stdout, stderr } = await world.onEvent(['--record', String(eventRecordId)]);
    assert.equal(exitCode, 0, stdout + stderr);
    assert.ok([...(await world.records()).values()].includes(successor));
  });
});

describe('a plan whose new certificate has expired since', () => {
  it('is blocked by apply, and nothing is changed', async () => {
    const world = await openWorld();
    try {
      const file = join(world.folder, '..', 'plan.json');
      await world.lab(['renew', world.certificates[0]?.thumbprint ?? '', '--expires-in', '30d']);
      const { document: plan } = await world.json(['plan', '--out', file]);
      assert.ok(plan.steps.length > 0);
      const before = await world.records();
      const late = await world.certrebind(['apply', file, '--json'], { env: daysAhead(31) });
      assert.equal(late.exitCode, 3, late.stdout + late.stderr);
      const reasons = JSON.parse(late.stdout)
        .blocked.map(met)
        .map(({ reason }: { reason: string }) => reason);
      assert.deepEqual([...new Set(reasons)], ['expired']);
      assert.deepEqual(await world.records(), before);
      assert.equal((await world.json(['apply', file])).document.counts.changed, plan.steps.length);
    } finally {
      await world.close();
    }
  });
});
