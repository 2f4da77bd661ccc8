import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isTls } from '../../../src/kinds/holder.ts';
import {
  type CertificateBinding,
  makeCertificateBinding,
  withCertificate,
} from '../../../src/kinds/tls/certificate-binding.ts';
import type { Change, ChangeReport } from '../../../src/server/server.ts';
import { restoreOf, swapOf } from '../../builders/changes.ts';
import { type LabBuilder, labState } from '../../builders/lab.ts';
import { https } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';
import { createKernel, kernelServer } from '../../support/kernel-server.ts';
import { sameRecord } from '../../support/same-record.ts';
import { key } from '../kernel/requests.ts';

const lab = labState()
  .certificate('new')
  .certificate('old')
  .site('Shop', [https('*:443:')])
  .record('0.0.0.0:443', 'old', { flags: 2 })
  .record('0.0.0.0:8443', 'old', { flags: 2, appId: '{11111111-2222-3333-4444-555555555555}' });

async function change(builder: LabBuilder, ...changes: readonly Change[]): Promise<readonly ChangeReport[]> {
  return kernelServer(createKernel(builder.build()), { account: 'system' }).change(changes);
}

const held = (report: ChangeReport | undefined): CertificateBinding | null =>
  report?.now?.state === 'holds' && isTls(report.now.holder) ? report.now.holder.value : null;

const wanted = (text: string, parts: object = {}) =>
  makeCertificateBinding({ key: text, thumbprint: lab.thumbprint('old'), flags: 2, ...parts });

