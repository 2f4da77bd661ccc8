import assert from 'node:assert/strict';
import { type Configuration, defaultConfiguration } from '../../../src/documents/configuration.ts';
import type { Plan } from '../../../src/documents/runs/plan.ts';
import { planRebind, type RebindRequest } from '../../../src/engine/plan/plan-rebind.ts';
import type { FtpsSetting } from '../../../src/kinds/ftp/ftp.ts';
import type { MovableKind } from '../../../src/kinds/holder.ts';
import { parseBinding, type RunState } from '../../../src/kinds/iis/binding.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { met } from '../../builders/met.ts';
import {
  certificate,
  policy,
  record,
  renewal,
  type SnapshotParts,
  site,
  snapshot,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { leaves } from '../../builders/steps.ts';

const [oldOne, newOne] = [thumbprintOf('old'), thumbprintOf('new')];
const names = ['files.example.com', 'shop.example.com'];
const certificates = [certificate('old', { names }), certificate('new', { names })];
const swapping = Object.fromEntries(
  Object.keys(defaultConfiguration.holders).map((kind) => [kind, { policy: 'replace' }]),
) as Configuration['holders'];
const everyKind = policy({ holders: swapping });

const ftps = (label: string, name: string | null = 'Files'): FtpsSetting => ({
  site: name,
  thumbprint: thumbprintOf(label),
  store: 'My',
});
const ftpSite = (name: string, information = '*:21:', state: RunState = 'started') =>
  site(name, [parseBinding('ftp', information, 0)], state);

/** An FTP site named Files that holds the certificate of this label. */
const ftpServer = (label: string, parts: SnapshotParts = {}) =>
  snapshot({ sites: [ftpSite('Files')], ftps: [ftps(label)], certificates, ...parts });

/** A holder of the old certificate. */
const holders = {
  ftp: { sites: [ftpSite('Files')], ftps: [ftps('old')] },
  rdp: {
    others: [
      {
        thumbprint: oldOne,
        consumer: { kind: 'rdp', detail: 'RDP-Tcp' },
        listener: { chosenBy: 'person', port: 3389, state: 'started' },
      },
    ],
  },
  winrm: {
    others: [
      {
        thumbprint: oldOne,
        consumer: { kind: 'winrm', detail: '*+HTTPS' },
        remoting: { hostname: null, port: 5986, state: 'started', carriesRun: 'no' },
      },
    ],
  },
  wmsvc: {
    records: [record('0.0.0.0:8172', 'old', { appId: '{d7d72267-fcf9-4424-9eec-7e1d8dcec9a9}' })],
    others: [
      {
        thumbprint: oldOne,
        consumer: { kind: 'wmsvc', detail: 'Web Management Service' },
        management: { port: 8172, address: '*', state: 'started' },
      },
    ],
  },
} satisfies Partial<Record<MovableKind, SnapshotParts>>;
const serverWith = (kind: keyof typeof holders) => snapshot({ certificates, ...holders[kind] });

const plan = (server: Snapshot, configuration = everyKind, parts: Partial<RebindRequest> = {}): Plan =>
  planRebind({ snapshot: server, renewals: [renewal('old', 'new')], configuration, ...parts });
const skippedIn = ({ skipped }: Plan) => skipped.map(met).map(({ key, reason, detail }) => [key, reason, detail]);
const swappedIn = ({ steps }: Plan) => steps.map((step) => [step.key, leaves(step)?.thumbprint]);
const excluding = (exclude: Partial<Configuration['exclude']>): Configuration => ({
  ...everyKind,
  exclude: { ...defaultConfiguration.exclude, ...exclude },
});

describe('a holder beside the certificate bindings', () => {
  const excluded: readonly {
    readonly what: string;
    readonly kind: keyof typeof holders;
    readonly exclude: Partial<Configuration['exclude']>;
    readonly detail: string | null;
  }[] = [
    {
      what: 'its site',
      kind: 'ftp',
      exclude: { sites: ['Shop', 'fiLES'] },
      detail: 'The site Files uses it and is named in exclude.sites.',
    },
    { what: 'another site', kind: 'ftp', exclude: { sites: ['Shop'] }, detail: null },
    { what: 'a site, and it belongs to none', kind: 'rdp', exclude: { sites: ['RDP-Tcp'] }, detail: null },
    {
      what: 'the certificate binding that is a part of it',
      kind: 'wmsvc',
      exclude: { records: ['0.0.0.0:8172'] },
      detail: 'Its certificate binding 0.0.0.0:8172 is named in exclude.records.',
    },
    { what: 'another record', kind: 'wmsvc', exclude: { records: ['0.0.0.0:443'] }, detail: null },
    { what: 'a record, and it has none', kind: 'winrm', exclude: { records: ['0.0.0.0:5986'] }, detail: null },
    {
      what: 'the old certificate',
      kind: 'ftp',
      exclude: { thumbprints: [oldOne] },
      detail: `The certificate ${oldOne} is named in exclude.thumbprints.`,
    },
    {
      what: 'the new certificate',
      kind: 'ftp',
      exclude: { thumbprints: [newOne] },
      detail: `The certificate ${newOne} is named in exclude.thumbprints.`,
    },
  ];
  for (const { what, kind, exclude, detail } of excluded) {
    it(`is ${detail === null ? 'changed' : 'left alone'} where the configuration excludes ${what}`, () => {
      const made = plan(serverWith(kind), excluding(exclude));
      assert.equal(made.steps.length, detail === null ? 1 : 0);
      assert.deepEqual(
        made.skipped.map((entry) => [met(entry).reason, met(entry).detail]),
        detail === null ? [] : [['excluded', detail]],
      );
    });
  }

  it('is said to hold the new certificate already only where it would be changed', () => {
    assert.deepEqual(skippedIn(plan(ftpServer('new'))), [['ftp/Files', 'already', `It already uses ${newOne}.`]]);
    assert.deepEqual(plan(ftpServer('new'), policy()).skipped, []);
  });

  it('is not spoken of where it holds a certificate that nothing renews', () => {
    const made = plan(ftpServer('another'));
    assert.deepEqual([...made.steps, ...made.skipped, ...made.blocked], []);
  });

  it('is passed over where the new certificate was rolled back there, with the line that applies it again', () => {
    const decision = { old: oldOne, new: newOne, what: 'on-hold', by: 'run', cause: null, attempts: 1 } as const;
    const when = { facts: null, event: null, run: 'run-1', at: '2026-05-01T00:00:00Z' };
    const held = (renewed: ReturnType<typeof renewal>) => ({
      holdAt: (key: KeyText, one: Pick<typeof renewed, 'old' | 'new'>) =>
        key === 'ftp/Files' && one.new === renewed.new ? { decision: { ...decision, ...when }, isOver: false } : null,
    });
    assert.deepEqual(skippedIn(plan(ftpServer('old'), everyKind, held(renewal('old', 'new')))), [
      [
        'ftp/Files',
        'held',
        `${newOne} was rolled back here and is not tried again by itself. To apply it again: certrebind rebind --old ${oldOne} --new ${newOne}`,
      ],
    ]);
    const another = plan(ftpServer('old'), everyKind, held(renewal('old', 'another')));
    assert.deepEqual(swappedIn(another), [['ftp/Files', newOne]]);
  });

  describe('whose endpoint went on with the old certificate', () => {
    const brought = renewal('old', 'new', { source: 'event', eventRecordId: 7 });
    const stillOld = new Map([['ftp/Files' as KeyText, brought]]);
    const server = (parts: SnapshotParts = {}) =>
      ftpServer('new', { sites: [ftpSite('Files', '192.0.2.7:21:files.example.com')], ...parts });

    it('is looked at again, and nothing of it is changed', () => {
      const made = plan(server(), everyKind, { renewals: [], stillOld });
      const [step] = made.steps;
      assert.deepEqual([made.steps.length, step?.id, step?.before], [1, 1, step?.wanted]);
      assert.deepEqual([step?.renewal, step?.notes], [brought, []]);
      assert.deepEqual(step?.consumers, [{ kind: 'ftps', site: 'Files' }]);
      assert.deepEqual(step?.verify, [
        { address: '192.0.2.7', port: 21, serverName: 'files.example.com', startTls: 'ftp' },
      ]);
      assert.deepEqual(made.renewals, [brought]);
      assert.deepEqual(made.skipped, []);
    });

    it('goes on to a still newer certificate at once', () => {
      const newer = [...certificates, certificate('newest', { names })];
      const request = { renewals: [renewal('new', 'newest')], stillOld };
      const made = plan(server({ certificates: newer }), everyKind, request);
      assert.deepEqual(swappedIn(made), [['ftp/Files', thumbprintOf('newest')]]);
    });
  });

  describe('is blocked where nobody can tell which certificate is meant:', () => {
    const chain = Array.from({ length: 22 }, (_, index) =>
      renewal(index === 0 ? 'old' : `link ${index}`, `link ${index + 1}`),
    );
    const both = [thumbprintOf('new'), thumbprintOf('other')].sort();
    const rows: readonly (readonly [string, RebindRequest['renewals'], string])[] = [
      [
        'it was renewed twice',
        [renewal('old', 'new'), renewal('old', 'other')],
        `${oldOne} has more than one successor (${both.join(' and ')}), and CertRebind cannot tell which one is newest.`,
      ],
      [
        'the renewals lead back to it',
        [renewal('old', 'new'), renewal('new', 'old')],
        `The renewals that start at ${oldOne} (${newOne}) form a circle.`,
      ],
      ['too many renewals follow', chain, `More than 20 renewals follow one another from ${oldOne}.`],
    ];
    for (const [what, renewals, detail] of rows) {
      it(what, () => {
        const made = plan(ftpServer('old'), everyKind, { renewals });
        assert.deepEqual(made.steps, []);
        const [entry] = made.blocked;
        assert.deepEqual([entry?.key, met(entry).reason, met(entry).detail], ['ftp/Files', 'ambiguous', detail]);
        assert.equal(entry?.obstacles[0].code === 'ambiguous' && entry.obstacles[0].candidates.length > 0, true);
        assert(entry !== undefined && made.renewals.includes(entry.renewal));
      });
    }

    it('and left alone instead where it is excluded or only reported', () => {
      const renewals = [renewal('old', 'new'), renewal('old', 'other')];
      const reasonIn = (configuration: Configuration) =>
        plan(ftpServer('old'), configuration, { renewals })
          .skipped.map(met)
          .map(({ reason }) => reason);
      assert.deepEqual(reasonIn(policy()), ['report-only']);
      assert.deepEqual(reasonIn(excluding({ holders: ['ftp/Files'] })), ['excluded']);
    });
  });
});

describe('the names of FTP sites', () => {
  const narrower = [certificates[0] ?? assert.fail(), certificate('new', { names: ['shop.example.com'] })];
  const shared = { ftps: [ftps('old', null)] };

  it('are lost with a certificate that lacks one, said with the sites that have it', () => {
    const sites = [
      ftpSite('B', '*:21:files.example.com'),
      ftpSite('A', '*:2121:files.example.com'),
      ftpSite('C', '*:21:shop.example.com'),
    ];
    const [entry] = plan(snapshot({ sites, ...shared, certificates: narrower })).blocked;
    assert.deepEqual([entry?.key, met(entry).reason, met(entry).hosts], ['ftp/*', 'names-lost', ['files.example.com']]);
    assert.match(met(entry).detail, /files\.example\.com \(A, B\)/);
  });

  it('are judged as those of a site that any name reaches where one has no host', () => {
    const notesWith = (...informations: readonly string[]) => {
      const sites = informations.map((information, index) => ftpSite(`Site ${index}`, information));
      const made = plan(snapshot({ sites, ...shared, certificates: narrower }));
      return made.steps.flatMap(({ notes }) => notes.map(({ code }) => code));
    };
    const anyName = notesWith('*:21:');
    assert.equal(anyName.length, 1);
    assert.deepEqual(notesWith('*:21:', '*:2121:shop.example.com'), anyName);
    assert.deepEqual(notesWith('*:2121:shop.example.com'), []);
  });
});

describe('the proof of an FTP site', () => {
  it('leaves out sites that are stopped, and says so', () => {
    const sites = [
      ftpSite('Nightly', '*:2121:', 'stopped'),
      ftpSite('Files', '192.0.2.7:21:'),
      ftpSite('Archive', '*:2122:', 'stopped'),
      ftpSite('Perhaps', '*:990:', 'unknown'),
    ];
    const [step] = plan(snapshot({ sites, ftps: [ftps('old', null)], certificates })).steps;
    assert.deepEqual(
      step?.verify.map(({ address, port }) => `${address}:${port}`),
      ['192.0.2.7:21', '0.0.0.0:990'],
    );
    assert.deepEqual(step?.notes, [
      { code: 'site-stopped', text: 'Not tested, because the site is stopped: Archive, Nightly.' },
    ]);
  });

  it('needs no note where every site runs', () => {
    assert.deepEqual(plan(ftpServer('old')).steps[0]?.notes, []);
  });
});
