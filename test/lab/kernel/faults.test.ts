import assert from 'node:assert/strict';
import { CertRebindError } from '../../../src/base/errors.ts';
import { recordsOf } from '../../../src/kinds/holder.ts';
import type { Change } from '../../../src/server/server.ts';
import { type Swap, swapOf } from '../../builders/changes.ts';
import { changedByOthers, faultTable, namedFault, servedInstead } from '../../builders/faults.ts';
import { type LabBuilder, labState } from '../../builders/lab.ts';
import { now, sni } from '../../builders/snapshot.ts';
import { createKernel, kernelHandshaker, kernelServer } from '../../support/kernel-server.ts';
import { readRecords } from '../../support/read-records.ts';
import { apply, fieldsAt, key } from './requests.ts';

const hosts = ['a.example.com', 'b.example.com', 'c.example.com'];
const lab = hosts.reduce<LabBuilder>(
  (builder, host) => builder.record(`${host}:443`, 'old', { flags: 2 }),
  labState()
    .certificate('new', { names: hosts })
    .certificate('old', { names: hosts })
    .certificate('other')
    .site('Shop', hosts.map(sni)),
);

const swap = (host: string, changes: Partial<Swap> = {}): Change =>
  swapOf({
    key: key(`${host}:443`),
    expected: lab.thumbprint('old'),
    thumbprint: lab.thumbprint('new'),
    store: 'My',
    through: { site: 'Shop', information: `*:443:${host}` },
    ...changes,
  });

async function swapAll(builder: LabBuilder) {
  const kernel = createKernel(builder.build(), { now: () => new Date(now) });
  const reports = await kernelServer(kernel, { account: 'system' }).change(hosts.map((host) => swap(host)));
  return {
    kernel,
    said: reports.map(({ error }) => error?.code ?? 'done'),
    holds: hosts.map((host) => {
      const thumbprint = fieldsAt(kernel.state, `${host}:443`)?.thumbprint;
      return thumbprint === undefined
        ? 'absent'
        : ['old', 'new', 'other'].find((l) => lab.thumbprint(l) === thumbprint);
    }),
    read: reports.map(({ now }) => now?.state),
  };
}

const second = { nth: 2 };
const struck = (...fault: Parameters<typeof namedFault>) => lab.fault(namedFault(...fault));

