import assert from 'node:assert/strict';
import type { Configuration } from '../../../src/documents/configuration.ts';
import { defaultConfiguration } from '../../../src/documents/configuration.ts';
import type { Plan } from '../../../src/documents/runs/plan.ts';
import { rebindTaskName, taskFolder } from '../../../src/documents/scheduled-tasks.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { parseBinding } from '../../../src/kinds/iis/binding.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { unknownParts } from '../../../src/kinds/unknown-parts.ts';
import type { Renewal } from '../../../src/model/certificates/renewal.ts';
import { met } from '../../builders/met.ts';
import {
  authority,
  certificate,
  https,
  now,
  type OtherParts,
  policy,
  record,
  renewal,
  type SnapshotParts,
  site,
  snapshot,
  sni,
  testAuthorities,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { leaves } from '../../builders/steps.ts';
import { holdAgainst } from '../../support/sentences.ts';
import { type Decision, decisionTable, type Situation } from './decision-table.ts';
import { sentencesOf } from './plan-sentences.ts';

interface Scenario {
  readonly server: SnapshotParts;
  readonly renewals?: readonly Renewal[];
  readonly policy?: Partial<Configuration>;
  readonly reapply?: boolean;
  /** What the row does not say: store, hosts, endpoints … */
  readonly also?: (plan: Plan) => void;
}

const shop = 'shop.example.com';

/** One SNI site on the old certificate, and the new one beside it; a scenario changes what it is about. */
function shopServer(parts: SnapshotParts = {}): SnapshotParts {
  return {
    sites: [site('Shop', [sni(shop)])],
    records: [record(`${shop}:443`, 'old')],
    certificates: [certificate('old'), certificate('new', { notAfter: '2027-06-01T00:00:00.000Z' })],
    ...parts,
  };
}

const stores = (...certificates: Snapshot['certificates']) => shopServer({ certificates });
const event = (old: string, successor: string, eventRecordId: number, corroborated = true) =>
  renewal(old, successor, { source: 'event', eventRecordId, corroborated });
const property = (old: string, successor: string) => renewal(old, successor, { source: 'renewal-property' });

/** The name `sni.example.com` has a record of its own. */
function fewerNames(): SnapshotParts {
  return {
    sites: [site('Shop', [https('*:443:')])],
    records: [record('0.0.0.0:443', 'old'), record('sni.example.com:443', 'other')],
    certificates: [certificate('old', { names: [shop, 'old.example.com', 'sni.example.com'] }), certificate('new')],
  };
}

const scenarios: Readonly<Record<Situation, Scenario>> = {
  'An IIS binding stands on the record, and all fits': {
    server: shopServer(),
    also: ({ steps: [step] }) => {
      assert.deepEqual(step?.notes, []);
      assert.deepEqual(step?.consumers, [
        { kind: 'iis-binding', site: 'Shop', information: `*:443:${shop}`, siteState: 'started' },
      ]);
      assert.deepEqual(step?.verify, [{ address: '0.0.0.0', port: 443, serverName: shop }]);
    },
  },
  'The record holds the new certificate already': { server: shopServer({ records: [record(`${shop}:443`, 'new')] }) },
  'No IIS binding stands on the record': {
    server: shopServer({ sites: [], records: [record('0.0.0.0:5986', 'old', { appId: winRm() })] }),
    also: ({ skipped: [entry] }) => {
      assert.match(met(entry).detail, /WinRM/);
      assert.deepEqual(entry?.consumers, [{ kind: 'http-sys', appId: winRm(), owner: 'WinRM' }]);
    },
  },
  'Only a binding that cannot be read may stand on a record of IIS': {
    server: shopServer({ sites: [site('Shop', [https('*:443:*')])], records: [record('0.0.0.0:443', 'old')] }),
  },
  'No IIS binding stands on the record, and the policy names its application id': {
    server: shopServer({ sites: [], records: [record('0.0.0.0:5986', 'old', { appId: winRm() })] }),
    policy: { applicationIds: [winRm()] },
    also: ({ steps: [step] }) => assert.deepEqual(step?.verify, [{ address: '0.0.0.0', port: 5986, serverName: null }]),
  },
  'The record, a site on it, or one of the two certificates is excluded': {
    server: shopServer(),
    policy: { exclude: { sites: ['SHOP'], records: [], thumbprints: [], holders: [] } },
  },
  'Another product answers on the record and keeps its own copy of the hash': {
    server: shopServer({
      sites: [site('Shop', [https('*:443:')])],
      records: [record('0.0.0.0:443', 'old')],
      others: [{ thumbprint: thumbprintOf('old'), consumer: { kind: 'sstp', detail: 'SstpSvc' } }],
    }),
    also: ({ blocked: [entry] }) => assert.equal(entry?.consumers.at(-1)?.kind, 'sstp'),
  },
  'Something beside certificate bindings uses the old certificate': {
    server: shopServer({ others: [{ thumbprint: thumbprintOf('old'), consumer: { kind: 'rdp', detail: 'RDP-Tcp' } }] }),
    also: ({ notes: [note] }) => assert.match(note?.text ?? '', /rdp \(RDP-Tcp\)/),
  },
  'An FTP site holds the old certificate, and the policy only reports its kind': {
    server: ftpServer(),
    also: ({ skipped: [entry] }) => {
      assert.equal(entry?.key, 'ftp/Files');
      assert.match(met(entry).detail, /policy for FTP sites is report/);
      assert.equal(met(entry).command, 'certrebind config set holders.ftp.policy replace');
    },
  },
  'Something that CertRebind never changes holds the old certificate, such as Hyper-V Replica': {
    server: shopServer({ records: [], others: [replica('old')] }),
    also: ({ skipped: [entry] }) => {
      assert.equal(entry?.key, 'hyper-v/server');
      assert.match(met(entry).command ?? '', /^Set-VMReplicationServer /);
    },
  },
  'A role is installed and which certificate it uses cannot be read cheaply, such as Exchange': {
    server: shopServer({ roles: [{ kind: 'exchange', why: null }] }),
    also: ({ notes: [note] }) => assert.match(note?.text ?? '', /^Exchange is installed here/),
  },
  'An FTP site holds the old certificate, the policy replaces its kind, and other servers share its configuration': {
    server: { ...ftpServer(), sources: [{ part: 'shared configuration', from: '\\\\files\\iis' }] },
    policy: { holders: { ...defaultConfiguration.holders, ftp: { policy: 'replace' } } },
    also: ({ skipped: [entry] }) => {
      assert.match(met(entry).detail, /shared configuration in \\\\files\\iis too/);
      assert.match(
        met(entry).command ?? '',
        /^Set-WebConfigurationProperty .*site\[@name="Files"\].* -Value [0-9A-F]{40}$/,
      );
    },
  },
  'An FTP site holds the old certificate, and the policy replaces its kind': {
    server: ftpServer(),
    policy: { holders: { ...defaultConfiguration.holders, ftp: { policy: 'replace' } } },
    also: ({ steps: [step] }) => {
      assert.deepEqual(leaves(step), { thumbprint: thumbprintOf('new'), store: 'My' });
      assert.deepEqual(step?.consumers, [{ kind: 'ftps', site: 'Files' }]);
      assert.deepEqual(step?.verify, [
        { address: '0.0.0.0', port: 21, serverName: null, startTls: 'ftp' },
        { address: '192.0.2.7', port: 990, serverName: 'shop.example.com' },
      ]);
    },
  },
  'A Remote Desktop listener holds the old certificate, and the new one is not in My': {
    server: {
      ...stores(certificate('old'), certificate('new', { store: 'WebHosting' })),
      records: [],
      others: [
        {
          thumbprint: thumbprintOf('old'),
          consumer: { kind: 'rdp', detail: 'RDP-Tcp' },
          listener: { port: 3389, state: 'started', chosenBy: 'person' },
        },
      ],
    },
    policy: { holders: { ...defaultConfiguration.holders, rdp: { policy: 'replace' } } },
    also: ({ blocked: [entry] }) => assert.equal(entry?.key, 'rdp/RDP-Tcp'),
  },
  'A WinRM listener holds the old certificate, and this run came in through WinRM or may have': {
    server: {
      ...stores(certificate('old'), certificate('new')),
      records: [],
      others: [
        {
          thumbprint: thumbprintOf('old'),
          consumer: { kind: 'winrm', detail: '*+HTTPS' },
          remoting: { port: 5986, hostname: null, state: 'started', carriesRun: 'yes' },
        },
      ],
    },
    policy: { holders: { ...defaultConfiguration.holders, winrm: { policy: 'replace' } } },
    also: ({ blocked: [entry] }) => assert.equal(entry?.key, 'winrm/*+HTTPS'),
  },
  'Bindings take their certificate from the central store': {
    server: shopServer({
      sites: [site('Shop', [sni(shop), https('*:443:a.example.com', 3), https('*:443:b.example.com', 2)])],
    }),
    also: ({ notes: [note] }) => assert.match(note?.text ?? '', /^2 bindings/),
  },
  'The new certificate has its key in the store of the record, and lies in the other store as well': {
    server: {
      ...stores(certificate('old'), certificate('new'), certificate('new', { store: 'WebHosting' })),
      records: [record(`${shop}:443`, 'old', { store: 'WebHosting' })],
    },
    also: ({ steps: [step] }) =>
      assert.deepEqual(leaves(step), { thumbprint: thumbprintOf('new'), store: 'WebHosting' }),
  },
  'The new certificate has its key only in the other of My and WebHosting': {
    server: stores(
      certificate('old'),
      certificate('new', { key: 'missing' }),
      certificate('new', { store: 'WebHosting' }),
    ),
    also: ({ steps: [step] }) => assert.equal(leaves(step)?.store, 'WebHosting'),
  },
  'IIS has no module WebAdministration': {
    server: shopServer({ webAdministration: 'missing' }),
    also: ({ blocked: [entry] }) => assert.match(met(entry).detail, /Install-WindowsFeature Web-Scripting-Tools$/),
  },
  'HTTP.SYS listens on some addresses only, and each has a record of its own': {
    server: shopServer({
      listenOnly: ['192.0.2.5'],
      records: [record(`${shop}:443`, 'old'), record('192.0.2.5:443', 'other')],
    }),
    also: ({ steps: [step] }) => assert.deepEqual(step?.verify, []),
  },
  'The new certificate is in no store': { server: stores(certificate('old')) },
  'The new certificate has no private key': {
    server: stores(certificate('old'), certificate('new', { key: 'missing' })),
  },
  'SYSTEM cannot open the private key': { server: stores(certificate('old'), certificate('new', { key: 'unusable' })) },
  'There is a key, and nothing tells whether SYSTEM can open it': {
    server: stores(certificate('old'), certificate('new', { key: 'unknown' })),
  },
  'The new certificate is not valid yet': {
    server: stores(certificate('old'), certificate('new', { notBefore: '2026-06-01T12:00:01.000Z' })),
  },
  'The new certificate has expired': {
    server: stores(certificate('old', { notAfter: '2026-05-01T00:00:00Z' }), certificate('new', { notAfter: now })),
  },
  'The new certificate is not for server authentication': {
    server: stores(certificate('old'), certificate('new', { ekus: ['1.3.6.1.5.5.7.3.2'] })),
  },
  'The new certificate has a key that is neither RSA nor EC, or on the curve SM2': {
    server: stores(certificate('old', { keyType: 'ML-DSA-65' }), certificate('new', { keyType: 'ML-DSA-65' })),
  },
  'A certificate without a subject alternative name names its host only in the common name': {
    server: stores(certificate('old'), certificate('new', { names: [], commonName: shop })),
  },
  'The new certificate has an RSA key of less than 2048 bits': {
    server: stores(certificate('old'), certificate('new', { keyType: 'RSA 1024' })),
  },
  'The new certificate is signed with SHA-1 or MD5': {
    server: stores(certificate('old'), certificate('new', { weakHash: 'SHA-1' })),
  },
  'The new certificate is one of an authority': {
    server: stores(certificate('old'), certificate('new', { authority: true })),
  },
  'The key usage of the new certificate lacks digitalSignature': {
    server: stores(certificate('old'), certificate('new', { signs: false })),
  },
  'A host on the record was covered by the old certificate and is not by the new one': {
    server: {
      sites: [
        site('Shop', [https(`*:443:${shop}`), https('*:443:private.lan')]),
        site('Blog', [https('*:443:blog.example.com')]),
        site('Mirror', [https('*:8443:blog.example.com')]),
      ],
      records: [record('0.0.0.0:443', 'old')],
      certificates: [
        certificate('old', { names: ['*.example.com'], notAfter: '2026-06-30T00:00:00.000Z' }),
        certificate('new', { names: [shop] }),
      ],
    },
    also: ({ blocked: [entry] }) => {
      assert.deepEqual(met(entry).hosts, ['blog.example.com']);
      assert.match(met(entry).detail, /blog\.example\.com \(Blog\)/);
    },
  },
  'A host on the record is not covered, and the old certificate is no longer on this server': {
    server: stores(certificate('new', { names: ['other.example.com'] })),
    also: ({ blocked: [entry] }) => {
      assert.deepEqual(met(entry).hosts, [shop]);
      assert.match(met(entry).detail, /no longer on this server/);
    },
  },
  'The old certificate is no longer on this server, and the new one covers every host': {
    server: stores(certificate('new')),
  },
  'A host is covered by neither certificate': {
    server: stores(certificate('old', { names: ['a.lan'] }), certificate('new', { names: ['a.lan', 'b.lan'] })),
  },
  'The new certificate shares no name with the old one': {
    server: {
      ...stores(
        certificate('old', { names: [shop, 'b.example.com'], notAfter: '2026-06-03T12:00:00Z' }),
        certificate('new', { names: ['mail.example.net'] }),
      ),
      sites: [site('Shop', [https('*:443:')])],
      records: [record('0.0.0.0:443', 'old')],
    },
    policy: { deadline: { action: 'replace', days: 7, names: {} } },
    also: ({ blocked: [entry] }) => assert.deepEqual(met(entry).hosts, ['b.example.com', shop]),
  },
  'The record answers for any host, also for a binding by name that has none, whose name the new certificate lacks': {
    server: { ...fewerNames(), sites: [site('Shop', [https('*:443:'), sni('old.example.com')])] },
    also: ({ blocked: [entry] }) => assert.deepEqual(met(entry).hosts, ['old.example.com']),
  },
  'The record answers for any host, and the new certificate has fewer names': {
    server: fewerNames(),
    also: ({ policy, steps: [step] }) => {
      assert.deepEqual([policy, step?.notes[0]?.hosts], [[], ['old.example.com']]);
    },
  },
  'The record answers for any host, the new certificate has fewer names, and the policy blocks that': {
    server: fewerNames(),
    policy: { guards: { 'names-fewer': 'block' } },
    also: ({ policy, blocked: [entry] }) => {
      assert.deepEqual(policy, [{ guard: 'names-fewer', setting: 'block' }]);
      assert.deepEqual(met(entry).hosts, ['old.example.com']);
    },
  },
  'The new certificate ends before the old one': {
    server: stores(certificate('old'), certificate('new', { notAfter: '2026-12-31T00:00:00Z' })),
    renewals: [property('old', 'new')],
  },
  'Clients trust the old certificate, and the new one is self-signed': {
    server: stores(certificate('old'), certificate('new', { issuedBy: [], selfSigned: true })),
    renewals: [property('old', 'new')],
    also: ({ blocked: [entry] }) => assert.match(met(entry).detail, /it is self-signed and not in the store Root\.$/),
  },
  'Clients trust the old certificate, and the authority of the new one is not trusted here': {
    server: {
      ...stores(certificate('old'), certificate('new', { issuedBy: [thumbprintOf('CN=Staging')] })),
      trust: {
        authorities: [...testAuthorities, authority('CN=Staging', { issuedBy: [thumbprintOf('CN=Staging')] })],
        list: 'current',
      },
    },
    renewals: [renewal('old', 'new')],
  },
  'Clients trust the old certificate, and above the authority of the new one nothing is known here': {
    server: {
      ...stores(certificate('old'), certificate('new', { issuedBy: [thumbprintOf('CN=Staging')] })),
      trust: { authorities: [...testAuthorities, authority('CN=Staging')], list: 'missing' },
    },
    renewals: [property('old', 'new')],
    also: ({ blocked: [entry] }) => assert.match(met(entry).detail, /\(issued by CN=Staging\)/),
  },
  'Clients trust the old certificate, and the new one is revoked': {
    server: stores(certificate('old'), certificate('new', { disallowed: true })),
    renewals: [property('old', 'new')],
  },
  'It is not known whether clients trust the old certificate, and the new one is revoked': {
    server: stores(certificate('old', { issuedBy: [] }), certificate('new', { disallowed: true })),
    renewals: [property('old', 'new')],
  },
  'Clients trust the authority of the old certificate, which is revoked, and not that of the new one': {
    server: stores(certificate('old', { disallowed: true }), certificate('new', { issuedBy: [], selfSigned: true })),
    renewals: [property('old', 'new')],
  },
  'It is not known whether clients trust the old certificate, and they do not trust the new one': {
    server: stores(certificate('old', { issuedBy: [] }), certificate('new', { issuedBy: [], selfSigned: true })),
    renewals: [property('old', 'new')],
  },
  'Clients trust the old certificate, and an issuer of the new one is not on this server': {
    server: stores(certificate('old'), certificate('new', { issuedBy: [] })),
    renewals: [property('old', 'new')],
  },
  'An issuer of the new certificate is not on this server, and only its names make it the successor': {
    server: stores(certificate('old'), certificate('new', { issuedBy: [] })),
    renewals: [renewal('old', 'new', { source: 'same-names' })],
  },
  'The new certificate ends before the old one, and the event is not corroborated but allowed by policy': {
    server: stores(certificate('old'), certificate('new', { notAfter: '2026-12-31T00:00:00Z' })),
    renewals: [event('old', 'new', 7, false)],
    policy: { guards: { uncorroborated: 'off' } },
  },
  'Only an event names the successor, and neither its writer nor the old certificate vouches for it': {
    server: shopServer(),
    renewals: [event('old', 'new', 7, false)],
    also: ({ blocked: [entry] }) => assert.match(met(entry).detail, /^Event 7 /),
  },
  'An event that nothing corroborates names another successor than what is corroborated': {
    server: shopServer(),
    renewals: [property('old', 'new'), event('old', 'forged', 99, false)],
  },
  'One old certificate has two successors, both by event': {
    server: shopServer(),
    renewals: [event('old', 'new', 8), event('old', 'other', 7)],
  },
  'One old certificate has two successors without an order': {
    server: shopServer(),
    renewals: [property('old', 'new'), event('old', 'other', 7)],
  },
  'The renewals run in a circle': { server: shopServer(), renewals: [property('old', 'new'), property('new', 'old')] },
  'The renewals have more than twenty links': {
    server: shopServer(),
    renewals: chain(['old', ...Array.from({ length: 20 }, (_, link) => `link ${link}`), 'new']),
  },
  'The record has options that netsh on this host cannot write': {
    server: shopServer({ records: [record(`${shop}:443`, 'old', { flags: 0x4000_0000 })] }),
  },
  'The new certificate has a key of another type': {
    server: stores(certificate('old'), certificate('new', { keyType: 'EC P-256' })),
  },
  'The old certificate was for client authentication too, and the new one is not': {
    server: stores(certificate('old', { ekus: null }), certificate('new')),
  },
  'Issuers of the new certificate are missing on this server': {
    server: stores(certificate('old'), certificate('new', { chain: 'incomplete' })),
  },
  'A site on the record is stopped': {
    server: shopServer({ sites: [site('Shop', [sni(shop)], 'stopped')] }),
    also: ({ steps: [step] }) => assert.deepEqual(step?.verify, []),
  },
  'The web service is stopped': {
    server: shopServer({ webService: 'stopped' }),
    also: ({ steps: [step] }) => assert.deepEqual(step?.verify, []),
  },
  'The policy sets a guard to warn': {
    server: stores(certificate('old'), certificate('new', { names: ['other.example.com'] })),
    policy: { guards: { 'names-lost': 'warn' } },
    also: ({ policy, steps: [step] }) => {
      assert.deepEqual(policy, [{ guard: 'names-lost', setting: 'warn' }]);
      assert.match(step?.notes[0]?.text ?? '', /^names-lost: .*shop\.example\.com \(Shop\)/);
    },
  },
  'The policy sets a guard to off': {
    server: stores(certificate('old'), certificate('new', { names: ['other.example.com'] })),
    policy: { guards: { 'names-lost': 'off' } },
    also: ({ policy, steps: [step] }) => {
      assert.deepEqual(policy, [{ guard: 'names-lost', setting: 'off' }]);
      assert.deepEqual(step?.notes, []);
    },
  },
  'Hosts would be lost, the old certificate is about to end, and the deadline policy says replace': {
    server: stores(
      certificate('old', { names: [shop, 'other.example.com'], notAfter: '2026-06-08T12:00:00Z' }),
      certificate('new', { names: ['other.example.com'] }),
    ),
    policy: { deadline: { action: 'replace', days: 7, names: {} } },
  },
  'A binding of the configuration cannot be read': {
    server: shopServer({ sites: [site('Shop', [sni(shop), https('*:443443:x')])] }),
  },
  'A certificate binding cannot be read': {
    server: shopServer({
      unreadable: [{ part: 'records', where: 'SslBindingInfo\\0.0.0.0:444', text: '', why: 'no hash' }],
    }),
  },
  'A certificate cannot be read': {
    server: shopServer({ unreadable: [{ part: 'certificates', where: 'store My', text: '00FF', why: 'no DER' }] }),
  },
  'Who else keeps a copy of the thumbprint is not known': {
    server: shopServer({ notLookedAt: unknownParts('not-read', ['others']) }),
  },
  'All fits, and the window for changes is closed': {
    server: shopServer({
      tasks: [{ path: taskFolder, name: rebindTaskName, enabled: true, lastResult: null, lastRunAt: null, xml: '' }],
    }),
    policy: { window: { from: '22:00', to: '02:00' } },
    also: ({ notBefore, steps }) => {
      assert.match(notBefore ?? '', /^2026-06-0[12]T/);
      assert.deepEqual(steps, []);
    },
  },
  'The window is closed, and the old certificate ends too soon to wait': {
    server: stores(certificate('old', { notAfter: '2026-06-08T12:00:00Z' }), certificate('new')),
    policy: { window: { from: '22:00', to: '02:00' } },
    also: ({ notBefore }) => assert.equal(notBefore, undefined),
  },
  'Old and new are the same certificate, and --reapply is given': {
    server: shopServer(),
    renewals: [renewal('old', 'old')],
    reapply: true,
    also: ({ steps: [step] }) => assert.equal(leaves(step)?.thumbprint, thumbprintOf('old')),
  },
};

function replica(label: string): OtherParts {
  return { thumbprint: thumbprintOf(label), consumer: { kind: 'hyper-v', detail: 'server' } };
}

function ftpServer() {
  const bindings = [parseBinding('ftp', '*:21:', 0), parseBinding('ftp', '192.0.2.7:990:shop.example.com', 0)];
  return shopServer({
    sites: [site('Files', bindings)],
    records: [],
    ftps: [{ site: 'Files', thumbprint: thumbprintOf('old'), store: 'My' }],
  });
}

describe('the decision table', () => {
  for (const row of decisionTable) {
    it(`${row.situation}: ${row.result}${row.code === null ? '' : ` (${row.code})`}`, () => {
      const plan = planOf(row);
      assert.deepEqual(resultsIn(plan), resultsFor(row));
      scenarios[row.situation].also?.(plan);
    });
  }

  holdAgainst(
    'decisions.txt',
    decisionTable.map((row) => [row.situation, () => sentencesOf(planOf(row))]),
  );
});

function planOf(row: (typeof decisionTable)[number]): Plan {
  const scenario: Scenario = scenarios[row.situation];
  return planRebind({
    snapshot: snapshot(scenario.server),
    renewals: scenario.renewals ?? [renewal('old', 'new')],
    configuration: policy(scenario.policy),
    reapply: scenario.reapply ?? false,
  });
}

/** The lists of a plan that hold something, with the codes in them. */
function resultsIn({ steps, blocked, skipped, notes }: Plan) {
  return {
    swaps: steps.length,
    blocked: blocked.map(met).map(({ reason }) => reason),
    skipped: skipped.map(met).map(({ reason }) => reason),
    notes: [...steps.flatMap((step) => step.notes), ...notes].map(({ code }) => code),
  };
}

/** Each scenario shows its own row and no other: exactly one entry, and at most the one note. */
function resultsFor(row: Decision): ReturnType<typeof resultsIn> {
  const nothing = { swaps: 0, blocked: [], skipped: [], notes: [] };
  switch (row.result) {
    case 'replace':
      return { ...nothing, swaps: 1 };
    case 'replace, noted':
    case 'noted':
      return { ...nothing, swaps: 1, notes: [row.code] };
    case 'skipped':
      return { ...nothing, skipped: [row.code] };
    case 'blocked':
      // The binding itself is a matter of the whole plan.
      return {
        ...nothing,
        blocked: [row.code],
        notes: row.code === 'binding-unreadable' ? [row.code] : [],
        // Who shares the record has a setting of its own, which only a person changes.
        skipped: row.code === 'shared-with' ? ['report-only'] : [],
      };
  }
}

function chain(labels: readonly string[]): readonly Renewal[] {
  return labels.slice(1).map((label, index) => property(labels[index] ?? '', label));
}

function winRm(): string {
  return '{afebb9ad-9b97-4a91-9ab5-daf4d59122f6}';
}
