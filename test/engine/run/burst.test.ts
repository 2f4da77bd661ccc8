import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from '../../../src/documents/runs/outcome.ts';
import { fileState } from '../../../src/engine/state/file-state.ts';
import { ledgerEntries } from '../../../src/engine/views/ledger-entries.ts';
import type { Server } from '../../../src/server/server.ts';
import { labState } from '../../builders/lab.ts';
import { replacementEvent } from '../../builders/replacement-event.ts';
import { sni } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';
import { kernelServer } from '../../support/kernel-server.ts';
import { newFolder } from '../../support/temporary-lab.ts';
import { given, holdings, rebind, reconcile, type World, wideLab, worldOf } from './world.ts';

const starts = 50;
const names = Array.from({ length: starts }, (_, index) => `h${index}.example.com`);
const lab = names
  .reduce(
    (builder, name) =>
      builder
        .certificate(`new ${name}`, { names: [name], notAfter: '2028-01-01T00:00:00Z' })
        .certificate(`old ${name}`, { names: [name], renewedTo: `new ${name}` })
        .record(`${name}:443`, `old ${name}`),
    labState(),
  )
  .site('Many', names.map(sni));

/** An event for one renewal, and the start that the task makes of it: a process of its own, with its own session. */
function startFor(world: World, name: string, opened: Server[]): Promise<Outcome> {
  const { result } = world.kernel.apply(replacementEvent(lab.thumbprint(`old ${name}`), lab.thumbprint(`new ${name}`)));
  assert(result.kind === 'event' && result.recordId !== null);
  const { recordId } = result;
  const startedAt = world.context.clock.now();
  world.later(1);
  const server = kernelServer(world.kernel, { account: 'system' });
  opened.push(server);
  return reconcile(
    { ...world, context: { ...world.context, server, signal: new AbortController().signal } },
    {
      command: 'on-event',
      wait: true,
      wanted: { want: 'pending', event: { record: recordId, startedAt } },
    },
  );
}

describe('fifty starts at once', () => {
  it('all end with exit 0, settle every renewal, and need far fewer sessions than there are starts', async () => {
    const world = worldOf(lab, { state: fileState(join(newFolder(), 'state')) });
    const opened: Server[] = [];
    const outcomes = await Promise.all(
      names.map(async (name, index) => {
        // The later half comes while the first run is at work, after it has listed the events.
        if (index >= starts / 2) await world.context.state.unfinishedRuns();
        return startFor(world, name, opened);
      }),
    );
    assert.deepEqual([...new Set(outcomes.map(({ exitCode }) => exitCode))], [0]);
    const labels = names.map((name) => `new ${name}`);
    assert.deepEqual(
      await holdings(world, lab, labels),
      Object.fromEntries(names.map((name) => [`${name}:443`, `new ${name}`])),
    );
    const entries = ledgerEntries(await world.state.readLedger());
    assert.deepEqual([...new Set(entries.map(({ state }) => state))], ['settled']);
    assert.equal(entries.length, starts);
    const sessions = opened.reduce((sum, server) => sum + server.cost().sessions, 0);
    assert(sessions <= 5, `${sessions} sessions for ${starts} starts`);
  });
});

describe('a run with its state in files', () => {
  const one = wideLab();

  it('is in the history, whole, for whoever looks next', async () => {
    const folder = join(newFolder(), 'state');
    const outcome = await rebind(worldOf(one, { state: fileState(folder) }), [given(one, 'old', 'new')]);
    const { journal, outcome: stored } = await fileState(folder).readRun(outcome.run);
    assert.deepEqual(stored, outcome);
    assert.equal(journal[0]?.type, 'opened');
  });

  it('that was killed before its first line was whole is taken away, since it had changed nothing', async () => {
    const folder = join(newFolder(), 'state');
    const state = fileState(folder);
    await (await state.openRun('run-000')).abandon();
    writeFileSync(join(folder, 'runs', 'run-000', 'journal.ndjson'), '{"schema":"certrebind/journal/1","at":"2026');
    const outcome = await rebind(worldOf(one, { state }), [given(one, 'old', 'new')]);
    assert.equal(outcome.result, 'rebound');
    assert.deepEqual(each(await state.listRuns(), 'run'), [outcome.run]);
  });

  it('keeps only as many closed runs as wanted', async () => {
    const state = fileState(join(newFolder(), 'state'));
    const world = worldOf(one, { state });
    for (const [from, to] of [
      ['old', 'new'],
      ['new', 'old'],
      ['old', 'new'],
    ] as const) {
      await rebind(world, [given(one, from, to)], { keepRuns: 2 });
    }
    assert.deepEqual(each(await state.listRuns(), 'run'), ['run-002', 'run-003']);
  });
});
