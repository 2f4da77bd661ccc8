import assert from 'node:assert/strict';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonHere } from '../cli/run-here.ts';
import { documentFixtures } from '../documents/frozen.ts';
import { ofEach } from '../support/of-each.ts';
import { openWorld } from './lab-world.ts';

describe('a state folder that an earlier program left', () => {
  const world = ofEach(openWorld);
  let home: string;
  beforeEach(() => {
    home = join(world.folder, 'certrebind');
  });

  /** Puts it where this server has its own, with these texts instead of others. */
  async function leave(
    day: string,
    state: string,
    instead: readonly (readonly [string, string])[] = [],
  ): Promise<void> {
    await rm(home, { recursive: true, force: true });
    await cp(join(documentFixtures, 'written', day, state), home, { recursive: true });
    const files = (await readdir(home, { recursive: true })).filter((name) => /json$/.test(name));
    for (const file of files) {
      const text = await readFile(join(home, file), 'utf8');
      await writeFile(
        join(home, file),
        instead.reduce((now, [from, to]) => now.replaceAll(from, to), text),
      );
    }
  }

  for (const [day, state] of [
    ['2026-11-27', 'web'],
    ['2026-11-27', 'roles'],
    ['2026-11-29', 'web'],
    ['2026-11-29', 'roles'],
    ['2026-11-29', 'debts'],
  ] as const)
    it(`of ${day} is read (${state}): history, each run, status, doctor, the page`, async () => {
      await leave(day, state);
      const closed = (await readdir(join(home, 'runs'), { recursive: true })).filter((name) => /outcome/.test(name));
      const history = await world.json(['history']);
      assert.equal(history.exitCode, 0);
      assert.equal(history.document.runs.length, closed.length);
      assert.doesNotMatch((await world.certrebind(['history'])).stdout, /cannot be shown/);
      for (const { run } of history.document.runs) {
        assert.equal((await world.json(['history', run])).exitCode, 0, run);
      }
      for (const words of [['status'], ['doctor'], ['report', '--html', join(world.folder, 'page.html')]]) {
        const { exitCode, document } = await world.json(words);
        assert.ok([0, 9].includes(exitCode ?? 1), `${words[0]} ${JSON.stringify(document)}`);
        const codes: readonly string[] = (document.findings ?? []).map(({ code }: { code: string }) => code);
        assert.deepEqual(
          codes.filter((code) => code === 'damaged-file' || code === 'could-not-work'),
          [],
          words[0],
        );
      }
    });

  it('with a run that nothing reads any more says so in the history, and is no error', async () => {
    await leave('2026-11-29', 'retired');
    const { runs } = (await world.json(['history'])).document;
    const file = join(home, 'runs', runs[0].run, 'outcome.json');
    await writeFile(file, '{"schema":"certrebind/outcome/1"}');
    assert.match((await world.certrebind(['history'])).stdout, /cannot be shown: .* is an outcome of version 1\./);
    const { document } = await world.json(['status']);
    assert.ok(!JSON.stringify(document.findings).includes('outcome of version 1'));
  });

  for (const day of ['2026-11-27', '2026-11-29'])
    it(`and the inventory, the campaign and the captures of ${day} make pages`, async () => {
      const file = (name: string) => join(documentFixtures, 'written', day, name);
      const html = join(world.folder, 'page.html');
      const fleet = [
        'report',
        '--html',
        html,
        '--inventory',
        file('inventory.json'),
        '--campaign',
        file('campaign.json'),
      ];
      assert.equal((await jsonHere(fleet)).exitCode, 0);
      assert.match(await readFile(html, 'utf8'), /web01.*api\.example\.org/s);
      for (const name of ['capture.json', 'capture-roles.json']) {
        const { exitCode, document } = await jsonHere(['report', '--html', html, '--replay', file(name)]);
        if (day > '2026-11-27') assert.equal(exitCode, 0, JSON.stringify(document));
        else assert.deepEqual([exitCode, document.error.code], [2, 'earlier-schema']);
      }
    });

  it('of 2026-11-27 is a history that can be undone', async () => {
    const [{ thumbprint: old = '' } = {}] = world.certificates;
    const { new: renewed } = await world.lab(['renew', old, '--no-event']);
    const before = await world.records();
    assert.equal((await world.json(['rebind', '--old', old, '--new', renewed])).document.result, 'rebound');
    const { document: last } = await world.json(['history', 'last']);
    const [applied = assert.fail()] = last.renewals;
    const theirs = join(documentFixtures, 'written', '2026-11-27', 'web', 'runs');
    const runs = await Promise.all(
      (await readdir(theirs, { withFileTypes: true }))
        .filter((entry) => entry.isDirectory())
        .map(async ({ name }) => readFile(join(theirs, name, 'journal.ndjson'), 'utf8')),
    );
    const opened = runs.map((text) => JSON.parse(text.slice(0, text.indexOf('\n'))));
    const widest = opened.find(({ plan }) => plan.purpose === 'rebind' && plan.steps.length >= 8) ?? assert.fail();
    const { server } = await world.snapshot();
    await leave('2026-11-27', 'web', [
      [widest.plan.renewals[0].old, applied.old],
      [widest.plan.renewals[0].new, applied.new],
      [widest.plan.server.id, server.id],
    ]);
    await rm(join(home, 'config.json'));
    const { exitCode, document } = await world.json(['undo', widest.run, '--yes']);
    assert.deepEqual([exitCode, document.result], [0, 'undone'], JSON.stringify(document));
    assert.deepEqual(await world.records(), before);
  });
});
