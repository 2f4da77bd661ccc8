import assert from 'node:assert/strict';
import { formatRecordKey, parseRecordKey } from '../../../../src/model/record-key.ts';
import { withCertificate } from '../../../../src/model/tls-record.ts';
import { createKernel, kernelHandshaker, kernelServer } from '../../../../src/server/lab/kernel/kernel-server.ts';
import { readRecords, readSnapshot } from '../../../../src/server/server.ts';
import { labState } from '../../../builders/lab.ts';
import { https, now, sni } from '../../../builders/snapshot.ts';

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
    const snapshot = await readSnapshot(kernelServer(createKernel(lab.build(), clock), { account: 'system' }));
    assert.deepEqual(
      snapshot.records.map(({ key, thumbprint }) => [key, thumbprint]),
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
      {
        do: 'swap',
        key: key('0.0.0.0:443'),
        expected: lab.thumbprint('old'),
        thumbprint: lab.thumbprint('new'),
        store: 'My',
        through: { site: 'Shop', information: '*:443:' },
      },
    ]);
    assert(before?.state === 'holds');
    assert.deepEqual(report, {
      do: 'swap',
      error: null,
      now: { state: 'holds', record: withCertificate(before.record, lab.thumbprint('new'), 'My') },
    });
    const { handshake, covers } = await kernelHandshaker(kernel)({
      address: '192.0.2.1',
      port: 443,
      serverName: 'www.example.com',
    });
    assert.equal(handshake.thumbprint, lab.thumbprint('new'));
    assert.equal(covers, true);
  });
});
