import assert from 'node:assert/strict';
import { recordsOf, tlsHolder } from '../../../src/kinds/holder.ts';
import { formatRecordKey, parseRecordKey } from '../../../src/kinds/record-key.ts';
import { withCertificate } from '../../../src/kinds/tls/certificate-binding.ts';
import { swapOf } from '../../builders/changes.ts';
import { labState } from '../../builders/lab.ts';
import { https, now, sni } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';
import { createKernel, kernelHandshaker, kernelServer } from '../../support/kernel-server.ts';
import { readRecords } from '../../support/read-records.ts';

const lab = labState()
  .certificate('new', { names: ['shop.example.com', 'www.example.com'] })
  .certificate('old', { names: ['shop.example.com'], renewedTo: 'new' })
  .site('Shop', [https('*:443:'), sni('shop.example.com')])
  .record('0.0.0.0:443', 'old', { flags: 2 })
  .record('shop.example.com:443', 'old')
  .record('0.0.0.0:8443', 'old', { appId: '{11111111-2222-3333-4444-555555555555}' });

const clock = { now: () => new Date(now) };
const key = (text: string) => formatRecordKey(parseRecordKey(text, 'test'));

describe('kernel server', () => {
  it('tells in a snapshot what the lab was built of', async () => {
    const snapshot = await kernelServer(createKernel(lab.build(), clock), { account: 'system' }).snapshot();
    assert.deepEqual(
      each(recordsOf(snapshot), 'key', 'thumbprint'),
      ['0.0.0.0:443', '0.0.0.0:8443', 'shop.example.com:443'].map((text) => [text, lab.thumbprint('old')]),
    );
    assert.deepEqual(
      snapshot.certificates.map(({ thumbprint, dnsNames, chain, key }) => ({ thumbprint, dnsNames, chain, key })),
      [
        {
          thumbprint: lab.thumbprint('new'),
          dnsNames: ['shop.example.com', 'www.example.com'],
          chain: 'complete',
          key: 'usable',
        },
        { thumbprint: lab.thumbprint('old'), dnsNames: ['shop.example.com'], chain: 'complete', key: 'usable' },
      ],
    );
    assert.deepEqual(snapshot.unreadable, []);
    assert.equal(snapshot.certificates[1]?.renewedTo, lab.thumbprint('new'));
    assert.equal(snapshot.sites[0]?.bindings.length, 2);
  });

  it('swaps the record under a binding, reads it back, and serves the new certificate', async () => {
    const kernel = createKernel(lab.build(), clock);
    const server = kernelServer(kernel, { account: 'system' });
    const [before] = [...(await readRecords(server, [key('0.0.0.0:443')])).values()];
    const [report] = await server.change([
      swapOf({
        key: key('0.0.0.0:443'),
        expected: lab.thumbprint('old'),
        thumbprint: lab.thumbprint('new'),
        store: 'My',
        through: { site: 'Shop', information: '*:443:' },
      }),
    ]);
    assert(before?.state === 'holds');
    assert.deepEqual(report, {
      do: 'put',
      error: null,
      now: { state: 'holds', holder: tlsHolder(withCertificate(before.holder.value, lab.thumbprint('new'), 'My')) },
    });
    const { handshake, covers } = await kernelHandshaker(kernel)({
      address: '192.0.2.1',
      port: 443,
      serverName: 'www.example.com',
    });
    assert.equal(handshake.thumbprint, lab.thumbprint('new'));
    assert.equal(covers, true);
  });

  for (const [label, parts, bySystem, byOthers] of [
    ['usable', {}, 'usable', 'unknown'],
    ['broken', { key: 'unusable' }, 'unusable', 'unknown'],
    ['keyless', { key: 'missing' }, 'missing', 'missing'],
  ] as const) {
    it(`a ${label} key is ${bySystem} to SYSTEM and ${byOthers} to an administrator`, async () => {
      const kernel = createKernel(labState().certificate(label, parts).build(), clock);
      const seen = async (account: 'system' | 'administrator') =>
        (await kernelServer(kernel, { account }).snapshot()).certificates[0]?.key;
      assert.deepEqual([await seen('system'), await seen('administrator')], [bySystem, byOthers]);
    });
  }

  for (const [position, expected] of [
    ['at-once', 'done'],
    ['late', 'failed'],
  ] as const) {
    it(`key-opens ${position}: a swap right after the certificate arrived is ${expected}, and works three seconds later`, () => {
      let time = Date.parse(now);
      const kernel = createKernel(lab.switched('key-opens', position).build(), { now: () => new Date(time) });
      const arriving = labState().certificate('arriving');
      const [certificate] = arriving.build().certificates;
      assert(certificate !== undefined);
      kernel.apply({ kind: 'add-certificate', certificate });
      const swap = () =>
        kernel.apply({
          kind: 'binding-method',
          site: 'Shop',
          information: '*:443:',
          method: 'RebindSslCertificate',
          hash: arriving.thumbprint('arriving'),
        }).result.kind;
      assert.equal(swap(), expected);
      time += 3000;
      assert.equal(swap(), 'done');
    });
  }

  it('says of a certificate whose issuer is not on the server that its chain is incomplete', async () => {
    const kernel = createKernel(labState().certificate('alone', { chain: false }).build(), clock);
    const { certificates } = await kernelServer(kernel, { account: 'system' }).snapshot();
    assert.equal(certificates[0]?.chain, 'incomplete');
  });

  it('adds up the delays of a batch', () => {
    const fault = { on: { kind: 'read' as const }, times: null, effect: { do: 'delay' as const, ms: 20 } };
    const kernel = createKernel(lab.fault(fault).build(), clock);
    const { carry } = kernel.apply({ kind: 'batch', requests: [{ kind: 'read' }, { kind: 'read' }] });
    assert.deepEqual(carry, { do: 'delay', ms: 40 });
  });
});
