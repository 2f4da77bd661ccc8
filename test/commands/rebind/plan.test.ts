import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parsePlan } from '../../../src/documents/runs/plan-document.ts';
import { perform } from '../../security/program.ts';
import { openWorld, type World } from '../../stories/lab-world.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

describe('a run that was interrupted', () => {
  const run = '20260601-120000000-abcd';
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  before(async () => {
    lab = await temporaryLab({ sites: 1 });
    const folder = join(lab.folder, 'certrebind', 'runs', run);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, 'journal.ndjson'), '{"type":"opened"}\n');
  });
  after(() => lab.remove());

  it('is named by plan, status, doctor, verify and history, which its half-done work may explain', async () => {
    for (const command of ['plan', 'status --full', 'doctor', 'verify', 'history']) {
      const { stdout } = await perform([...command.split(' '), '--lab', lab.folder]);
      assert.match(
        stdout,
        new RegExp(`Run ${run} was interrupted\\.[^]*?\\s+(?:Type: )?certrebind reconcile\\n`),
        command,
      );
    }
  });

  it('is a note of the plan and a finding of verify in JSON, and verify ends with 9', async () => {
    const plan = await perform(['plan', '--lab', lab.folder, '--json']);
    const notes: readonly { code: string; text: string }[] = JSON.parse(plan.stdout).notes;
    assert.match(notes.find(({ code }) => code === 'unfinished-run')?.text ?? '', new RegExp(run));
    assert.doesNotThrow(() => parsePlan(plan.stdout, 'plan'), 'its digest fits');

    const verify = await perform(['verify', '--lab', lab.folder, '--json']);
    const [found] = JSON.parse(verify.stdout).findings;
    assert.deepEqual([found.code, found.severity, verify.exitCode], ['unfinished-run', 'warning', 9]);
  });
});

describe('certrebind plan', () => {
  let world: World;
  before(async () => {
    world = await openWorld();
  });
  after(() => world.close());

  it('shows for what is pending the plan that reconcile would carry out, its notes among it', async () => {
    const { new: successor } = await world.lab(['renew', world.certificates[0]?.thumbprint ?? '']);
    await world.json(['reconcile']);
    await world.lab(['switch', 'record-numbers', 'start-again']);
    await world.lab(['event', '--clear']);
    await world.lab(['renew', successor, '--no-event']);
    const shown = await world.json(['plan']);
    const tried = await world.json(['reconcile', '--dry-run']);
    const codes = ({ notes }: { notes: readonly { code: string }[] }) => notes.map(({ code }) => code);
    assert.ok(codes(shown.document).includes('log-gap'));
    assert.deepEqual(codes(shown.document), codes(tried.document));
    assert.deepEqual(shown.document.renewals, tried.document.renewals);
  });
});
