import assert from 'node:assert/strict';
import { withCertificate } from '../../src/kinds/tls/certificate-binding.ts';
import { type FaultName, faultTable, namedFault } from '../builders/faults.ts';
import type { LabBuilder } from '../builders/lab.ts';
import { labState } from '../builders/lab.ts';
import { https, sni } from '../builders/snapshot.ts';
import {
  given,
  holdings,
  rebind,
  reconcile,
  recordsOf,
  undo,
  type World,
  wideHosts,
  wideKeys,
  wideLab,
  worldOf,
} from '../engine/run/world.ts';
import { each } from '../support/each.ts';
import { sameRecord } from '../support/same-record.ts';

/** A server with an old certificate and its successor for a few hosts. */
function server(...hosts: readonly string[]): LabBuilder {
  const names = ['shop.example.com', ...hosts];
  return labState()
    .certificate('new', { names, notAfter: '2028-01-01T00:00:00Z' })
    .certificate('old', { names, renewedTo: 'new' })
    .certificate('other', { names: ['other.example.com'] });
}

/** Every record is as it was but for the certificate, where it held the old one under an IIS binding. */
async function onlyCertificatesChanged(world: World, lab: LabBuilder, ours: readonly string[], store = 'My') {
  const before = await recordsOf(worldOf(lab));
  const after = await recordsOf(world);
  assert.deepEqual([...after.keys()].sort(), [...before.keys()].sort());
  for (const [key, record] of after) {
    const original = before.get(key);
    assert.ok(original);
    const wanted = ours.includes(key) ? withCertificate(original, lab.thumbprint('new'), store) : original;
    assert.ok(sameRecord(record, wanted), `${key} is not as it should be`);
  }
}

