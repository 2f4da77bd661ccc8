import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan, Step } from '../../src/documents/runs/plan.ts';
import { planDigest, sealPlan } from '../../src/documents/runs/seal-plan.ts';
import { jsonHere } from '../cli/run-here.ts';
import { ofEach } from '../support/of-each.ts';
import { itQuickly } from '../support/slow.ts';
import { openWorld, servers } from './lab-world.ts';

for (const { kind, words } of servers)
  describe(`plans as files (${kind})`, () => {
    const world = ofEach(() => openWorld(words));
    let old: string;
    let successor: string;
    let file: string;
    beforeEach(async () => {
      old = world.certificates[0]?.thumbprint ?? '';
      successor = (await world.lab(['renew', old])).new;
      file = join(world.folder, '..', 'plan.json');
    });

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

    itQuickly('apply refuses with exit 8 when a record changed since, and does it when forced', async () => {
      await world.json(['plan', '--out', file]);
      await world.json([
        'rebind',
        '--old',
        old,
        '--new',
        world.certificates[1]?.thumbprint ?? '',
        '--allow',
        'names-lost',
      ]);
      const stale = await world.json(['apply', file]);
      assert.deepEqual([stale.exitCode, stale.document.error.code], [8, 'plan-stale']);
      const forced = await world.json(['apply', file, '--force', '--allow', 'names-lost']);
      assert.equal(forced.exitCode, 0, JSON.stringify(forced.document));
      const after = await world.records();
      for (const { key } of forced.document.steps) assert.equal(after.get(key), successor, key);
    });

    /** Writes the plan as somebody else has edited it, sealed again as anybody can. */
    async function edited(plan: Plan, edit: (step: Step) => unknown): Promise<void> {
      const steps = plan.steps.map((step, index) => (index === 0 ? edit(step) : step));
      const { digest: _, ...rest } = { ...plan, steps: steps as readonly Step[] };
      await writeFile(file, JSON.stringify(sealPlan(rest)));
    }

    itQuickly('apply refuses a plan that somebody edited and sealed again', async () => {
      const { document: plan } = await world.json(['plan', '--out', file]);
      const before = await world.records();
      const foreign = (await world.snapshot()).holders.find(
        ({ key }: { key: string }) => key === '0.0.0.0:10443',
      ).value;
      const holder = (value: { key: string }) => ({ kind: 'tls', key: value.key, value });
      const evil = { address: '203.0.113.9', port: 8443, serverName: 'evil.example.com' };
      const edits: readonly (readonly [string, (step: Step) => unknown, number])[] = [
        [
          'removes a record of others',
          (step) => ({ ...step, key: foreign.key, before: holder(foreign), wanted: null }),
          2,
        ],
        [
          'makes a record',
          (step) => ({ ...step, before: null, wanted: holder({ ...foreign, key: '0.0.0.0:3389' }) }),
          2,
        ],
        [
          'swaps a record of others',
          (step) => {
            const wanted = { ...foreign, thumbprint: step.wanted?.value.thumbprint };
            return { ...step, key: foreign.key, before: holder(foreign), wanted: holder(wanted) };
          },
          8,
        ],
        ['dials elsewhere', (step) => ({ ...step, verify: [evil] }), 8],
      ];
      for (const [what, edit, code] of edits) {
        await edited(plan, edit);
        for (const force of code === 8 && what !== 'dials elsewhere' ? [[], ['--force']] : [[]]) {
          const { exitCode, document } = await world.json(['apply', file, ...force]);
          assert.equal(exitCode, code, `${what}: ${JSON.stringify(document)}`);
        }
      }
      assert.deepEqual(await world.records(), before);
    });

    it('apply takes a file that others can write only by its digest', async () => {
      const open = join(world.folder, '..', 'open');
      await mkdir(open);
      await chmod(open, 0o777);
      file = join(open, 'plan.json');
      const { stdout } = await world.certrebind(['plan', '--out', file]);
      const digest = /^[0-9a-f]{64}$/m.exec(stdout)?.[0] ?? '';
      const before = await world.records();
      for (const words of [[], ['--digest', digest.replace(/^./, (first) => (first === '0' ? '1' : '0'))]]) {
        const { exitCode, document } = await world.json(['apply', file, ...words]);
        assert.equal(exitCode, 2, JSON.stringify(document));
        assert.equal(document.error.code, 'plan-unconfirmed');
      }
      assert.deepEqual(await world.records(), before);
      const { exitCode, document } = await world.json(['apply', file, '--digest', digest.toUpperCase()]);
      assert.equal(exitCode, 0, JSON.stringify(document));
    });

    it('a capture plans the same anywhere, and cannot be changed', async () => {
      const capture = join(world.folder, '..', 'server.json');
      await world.json(['capture', capture]);
      const { document: here } = await world.json(['plan']);
      const { document: there } = await jsonHere(['plan', '--replay', capture]);
      assert.equal(there.server.kind, 'replay');
      assert.deepEqual(there.steps, here.steps);
      for (const line of [
        ['rebind', '--old', old, '--new', successor],
        ['reconcile'],
        ['enable', '--no-proof'],
        ['disable'],
        ['undo'],
      ]) {
        const { exitCode, document } = await jsonHere([...line, '--replay', capture]);
        assert.equal(exitCode, 7, line[0]);
        assert.equal(document.error.code, 'read-only-server', line[0]);
      }
      const { exitCode, document } = await jsonHere(['history', '--replay', capture]);
      assert.deepEqual({ exitCode, runs: document.runs }, { exitCode: 0, runs: [] });
    });
  });
