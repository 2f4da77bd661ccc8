import assert from 'node:assert/strict';
import type { CertRebindError } from '../../src/base/errors.ts';
import type { Outcome } from '../../src/documents/runs/outcome.ts';
import { withCertificate } from '../../src/kinds/tls/certificate-binding.ts';
import type { Thumbprint } from '../../src/model/certificates/thumbprint.ts';
import { execute } from '../engine/run/world.ts';
import { findEngine } from '../engine.ts';
import { ofAll } from '../support/of-each.ts';
import { sameRecord } from '../support/same-record.ts';
import { isSlow } from '../support/slow.ts';
import { type FaultRow, faultTable, nameOfTest, stands, victim } from './fault-table.ts';
import { type FaultyServer, openStand, renewalOn } from './stands.ts';

for (const stand of stands.filter((stand) => isSlow === (stand !== 'kernel'))) {
  const engine = stand === 'PowerShell adapter' ? findEngine() : null;
  const isHere = stand !== 'PowerShell adapter' || engine !== null;
  (isHere ? describe : describe.skip)(`a fault of the server (${stand})`, () => {
    const open = ofAll(() => openStand(stand, engine));
    for (const row of faultTable.filter(({ notOn }) => notOn?.[stand] === undefined)) {
      it(nameOfTest(row), async () => check(await open.fresh(), row));
    }
  });
}

async function check(server: FaultyServer, row: FaultRow): Promise<void> {
  const { certificates, perform, state } = server;
  const before = await server.records();
  /** Every option is as it was. */
  const checkRecords = async (struck: Thumbprint, others = certificates.new) => {
    const now = await server.records();
    for (const [key, was] of before) {
      assert(was.state === 'holds');
      const is = now.get(key);
      assert(is?.state === 'holds', key);
      assert(
        sameRecord(is.holder.value, withCertificate(was.holder.value, key === victim ? struck : others, 'My')),
        key,
      );
    }
  };
  for (const request of row.before(certificates, server.context.clock.now())) await perform(request);
  if ('message' in row.ends && !('result' in row.ends)) {
    const { error: code, message } = row.ends;
    const isIt = (error: CertRebindError) =>
      error.code === code && error.exitCode === row.exit && message.test(error.message);
    await assert.rejects(rebind(server, row), isIt);
    assert.deepEqual(await state.listRuns(), []);
    return checkRecords(certificates.old, certificates.old);
  }
  if (!('result' in row.ends)) return;
  const outcome = await rebind(server, row);
  const { ends } = row;
  const step = outcome.steps.find(({ key }) => key === victim);
  assert(step !== undefined);
  assert.equal(step.error?.code ?? null, ends.error ?? null, step.error?.message);
  assert.match(step.error?.message ?? '', ends.message ?? /^$/);
  assert(step.error?.hint?.includes('<run>') !== true, step.error?.hint ?? '');
  assert.equal(step.state, ends.step);
  assert.equal(outcome.result, ends.result);
  assert.equal(outcome.exitCode, row.exit);
  assert.equal(step.repairedOptions.length > 0, ends.repaired ?? false);
  const open = row.next === undefined ? [] : [outcome.run];
  assert.deepEqual(await state.unfinishedRuns(), open);
  if (row.next === undefined) {
    await checkRecords(certificates[ends.holds]);
    return;
  }
  const struck = (await server.records()).get(victim);
  assert(struck?.state === 'holds');
  assert.equal(struck.holder.value.thumbprint, certificates[ends.holds]);
  assert.equal(step.now.state, 'unknown');
  const next = await rebind(server, { ...row, meanwhile: () => [] });
  assert.equal(next.exitCode, row.next.exit);
  assert.equal(next.notes[0]?.code, 'recovered');
  assert.deepEqual(await state.unfinishedRuns(), []);
  await checkRecords(certificates.new);
}

function rebind(server: FaultyServer, { meanwhile }: FaultRow): Promise<Outcome> {
  const { context, certificates, perform } = server;
  let meddled = false;
  const handshake: typeof context.handshake = async (endpoint) => {
    if (!meddled) {
      meddled = true;
      for (const request of meanwhile?.(certificates) ?? []) await perform(request);
    }
    return context.handshake(endpoint);
  };
  return execute({ context: { ...context, handshake } }, { wanted: { want: 'pairs', renewals: [renewalOn(server)] } });
}
