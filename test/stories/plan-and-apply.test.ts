import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { planDigest } from '../../src/model/plan-document.ts';
import { runJson } from '../cli/run-program.ts';
import { openWorld, serverKinds, type World } from './lab-world.ts';

for (const { kind, words } of serverKinds)
  describe(`plans as files (${kind})`, () => {
    let world: World;
    let old: string;
    let successor: string;
    let file: string;
    beforeEach(async () => {
      world = await openWorld(words);
      old = world.certificates[0]?.thumbprint ?? '';
      successor = (await world.lab(['renew', old])).new;
      file = join(world.folder, '..', 'plan.json');
    });
    afterEach(() => world.close());

    it('apply does exactly what the file says', async () => {
      const { document: plan } = await world.json(['plan', '--out', file]);
      assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), plan);
      assert.equal(plan.digest, planDigest(plan));
      const { exitCode, document } = await world.json(['apply', file]);
      assert.equal(exitCode, 0);
      assert.deepEqual(
        document.steps.map(({ key }: { key: string }) => key),
        plan.steps.map(({ before }: { before: { key: string } }) => before.key),
      );
    });

    it('apply refuses with exit 8 when a record changed since, and does it when forced', async () => {
      await world.json(['plan', '--out', file]);
      const other = world.certificates[1]?.thumbprint ?? '';
      await world.json(['rebind', '--old', old, '--new', other]);
      const before = await world.records();
      const stale = await world.json(['apply', file]);
      assert.equal(stale.exitCode, 8, JSON.stringify(stale.document));
      assert.equal(stale.document.error.code, 'plan-stale');
      assert.deepEqual(await world.records(), before);

      const forced = await world.json(['apply', file, '--force']);
      assert.equal(forced.exitCode, 0, JSON.stringify(forced.document));
      const after = await world.records();
      for (const { key } of forced.document.steps) assert.equal(after.get(key), successor, key);
    });

    it('a dry run changes and remembers nothing', async () => {
      const before = await world.lab(['status']);
      const { exitCode, document } = await world.json(['rebind', '--old', old, '--new', successor, '--dry-run']);
      assert.equal(exitCode, 0);
      assert.equal(document.dryRun, true);
      assert.ok(document.steps.length > 0);
      assert.equal((await world.lab(['status'])).counters.writes, before.counters.writes);
      assert.deepEqual((await world.json(['history'])).document.runs, []);
    });

    it('a capture plans the same anywhere, and cannot be changed', async () => {
      const capture = join(world.folder, '..', 'server.json');
      await world.json(['capture', capture]);
      const { document: here } = await world.json(['plan']);
      const { document: there } = await runJson(['plan', '--replay', capture]);
      assert.equal(there.server.kind, 'replay');
      assert.deepEqual(there.steps, here.steps);
      for (const line of [
        ['rebind', '--old', old, '--new', successor],
        ['reconcile'],
        ['enable'],
        ['disable'],
        ['undo'],
      ]) {
        const { exitCode, document } = await runJson([...line, '--replay', capture]);
        assert.equal(exitCode, 7, line[0]);
        assert.equal(document.error.code, 'read-only-server', line[0]);
      }
      const { exitCode, document } = await runJson(['history', '--replay', capture]);
      assert.deepEqual({ exitCode, runs: document.runs }, { exitCode: 0, runs: [] });
    });

    it('progress is told as JSON lines on stderr, and stdout stays one document', async () => {
      const { stdout, stderr } = await world.certrebind([
        'rebind',
        '--old',
        old,
        '--new',
        successor,
        '--json',
        '--progress',
        'json',
      ]);
      assert.equal(JSON.parse(stdout).result, 'rebound');
      const lines = stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.ok(lines.every(({ schema }) => schema === 'certrebind/progress/1'));
      const stages = new Set(lines.map(({ stage }) => stage));
      for (const stage of ['baseline', 'canary', 'swap', 'prove']) assert.ok(stages.has(stage), stage);
    });
  });