describe('defects of other programs', () => {
  it('a flag that was cleared comes back with the renewal', async () => {
    // 0x20 and 0x8 are what renewal tools set by default; here they are off on one record and on on another.
    const lab = server('www.example.com')
      .site('Shop', [sni('shop.example.com'), sni('www.example.com')])
      .record('shop.example.com:443', 'old', { flags: 0 })
      .record('www.example.com:443', 'old', { flags: 0x28 });
    const world = worldOf(lab);
    assert.equal((await rebind(world, [given(lab, 'old', 'new')])).exitCode, 0);
    await onlyCertificatesChanged(world, lab, ['shop.example.com:443', 'www.example.com:443']);
  });

  it('options that the command line does not name are reset instead of kept', async () => {
    const options = { flags: 2, certCheckMode: 5, revocationFreshnessSeconds: 77, urlRetrievalTimeoutMs: 88 };
    const lab = server()
      .site('Shop', [sni('shop.example.com')])
      .record('shop.example.com:443', 'old', options);
    for (const position of ['keeps', 'loses']) {
      const world = worldOf(lab);
      if (position === 'loses') world.fault(namedFault('swap-loses-options'));
      assert.equal((await rebind(world, [given(lab, 'old', 'new')])).exitCode, 0, position);
      await onlyCertificatesChanged(world, lab, ['shop.example.com:443']);
    }
  });

  it('bits of HTTP.SYS flags that the tool does not know are dropped: all of 0 to 255 are kept', async () => {
    const hosts = Array.from({ length: 256 }, (_, flags) => `h${flags}.example.com`);
    const names = ['*.example.com'];
    let lab = labState()
      .certificate('new', { names, notAfter: '2028-01-01T00:00:00Z' })
      .certificate('old', { names, renewedTo: 'new' })
      .site('Shop', hosts.map(sni));
    for (const [flags, host] of hosts.entries()) lab = lab.record(`${host}:443`, 'old', { flags });
    const world = worldOf(lab);
    assert.equal((await rebind(world, [given(lab, 'old', 'new')])).counts.changed, 256);
    await onlyCertificatesChanged(
      world,
      lab,
      hosts.map((host) => `${host}:443`),
    );
  });

  it('sslFlags of the binding are rewritten: all of 0 to 255 stay as they are', async () => {
    const ports = Array.from({ length: 256 }, (_, flags) => flags).filter((flags) => (flags & 3) === 0);
    let lab = server().site(
      'Shop',
      ports.map((flags) => https(`*:${2000 + flags}:`, flags)),
    );
    for (const flags of ports) lab = lab.record(`0.0.0.0:${2000 + flags}`, 'old');
    const world = worldOf(lab);
    const before = world.kernel.state.applicationHost;
    assert.equal((await rebind(world, [given(lab, 'old', 'new')])).counts.changed, ports.length);
    assert.equal(world.kernel.state.applicationHost, before);
  });

  it('every binding is moved to one store: each record keeps its own', async () => {
    const lab = server('www.example.com')
      .certificate('new', { store: 'WebHosting' })
      .certificate('old', { store: 'WebHosting' })
      .site('Shop', [sni('shop.example.com'), sni('www.example.com')])
      .record('shop.example.com:443', 'old')
      .record('www.example.com:443', 'old', { store: 'WebHosting' });
    const world = worldOf(lab);
    await rebind(world, [given(lab, 'old', 'new')]);
    const stores = [...(await recordsOf(world)).values()].map(({ store, thumbprint }) => [store, thumbprint]);
    const now = lab.thumbprint('new');
    assert.deepEqual(stores.sort(), [
      ['My', now],
      ['WebHosting', now],
    ]);
  });

  it('only the first of several ports of a host is found', async () => {
    const lab = server()
      .site('Shop', [sni('shop.example.com'), https('*:8443:shop.example.com', 1)])
      .record('shop.example.com:443', 'old')
      .record('shop.example.com:8443', 'old');
    const world = worldOf(lab);
    await rebind(world, [given(lab, 'old', 'new')]);
    await onlyCertificatesChanged(world, lab, ['shop.example.com:443', 'shop.example.com:8443']);
  });

  it('a host on two addresses is changed on one', async () => {
    const lab = server()
      .site('Shop', [https('192.0.2.1:443:shop.example.com'), https('192.0.2.2:443:shop.example.com')])
      .record('192.0.2.1:443', 'old')
      .record('192.0.2.2:443', 'old');
    const world = worldOf(lab);
    await rebind(world, [given(lab, 'old', 'new')]);
    await onlyCertificatesChanged(world, lab, ['192.0.2.1:443', '192.0.2.2:443']);
  });

  it('IPv6 addresses are cut at their colons', async () => {
    const lab = server()
      .site('Shop', [https('[2001:db8::1]:443:'), https('[::]:8443:')])
      .record('[2001:db8::1]:443', 'old')
      .record('[::]:8443', 'old');
    const world = worldOf(lab);
    await rebind(world, [given(lab, 'old', 'new')]);
    await onlyCertificatesChanged(world, lab, ['[2001:db8::1]:443', '[::]:8443']);
  });

  for (const language of ['english', 'german', 'invented'] as const) {
    it(`the text of netsh is read in English only: its language here is ${language}`, async () => {
      const lab = wideLab().switched('display-language', language);
      const world = worldOf(lab);
      assert.equal((await rebind(world, [given(lab, 'old', 'new')])).counts.changed, 4);
      await onlyCertificatesChanged(world, lab, wideKeys);
    });
  }

  it('the application id of a record becomes that of the tool', async () => {
    const appId = '{aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee}';
    const lab = server()
      .site('Shop', [sni('shop.example.com')])
      .record('shop.example.com:443', 'old', { appId });
    const world = worldOf(lab);
    await rebind(world, [given(lab, 'old', 'new')]);
    assert.equal([...(await recordsOf(world)).values()][0]?.appId, appId);
  });

  it('`*` is taken for a wildcard: an address, a host with a star and names below it stay apart', async () => {
    const lab = labState()
      .certificate('new', { names: ['*.example.com'], notAfter: '2028-01-01T00:00:00Z' })
      .certificate('old', { names: ['*.example.com'], renewedTo: 'new' })
      .certificate('other', { names: ['*.example.com'] })
      .site('Star', [https('*:443:*.example.com', 1)])
      .site('Shop', [sni('shop.example.com'), https('*:443:'), https('192.0.2.1:443:')])
      .record('*.example.com:443', 'old')
      .record('shop.example.com:443', 'other')
      .record('0.0.0.0:443', 'other')
      .record('192.0.2.1:443', 'other');
    const world = worldOf(lab);
    await rebind(world, [given(lab, 'old', 'new')]);
    await onlyCertificatesChanged(world, lab, ['*.example.com:443']);
  });

  it('records of other products, the central store and siblings on the port are touched', async () => {
    const lab = server('www.example.com')
      .certificate('sibling', { names: ['sibling.example.com'] })
      .site('Shop', [sni('shop.example.com'), sni('sibling.example.com'), https('*:443:www.example.com', 3)])
      .record('shop.example.com:443', 'old')
      .record('sibling.example.com:443', 'sibling')
      .record('(central-store):443', null)
      .centralFile('www.example.com', 'central')
      .record('0.0.0.0:8443', 'old', { appId: '{11111111-2222-3333-4444-555555555555}' })
      .record('0.0.0.0:9443', 'other');
    const world = worldOf(lab);
    await rebind(world, [given(lab, 'old', 'new')]);
    await onlyCertificatesChanged(world, lab, ['shop.example.com:443']);
  });

  it('bindings of stopped sites are forgotten, or fail the run', async () => {
    const lab = server()
      .site('Shop', [sni('shop.example.com')], 'stopped')
      .record('shop.example.com:443', 'old');
    const world = worldOf(lab);
    const outcome = await rebind(world, [given(lab, 'old', 'new')]);
    assert.equal(outcome.exitCode, 0);
    await onlyCertificatesChanged(world, lab, ['shop.example.com:443']);
  });

  it('clean-up deletes a certificate that is still in use', async () => {
    const lab = wideLab();
    const world = worldOf(lab);
    const before = world.kernel.state.certificates.map(({ thumbprint }) => thumbprint);
    const { run } = await rebind(world, [given(lab, 'old', 'new')], { keepRuns: 1 });
    await undo(world, run, { keepRuns: 1 });
    await reconcile(world, { keepRuns: 1 });
    assert.deepEqual(each(world.kernel.state.certificates, 'thumbprint'), before);
  });

  it('a dry run writes', async () => {
    const lab = wideLab();
    const world = worldOf(lab);
    const before = world.kernel.state;
    for (const act of [rebind(world, [given(lab, 'old', 'new')], { dryRun: true }), reconcile(world, { dryRun: true })])
      assert.equal((await act).exitCode, 0);
    assert.equal(world.kernel.state.counters.writes, 0);
    assert.deepEqual({ ...world.kernel.state, counters: null }, { ...before, counters: null });
    assert.deepEqual(await world.state.listRuns(), []);
  });

  describe('a failure ends with exit 0', () => {
    const harmless: readonly FaultName[] = [
      'key-late',
      'log-cleared',
      'handshake-slow',
      'old-then-new',
      'netsh-fails',
      'netsh-without-effect',
    ];
    for (const { name, doc } of faultTable.filter((fault) => !harmless.includes(fault.name))) {
      it(`${name}: ${doc}`, async () => {
        const lab = wideLab();
        const world = worldOf(lab);
        world.fault(namedFault(name, { times: null }));
        const exitCode = await rebind(world, [given(lab, 'old', 'new')]).then(
          (outcome) => outcome.exitCode,
          (thrown: { exitCode?: number }) => thrown.exitCode ?? 1,
        );
        world.kernel.apply({ kind: 'disarm-faults' });
        const held = Object.entries(await holdings(world, lab, ['old', 'new', 'other']));
        const swapped = held
          .filter(([key]) => (wideKeys as readonly string[]).includes(key))
          .every(([, label]) => label === 'new');
        assert.ok(exitCode !== 0 || swapped, `exit ${exitCode} with ${JSON.stringify(held)}`);
        if (
          [
            'swap-fails',
            'replace-without-effect',
            'delete-without-add',
            'swap-hangs',
            'server-hangs',
            'configuration-locked',
            'dies-before-swap',
          ].includes(name)
        )
          assert.notEqual(exitCode, 0);
      });
    }
  });

  it('names of hosts are compared with regard to letter case', async () => {
    const lab = server()
      .site('Shop', [https('*:443:Shop.EXAMPLE.com', 1)])
      .record('shop.example.com:443', 'old');
    const world = worldOf(lab);
    assert.equal((await rebind(world, [given(lab, 'old', 'new')])).counts.changed, 1);
    assert.equal(wideHosts.length, 3);
  });
});
