import type { Configuration } from '../../../src/documents/configuration.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import type { Renewal } from '../../../src/model/certificates/renewal.ts';
import {
  certificate,
  https,
  now,
  policy,
  record,
  renewal,
  type SnapshotParts,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { holdAgainst } from '../../support/sentences.ts';
import { sentencesOf } from './plan-sentences.ts';

interface Corner {
  readonly server?: SnapshotParts;
  readonly renewals?: readonly Renewal[];
  readonly policy?: Partial<Configuration>;
  readonly reapply?: boolean;
}

const shop = 'shop.example.com';
const both = [certificate('old'), certificate('new', { notAfter: '2027-06-01T00:00:00.000Z' })];
const byAddress = {
  sites: [site('Shop', [https('*:443:')]), site('Blog', [https('*:443:b.example.com'), https('*:443:a.example.com')])],
  records: [record('0.0.0.0:443', 'old')],
};
const event = (old: string, successor: string, eventRecordId: number | null, corroborated = true) =>
  renewal(old, successor, { source: 'event', eventRecordId, corroborated });
const property = (old: string, successor: string) => renewal(old, successor, { source: 'renewal-property' });
const keeps = (kind: 'sstp' | 'rd-gateway' | 'rdp', detail: string, thumbprint: string = thumbprintOf('old')) => ({
  thumbprint,
  consumer: { kind, detail },
});

/** What lies between the rows of the decision table: several of a kind, limits met to the millisecond, things left out. */
const corners: Readonly<Record<string, Corner>> = {
  'two products share the record': {
    server: {
      ...byAddress,
      others: [keeps('rd-gateway', 'TSGateway'), keeps('sstp', 'SstpSvc'), keeps('rdp', 'RDP-Tcp')],
    },
  },
  'a product shares the record, and the same certificate is set again': {
    server: { ...byAddress, others: [keeps('sstp', 'SstpSvc')] },
    renewals: [renewal('old', 'old')],
    reapply: true,
  },
  'a product shares a record of another certificate': {
    server: { ...byAddress, others: [keeps('sstp', 'SstpSvc', thumbprintOf('other'))] },
  },
  'an event without a record number vouches for nothing': { renewals: [event('old', 'new', null, false)] },
  'no event, and no word of a person, vouches for likeness with a shorter life': {
    server: { certificates: [certificate('old'), certificate('new', { notAfter: '2026-12-31T00:00:00Z' })] },
    renewals: [renewal('old', 'new', { source: 'same-names', corroborated: false })],
  },
  'the lives end at the same moment, with likeness': {
    server: { certificates: [certificate('old'), certificate('new')] },
    renewals: [renewal('old', 'new', { source: 'same-names' })],
  },
  'the new certificate is for several usages, and none of them is the right one': {
    server: { certificates: [certificate('old'), certificate('new', { ekus: ['1.3.6.1.5.5.7.3.2', '1.2.3'] })] },
  },
  'the new certificate is for no usage': {
    server: { certificates: [certificate('old'), certificate('new', { ekus: [] })] },
  },
  'the new certificate is for any usage': {
    server: { certificates: [certificate('old'), certificate('new', { ekus: ['2.5.29.37.0'] })] },
  },
  'several hosts of several sites are lost, and one by an address without a site': {
    server: {
      sites: [
        site('Shop', [https(`*:443:${shop}`), https('*:443:b.example.com')]),
        site('Blog', [https('*:443:b.example.com')]),
      ],
      records: [
        record('0.0.0.0:443', 'old'),
        record(`${shop}:8443`, 'old', { appId: '{11111111-2222-3333-4444-555555555555}' }),
      ],
      certificates: [
        certificate('old', { names: ['*.example.com'] }),
        certificate('new', { names: ['x.example.org'] }),
      ],
    },
    policy: { applicationIds: ['{11111111-2222-3333-4444-555555555555}'] },
  },
  'a host covered by the new certificate alone, and two by neither': {
    server: {
      sites: [site('Shop', [https('*:443:z.lan'), https('*:443:a.lan'), https(`*:443:${shop}`)])],
      records: [record('0.0.0.0:443', 'old')],
      certificates: [certificate('old', { names: ['x.lan'] }), certificate('new', { names: ['x.lan', shop] })],
    },
  },
  'a record for any host, and several names fewer': {
    server: {
      ...byAddress,
      sites: byAddress.sites.slice(0, 1),
      certificates: [certificate('old', { names: ['z.example.com', shop, 'a.example.com'] }), certificate('new')],
    },
  },
  'a record for any host whose old certificate is gone, and the new one too': {
    server: { ...byAddress, certificates: [] },
  },
  'an address that the old certificate names, between hosts': {
    server: {
      sites: [
        site('Shop', [
          https('192.0.2.7:443:'),
          https('192.0.2.7:443:zz.example.com'),
          https('192.0.2.7:443:1.example.com'),
        ]),
      ],
      records: [record('192.0.2.7:443', 'old')],
      certificates: [
        certificate('old', { names: ['*.example.com'], ipAddresses: ['192.0.2.7'] }),
        certificate('new', { names: ['x.example.org'] }),
      ],
    },
  },
  'the new certificate is valid from this moment, its key is of the same kind, and its end is the same': {
    server: { certificates: [certificate('old'), certificate('new', { notBefore: now, keyType: 'RSA 4096' })] },
  },
  'the new certificate lies in neither store, and the old one is gone as well': { server: { certificates: [] } },
  'two guards object, and a third is warned of': {
    server: {
      certificates: [
        certificate('old'),
        certificate('new', { ekus: [], key: 'missing', names: ['other.example.com'] }),
      ],
    },
    policy: { guards: { 'names-lost': 'warn' } },
  },
  'two renewals of one certificate by two sources, neither later than the other': {
    renewals: [property('old', 'new'), property('old', 'other')],
  },
  'a circle with two ends': { renewals: [property('old', 'new'), property('new', 'other'), property('other', 'old')] },
  'nothing tells which successor is right, and the old certificate is gone': {
    server: { certificates: [] },
    renewals: [property('old', 'new'), property('old', 'other')],
  },
  'a forged event names another successor, without a number': {
    renewals: [property('old', 'new'), event('old', 'forged', null, false)],
  },
  'an earlier event by somebody unknown, and a later one by SYSTEM': {
    renewals: [event('old', 'other', 7, false), event('old', 'new', 8)],
  },
  'an earlier and a later event for certificates that become one': {
    server: { certificates: [certificate('old'), certificate('x')] },
    renewals: [event('old', 'new', 7), event('old', 'other', 8), event('new', 'x', 9), event('other', 'x', 10)],
  },
  'a person names another successor than an event and the renewal property': {
    renewals: [renewal('old', 'new'), property('old', 'other'), event('old', 'x', 9)],
  },
  'two sites on the record are stopped': {
    server: { ...byAddress, sites: byAddress.sites.map((each) => ({ ...each, state: 'stopped' as const })) },
  },
  'the web service is stopped, and there is nothing to replace': { server: { webService: 'stopped', records: [] } },
  'a binding takes its certificate from the central store': {
    server: { sites: [site('Shop', [sni(shop), https('*:443:c.example.com', 3)])] },
  },
  'the defaults of FTP sites and a product use the old certificate': {
    server: {
      ftps: [
        { site: null, thumbprint: thumbprintOf('old'), store: 'My' },
        { site: 'Files', thumbprint: thumbprintOf('other'), store: 'My' },
      ],
      others: [keeps('rdp', '', thumbprintOf('old').toLowerCase())],
    },
  },
  'two old certificates are used by others, and one is set again': {
    server: {
      records: [record(`${shop}:443`, 'old'), record('0.0.0.0:8443', 'x')],
      certificates: [...both, certificate('x'), certificate('y')],
      others: [
        keeps('rdp', 'b', thumbprintOf('x')),
        keeps('rdp', 'a', thumbprintOf('old')),
        keeps('rdp', 'c', thumbprintOf('y')),
      ],
    },
    renewals: [renewal('old', 'new'), renewal('x', 'new'), renewal('y', 'y')],
    reapply: true,
  },
  'many things cannot be read': {
    server: {
      sites: [
        site('Z', [https('nonsense'), https('*:x:y')]),
        site('A', [https('nonsense')]),
        site('Shop', [sni(shop)]),
      ],
      unreadable: [
        { part: 'records', where: 'SslBindingInfo\\0.0.0.0:443', text: '0.0.0.0:443', why: 'no hash' },
        { part: 'records', where: 'netsh.txt', text: '0.0.0.0:444', why: 'too short' },
        { part: 'sites', where: 'A', text: 'nonsense', why: 'not a valid address:port:host' },
        { part: 'sites', where: 'Files', text: 'no hash', why: 'serverCertHash is not a thumbprint' },
        { part: 'sites', where: 'applicationHost.config', text: 'id 9', why: 'a site without a name' },
        { part: 'certificates', where: 'shop.cer', text: '', why: 'no certificate' },
        { part: 'certificates', where: 'store My', text: '00FF', why: 'no DER' },
      ],
    },
  },
  'netsh cannot write several options': {
    server: { records: [record(`${shop}:443`, 'old', { flags: 0x6000_0000 })] },
  },
  'a record, its site, and its certificates are excluded': {
    server: { records: [record(`${shop}:443`, 'old'), record('0.0.0.0:443', null)] },
    policy: { exclude: { sites: [], records: [], thumbprints: [thumbprintOf('new')], holders: [] } },
  },
  'a record is excluded by its key': {
    policy: { exclude: { sites: ['shop'], records: [`${shop}:443`], thumbprints: [], holders: [] } },
  },
  'another product has a record of any IPv6 address beside that of IIS': {
    server: {
      ...byAddress,
      records: [
        record('0.0.0.0:443', 'old'),
        record('[::]:443', 'old', { appId: '{ba195980-cd49-458b-9e23-c84ee0adcd75}' }),
      ],
    },
  },
  'it has one, at a port where no binding of any address stands': {
    server: {
      ...byAddress,
      records: [
        record('0.0.0.0:443', 'old'),
        record('[::]:8443', 'old', { appId: '{ba195980-cd49-458b-9e23-c84ee0adcd75}' }),
      ],
    },
  },
  'no module WebAdministration, and a record that no binding stands on': {
    server: {
      sites: [],
      records: [record('0.0.0.0:9443', 'old', { appId: '{11111111-2222-3333-4444-555555555555}' })],
      webAdministration: 'missing',
    },
    policy: { applicationIds: ['{11111111-2222-3333-4444-555555555555}'] },
  },
  'a listen list, and a binding with an address of its own': {
    server: {
      ...byAddress,
      listenOnly: ['192.0.2.5'],
      sites: [site('Shop', [https('192.0.2.5:443:')])],
      records: [record('192.0.2.5:443', 'old')],
    },
  },
  'a key that nothing tells of, and why': {
    server: {
      certificates: [certificate('old'), certificate('new', { key: 'unknown', keyReason: 'it did not open in time' })],
    },
  },
  'a key that cannot be opened, and why': {
    server: {
      certificates: [certificate('old'), certificate('new', { key: 'unusable', keyReason: 'Keyset does not exist.' })],
    },
  },
  'records of products without a known name': {
    server: {
      sites: [],
      records: [record('0.0.0.0:9443', 'old', { appId: '{11111111-2222-3333-4444-555555555555}' })],
    },
  },
};

describe('a plan in the corners of the decision table', () => {
  holdAgainst(
    'corners.txt',
    Object.entries(corners).map(([what, corner]) => [what, () => linesOf(corner)]),
  );
});

function linesOf({ server, renewals = [renewal('old', 'new')], reapply = false, policy: parts }: Corner) {
  const standing = { sites: [site('Shop', [sni(shop)])], records: [record(`${shop}:443`, 'old')], certificates: both };
  const plan = planRebind({
    snapshot: snapshot({ ...standing, ...server }),
    renewals,
    configuration: policy(parts),
    reapply,
  });
  return [...plan.steps.map(({ key }) => `swap ${key}`), ...sentencesOf(plan)];
}