describe('faults of the lab', () => {
  const swaps: readonly (readonly [situation: string, builder: LabBuilder, said: string, holds: string])[] = [
    ['none', lab, 'done done done', 'new new new'],
    ['the second swap is refused', struck('swap-fails', second), 'done refused done', 'new old new'],
    [
      'every swap from the second on is refused',
      struck('swap-fails', { nth: 2, times: null }),
      'done refused refused',
      'new old old',
    ],
    ['the second swap has no effect', struck('replace-without-effect', second), 'done done done', 'new old new'],
    ['the second swap deletes its record', struck('delete-without-add', second), 'done refused done', 'new absent new'],
    ['the second swap hangs afterwards', struck('swap-hangs', second), 'silent silent silent', 'new new old'],
    ['the second swap hangs before', struck('swap-hangs-before', second), 'silent silent silent', 'new old old'],
    [
      'the adapter dies after the second swap',
      struck('dies-after-swap', second),
      'silent silent silent',
      'new new old',
    ],
    [
      'the adapter dies before the second swap',
      struck('dies-before-swap', second),
      'silent silent silent',
      'new old old',
    ],
    ['the configuration is locked once', struck('configuration-locked'), 'refused done done', 'old new new'],
    ['one record only', struck('swap-fails', { key: 'C.example.com:443' }), 'done done refused', 'new new old'],
    [
      'somebody else is faster',
      lab.record('b.example.com:443', 'other'),
      'done changed-meanwhile done',
      'new other new',
    ],
    [
      'somebody else is as fast',
      lab.fault(changedByOthers(lab.thumbprint('other'), 'b.example.com:443')),
      'done done done',
      'new new new',
    ],
  ];
  for (const [situation, builder, said, holds] of swaps) {
    it(`${situation}: ${said}; then ${holds}`, async () => {
      const result = await swapAll(builder);
      assert.deepEqual([result.said.join(' '), result.holds.join(' ')], [said, holds]);
    });
  }

  it('a change that gave no answer claims to know nothing', async () => {
    const { read } = await swapAll(struck('swap-hangs', second));
    assert.deepEqual(read, ['unknown', 'unknown', 'unknown']);
  });

  it('options are lost in the swap that is struck, and in no other', async () => {
    const { kernel } = await swapAll(struck('swap-loses-options', second));
    assert.deepEqual(
      hosts.map((host) => fieldsAt(kernel.state, `${host}:443`)?.flags),
      [2, 0, 2],
    );
  });

  it('a configuration that changes underneath takes its bindings with it', async () => {
    const applicationHost = labState()
      .site('Shop', [sni('a.example.com')])
      .build().applicationHost;
    const fault = {
      on: { kind: 'binding-method' as const },
      effect: { do: 'configuration-changes' as const, applicationHost },
    };
    assert.deepEqual((await swapAll(lab.fault(fault))).said, ['done', 'refused', 'refused']);
  });

  it('a server that hangs while it is read is unreachable, and answers the next time', async () => {
    const server = kernelServer(createKernel(struck('server-hangs').build()), { account: 'system' });
    await assert.rejects(
      server.snapshot(),
      (error) => error instanceof CertRebindError && error.code === 'server-unreachable',
    );
    assert.equal(recordsOf(await server.snapshot()).length, 3);
  });

  it('a key that comes late is unusable until its time', async () => {
    let time = Date.parse(now);
    const kernel = createKernel(struck('key-late').build(), { now: () => new Date(time) });
    const server = kernelServer(kernel, { account: 'system' });
    const arriving = labState().certificate('arriving');
    const [certificate] = arriving.build().certificates;
    assert(certificate !== undefined);
    kernel.apply({ kind: 'add-certificate', certificate });
    const key = async () => (await server.certificates([arriving.thumbprint('arriving')]))[0]?.key;
    assert.equal(await key(), 'unusable');
    time += 5000;
    assert.equal(await key(), 'usable');
  });

  it('netsh that ends with 0 and changes nothing is told by the record alone', async () => {
    const kernel = createKernel(struck('netsh-without-effect').build());
    const server = kernelServer(kernel, { account: 'system' });
    const [report] = await server.change([{ do: 'remove', key: key('a.example.com:443') }]);
    assert.deepEqual([report?.error, report?.now?.state], [null, 'holds']);
  });

  it('a cleared log is empty', async () => {
    const builder = struck('log-cleared').with({
      lifecycle: { enabled: true, nextRecordId: 9, limit: 10, events: [{ recordId: 8, xml: '<Event/>' }] },
    });
    const lifecycle = await kernelServer(createKernel(builder.build()), { account: 'system' }).events();
    assert.deepEqual(lifecycle, { enabled: true, oldestRecordId: null, lastRecordId: null, events: [] });
  });

  const dialled = async (builder: LabBuilder) => {
    const { kernel } = await swapAll(builder);
    const dial = kernelHandshaker(kernel);
    const endpoint = { address: '*', port: 443, serverName: 'a.example.com' };
    const observations = [await dial(endpoint), await dial(endpoint), await dial(endpoint)];
    return observations.map(({ handshake, covers }) => {
      const label = ['old', 'new', 'other'].find((l) => handshake.thumbprint === lab.thumbprint(l));
      return `${label ?? handshake.result} ${covers} ${handshake.durationMs}`;
    });
  };
  const handshakes: readonly (readonly [string, LabBuilder, readonly string[]])[] = [
    ['none', lab, ['new true 0', 'new true 0', 'new true 0']],
    ['refused once', struck('handshake-refused'), ['unreachable null 0', 'new true 0', 'new true 0']],
    ['slow at the second', struck('handshake-slow', second), ['new true 0', 'new true 3000', 'new true 0']],
    ['old twice, then new', struck('old-then-new', { times: 2 }), ['old true 0', 'old true 0', 'new true 0']],
    ['another certificate for good', lab.fault(servedInstead(lab.thumbprint('other'))), Array(3).fill('other false 0')],
    [
      'never answered',
      lab.fault({ on: { kind: 'connect' }, times: null, effect: { do: 'hang', after: false } }),
      Array(3).fill('unreachable null 10000'),
    ],
  ];
  for (const [situation, builder, expected] of handshakes) {
    it(`handshake, ${situation}`, async () => assert.deepEqual(await dialled(builder), expected));
  }

  it('every fault that has a name strikes something', () => {
    for (const { name, on } of faultTable) {
      const state = lab.fault(namedFault(name)).build();
      const [certificate] = state.certificates;
      assert(certificate !== undefined);
      const touched = apply(
        state,
        { kind: 'read' },
        { kind: 'netsh', args: ['http', 'delete', 'sslcert', 'hostnameport=c.example.com:443'] },
        { kind: 'add-certificate', certificate },
        { kind: 'connect', address: '*', port: 443, serverName: null },
        {
          kind: 'binding-method',
          site: 'Shop',
          information: '*:443:a.example.com',
          method: 'RebindSslCertificate',
          hash: certificate.thumbprint,
        },
      );
      assert.equal(touched.state.faults[0]?.seen, 1, `${name} at ${on.kind}`);
    }
  });

  it('reading costs no writing, and a dialled wire costs neither', async () => {
    const kernel = createKernel(lab.build());
    const server = kernelServer(kernel, { account: 'system' });
    await server.snapshot();
    await readRecords(server, [key('a.example.com:443')]);
    await kernelHandshaker(kernel)({ address: '*', port: 443, serverName: null });
    assert.deepEqual(kernel.state.counters, { reads: 2, writes: 0 });
    assert.deepEqual(server.cost(), { sessions: 1, roundTrips: 2 });
  });
});
