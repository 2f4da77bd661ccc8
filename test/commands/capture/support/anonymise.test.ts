import assert from 'node:assert/strict';
import fc from 'fast-check';
import { anonymise } from '../../../../src/commands/capture/support/anonymise.ts';
import { parseSnapshot } from '../../../../src/documents/snapshot-document.ts';
import { planRebind } from '../../../../src/engine/plan/plan-rebind.ts';
import { recordsOf } from '../../../../src/kinds/holder.ts';
import type { Thumbprint } from '../../../../src/model/certificates/thumbprint.ts';
import { rawString } from '../../../../src/model/windows/raw-value.ts';
import { met } from '../../../builders/met.ts';
import {
  certificate,
  ftpsOf,
  https,
  logOf,
  policy,
  record,
  replaced,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../../builders/snapshot.ts';
import { everyText, serverNaming } from '../../../support/server-naming.ts';

const canary = 'canary';
const names = ['shop.canary.example', '*.canary.example', 'canary.example'];
const server = snapshot({
  server: { id: 'canary-id', name: 'CANARY01', kind: 'windows', iis: '10.0', osBuild: 20348 },
  sources: [{ part: 'sites', from: '\\\\canary\\share\\applicationHost.config' }],
  sites: [
    site('Canary shop', [
      sni('shop.canary.example'),
      sni('deep.canary.example'),
      https('203.0.113.9:443:'),
      https('canary:x'),
    ]),
    site('canary other', [
      https('*:443:'),
      { ...https('*:80:'), protocol: 'net.msmq', information: 'canaryhost', recordKey: null, parts: null },
    ]),
  ],
  records: [
    record('shop.canary.example:443', 'old', { more: { CanaryFree: rawString('canary') } }),
    record('deep.canary.example:443', 'old', { store: 'CanaryStore', ctlIdentifier: 'canary', ctlStoreName: 'canary' }),
    record('203.0.113.9:443', 'old', { flags: 2 }),
    record('0.0.0.0:443', 'narrow'),
  ],
  unreadable: [{ part: 'sites', where: 'Canary shop', text: 'canary:x', why: 'canary is odd' }],
  certificates: [
    certificate('old', {
      names,
      ipAddresses: ['203.0.113.9'],
      friendlyName: 'canary',
      issuer: 'CN=Canary CA',
      renewedTo: 'new',
    }),
    certificate('new', { names, subject: 'CN=canary, O=Canary Inc' }),
    certificate('narrow', { names: ['a.canary.example', 'b.canary.example'] }),
  ],
  ftps: [{ site: 'canary other', thumbprint: thumbprintOf('old'), store: 'My' }],
  others: [{ thumbprint: thumbprintOf('narrow'), consumer: { kind: 'winrm', detail: 'canary listener' } }],
  tasks: [{ path: '\\', name: 'canary', enabled: true, lastResult: 0, lastRunAt: null, xml: '<canary/>' }],
  lifecycle: logOf(
    replaced(7, 'old', 'new', { accountName: 'CANARY01$', userId: 'S-1-5-21-1-2-3-500', processName: 'canary.exe' }),
  ),
});
const hidden = anonymise(server);

function decisions(of: typeof server, pairs: readonly (readonly [Thumbprint, Thumbprint])[]) {
  const renewals = pairs.map(([old, successor]) => ({
    old,
    new: successor,
    source: 'given' as const,
    corroborated: true,
    eventRecordId: null,
  }));
  const { steps, blocked, skipped } = planRebind({ snapshot: of, renewals, configuration: policy() });
  return {
    steps: steps
      .map(({ notes, verify, consumers }) => [notes.map(({ code }) => code), verify.length, consumers.length])
      .sort(),
    blocked: blocked
      .map(met)
      .map(({ reason, hosts }) => [reason, hosts.length])
      .sort(),
    skipped: skipped
      .map(met)
      .map(({ reason }) => reason)
      .sort(),
  };
}

describe('an anonymous capture', () => {
  it('holds nothing of the original, written out or in a raw value', () => {
    const text = JSON.stringify(hidden);
    const raws = recordsOf(hidden).flatMap(({ raw }) =>
      Object.values(raw).map(({ base64 }) => Buffer.from(base64, 'base64').toString('utf16le')),
    );
    const kept = ['CanaryFree'];
    const shown = kept.reduce((rest, name) => rest.replaceAll(name, ''), text);
    for (const secret of [
      canary,
      '203.0.113.9',
      thumbprintOf('old'),
      thumbprintOf('narrow'),
      'S-1-5-21-1',
      Buffer.from(thumbprintOf('old'), 'hex').toString('base64'),
    ]) {
      assert.ok(!shown.toLowerCase().includes(secret.toLowerCase()), `${secret} is in ${shown}`);
    }
    assert.ok(!raws.join().includes(canary));
  });

  it('is a snapshot that is read back', () => assert.deepEqual(parseSnapshot(JSON.stringify(hidden), 'f'), hidden));

  it('is decided on as the original is', () => {
    const [old, fresh, narrow] = ['old', 'new', 'narrow'].map(thumbprintOf) as [Thumbprint, Thumbprint, Thumbprint];
    const [hiddenOld, hiddenFresh, hiddenNarrow] = hidden.certificates.map(({ thumbprint }) => thumbprint) as [
      Thumbprint,
      Thumbprint,
      Thumbprint,
    ];
    const open = decisions(server, [
      [old, fresh],
      [narrow, old],
    ]);
    assert.deepEqual(
      decisions(hidden, [
        [hiddenOld, hiddenFresh],
        [hiddenNarrow, hiddenOld],
      ]),
      open,
    );
    assert.deepEqual(decisions(hidden, [[hiddenOld, hiddenNarrow]]), decisions(server, [[old, narrow]]));
    assert.ok(open.steps.length > 0);
    assert.ok(decisions(server, [[old, narrow]]).blocked.length > 0);
  });

  it('keeps one pseudonym for one thing, and well-known accounts and stores', () => {
    const [first] = hidden.certificates;
    assert.equal(recordsOf(hidden)[0]?.thumbprint, first?.thumbprint);
    assert.equal(hidden.lifecycle.events[0]?.old?.thumbprint, first?.thumbprint);
    assert.equal(ftpsOf(hidden)[0]?.thumbprint, first?.thumbprint);
    assert.equal(first?.renewedTo, hidden.certificates[1]?.thumbprint);
    assert.equal(ftpsOf(hidden)[0]?.site, hidden.sites[1]?.name);
    const system = anonymise({ ...server, lifecycle: logOf(replaced(7, 'old', 'new')) });
    assert.equal(system.lifecycle.events[0]?.userId, 'S-1-5-18');
  });
});

describe('a capture without names', () => {
  it('holds no word of the original, wherever it stood, but those of the lists', () => {
    const words = fc.stringMatching(/^[g-z]{8,14}$/);
    fc.assert(
      fc.property(words, (word) => {
        const server = serverNaming(word);
        assert.ok(everyText(server).includes(word));
        assert.ok(!everyText(anonymise(server)).includes(word), word);
      }),
    );
  });

  it('keeps the words of the lists', () => {
    const event = { ...replaced(7, 'old', 'new'), action: 'Renew', context: 'Machine' };
    const { lifecycle, sites, certificates, netsh, sources, http3 } = anonymise(
      snapshot({
        http3: true,
        sources: [{ part: 'sites', from: 'applicationHost.config' }],
        sites: [site('S', [{ ...https('*:80:'), protocol: 'NET.tcp' }])],
        certificates: [certificate('a', { ekus: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.4.1.311.21.8.77.1'], weakHash: 'MD5' })],
        lifecycle: logOf(event),
        netsh: { update: true, options: ['usagecheck', 'disablehttp2'] },
      }),
    );
    assert.deepEqual([lifecycle.events[0]?.action, lifecycle.events[0]?.context], ['Renew', 'Machine']);
    assert.equal(sites[0]?.bindings[0]?.protocol, 'net.tcp');
    assert.deepEqual(certificates[0]?.ekus, ['1.3.6.1.5.5.7.3.1', '2.25.1']);
    assert.equal(certificates[0]?.weakHash, 'MD5');
    assert.ok(netsh.options?.includes('usagecheck'));
    assert.equal(http3, true);
    assert.deepEqual(sources, [{ part: 'sites', from: 'applicationHost.config' }]);
  });

  for (const [what, notAfter, day] of [
    ['becomes its day', '2027-01-01T13:14:15.000Z', '2027-01-01T00:00:00.000Z'],
    ['does not end before the capture was taken', '2026-06-01T13:14:15.000Z', '2026-06-02T00:00:00.000Z'],
    ['that has ended stays ended', '2026-06-01T11:59:59.000Z', '2026-06-01T00:00:00.000Z'],
  ] as const) {
    it(`a time of validity ${what}`, () => {
      const server = snapshot({ certificates: [certificate('a', { notAfter })] });
      assert.equal(anonymise(server).certificates[0]?.notAfter, day);
    });
  }

  it('blocks for an unreadable binding as the original does', () => {
    const server = snapshot({
      sites: [site('Shop', [https('*:443:*')])],
      records: [record('0.0.0.0:443', 'old')],
      certificates: [certificate('old')],
    });
    const reasons = (of: typeof server) => {
      const [one] = of.certificates;
      assert.ok(one);
      return decisions(of, [[one.thumbprint, thumbprintOf('new')]]).blocked;
    };
    assert.deepEqual(reasons(anonymise(server)), reasons(server));
    assert.deepEqual(reasons(server), [['binding-unreadable', 0]]);
  });
});
