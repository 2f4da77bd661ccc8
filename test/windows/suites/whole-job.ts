import assert from 'node:assert/strict';
import { differencesBetween } from '../../../src/commands/rehearse/rehearse.ts';
import { eventually } from '../../stories/eventually.ts';
import { assertNone } from '../../support/each.ts';
import { assertServed, removeRecords, served, setRecord } from './core/bench.ts';
import { plainRecord } from './core/on-records.ts';
import type { Stage } from './stage.ts';

interface Conditions {
  readonly installed?: () => Promise<string>;
  readonly enabled?: () => Promise<void>;
}

/** How long Windows may take from the event to the moved binding. */
const withinMs = 120_000;

/**
 * The whole job, with no command of ours between the renewal and the moved binding: installed, enabled, a certificate renewed by
 * an authority, the event, the task as SYSTEM, the handshake; then history, undo, and everything away again.
 * @param installed what else has to be so before the program is used; returns how the adapter then has to run
 * @param enabled what happens before the renewal
 */
export async function wholeJob(
  stage: Stage,
  { installed = async () => 'file', enabled = async () => {} }: Conditions = {},
): Promise<void> {
  const { server, certrebind } = stage;
  const before = await server.snapshot();
  const uninstall = await stage.install();
  const bench = await stage.bench();
  const { key } = bench.byAddress;
  const old = await stage.enrol('story.certrebind.invalid');
  await setRecord(bench, plainRecord(bench, key, old));
  const way = await installed();

  await succeed(['enable', '--alongside']);
  await enabled();
  const renewed = await stage.renew(old);
  await eventually(async () => ((await held()) === renewed ? true : undefined), withinMs).catch(async (cause) => {
    const { document } = await certrebind(['status']).catch(() => ({ document: {} }));
    const { tasks, log, pending, held: kept } = document;
    throw new Error(`the binding was not moved: ${JSON.stringify({ tasks, log, pending, kept })}`, { cause });
  });
  const serves = () => served(bench, null);
  await assertServed(serves, renewed);

  const run = await eventually(async () => (await certrebind(['history'])).document.runs[0], withinMs);
  assert.equal(run.result, 'rebound', JSON.stringify(run));
  const { document: outcome } = await certrebind(['history', run.run]);
  const [renewal] = outcome.renewals;
  assert.deepEqual([renewal.source, renewal.old, renewal.new], ['event', old, renewed], 'the event led to the run');
  assert.equal(outcome.cost.engine.way, way, JSON.stringify(outcome.cost.engine));

  // A run that history tells may still hold the lock: what comes after its outcome belongs to the same start.
  await succeed(['undo', run.run, '--wait']);
  assert.equal(await held(), old, 'undo sets the old certificate again');
  await assertServed(serves, old);

  await succeed(['disable', '--wait']);
  await removeRecords(bench, [key]);
  await uninstall();
  const marked = [bench.site, old, renewed, bench.old, bench.successor];
  const left = differencesBetween(before, await server.snapshot());
  assertNone(left, (line) => !marked.some((name) => line.includes(name)));

  async function held() {
    const now = (await server.holders([key])).get(key);
    return now?.state === 'holds' && now.holder.kind === 'tls' ? now.holder.value.thumbprint : null;
  }

  async function succeed(words: readonly string[]) {
    const { exitCode, document } = await certrebind([...words, '--yes']);
    assert.equal(exitCode, 0, `certrebind ${words.join(' ')}: ${JSON.stringify(document).slice(0, 2000)}`);
  }
}
