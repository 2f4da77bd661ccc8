import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson } from '../../../src/base/canonical-json.ts';
import { parsePlan } from '../../../src/documents/runs/plan-document.ts';
import { rebindTaskName, taskFolder } from '../../../src/documents/scheduled-tasks.ts';
import { resolveChains } from '../../../src/engine/known/resolve-chains.ts';
import { decisionsBy, planRebind, type RebindRequest } from '../../../src/engine/plan/plan-rebind.ts';
import { ftpKey } from '../../../src/kinds/ftp/ftp.ts';
import { isTls, recordsOf } from '../../../src/kinds/holder.ts';
import { parseBinding } from '../../../src/kinds/iis/binding.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import { lostOrChangedOptions, withCertificate } from '../../../src/kinds/tls/certificate-binding.ts';
import { unknownParts } from '../../../src/kinds/unknown-parts.ts';
import { coversHost } from '../../../src/model/certificates/host-name.ts';
import type { Renewal } from '../../../src/model/certificates/renewal.ts';
import type { Thumbprint } from '../../../src/model/certificates/thumbprint.ts';
import { met } from '../../builders/met.ts';
import {
  certificate,
  ftpsOf,
  https,
  policy,
  record,
  renewal,
  type SnapshotParts,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { leaves } from '../../builders/steps.ts';
import { each } from '../../support/each.ts';

const foreignId = '{11111111-2222-3333-4444-555555555555}';
const example = { names: ['*.example.com', 'example.com'] };
const oldAndNew = [certificate('old', example), certificate('new', example)];

describe('the records of a plan', () => {
  it('list every binding of every site that stands on them', () => {
    const [step] = plan({
      sites: [
        site('B', [https('*:443:b.example.com'), https('*:8443:b.example.com')]),
        site('A', [https('*:443:a.example.com'), https('*:443:')]),
      ],
      records: [record('0.0.0.0:443', 'old')],
    }).steps;
    assert.deepEqual(
      step?.consumers.map((consumer) => consumer.kind === 'iis-binding' && `${consumer.site} ${consumer.information}`),
      ['A *:443:', 'A *:443:a.example.com', 'B *:443:b.example.com'],
    );
  });

  it('are matched by the hash they hold when the old certificate is archived', () => {
    const archived = certificate('old', { ...example, archived: true });
    const { steps } = plan({ ...oneSite(), certificates: [archived, certificate('new', example)] });
    assert.equal(steps.length, 1);
    assert.deepEqual(steps[0]?.notes, []);
  });

  it('keep unknown flags and values, and name what cannot be rolled back', () => {
    const odd = record('a.example.com:443', 'old', {
      flags: 0x8000_0003,
      more: { Mystery: { type: 'REG_SZ', base64: 'eAA=' } },
    });
    const [step] = plan({ ...oneSite(), records: [odd] }).steps;
    assert.deepEqual(step?.before?.value, odd);
    assert.deepEqual(step?.wanted?.value, withCertificate(odd, thumbprintOf('new'), 'My'));
    assert.match(step?.notes[0]?.text ?? '', /Mystery/);
  });

  it('keep a store that is neither My nor WebHosting only if the new certificate is there', () => {
    const [step] = plan({ ...oneSite(), records: [record('a.example.com:443', 'old', { store: 'Custom' })] }).steps;
    assert.equal(leaves(step)?.store, 'My');
    assert.deepEqual(each(step?.notes, 'code'), ['store-changes']);
  });

  it('are blocked for a lasting reason before one that waiting could lift', () => {
    const [entry] = plan({
      ...oneSite(),
      certificates: [certificate('old', example), certificate('new', { names: ['x.lan'], key: 'missing' })],
    }).blocked;
    assert.equal(met(entry).reason, 'names-lost');
  });

  it('keep a certificate that shares no name with the new one wherever clients would miss its names', () => {
    const { steps, blocked } = plan(
      {
        sites: [
          site('Any', [https('*:443:'), https('*:8443:other.lan')]),
          site('New', [sni('x.lan')]),
          site('Old', [sni('a.example.com')]),
          site('Files', [parseBinding('ftp', '*:21:', 0)]),
        ],
        records: ['0.0.0.0:443', '0.0.0.0:8443', 'x.lan:443', 'a.example.com:443'].map((key) => record(key, 'old')),
        ftps: [{ site: 'Files', thumbprint: thumbprintOf('old'), store: 'My' }],
        certificates: [certificate('old', example), certificate('new', { names: ['x.lan'] })],
      },
      { holders: { ...policy().holders, ftp: { policy: 'replace' } } },
    );
    assert.deepEqual(keys(steps), ['x.lan:443']);
    assert.deepEqual(
      blocked.map(met).map(({ key, reason }) => `${key} ${reason}`),
      ['0.0.0.0:443', '0.0.0.0:8443', 'a.example.com:443', 'ftp/Files'].map((key) => `${key} names-lost`),
    );
  });

  const deadlines = [
    { when: 'too early', notAfter: '2026-06-08T12:00:01Z', successor: {}, swapped: false },
    { when: 'in time', notAfter: '2026-06-08T12:00:00Z', successor: {}, swapped: true },
    { when: 'when the old one has ended', notAfter: '2026-05-01T00:00:00Z', successor: {}, swapped: true },
    {
      when: 'when something else speaks against it too',
      notAfter: '2026-06-02T00:00:00Z',
      successor: { key: 'missing' },
      swapped: false,
    },
    {
      when: 'when the new one ends no later',
      notAfter: '2026-06-02T00:00:00Z',
      successor: { notAfter: '2026-06-02T00:00:00Z' },
      swapped: false,
    },
  ] as const;
  for (const { when, notAfter, successor, swapped } of deadlines) {
    it(`are ${swapped ? '' : 'not '}swapped by the deadline policy ${when}`, () => {
      const server = {
        ...oneSite(),
        certificates: [
          certificate('old', { names: [...example.names, 'x.lan'], notAfter }),
          certificate('new', { names: ['x.lan'], ...successor }),
        ],
      };
      for (const days of [{}, { days: 7 }, { days: 30 }]) {
        const { steps } = plan(server, { deadline: { action: 'replace', names: {}, ...days } });
        assert.equal(steps.length, swapped ? 1 : 0);
      }
      assert.deepEqual(plan(server, { deadline: { action: 'alert', names: {} } }).steps, []);
    });
  }

  const exclusions = [
    { what: 'a site', exclude: { sites: ['b'] } },
    { what: 'a record', exclude: { records: ['0.0.0.0:443'] } },
    { what: 'the old certificate', exclude: { thumbprints: [thumbprintOf('old')] } },
    { what: 'the new certificate', exclude: { thumbprints: [thumbprintOf('new')] } },
  ];
  for (const { what, exclude } of exclusions) {
    it(`are left alone when ${what} is excluded`, () => {
      const server = {
        sites: [site('A', [https('*:443:')]), site('B', [https('*:443:b.example.com')])],
        records: [record('0.0.0.0:443', 'old')],
      };
      const { skipped } = plan(server, {
        exclude: { sites: [], records: [], thumbprints: [], ...exclude, holders: [] },
      });
      assert.deepEqual(each(skipped.map(met), 'reason'), ['excluded']);
    });
  }

  it('are not shared with a co-owner by server name, nor with products that listen elsewhere', () => {
    const others = [
      { thumbprint: thumbprintOf('old'), consumer: { kind: 'sstp', detail: '' } },
      { thumbprint: thumbprintOf('old'), consumer: { kind: 'rdp', detail: 'RDP-Tcp' } },
    ] as const;
    assert.equal(plan({ ...oneSite(), others }).steps.length, 1);
  });

  it('cannot be set to the same certificate by accident', () => {
    const request = { snapshot: snapshot(oneSite()), renewals: [renewal('old', 'old')], configuration: policy() };
    assert.throws(() => planRebind(request), {
      code: 'same-certificate',
      exitCode: 2,
      message: `Old and new are both ${thumbprintOf('old')}.`,
    });
  });

  it('are set to the same certificate again on purpose, in whatever window', () => {
    const made = planRebind({
      snapshot: snapshot({ ...oneSite(), certificates: oldAndNew }),
      renewals: [renewal('old', 'old')],
      configuration: policy({ window: { from: '22:00', to: '02:00' } }),
      reapply: true,
    });
    assert.deepEqual(keys(made.steps), ['a.example.com:443']);
    assert.equal(made.notBefore, undefined);
  });

  it('by address name everybody who keeps its certificate, and nobody else', () => {
    const hash = thumbprintOf('old');
    const [entry] = plan({
      sites: [site('A', [https('*:443:a.example.com')])],
      records: [record('0.0.0.0:443', 'old')],
      others: [
        { thumbprint: hash, consumer: { kind: 'rdp', detail: 'RDP-Tcp' } },
        { thumbprint: hash, consumer: { kind: 'rd-gateway', detail: 'TSGateway' } },
        { thumbprint: hash, consumer: { kind: 'sstp', detail: 'SstpSvc' } },
        { thumbprint: thumbprintOf('else'), consumer: { kind: 'sstp', detail: 'Else' } },
      ],
    }).blocked;
    assert.deepEqual(entry?.consumers, [
      { kind: 'iis-binding', site: 'A', information: '*:443:a.example.com', siteState: 'started' },
      { kind: 'sstp', detail: 'SstpSvc' },
      { kind: 'rd-gateway', detail: 'TSGateway' },
    ]);
  });

  it('come without a line to type where nothing is to be typed', () => {
    const [entry] = plan({ ...oneSite(), records: [record('a.example.com:443', 'new')] }).skipped;
    assert.deepEqual(Object.keys(entry ?? {}), ['key', 'consumers', 'obstacles', 'renewal']);
  });

  it('that are skipped are told without the rest of a plan too', () => {
    const request = {
      snapshot: snapshot({
        ...oneSite(),
        records: [record('a.example.com:443', 'new'), record('0.0.0.0:8443', 'old', { appId: foreignId })],
        certificates: oldAndNew,
      }),
      renewals: [renewal('old', 'new')],
      configuration: policy(),
    };
    assert.deepEqual(
      decisionsBy(request)
        .skipped.map(met)
        .map(({ key, reason }) => [key, reason]),
      [
        ['0.0.0.0:8443', 'other-program'],
        ['a.example.com:443', 'already'],
      ],
    );
    assert.deepEqual(decisionsBy(request).skipped, planRebind(request).skipped);
  });

  it('under a binding that cannot be read are blocked where IIS made them', () => {
    const odd = { sites: [site('Odd', [https('*:443:*')])], records: [record('0.0.0.0:443', 'old')] };
    const { blocked: unread } = plan({ ...odd, certificates: oldAndNew });
    assert.deepEqual(each(unread.map(met), 'reason'), ['binding-unreadable']);
    const twice = planRebind({
      snapshot: snapshot({ ...odd, certificates: oldAndNew }),
      renewals: [renewal('old', 'new'), renewal('old', 'other')],
      configuration: policy(),
    });
    assert.deepEqual(each(twice.skipped.map(met), 'reason'), ['other-program']);
  });

  it('ignore a setting for what is no guard', () => {
    const { policy: settings, blocked } = plan(
      { ...oneSite(), certificates: [certificate('old', example)] },
      { guards: { 'certificate-missing': 'off', 'names-lost': 'block' } },
    );
    assert.deepEqual(settings, []);
    assert.equal(blocked.length, 1);
  });
});

describe('a record whose endpoint went on with the old certificate', () => {
  const brought = renewal('old', 'new', { source: 'event', eventRecordId: 7 });
  const key = 'a.example.com:443' as KeyText;
  const look = (server: SnapshotParts, renewals: readonly Renewal[] = [], known: readonly Renewal[] = [brought]) =>
    planRebind({
      snapshot: snapshot({ certificates: [...oldAndNew, certificate('newest', example)], ...server }),
      renewals,
      configuration: policy(),
      stillOld: new Map(known.map((one) => [key, one])),
    });
  const onNew = { ...oneSite(), records: [record(key, 'new', { flags: 2 })] };

  it('is looked at again, and nothing of it is changed', () => {
    const { steps, renewals, skipped } = look(onNew);
    const [step] = steps;
    assert.deepEqual([steps.length, step?.id, step?.key], [1, 1, key]);
    assert.deepEqual([step?.before?.value, step?.wanted], [onNew.records[0], step?.before]);
    assert.deepEqual([step?.renewal, step?.notes], [brought, []]);
    assert.deepEqual(step?.consumers, [
      { kind: 'iis-binding', site: 'A', information: '*:443:a.example.com', siteState: 'started' },
    ]);
    assert.deepEqual(step?.verify, [{ address: '0.0.0.0', port: 443, serverName: 'a.example.com' }]);
    assert.deepEqual([renewals, skipped], [[brought], []]);
  });

  it('is looked at where it belongs to no site any more', () => {
    const [step] = look({ records: onNew.records }).steps;
    assert.deepEqual(each(step?.consumers, 'kind'), ['http-sys']);
    assert.deepEqual(step?.verify, [{ address: '0.0.0.0', port: 443, serverName: 'a.example.com' }]);
  });

  it('counts among the steps of a plan, whose renewals are in the order of their old certificates', () => {
    const others = ['else', 'third', 'fourth'];
    const made = look(
      {
        sites: [site('A', [sni('a.example.com')]), ...others.map((name) => site(name, [sni(`${name}.example.com`)]))],
        records: [...onNew.records, ...others.map((name) => record(`${name}.example.com:443`, name))],
        certificates: [...oldAndNew, ...others.map((name) => certificate(name, example))],
      },
      others.map((name) => renewal(name, 'newest 2')),
    );
    assert.deepEqual(each(made.renewals, 'old'), ['old', ...others].map(thumbprintOf).sort());
    assert.equal(made.steps.length, 1);
    assert.equal(made.blocked.length, 3);
  });

  it('brings in no renewal twice', () =>
    assert.deepEqual(look(onNew, [renewal('old', 'new')]).renewals, [renewal('old', 'new')]));

  it('goes on to a still newer certificate at once', () => {
    const { steps } = look(onNew, [renewal('new', 'newest')]);
    assert.deepEqual(
      steps.map((step) => leaves(step)?.thumbprint),
      [thumbprintOf('newest')],
    );
  });

  it('is left alone where it holds no certificate by now', () => {
    assert.deepEqual(look({ ...oneSite(), records: [record(key, null)] }).steps, []);
  });
});

describe('a plan that waits for the window', () => {
  const task = { path: taskFolder, name: rebindTaskName, lastResult: null, lastRunAt: null, xml: '' };
  const notes = (parts: SnapshotParts) =>
    plan({ ...oneSite(), ...parts }, { window: { from: '22:00', to: '02:00' } }).notes;
  const notEnabled = {
    code: 'not-enabled',
    text: 'CertRebind is not enabled on this server, so nothing makes this change when the window opens.',
  };
  const other = { ...task, name: 'Another', enabled: true };
  const rows: readonly (readonly [string, SnapshotParts, boolean])[] = [
    ['there is no task', { tasks: [] }, true],
    ['there are only tasks of others', { tasks: [other] }, true],
    ['its task is disabled', { tasks: [{ ...task, enabled: false }] }, true],
    ['its task is enabled', { tasks: [other, { ...task, enabled: true }] }, false],
  ];
  for (const [situation, parts, isReported] of rows) {
    it(`${isReported ? 'says that nothing will make the change' : 'needs no note'}: ${situation}`, () =>
      assert.deepEqual(notes(parts), isReported ? [notEnabled] : []));
  }

  it('says nothing of tasks that nobody looked at', () => {
    const codes = notes({ notLookedAt: unknownParts('not-read', ['tasks']) }).map(({ code }) => code);
    assert.ok(!codes.includes('not-enabled'));
  });
});

describe('the notes of a step', () => {
  const notesOf = (server: SnapshotParts, parts: Parameters<typeof policy>[0] = {}) =>
    plan(server, parts).steps.flatMap((step) => step.notes.map(({ code, text }) => `${code}: ${text}`));
  const hidden = (addresses: string, port: number) =>
    `listen-list: Not tested, because HTTP.SYS listens only on ${addresses}, where other certificate bindings answer on port ${port}.`;
  const two = { listenOnly: ['192.0.2.5', '192.0.2.6'] };
  const both = [record('192.0.2.5:443', 'else'), record('192.0.2.6:443', 'else')];
  const everywhere = [site('A', [https('*:443:a.example.com')])];

  it('tell of a record of any address that other records hide wherever HTTP.SYS listens', () => {
    const records = [record('0.0.0.0:443', 'old'), ...both];
    assert.deepEqual(notesOf({ ...two, sites: everywhere, records }), [hidden('192.0.2.5, 192.0.2.6', 443)]);
    assert.deepEqual(notesOf({ ...two, sites: everywhere, records: records.slice(0, 2) }), []);
  });

  it('tell nothing of it where a name is reached at another of its addresses', () => {
    const sites = [site('A', [sni('a.example.com'), https('192.0.2.9:443:a.example.com', 1)])];
    const records = [record('a.example.com:443', 'old'), ...both];
    assert.deepEqual(notesOf({ ...two, sites, records }), []);
    assert.deepEqual(notesOf({ ...two, sites: [site('A', [sni('a.example.com')])], records }), [
      hidden('192.0.2.5, 192.0.2.6', 443),
    ]);
  });

  it('tell nothing of it for a name that no binding has', () => {
    const records = [record('a.example.com:443', 'old', { appId: foreignId }), ...both];
    assert.deepEqual(notesOf({ ...two, records }, { applicationIds: [foreignId] }), []);
  });

  it('tell what netsh cannot write, but not of an import that tells nothing of netsh', () => {
    const { server } = snapshot();
    const special = { ...oneSite(), records: [record('a.example.com:443', 'old', { flags: 0x8000_0000 })] };
    const limited =
      'not-restorable: netsh on this server cannot write flag 0x80000000. It is changed in place, and an undo restores only its certificate.';
    const imported = { ...special, server: { ...server, kind: 'replay' as const } };
    const unasked = { notLookedAt: unknownParts('not-read', ['netsh']) };
    assert.deepEqual(notesOf(special), [limited]);
    assert.deepEqual(notesOf({ ...special, ...unasked }), [limited]);
    assert.deepEqual(notesOf(imported), [limited]);
    assert.deepEqual(notesOf({ ...imported, ...unasked }), []);
  });
});

describe('the record of any IPv6 address that keeps the old certificate from clients', () => {
  const server = {
    sites: [site('A', [https('*:443:')]), site('B', [https('*:443:b.example.com')])],
    records: [record('0.0.0.0:443', 'old'), record('[::]:443', 'old', { appId: foreignId })],
  };
  it('is not told of where it was excluded on purpose', () =>
    assert.deepEqual(
      plan(server, { exclude: { sites: [], records: ['[::]:443'], thumbprints: [], holders: [] } }).notes,
      [],
    ));
});

describe('the endpoints of a step', () => {
  const cases: readonly { readonly what: string; readonly server: SnapshotParts; readonly expected: string[] }[] = [
    {
      what: 'only those of started sites',
      server: {
        sites: [
          site('A', [https('*:443:a.example.com')], 'stopped'),
          site('B', [https('*:443:b.example.com')], 'unknown'),
        ],
        records: [record('0.0.0.0:443', 'old')],
      },
      expected: ['0.0.0.0 443 b.example.com'],
    },
    {
      what: 'none where another record answers for the host',
      server: {
        sites: [site('A', [https('*:443:a.example.com'), https('192.0.2.1:443:a.example.com', 1)])],
        records: [record('0.0.0.0:443', 'old'), record('a.example.com:443', 'else')],
      },
      expected: [],
    },
    {
      what: 'the address of an IPv6 record',
      server: {
        sites: [site('A', [https('[2001:DB8::1]:443:')])],
        records: [record('[2001:db8::1]:443', 'old')],
        certificates: [
          certificate('old', { ...example, ipAddresses: ['2001:db8::1'] }),
          certificate('new', { ...example, ipAddresses: ['2001:db8::1'] }),
        ],
      },
      expected: ['2001:db8::1 443 -'],
    },
    {
      what: 'a host in A-labels, whatever was written',
      server: {
        sites: [site('A', [sni('Bücher.example.com')])],
        records: [record('xn--bcher-kva.example.com:443', 'old')],
      },
      expected: ['0.0.0.0 443 xn--bcher-kva.example.com'],
    },
  ];
  for (const { what, server, expected } of cases) {
    it(`are ${what}`, () => {
      const { steps, blocked } = plan(server);
      assert.deepEqual(blocked, []);
      assert.deepEqual(
        steps.flatMap((step) => step.verify.map((at) => `${at.address} ${at.port} ${at.serverName ?? '-'}`)),
        expected,
      );
    });
  }
});

describe('the address of a record as a name', () => {
  const at = (successor: readonly string[], old: readonly string[] | null = ['192.0.2.7']) =>
    plan({
      sites: [site('A', [https('192.0.2.7:443:')])],
      records: [record('192.0.2.7:443', 'old')],
      certificates: [
        ...(old === null ? [] : [certificate('old', { ...example, ipAddresses: old })]),
        certificate('new', { ...example, ipAddresses: successor }),
      ],
    });

  it('is lost like any other', () => assert.deepEqual(met(at([]).blocked[0]).hosts, ['192.0.2.7']));
  it('is kept like any other', () => assert.equal(at(['192.0.2.7']).steps.length, 1));
  it('is none where the old certificate does not name it', () =>
    assert.deepEqual(at([], []).steps[0]?.notes, [], 'nor worth a note'));
  it('is none where the old certificate is gone, and nobody knows what it named', () =>
    assert.deepEqual(at([], null).blocked, []));
});

describe('a plan', () => {
  it('carries the digest that belongs to it', () => {
    const made = plan(oneSite());
    assert.deepEqual(parsePlan(JSON.stringify(made), 'plan'), made);
  });

  it('takes its only time from the snapshot', () => {
    assert.equal(met(plan({ ...oneSite(), takenAt: '2030-01-01T00:00:00Z' }).blocked[0]).reason, 'expired');
  });

  it('is the same, byte for byte, in whatever order the snapshot was read', () => {
    fc.assert(
      fc.property(requests(), fc.func(fc.nat()), (request, weight) => {
        assert.equal(canonicalJson(planRebind(shuffled(request, weight))), canonicalJson(planRebind(request)));
      }),
      { numRuns: 100 },
    );
  });

  it('has an entry for every record of an old or new certificate, and for no other', () => {
    fc.assert(
      fc.property(requests(), (request) => {
        const made = planRebind(request);
        const wanted = new Set([
          ...request.renewals.map(({ old }) => old),
          ...resolveChains(request.renewals).renewals.map((closed) => closed.new),
        ]);
        const decided = [
          ...keys(made.steps),
          ...made.blocked.map(({ key }) => key),
          ...made.skipped.map(({ key }) => key),
        ];
        const isWanted = (thumbprint: Thumbprint | null) => thumbprint !== null && wanted.has(thumbprint);
        // What is only reported is named where it holds an old certificate, not where it holds the new one already.
        const olds = new Set(request.renewals.map(({ old }) => old));
        const reported = ftpsOf(request.snapshot).filter(({ thumbprint }) => olds.has(thumbprint));
        const concerned = [
          ...recordsOf(request.snapshot)
            .filter(({ thumbprint }) => isWanted(thumbprint))
            .map(({ key }) => key),
          ...reported.map((setting) => ftpKey(setting.site)),
          ...request.snapshot.holders.flatMap((one) =>
            one.kind === 'sstp' && one.value.thumbprint !== null && olds.has(one.value.thumbprint) ? one.key : [],
          ),
        ];
        assert.deepEqual(decided.sort(), concerned.sort());
      }),
    );
  });

  it('swaps nothing but the certificate, and only on records that held an old one', () => {
    fc.assert(
      fc.property(requests(), (request) => {
        for (const step of planRebind(request).steps) {
          assert.ok(step.before !== null && step.wanted !== null && step.renewal !== null);
          assert.ok(isTls(step.before) && isTls(step.wanted));
          assert.ok(recordsOf(request.snapshot).includes(step.before.value));
          assert.equal(step.before.value.thumbprint, step.renewal.old);
          assert.equal(step.wanted.value.thumbprint, step.renewal.new);
          assert.deepEqual(lostOrChangedOptions(step.before.value, step.wanted.value), []);
        }
      }),
    );
  });

  it('names as lost exactly the hosts that the old certificate covered and the new one does not', () => {
    fc.assert(
      fc.property(requests(), (request) => {
        const { certificates, sites } = request.snapshot;
        for (const entry of planRebind(request).blocked) {
          if (met(entry).reason !== 'names-lost') continue;
          const old = certificates.find(({ thumbprint }) => thumbprint === entry.renewal.old);
          const successor = certificates.find(({ thumbprint }) => thumbprint === entry.renewal.new);
          assert.ok(successor !== undefined);
          const hosts = sites
            .flatMap(({ bindings }) => bindings)
            .filter(({ recordKey }) => recordKey === entry.key)
            .map(({ parts }) => parts?.host ?? '')
            .filter(
              (host) => host !== '' && (old === undefined || coversHost(old, host)) && !coversHost(successor, host),
            );
          assert.deepEqual(met(entry).hosts, [...new Set(hosts)].sort());
        }
      }),
    );
  });

  it('finds nothing to do once its swaps are done', () => {
    fc.assert(
      fc.property(requests(), (request) => {
        const { steps } = planRebind(request);
        const after = new Map(steps.map((step) => [step.key, step]));
        const records = recordsOf(request.snapshot).map((before) => {
          const step = after.get(before.key);
          const wanted = step?.wanted ?? null;
          return wanted !== null && isTls(wanted) ? wanted.value : before;
        });
        const again = planRebind({ ...request, snapshot: snapshot({ ...request.snapshot, records }) });
        assert.deepEqual(again.steps, []);
      }),
    );
  });
});

describe('planning ten thousand bindings', () => {
  it('has a step for each', () => {
    assert.equal(planRebind(requestOf(10_000)).steps.length, 10_000);
  });
});

function plan(server: SnapshotParts, parts: Parameters<typeof policy>[0] = {}) {
  return planRebind({
    snapshot: snapshot({ certificates: oldAndNew, ...server }),
    renewals: [renewal('old', 'new')],
    configuration: policy(parts),
  });
}

function oneSite(): SnapshotParts {
  return { sites: [site('A', [sni('a.example.com')])], records: [record('a.example.com:443', 'old')] };
}

function keys(steps: ReturnType<typeof planRebind>['steps']): string[] {
  return steps.map(({ key }) => key);
}

/** Small servers on which everything that a plan looks at varies. */
function requests(): fc.Arbitrary<RebindRequest> {
  const label = fc.constantFrom('a', 'b', 'c', 'd');
  const host = fc.constantFrom('a.example.com', 'b.example.com', '*.example.com', 'c.lan', '');
  const names = fc.uniqueArray(fc.constantFrom('a.example.com', '*.example.com', 'c.lan'), { minLength: 1 });
  const binding = fc
    .tuple(fc.constantFrom('*', '192.0.2.1'), host, fc.constantFrom(0, 1, 2, 3, 32))
    .map(([address, name, flags]) => https(`${address}:443:${name}`, flags));
  const sites = fc
    .array(fc.tuple(fc.array(binding, { maxLength: 4 }), fc.constantFrom('started', 'stopped', 'unknown')), {
      maxLength: 4,
    })
    .map((list) => list.map(([bindings, state], index) => site(`Site ${index}`, bindings, state)));
  const stored = fc
    .record({
      label,
      names,
      store: fc.constantFrom('My', 'WebHosting'),
      key: fc.constantFrom('usable', 'usable', 'missing', 'unknown'),
      archived: fc.boolean(),
      notAfter: fc.constantFrom('2026-05-01T00:00:00Z', '2027-01-01T00:00:00Z', '2027-02-01T00:00:00Z'),
    })
    .map(({ label: name, ...parts }) => certificate(name, parts));
  // The same certificate in two stores differs in store and key only.
  const certificates = fc
    .uniqueArray(stored, { selector: ({ thumbprint, store }) => `${thumbprint} ${store}`, maxLength: 6 })
    .map((list) =>
      list.map((entry) => {
        const first = list.find(({ thumbprint }) => thumbprint === entry.thumbprint) ?? entry;
        return { ...first, store: entry.store, key: entry.key, archived: entry.archived };
      }),
    );
  const records = fc
    .uniqueArray(
      fc.tuple(
        fc.constantFrom('0.0.0.0:443', '192.0.2.1:443', 'a.example.com:443', 'b.example.com:443', '*.example.com:443'),
        fc.option(label),
        fc.constantFrom('My', 'WebHosting'),
      ),
      { selector: ([key]) => key },
    )
    .map((list) => list.map(([key, name, store]) => record(key, name, { store })));
  const links = fc
    .array(fc.tuple(label, label, fc.boolean()), { maxLength: 4 })
    .map((list) =>
      list.flatMap(([old, successor, corroborated]) =>
        old === successor ? [] : [renewal(old, successor, { source: 'event', corroborated })],
      ),
    );
  return fc.tuple(sites, certificates, records, links).map(([siteList, certificateList, recordList, renewals]) => ({
    snapshot: snapshot({
      sites: siteList,
      certificates: certificateList,
      records: recordList,
      ftps: [{ site: 'Files', thumbprint: thumbprintOf('a'), store: 'My' }],
      others: [
        { thumbprint: thumbprintOf('a'), consumer: { kind: 'rdp', detail: 'RDP-Tcp' } },
        { thumbprint: thumbprintOf('b'), consumer: { kind: 'sstp', detail: '' } },
      ],
    }),
    renewals,
    configuration: policy(),
  }));
}

function shuffled(request: RebindRequest, weight: (value: unknown) => number): RebindRequest {
  const mix = <Item>(list: readonly Item[]) => list.toSorted((a, b) => weight(a) - weight(b));
  const { snapshot: server, renewals } = request;
  return {
    ...request,
    renewals: mix(renewals),
    snapshot: {
      ...server,
      sites: mix(server.sites).map((entry) => ({ ...entry, bindings: mix(entry.bindings) })),
      holders: mix(server.holders),
      certificates: mix(server.certificates),
    },
  };
}

function requestOf(bindings: number): RebindRequest {
  const hosts = Array.from({ length: bindings }, (_, index) => `host${index}.example.com`);
  return {
    snapshot: snapshot({
      sites: hosts.map((host) => site(host, [sni(host)])),
      records: hosts.map((host) => record(`${host}:443`, 'old')),
      certificates: oldAndNew,
    }),
    renewals: [renewal('old', 'new')],
    configuration: policy(),
  };
}