describe('changes of a lab server', () => {
  for (const [situation, builder] of [
    ['in place', lab.switched('netsh-update-options', 'lost')],
    ['by delete and add', lab.with({ osBuild: 9600 })],
    ['where there is none', lab.with({ httpSys: labState().build().httpSys })],
  ] as const) {
    it(`restore makes a record exactly as it was, ${situation}`, async () => {
      const record = wanted('0.0.0.0:443', { urlRetrievalTimeoutMs: 700, certCheckMode: 0x10001, ctlStoreName: 'ctl' });
      const [report] = await change(builder, restoreOf(record));
      const found = held(report);
      assert.equal(report?.error, null);
      assert(found !== null && sameRecord(found, record));
    });
  }

  it('restores whatever this host can express, whole', async () => {
    const bit = (mask: number) => fc.boolean().map((on) => (on ? mask : 0));
    const mask = (...bits: readonly number[]) =>
      fc.tuple(...bits.map(bit)).map((all) => all.reduce((a, b) => a | b, 0));
    const parts = fc.record({
      flags: mask(0x1, 0x2, 0x8, 0x10, 0x20, 0x40, 0x80, 0x100, 0x200, 0x400, 0x800, 0x1000),
      certCheckMode: mask(0x1, 0x2, 0x10000),
      urlRetrievalTimeoutMs: fc.nat(0xffff_ffff),
      store: fc.constantFrom('My', 'WebHosting'),
      ctlIdentifier: fc.option(fc.stringMatching(/^[A-Za-z0-9 =]{1,20}$/)),
    });
    const both = lab.certificate('old', { store: 'WebHosting' });
    await fc.assert(
      fc.asyncProperty(parts, fc.constantFrom('kept', 'lost'), async (options, unnamed) => {
        const record = wanted('0.0.0.0:443', { ...options, ctlIdentifier: options.ctlIdentifier?.trim() || null });
        const [report] = await change(both.switched('netsh-update-options', unnamed), restoreOf(record));
        const found = held(report);
        assert(found !== null && sameRecord(found, record), JSON.stringify(report));
      }),
      { numRuns: 200 },
    );
  });

  it('refuses to restore what netsh here cannot write, and touches nothing', async () => {
    const record = wanted('0.0.0.0:443', { flags: 0x4000 });
    const [report] = await change(lab, restoreOf(record));
    assert.equal(report?.error?.code, 'cannot-express');
    assert.equal(held(report)?.options.flags, 2);
  });

  it('swaps a record that no binding stands on with every option, and only if it holds what was expected', async () => {
    const swap = (expected: string): Change =>
      swapOf({
        key: key('0.0.0.0:8443'),
        expected: lab.thumbprint(expected),
        thumbprint: lab.thumbprint('new'),
        store: 'My',
        through: null,
      });
    const before = wanted('0.0.0.0:8443', { appId: '{11111111-2222-3333-4444-555555555555}' });
    const [done] = await change(lab.switched('netsh-update-options', 'lost'), swap('old'));
    const found = held(done);
    assert(found !== null && sameRecord(found, withCertificate(before, lab.thumbprint('new'), 'My')));
    const [refused] = await change(lab, swap('new'));
    assert.equal(refused?.error?.code, 'changed-meanwhile');
    assert.equal(held(refused)?.thumbprint, lab.thumbprint('old'));
  });

  it('carries changes of one record out in their order, in one request', async () => {
    const kernel = createKernel(lab.build());
    const server = kernelServer(kernel, { account: 'system' });
    const record = wanted('0.0.0.0:443');
    const reports = await server.change([
      { do: 'remove', key: record.key },
      { do: 'remove', key: record.key },
      restoreOf(record),
    ]);
    assert.deepEqual(
      reports.map(({ error, now }) => [error, now?.state]),
      [
        [null, 'absent'],
        [null, 'absent'],
        [null, 'holds'],
      ],
    );
    assert.equal(server.cost().roundTrips, 2);
  });

  it('a thousand swaps cost one round trip', async () => {
    const server = kernelServer(createKernel(lab.build()), { account: 'system' });
    const swap: Change = swapOf({
      key: key('0.0.0.0:443'),
      expected: lab.thumbprint('old'),
      thumbprint: lab.thumbprint('new'),
      store: 'My',
      through: { site: 'Shop', information: '*:443:' },
    });
    const reports = await server.change(Array<Change>(1000).fill(swap));
    assert.equal(server.cost().roundTrips, 1);
    assert.deepEqual(
      reports.slice(0, 2).map(({ error }) => error?.code ?? null),
      [null, 'changed-meanwhile'],
    );
  });

  it('removing a site or a certificate that is not there is success, as a rehearsal does', async () => {
    const thumbprint = lab.thumbprint('old');
    const reports = await change(
      lab,
      { do: 'rehearse', act: { act: 'remove-site', name: 'Nobody' } },
      { do: 'rehearse', act: { act: 'remove-certificate', thumbprint, store: 'WebHosting' } },
      { do: 'archive-certificate', thumbprint: lab.thumbprint('new'), store: 'My', archived: true },
    );
    assert.deepEqual(each(reports, 'error'), [null, null, null]);
  });

  it('removing a task that is not there is success, and disabling one is not', async () => {
    const reports = await change(
      lab,
      { do: 'unregister-task', path: '\\', name: 'None' },
      { do: 'set-task-enabled', path: '\\', name: 'None', enabled: false },
    );
    assert.deepEqual(
      reports.map(({ error, now }) => [error?.code ?? null, now]),
      [
        [null, null],
        ['refused', null],
      ],
    );
  });

  it('writes the Application log and switches the lifecycle log on', async () => {
    const kernel = createKernel(lab.with({ lifecycle: { ...lab.build().lifecycle, enabled: false } }).build());
    await kernelServer(kernel, { account: 'system' }).change([
      { do: 'log', eventId: 100, level: 'information', text: 'rebound', data: { run: '1' } },
      { do: 'enable-lifecycle-log' },
    ]);
    const [entry] = kernel.state.applicationLog.entries;
    assert.deepEqual([entry?.source, entry?.eventId, entry?.data], ['CertRebind', 100, { run: '1' }]);
    assert.equal(kernel.state.lifecycle.enabled, true);
  });
});
