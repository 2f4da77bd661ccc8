import type { Decision, RollbackCause } from '../../../src/documents/runs/ledger.ts';
import { emptyLedger, type Ledger } from '../../../src/documents/runs/ledger.ts';
import { triggerTask } from '../../../src/documents/scheduled-tasks.ts';
import { type KnownSet, neverLooked, nothingWatched, type WatchedFolder } from '../../../src/documents/watched.ts';
import { type DoctorFacts, noInstallation, type SetupFacts } from '../../../src/engine/findings/facts.ts';
import { tlsHolder } from '../../../src/kinds/holder.ts';
import { parseBinding } from '../../../src/kinds/iis/binding.ts';
import { formatRecordKey, parseRecordKey } from '../../../src/kinds/record-key.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { sqlKey } from '../../../src/kinds/sql/sql.ts';
import { unknownParts } from '../../../src/kinds/unknown-parts.ts';
import { givenRenewal } from '../../../src/model/certificates/renewal.ts';
import type { EngineStart, FileWayFailure } from '../../../src/model/windows/engine-start.ts';
import { serviceAccount } from '../../../src/model/windows/service-account.ts';
import { messageOf } from '../../../src/session/notify/outbox-messages.ts';
import { decisionAt, type EntryParts, ledgerOf } from '../../builders/ledger.ts';
import { newsOf } from '../../builders/notification.ts';
import {
  authority,
  certificate,
  https,
  logOf,
  now,
  policy,
  record,
  renewal,
  replaced,
  type SnapshotParts,
  site,
  sni,
  testAuthorities,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { swapStep } from '../../builders/steps.ts';
import { nativeTask } from '../../fixtures/native-task.ts';
import { expectedTasks, factsOf, ownTasks, taskEntry, verified, wireOf } from './facts.ts';

export const shop = {
  sites: [site('Shop', [sni('shop.example.com')])],
  records: [record('shop.example.com:443', 'shop')],
  certificates: [certificate('shop')],
};

/** The shop, with these certificates in place of its own. */
const shopWith = (...certificates: ReturnType<typeof certificate>[]) => ({ ...shop, certificates });

const installedFile = 'C:\\Program Files\\CertRebind\\certrebind.exe';

function installed(parts: Partial<typeof noInstallation>): Partial<DoctorFacts> {
  return { installation: { ...noInstallation, ...parts } };
}

const _withMapping = {
  ...shop,
  others: [{ thumbprint: thumbprintOf('shop'), consumer: { kind: 'smb-quic', detail: 'files' } as const }],
};
const aDayAgo = new Date(Date.parse(now) - 24 * 3600_000).toISOString();
const anHourAgo = new Date(Date.parse(now) - 3600_000).toISOString();

const shopInFolder: KnownSet = {
  names: 'shop.example.com',
  keyType: 'RSA',
  thumbprint: thumbprintOf('shop'),
  sha256: 'A'.repeat(64),
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '2027-01-01T00:00:00.000Z',
  seenAt: now,
  state: 'taken',
  why: null,
  wentBackTo: null,
};

function watching(folder: Partial<WatchedFolder>): Partial<DoctorFacts> {
  const path = 'C:\\Certs';
  return {
    configuration: policy({ watch: [{ path }] }),
    watched: { ...nothingWatched, folders: { [path]: { ...neverLooked, ...folder } } },
  };
}

const taskOf = (name: string) => taskEntry({ path: '\\', name, xml: '<Task/>' });
const clientTasks = '\\Microsoft\\Windows\\CertificateServicesClient\\';
const nativeEntry = taskEntry({ path: clientTasks, name: 'IIS-AutoCertRebind', xml: nativeTask });
const sqlServer = serviceAccount('MSSQLSERVER', 'NT Service\\MSSQLSERVER');

const mailTask = triggerTask(
  { command: 'C:\\Program Files\\CertRebind\\certrebind.exe' },
  { id: 'mail', on: 'deleted' },
);
const triggerTaskEntry = taskEntry(mailTask);

/** The site has the renewal, and the certificate before it is here too. */
const onNext: SnapshotParts = {
  ...shop,
  records: [record('shop.example.com:443', 'next')],
  certificates: [
    certificate('shop', { names: ['shop.example.com'] }),
    certificate('next', { names: ['shop.example.com'] }),
  ],
};

const archivedOld = ledgerOf(
  [{ renewal: renewal('old', 'shop'), state: 'settled', run: '7', at: '2026-03-01T00:00:00.000Z' }],
  {
    retired: [
      { thumbprint: thumbprintOf('old'), store: 'My', successor: thumbprintOf('shop'), at: '2026-04-01T00:00:00.000Z' },
    ],
  },
);

/** A server, and what `lookAt` finds wrong with it. */
export interface Situation {
  readonly situation: string;
  readonly server: SnapshotParts;
  readonly facts?: Partial<DoctorFacts> | ((server: Snapshot) => Partial<DoctorFacts>);
  /** Code and key, the worst first. */
  readonly finds: readonly string[];
  /** What the first finding has to be typed. */
  readonly command?: string | readonly string[] | null;
  readonly says?: RegExp;
  /** Its hint. */
  readonly advises?: RegExp;
  readonly titled?: RegExp;
}

const asText = (cause: FileWayFailure['cause'], said: string): EngineStart => ({
  way: 'text',
  because: { cause, said, at: '2030-01-01T00:00:00Z' },
});

const nothingVerified: SetupFacts = { verified: null, failed: null, unfinished: null };

const foreign = { appId: '{11111111-2222-3333-4444-555555555555}' };

/** A ledger that knows what became of the renewal of `shop` by `next`. */
function remembering(state: EntryParts['state'], run: string | null = '7'): Ledger {
  const reasons: EntryParts['reasons'] = state === 'blocked' ? ['names-lost'] : [];
  return ledgerOf([{ renewal: renewal('shop', 'next'), state, reasons, run, at: now }]);
}

/** A run has set the new certificate there at this moment, and these times the old one was back. */
function appliedAt(
  at: string,
  decisions: readonly Decision[] = [],
  places: readonly string[] = ['shop.example.com:443'],
): Ledger {
  const set = { run: '7', at, certificate: thumbprintOf('next'), places: places.map(keyOf) };
  return { ...remembering('settled'), applied: [set], decisions };
}

const keyOf = (text: string) => formatRecordKey(parseRecordKey(text, 'test'));

/** By others, at the shop. */
function backAt(at: string): Decision {
  const pair = { old: thumbprintOf('shop'), new: thumbprintOf('next') };
  const seen = [{ run: '6', after: new Date(Date.parse(at) - 15 * 60_000).toISOString(), at, together: false }];
  const rest = { by: 'unknown', cause: null, attempts: 1, facts: null, event: null, run: null } as const;
  return { place: keyOf('shop.example.com:443'), ...pair, what: 'set-back', ...rest, at, seen };
}

const notUndone: Decision = { ...backAt(now), what: 'not-undone', by: 'person', run: '7' };

/** The shop with a certificate of this life. */
const shopFrom = (notBefore: string, notAfter: string) => shopWith(certificate('shop', { notBefore, notAfter }));

/** The shop with a certificate that has a renewal, which is valid from then on. */
const followedFrom = (notBefore: string, parts: Parameters<typeof certificate>[1]) =>
  shopWith(certificate('shop', { renewedTo: 'next', ...parts }), certificate('next', { notBefore }));

const renewedShop = shopWith(certificate('shop', { renewedTo: 'next' }), certificate('next'));

const newer = certificate('next', { notBefore: '2026-05-01T00:00:00.000Z', notAfter: '2027-05-01T00:00:00.000Z' });
const undone = { state: 'undone', run: '7', heldAt: shop.records.map(({ key }) => key) } as const;

/** By a person where there is no cause. */
function rolledBack(cause: RollbackCause | null): Ledger {
  const heldAt = shop.records.map(({ key }) => key);
  return ledgerOf([{ renewal: renewal('shop', 'next'), state: 'undone', run: '7', heldAt, cause }]);
}

/** What a run owes that lost the record of the shop. */
function owedAt(left: DoctorFacts['owed'][number]['left']): DoctorFacts['owed'] {
  return shop.records.map((lost) => ({
    debt: { run: '7', step: 1, key: lost.key, at: now },
    step: swapStep(1, lost, renewal('shop', 'next')),
    left,
  }));
}

/** A run after which an endpoint of the shop went on serving the old certificate. */
const servedOld = ledgerOf([
  {
    renewal: renewal('old', 'shop'),
    state: 'failed',
    reasons: [],
    run: 'run-1',
    at: now,
    stillOld: [record('shop.example.com:443', 'shop').key],
  },
]);

const lostName = ledgerOf([
  {
    renewal: renewal('shop', 'next'),
    state: 'settled',
    run: '7',
    namesLost: [{ key: record('0.0.0.0:443', 'next').key, hosts: ['old.example.com'] }],
  },
]);

/** For every code of a finding at least one. */
export const situations: readonly Situation[] = [
  { situation: 'everything agrees', server: shop, finds: [] },
  {
    situation: 'a binding has no record, and one certificate covers its host',
    server: { ...shop, records: [] },
    finds: ['error binding-without-record shop.example.com:443'],
    command: `netsh http add sslcert hostnameport=shop.example.com:443 certhash=${thumbprintOf('shop')} certstorename=My appid="{4dc3e181-e14b-4a21-b022-59fc669b0914}"`,
  },
  {
    situation:
      'a binding has no record, and of three certificates that cover its host clients refuse the one that ends last',
    server: {
      ...shop,
      records: [],
      certificates: [
        certificate('shop'),
        certificate('other', { notAfter: '2027-02-01T00:00:00.000Z' }),
        { ...certificate('third', { notAfter: '2027-03-01T00:00:00.000Z' }), disallowed: true },
      ],
    },
    finds: ['error binding-without-record shop.example.com:443'],
    command: `netsh http add sslcert hostnameport=shop.example.com:443 certhash=${thumbprintOf('other')} certstorename=My appid="{4dc3e181-e14b-4a21-b022-59fc669b0914}"`,
    advises: /the one that ends last of the 2 certificates of this server that cover its names/,
  },
  {
    situation: 'a binding without a host has no record',
    server: { ...shop, sites: [site('Shop', [https('*:443:')])], records: [] },
    finds: ['error binding-without-record 0.0.0.0:443'],
    command: `netsh http add sslcert ipport=0.0.0.0:443 certhash=${thumbprintOf('shop')} certstorename=My appid="{4dc3e181-e14b-4a21-b022-59fc669b0914}"`,
    advises: /^Its bindings name no host\. Type the command with the certificate that its clients expect\.$/,
  },
  {
    situation: 'a binding has no record, and its last one is known whole',
    server: { ...shop, records: [] },
    facts: { lastKnown: new Map(shop.records.map((known) => [known.key, known])) },
    finds: ['error binding-without-record shop.example.com:443'],
    command: 'certrebind doctor --fix binding-without-record',
  },
  {
    situation: 'a binding has no record, and the one of every address answers its clients with a name that they expect',
    server: { ...shop, records: [record('0.0.0.0:443', 'shop')], certificates: [certificate('shop')] },
    facts: { lastKnown: new Map(shop.records.map((known) => [known.key, known])) },
    finds: ['warning binding-falls-back shop.example.com:443'],
    command: 'certrebind doctor --fix binding-falls-back',
  },
  {
    situation:
      'a binding has no record, and the one of every address answers its clients with a name that is not theirs',
    server: {
      ...shop,
      records: [record('0.0.0.0:443', 'other')],
      certificates: [certificate('shop'), certificate('other', { names: ['other.example.com'] })],
    },
    finds: ['error binding-falls-back shop.example.com:443'],
    command: `netsh http add sslcert hostnameport=shop.example.com:443 certhash=${thumbprintOf('shop')} certstorename=My appid="{4dc3e181-e14b-4a21-b022-59fc669b0914}"`,
  },
  {
    situation: 'a binding has no record, and the certificate of the one of every address has no private key',
    server: {
      ...shop,
      records: [record('0.0.0.0:443', 'other')],
      sites: [site('Shop', [sni('shop.example.com'), https('*:443:')])],
      certificates: [certificate('shop'), certificate('other', { key: 'missing' })],
    },
    finds: ['error binding-without-record shop.example.com:443', 'error private-key-missing 0.0.0.0:443'],
  },
  {
    situation: 'a binding of a stopped site has no record',
    server: { ...shop, records: [], sites: [site('Shop', [sni('shop.example.com')], 'stopped')] },
    finds: ['warning binding-without-record shop.example.com:443'],
  },
  {
    situation: 'the last known record has a certificate that has gone',
    server: { ...shop, records: [], certificates: [] },
    facts: { lastKnown: new Map(shop.records.map((known) => [known.key, known])) },
    finds: ['error binding-without-record shop.example.com:443'],
    command: 'certrebind import <file>',
    advises: /^First order a certificate for shop\.example\.com, as a \.pfx file: none on this server covers it\./,
  },
  {
    situation: 'bindings on the central store have no record',
    server: { sites: [site('Central', [https('*:443:c.example.com', 3)])] },
    finds: ['error central-store-record-missing (central-store):443'],
    command: 'netsh http add sslcert ccs=443 appid="{4dc3e181-e14b-4a21-b022-59fc669b0914}"',
  },
  {
    situation: 'a record with the application id of IIS has no binding',
    server: { ...shop, records: [...shop.records, record('old.example.com:443', 'shop')] },
    finds: ['warning orphaned-record old.example.com:443'],
    command: 'certrebind doctor --fix orphaned-record',
  },
  {
    situation: 'an orphaned record might be that of a binding that cannot be read',
    server: {
      ...shop,
      sites: [...shop.sites, site('Odd', [https('nonsense')])],
      records: [...shop.records, record('old.example.com:443', 'shop')],
    },
    finds: ['warning unreadable -', 'warning orphaned-record old.example.com:443'],
    command: null,
  },
  {
    situation: 'an orphaned record has options that could not be rolled back',
    server: { ...shop, records: [...shop.records, record('0.0.0.0:8443', 'shop', { flags: 0x2000 })] },
    finds: ['warning orphaned-record 0.0.0.0:8443'],
    command: 'netsh http delete sslcert ipport=0.0.0.0:8443',
    says: /could not restore it/,
  },
  {
    situation: 'the certificate of an orphaned record is used by SSTP too',
    server: {
      ...shop,
      records: [...shop.records, record('0.0.0.0:8443', 'shop')],
      others: [{ thumbprint: thumbprintOf('shop'), consumer: { kind: 'sstp', detail: '' } }],
    },
    finds: ['warning orphaned-record 0.0.0.0:8443'],
    command: 'netsh http delete sslcert ipport=0.0.0.0:8443',
    says: /sstp/,
  },
  {
    situation: 'the record of another product has no binding',
    server: { ...shop, records: [...shop.records, record('0.0.0.0:8443', 'shop', foreign)] },
    finds: [],
  },
  {
    situation: 'a record of one address lacks a name that is bound to it',
    server: {
      sites: [site('A', [https('192.0.2.1:443:'), https('192.0.2.1:443:shop.example.com', 1)])],
      records: [record('192.0.2.1:443', 'other'), record('shop.example.com:443', 'shop')],
      certificates: [certificate('shop'), certificate('other', { names: ['other.example.com'] })],
    },
    finds: ['warning shadowed-names 192.0.2.1:443'],
    command: null,
  },
  {
    situation: 'a record of one address lacks a name that is bound to every address',
    server: {
      sites: [site('A', [https('192.0.2.1:443:'), sni('shop.example.com')])],
      records: [record('192.0.2.1:443', 'other'), record('shop.example.com:443', 'shop')],
      certificates: [certificate('shop'), certificate('other', { names: ['other.example.com'] })],
    },
    finds: ['info shadowed-names 192.0.2.1:443'],
  },
  {
    situation: 'a record of one address covers the names as well',
    server: {
      sites: [site('A', [https('192.0.2.1:443:'), https('192.0.2.1:443:shop.example.com', 1)])],
      records: [record('192.0.2.1:443', 'shop'), record('shop.example.com:443', 'shop')],
      certificates: [certificate('shop')],
    },
    finds: [],
  },
  {
    situation: 'the certificate of a record is in no store',
    server: { ...shop, certificates: [] },
    finds: ['error certificate-gone shop.example.com:443'],
    command: `certrebind rebind --old ${thumbprintOf('shop')} --new <thumbprint>`,
  },
  {
    situation: 'the certificate of a record is in no store, and one other covers the host',
    server: shopWith(certificate('next')),
    finds: ['error certificate-gone shop.example.com:443'],
    command: `certrebind rebind --old ${thumbprintOf('shop')} --new ${thumbprintOf('next')}`,
  },
  {
    situation: 'the certificate of a record is in no store, two others cover the host, and a person undid its renewal',
    server: shopWith(certificate('another'), certificate('next')),
    facts: { ledger: rolledBack(null) },
    finds: ['error certificate-gone shop.example.com:443', 'info renewal-rolled-back shop.example.com:443'],
    command: `certrebind rebind --old ${thumbprintOf('shop')} --new ${thumbprintOf('next')}`,
  },
  {
    situation: 'the certificate of a record is in no store and still served',
    server: { ...shop, certificates: [] },
    facts: (server) => ({ wire: wireOf(server) }),
    finds: ['error will-die-on-restart shop.example.com:443'],
  },
  {
    situation: 'the certificate of two records is in no store, and an event names its successor',
    server: {
      sites: [site('Shop', [sni('shop.example.com'), https('*:443:')])],
      records: [record('shop.example.com:443', 'shop'), record('0.0.0.0:443', 'shop')],
      certificates: [certificate('next')],
      lifecycle: logOf(replaced(7, 'shop', 'next')),
    },
    finds: ['error certificate-gone -', 'warning renewal-pending -'],
    command: 'certrebind reconcile',
  },
  {
    situation: 'the certificate of another product’s record is in no store',
    server: { records: [record('0.0.0.0:8443', 'gone', foreign)] },
    finds: ['info certificate-gone 0.0.0.0:8443'],
    command: null,
  },
  {
    situation: 'a record names a store that is not read',
    server: { ...shop, records: [record('shop.example.com:443', 'x', { store: 'Remote Desktop' })] },
    finds: [],
  },
  {
    situation: 'the certificate is in the other store',
    server: shopWith(certificate('shop', { store: 'WebHosting' })),
    finds: ['error certificate-elsewhere shop.example.com:443'],
    command: 'certrebind doctor --fix certificate-elsewhere',
  },
  {
    situation: 'only the other store has the key',
    server: shopWith(certificate('shop', { key: 'missing' }), certificate('shop', { store: 'WebHosting' })),
    finds: ['error certificate-elsewhere shop.example.com:443'],
  },
  {
    situation: 'the key is missing',
    server: shopWith(certificate('shop', { key: 'missing' })),
    finds: ['error private-key-missing shop.example.com:443'],
    command: `certutil -repairstore My ${thumbprintOf('shop')}`,
  },
  {
    situation: 'the key cannot be opened',
    server: shopWith(certificate('shop', { key: 'unusable' })),
    finds: ['error private-key-unusable shop.example.com:443'],
    command: null,
  },
  {
    situation: 'whether the key can be opened is not known',
    server: shopWith(certificate('shop', { key: 'unknown' })),
    finds: [],
  },
  {
    situation: 'the certificate has expired',
    server: shopWith(certificate('shop', { notAfter: now })),
    finds: ['error certificate-expired shop.example.com:443'],
  },
  {
    situation: 'the certificate has expired, and what it replaced is archived and valid',
    server: shopWith(
      certificate('shop', { notAfter: '2026-05-31T12:00:00.000Z' }),
      certificate('older', { renewedTo: 'old', notBefore: '2026-01-01T00:00:00.000Z', archived: true }),
      certificate('old', {
        renewedTo: 'shop',
        notBefore: '2026-02-01T00:00:00.000Z',
        notAfter: '2026-08-01T12:00:00.000Z',
        archived: true,
      }),
    ),
    finds: ['error certificate-expired shop.example.com:443'],
    command: `certrebind rebind --old ${thumbprintOf('shop')} --new ${thumbprintOf('old')}`,
    advises:
      /^The certificate before it is valid until 2026-08-01 12:00 UTC, and the command sets it again\. Then have it /,
  },
  {
    situation: 'the certificate has expired, and what it replaced is valid for other names only',
    server: shopWith(
      certificate('shop', { notAfter: '2026-05-31T12:00:00.000Z' }),
      certificate('old', { renewedTo: 'shop', names: ['other.example.com'], notBefore: '2026-02-01T00:00:00.000Z' }),
    ),
    finds: ['error certificate-expired shop.example.com:443'],
    command: `certrebind rebind --old ${thumbprintOf('shop')} --new auto`,
  },
  {
    situation: 'the certificate has expired after the one that it replaced',
    server: shopWith(
      certificate('shop', { notAfter: '2026-05-31T12:00:00.000Z' }),
      certificate('old', {
        renewedTo: 'shop',
        notBefore: '2026-02-01T00:00:00.000Z',
        notAfter: '2026-05-30T12:00:00.000Z',
      }),
    ),
    finds: ['error certificate-expired shop.example.com:443'],
    command: `certrebind rebind --old ${thumbprintOf('shop')} --new auto`,
  },
  {
    situation: 'the certificate ends in the last second of 30 days',
    server: shopWith(certificate('shop', { notAfter: '2026-07-01T12:00:00.000Z' })),
    finds: ['warning certificate-ends-soon shop.example.com:443'],
  },
  {
    situation: 'the certificate ends soon, of an authority whose name has a full stop',
    server: shopWith(certificate('shop', { notAfter: '2026-06-08T12:00:00.000Z', issuer: 'CN=Contoso Ltd. CA' })),
    finds: ['error certificate-ends-soon shop.example.com:443'],
    command: `certrebind rebind --old ${thumbprintOf('shop')} --new auto`,
    advises: /^First have it renewed at Contoso Ltd CA, and put it into the computer's store My \(Personal\)\. /,
  },
  {
    situation: 'the last seven days of the certificate begin',
    server: shopWith(certificate('shop', { notAfter: '2026-06-08T12:00:00.000Z' })),
    finds: ['error certificate-ends-soon shop.example.com:443'],
    command: `certrebind rebind --old ${thumbprintOf('shop')} --new auto`,
    advises:
      /^First have it renewed at Test CA, and put it into the computer's store My \(Personal\)\. For a file, use import\.$/,
  },
  {
    situation: 'a certificate of a template has expired, which nothing can renew any more',
    server: shopWith({ ...certificate('shop', { notAfter: '2026-05-31T12:00:00.000Z' }), template: '1.3.6.1' }),
    finds: ['error certificate-expired shop.example.com:443'],
    command: `certrebind rebind --old ${thumbprintOf('shop')} --new auto`,
  },
  {
    situation: 'the last seven days of a certificate of a template begin',
    server: shopWith({
      ...certificate('shop', { notAfter: '2026-06-07T12:00:00.000Z' }),
      template: '1.3.6.1',
      serialNumber: '0A2B3C',
    }),
    finds: ['error certificate-ends-soon shop.example.com:443'],
    command: 'certreq -enroll -machine -q -cert "0a 2b 3c" renew',
    advises: /^The command renews it at Test CA, from its template\./,
  },
  {
    situation: 'the last seven days of the certificate begin in a second',
    server: shopWith(certificate('shop', { notAfter: '2026-06-08T12:00:01.000Z' })),
    finds: ['warning certificate-ends-soon shop.example.com:443'],
  },
  {
    situation: 'the certificate ends a second later',
    server: shopWith(certificate('shop', { notAfter: '2026-07-01T12:00:01.000Z' })),
    finds: [],
  },
  {
    situation: 'a certificate of 48 days that nothing renews has a sixth of them left',
    server: shopFrom('2026-04-22T12:00:01.000Z', '2026-06-09T12:00:00.000Z'),
    finds: ['warning certificate-ends-soon shop.example.com:443'],
  },
  {
    situation: 'the certificate ends within the days that a person set',
    server: shopWith(certificate('shop', { notAfter: '2026-07-31T12:00:00.000Z' })),
    facts: { configuration: policy({ deadline: { action: 'alert', days: 60, names: {} } }) },
    finds: ['warning certificate-ends-soon shop.example.com:443', 'info renewed-after-warning -'],
  },
  {
    situation: 'the days that a person set begin before certificates of that lifetime are usually renewed',
    server: shopFrom('2026-05-31T12:00:00.000Z', '2026-07-17T11:59:59.000Z'),
    facts: { configuration: policy({ deadline: { action: 'alert', days: 30, names: {} } }) },
    finds: ['info renewed-after-warning -'],
    command: 'certrebind config unset deadline.days',
    says: /^You are warned 30 days before the end of shop\.example\.com .*, expected to be renewed 9 days before it\.$/,
  },
  {
    situation: 'the last renewal left a tenth of the lifetime, and no two have yet',
    server: {
      ...shop,
      records: [record('shop.example.com:443', 'next')],
      certificates: [
        certificate('shop', { notAfter: '2026-04-10T23:59:59.000Z', renewedTo: 'next' }),
        certificate('next', { notBefore: '2026-04-01T00:00:00.000Z', notAfter: '2026-07-09T23:59:59.000Z' }),
      ],
    },
    finds: ['info renewed-after-warning -'],
    command: null,
    says: /^You are warned 16 days before the end of .*, expected to be renewed 9 days before it\.$/,
  },
  {
    situation: 'the last two renewals left a tenth of the lifetime, and this one does',
    server: {
      ...shop,
      records: [record('shop.example.com:443', 'next')],
      certificates: [
        certificate('first', {
          notBefore: '2025-10-01T12:00:00.000Z',
          notAfter: '2025-12-30T12:00:00.000Z',
          renewedTo: 'shop',
        }),
        certificate('shop', {
          notBefore: '2025-12-21T12:00:00.000Z',
          notAfter: '2026-03-21T12:00:00.000Z',
          renewedTo: 'next',
        }),
        certificate('next', { notBefore: '2026-03-12T12:00:00.000Z', notAfter: '2026-06-10T12:00:00.000Z' }),
      ],
    },
    finds: [],
  },
  {
    situation: 'the same, and the client has deleted what it replaced',
    server: shopWith(
      certificate('shop', { notBefore: '2026-03-12T12:00:00.000Z', notAfter: '2026-06-10T12:00:00.000Z' }),
    ),
    facts: {
      ledger: {
        ...emptyLedger,
        pastRenewals: [
          { old: thumbprintOf('x'), new: thumbprintOf('y'), leftShare: 0.1 },
          { old: thumbprintOf('y'), new: thumbprintOf('shop'), leftShare: 0.11 },
        ],
      },
    },
    finds: [],
  },
  {
    situation: 'the certificate ends soon and has a successor',
    server: shopWith(
      certificate('shop', { notAfter: '2026-06-02T00:00:00.000Z', renewedTo: 'next' }),
      certificate('next'),
    ),
    finds: ['warning renewal-pending shop.example.com:443'],
    command: 'certrebind reconcile',
  },
  {
    situation: 'the old certificate is back on a record after its renewal was settled',
    server: renewedShop,
    facts: { ledger: appliedAt(aDayAgo) },
    finds: ['warning old-certificate-back shop.example.com:443'],
    command: ['certrebind reconcile', 'certrebind config add exclude.records shop.example.com:443'],
    says: /is back: seen at 2026-06-01 12:00 UTC, 24 hours after the new one was set\. .* applied again at 2026-06-02 12:00/,
    titled:
      /^Shop \(shop\.example\.com\): old certificate is back, the new one is set at 2026-06-02 12:00 UTC unless you leave the place alone$/,
  },
  {
    situation: 'the old certificate is back a second time',
    server: renewedShop,
    facts: { ledger: appliedAt(anHourAgo, [{ ...backAt(aDayAgo), run: '8' }]) },
    finds: ['warning old-certificate-back shop.example.com:443'],
    command: ['certrebind reconcile', 'certrebind config add exclude.records shop.example.com:443'],
    says: /came back 2 times in 30 days: .*; seen at 2026-06-01 12:00 UTC, 60 minutes after .* leaves it\. A tool that runs every 60 minutes.*$/,
  },
  {
    situation: 'the old certificate is back, a day after that was first seen',
    server: renewedShop,
    facts: { ledger: appliedAt(aDayAgo, [backAt(aDayAgo)]) },
    finds: ['warning old-certificate-back shop.example.com:443'],
    command: ['certrebind reconcile', 'certrebind config add exclude.records shop.example.com:443'],
    says: /The next run applies it again\.$/,
    titled: /, the new one is set by the next run unless you leave the place alone$/,
  },
  {
    situation: 'the old certificate is back and has expired',
    server: shopWith(
      certificate('shop', { renewedTo: 'next', notAfter: '2026-06-01T11:00:00.000Z' }),
      certificate('next'),
    ),
    facts: { ledger: appliedAt(anHourAgo, [{ ...backAt(aDayAgo), run: '8' }]) },
    finds: ['error certificate-expired shop.example.com:443', 'error old-certificate-back shop.example.com:443'],
    command: 'certrebind reconcile',
  },
  {
    situation: 'the old certificate is back at every place of its kind, as after a restored backup',
    server: {
      sites: [site('Shop', [sni('shop.example.com'), sni('www.example.com')])],
      records: [record('shop.example.com:443', 'shop'), record('www.example.com:443', 'shop')],
      certificates: [
        certificate('shop', { renewedTo: 'next', names: ['shop.example.com', 'www.example.com'] }),
        certificate('next', { names: ['shop.example.com', 'www.example.com'] }),
      ],
    },
    facts: { ledger: appliedAt(aDayAgo, [], ['shop.example.com:443', 'www.example.com:443']) },
    finds: ['warning old-certificate-back -'],
    command: 'certrebind reconcile',
    says: /shop\.example\.com:443, www\.example\.com:443\. .* went back together, as after a restored backup/,
  },
  {
    situation: 'the state folder is from before the last start of the task',
    server: { tasks: ownTasks.map((task) => ({ ...task, lastResult: 0, lastRunAt: now })) },
    facts: { ledger: { ...emptyLedger, listing: { listedAt: aDayAgo, lastRecordId: null, lastTimeCreated: null } } },
    finds: ['warning state-older -'],
    command: ['certrebind plan', 'certrebind reconcile'],
    advises:
      /^If a newer copy .*, put it back\. Otherwise .* what you had undone\. Settings and exclusions are those of that time too\.$/,
    says: /looked at 2026-05-31 12:00 UTC, .* last started at 2026-06-01 12:00 UTC: the folder is from an earlier time/,
  },
  {
    situation: 'a record holds a certificate that was not in use yet when its renewal was settled',
    server: renewedShop,
    facts: { ledger: remembering('settled', null) },
    finds: ['warning renewal-pending shop.example.com:443'],
    command: 'certrebind reconcile',
  },
  {
    situation: 'an event and the renewal property of a certificate in use name different successors',
    server: {
      ...shop,
      certificates: [certificate('shop', { renewedTo: 'next' }), certificate('next'), certificate('other')],
      lifecycle: logOf(replaced(7, 'shop', 'other')),
    },
    finds: ['warning renewal-blocked shop.example.com:443'],
    command: ['other', 'next'].map(
      (name) => `certrebind rebind --old ${thumbprintOf('shop')} --new ${thumbprintOf(name)}`,
    ),
    says: /more than one successor .* shop\.example\.com:443 uses it/,
  },
  {
    situation: 'the renewals of a certificate in use lead back to it',
    server: {
      ...shop,
      certificates: [certificate('shop', { renewedTo: 'next' }), certificate('next')],
      lifecycle: logOf(replaced(7, 'next', 'shop')),
    },
    finds: ['warning renewal-blocked shop.example.com:443'],
    command: `certrebind rebind --old ${thumbprintOf('shop')} --new ${thumbprintOf('next')}`,
    says: /form a circle/,
  },
  {
    situation: 'a site that is excluded keeps an expired certificate whose renewal is here',
    server: shopWith(certificate('shop', { notAfter: now, renewedTo: 'next' }), certificate('next')),
    facts: { configuration: policy({ exclude: { ...policy().exclude, sites: ['Shop'] } }) },
    finds: ['error certificate-expired shop.example.com:443'],
    command: ['certrebind config remove exclude.sites Shop', 'certrebind reconcile'],
    advises:
      /^CertRebind leaves it: The site Shop uses it and is named in exclude\.sites\. The first command ends that, the second one sets the new certificate there\.$/,
    titled: /certificate expired, and excluded from renewal$/,
  },
  {
    situation: 'WebAdministration is missing, and nothing is renewed yet',
    server: { ...shop, webAdministration: 'missing' },
    finds: ['warning web-administration-missing -'],
    command: 'Install-WindowsFeature Web-Scripting-Tools',
    titled: /^the next renewal will be blocked: WebAdministration is missing$/,
  },
  {
    situation: 'WebAdministration is missing, and IIS has no binding with a certificate',
    server: { webAdministration: 'missing' },
    finds: [],
  },
  {
    situation: 'a site that is excluded shares its certificate binding with two others',
    server: {
      sites: ['Shop', 'Intranet', 'Wiki'].map((name) => site(name, [https(`*:443:${name.toLowerCase()}.example.com`)])),
      records: [record('0.0.0.0:443', 'shop')],
      certificates: [certificate('shop', { names: ['*.example.com'] })],
    },
    facts: { configuration: policy({ exclude: { ...policy().exclude, sites: ['intranet'] } }) },
    finds: ['info exclusion-shared 0.0.0.0:443'],
    says: /^exclude\.sites intranet holds Shop, Wiki as well, which share 0\.0\.0\.0:443 with it\.$/,
  },
  {
    situation: 'sites that are excluded share their certificate binding with nobody else',
    server: {
      sites: ['Shop', 'Intranet'].map((name) => site(name, [https(`*:443:${name.toLowerCase()}.example.com`)])),
      records: [record('0.0.0.0:443', 'shop')],
      certificates: [certificate('shop', { names: ['*.example.com'] })],
    },
    facts: { configuration: policy({ exclude: { ...policy().exclude, sites: ['Intranet', 'Shop'] } }) },
    finds: [],
  },
  {
    situation: 'a site that is excluded keeps a certificate that ends soon, and nothing has renewed it',
    server: shopWith(certificate('shop', { notAfter: '2026-06-05T00:00:00.000Z' })),
    facts: { configuration: policy({ exclude: { ...policy().exclude, sites: ['shop'] } }) },
    finds: ['error certificate-ends-soon shop.example.com:443'],
    command: [
      'certrebind config remove exclude.sites shop',
      `certrebind rebind --old ${thumbprintOf('shop')} --new auto`,
    ],
    says: /and nothing has renewed it on this server\./,
    advises: /^First have it renewed at Test CA, .* The first command ends that\.$/,
    titled: /excluded from renewal, certificate ends in 3 days$/,
  },
  {
    situation: 'an excluded place and a free one have an expired certificate that only its names show renewed',
    server: {
      sites: [site('Shop', [sni('shop.example.com'), sni('www.example.com')])],
      records: [record('shop.example.com:443', 'shop'), record('www.example.com:443', 'shop')],
      certificates: [
        certificate('shop', { names: ['*.example.com'], notAfter: now }),
        certificate('next', {
          names: ['*.example.com'],
          notBefore: '2026-05-01T00:00:00.000Z',
          notAfter: '2027-05-01T00:00:00.000Z',
        }),
      ],
    },
    facts: { configuration: policy({ exclude: { ...policy().exclude, records: ['shop.example.com:443'] } }) },
    finds: [
      'error certificate-expired shop.example.com:443',
      'error certificate-expired www.example.com:443',
      'info renewal-unrecorded www.example.com:443',
    ],
    command: [
      'certrebind config remove exclude.records shop.example.com:443',
      `certrebind rebind --old ${thumbprintOf('shop')} --new ${thumbprintOf('next')}`,
    ],
  },
  {
    situation: 'a guard keeps a renewed certificate from a record',
    server: shopWith(certificate('shop', { renewedTo: 'next' }), certificate('next', { keyType: 'Ed25519' })),
    finds: ['warning renewal-blocked shop.example.com:443'],
    command: null,
    advises: /^Issue it with an RSA key/,
    says: /: blocked \(key-not-servable\)\. shop\.example\.com:443 still uses the old certificate\.$/,
  },
  {
    situation: 'a renewed certificate that a guard keeps from a record lacks its host',
    server: shopWith(
      certificate('shop', { renewedTo: 'next', names: ['shop.example.com', 'www.example.com'] }),
      certificate('next', { names: ['www.example.com'] }),
    ),
    finds: ['warning renewal-blocked shop.example.com:443'],
    command: `certrebind rebind --old ${thumbprintOf('shop')} --new <thumbprint>`,
    says: /: blocked \(names-lost\)\. The new certificate does not cover shop\.example\.com\. shop\.example\.com:443 still/,
  },
  {
    situation: 'a certificate of six days has been renewed and is far from its own end',
    server: shopFrom('2026-05-29T12:00:00.000Z', '2026-06-05T04:00:00.000Z'),
    finds: [],
  },
  {
    situation: 'a certificate of six days is not renewed on its last day',
    server: shopFrom('2026-05-26T04:00:00.000Z', '2026-06-02T02:00:00.000Z'),
    finds: ['error certificate-ends-soon shop.example.com:443'],
    command: `certrebind rebind --old ${thumbprintOf('shop')} --new auto`,
  },
  {
    situation: 'a public certificate whose renewal would be learnt by its names',
    server: { ...shop, trust: { authorities: [authority('CN=Test CA', { standing: 'programme' })], list: 'current' } },
    facts: { configuration: policy({ successors: 'same-names' }) },
    finds: [],
  },
  {
    situation: 'a public certificate whose renewal nothing would tell of',
    server: { ...shop, trust: { authorities: [authority('CN=Test CA', { standing: 'programme' })], list: 'current' } },
    finds: ['info renewal-unnoticed -'],
    command: 'certrebind config set successors same-names',
  },
  {
    situation: 'a newer certificate of another authority with the same names',
    server: {
      ...shop,
      trust: {
        authorities: [...testAuthorities, authority('CN=Other', { standing: 'machine', organisation: 'Other' })],
        list: 'current',
      },
      certificates: [
        certificate('shop'),
        certificate('next', {
          issuer: 'CN=Other',
          notBefore: '2026-05-01T00:00:00.000Z',
          notAfter: '2027-05-01T00:00:00.000Z',
        }),
      ],
    },
    facts: { configuration: policy({ successors: 'same-names' }) },
    finds: ['info renewal-unclear -'],
    command: `certrebind rebind --old ${thumbprintOf('shop')} --new ${thumbprintOf('next')}`,
    says: /another authority issued it\./,
  },
  ...(
    [
      ['', '2027-01-01T00:00:00.000Z', 'info renewal-unrecorded shop.example.com:443'],
      [', and that ends within 30 days', '2026-07-01T12:00:00.000Z', 'warning renewal-unrecorded shop.example.com:443'],
      [', whose last seven days begin', '2026-06-08T12:00:00.000Z', 'error renewal-unrecorded shop.example.com:443'],
      [', which has expired', '2026-05-31T12:00:00.000Z', 'error certificate-expired shop.example.com:443'],
    ] as const
  ).map(
    ([what, notAfter, found]): Situation => ({
      situation: `a newer certificate has the names of one in use${what}, and nothing recorded says that it renews it`,
      server: shopWith(certificate('shop', { notAfter }), newer),
      finds: [found, ...(what === ', which has expired' ? ['info renewal-unrecorded shop.example.com:443'] : [])],
      command: `certrebind rebind --old ${thumbprintOf('shop')} --new ${thumbprintOf('next')}`,
    }),
  ),
  {
    situation: 'a newer certificate has the names of one in use, and a person undid its renewal',
    server: shopWith(certificate('shop'), newer),
    facts: { ledger: ledgerOf([{ ...undone, renewal: givenRenewal(thumbprintOf('shop'), thumbprintOf('next')) }]) },
    finds: ['info renewal-rolled-back shop.example.com:443'],
  },
  {
    situation: 'a newer certificate has the names of one in use, and a person undid the rebind that used it',
    server: shopWith(certificate('shop'), newer),
    facts: {
      // Of what was given and taken back everywhere, only the places remember it.
      ledger: ledgerOf([], {
        decisions: shop.records.map(({ key }) =>
          decisionAt(key, { old: thumbprintOf('shop'), new: thumbprintOf('next') }),
        ),
      }),
    },
    finds: [],
  },
  {
    situation: 'the last seven days of the certificate begin, and its renewal would be found by its names',
    server: shopWith(certificate('shop', { notAfter: '2026-06-08T12:00:00.000Z' })),
    facts: { configuration: policy({ successors: 'same-names' }) },
    finds: ['error certificate-ends-soon shop.example.com:443'],
    advises: /The hourly run finds it there too\./,
  },
  {
    situation: 'a certificate was issued again today and ends before the one in use',
    server: shopWith(
      certificate('shop'),
      certificate('next', { notBefore: '2026-06-01T00:00:00.000Z', notAfter: '2026-10-01T00:00:00.000Z' }),
    ),
    facts: { configuration: policy({ successors: 'same-names' }) },
    finds: ['info replaced-earlier -'],
    command: null,
    says: /uses that from 2026-06-02 00:00 UTC on\./,
  },
  {
    situation: 'the renewal of a certificate is later than the last one was',
    server: {
      ...shop,
      records: [record('shop.example.com:443', 'next')],
      certificates: [
        certificate('shop', { notAfter: '2026-06-01T00:00:00.000Z', renewedTo: 'next' }),
        certificate('next', { notBefore: '2026-04-01T00:00:00.000Z', notAfter: '2026-06-18T00:00:00.000Z' }),
      ],
    },
    finds: ['info renewal-late shop.example.com:443'],
    command: null,
    says: /No renewal of .* yet, with 16 days left\. As the last time, it would have come 31 days before the end\./,
  },
  {
    situation: 'a watched folder has a file that stays half written',
    server: shop,
    facts: watching({ incomplete: [{ path: 'shop.pfx', why: 'the password does not open it', looks: 3 }] }),
    finds: ['warning source-incomplete -'],
    says: /^C:\\Certs: shop\.pfx: the password does not open it\.$/,
  },
  {
    situation: 'a watched folder has a file that may still be written',
    server: shop,
    facts: watching({ incomplete: [{ path: 'shop.pfx', why: 'a part of it is cut off', looks: 2 }] }),
    finds: [],
  },
  {
    situation: 'a watched folder has an older certificate again',
    server: shop,
    facts: watching({ newest: [{ ...shopInFolder, wentBackTo: thumbprintOf('next') }] }),
    finds: ['warning source-went-back -'],
  },
  {
    situation: 'a watched folder has a certificate that a guard blocks',
    server: shop,
    facts: watching({ newest: [{ ...shopInFolder, state: 'refused', why: 'names-lost at 0.0.0.0:443' }] }),
    finds: ['warning source-not-taken -'],
    says: /names-lost at 0\.0\.0\.0:443\.$/,
  },
  {
    situation: 'a watched folder had a certificate that a guard blocks',
    server: shop,
    facts: watching({ newest: [{ ...shopInFolder, state: 'refused', why: 'names-lost at 0.0.0.0:443', gone: true }] }),
    finds: [],
  },
  {
    situation: 'a watched folder has no renewal of a certificate past two thirds of its lifetime',
    server: shopFrom('2026-03-25T12:00:00.000Z', '2026-06-25T12:00:00.000Z'),
    facts: watching({ newest: [shopInFolder] }),
    finds: ['info source-stale -'],
  },
  {
    situation: 'a watched folder has no renewal of one of eight days past two thirds of its lifetime',
    server: shopFrom('2026-05-27T00:00:00.000Z', '2026-06-04T00:00:00.000Z'),
    facts: watching({ newest: [shopInFolder] }),
    finds: [],
  },
  {
    situation: 'a watched folder has no renewal of one of eight days past three quarters of its lifetime',
    server: shopFrom('2026-05-26T00:00:00.000Z', '2026-06-03T00:00:00.000Z'),
    facts: watching({ newest: [shopInFolder] }),
    finds: ['info source-stale -'],
  },
  {
    situation: 'a watched share cannot be read, and what came from it lasts',
    server: shop,
    facts: watching({ unreachable: { since: now, why: 'access is denied' }, newest: [shopInFolder] }),
    finds: ['info source-unreachable -'],
  },
  {
    situation: 'a watched share cannot be read for a day, and what came from it lasts',
    server: shop,
    facts: watching({ unreachable: { since: aDayAgo, why: 'access is denied' }, newest: [shopInFolder] }),
    finds: ['warning source-unreachable -'],
  },
  {
    situation: 'a watched share cannot be read, and what came from it is near its end',
    server: shopFrom('2026-03-05T12:00:00.000Z', '2026-06-03T12:00:00.000Z'),
    facts: watching({ unreachable: { since: now, why: 'access is denied' }, newest: [shopInFolder] }),
    finds: ['error certificate-ends-soon shop.example.com:443', 'error source-unreachable -'],
  },
  {
    situation: 'a watched share cannot be read, and an earlier one of the same names and kind of key is near its end',
    server: shopFrom('2026-03-05T12:00:00.000Z', '2026-06-03T12:00:00.000Z'),
    facts: watching({
      unreachable: { since: now, why: 'access is denied' },
      newest: [{ ...shopInFolder, thumbprint: thumbprintOf('next') }],
    }),
    finds: ['error certificate-ends-soon shop.example.com:443', 'error source-unreachable -'],
  },
  {
    situation: 'a watched share cannot be read, and one with another kind of key is near its end',
    server: shopFrom('2026-03-05T12:00:00.000Z', '2026-06-03T12:00:00.000Z'),
    facts: watching({
      unreachable: { since: now, why: 'access is denied' },
      newest: [{ ...shopInFolder, thumbprint: thumbprintOf('next'), keyType: 'EC' }],
    }),
    finds: ['error certificate-ends-soon shop.example.com:443', 'info source-unreachable -'],
  },
  {
    situation: 'a watched share cannot be read, and what came from it is near its end and renewed',
    server: shopWith(
      certificate('shop', {
        notBefore: '2026-03-05T12:00:00.000Z',
        notAfter: '2026-06-03T12:00:00.000Z',
        renewedTo: thumbprintOf('next'),
      }),
      certificate('next'),
    ),
    facts: watching({ unreachable: { since: now, why: 'access is denied' }, newest: [shopInFolder] }),
    finds: ['warning renewal-pending shop.example.com:443', 'info source-unreachable -'],
  },
  {
    situation: 'a watched share could never be read',
    server: shop,
    facts: watching({ unreachable: { since: now, why: 'it did not answer within 10 s' } }),
    finds: ['warning source-unreachable -'],
  },
  {
    situation: 'the window opens too rarely for a certificate in use',
    server: shopFrom('2026-05-25T12:00:00.000Z', '2026-07-10T12:00:00.000Z'),
    facts: { configuration: policy({ window: { days: ['Saturday'], from: '02:00', to: '06:00' } }) },
    finds: ['warning window-too-rare -'],
    command: null,
    says: /^The window Saturday 02:00-06:00 local stays closed for up to 6 days, too long for shop\.example\.com/,
  },
  {
    situation: 'the window of every night is closed too long for a certificate of a day and a half',
    server: shopFrom('2026-06-01T08:00:00.000Z', '2026-06-02T20:00:00.000Z'),
    facts: { configuration: policy({ window: { from: '02:00', to: '06:00' } }) },
    finds: ['warning window-too-rare -'],
    says: /stays closed for up to 20 hours, too long/,
  },
  {
    situation: 'a renewed certificate waits for the window',
    server: renewedShop,
    facts: { configuration: policy({ window: { from: '22:00', to: '02:00' } }) },
    finds: ['info renewal-waiting shop.example.com:443'],
    command: null,
    says: /: waits for the turn of this server in the window 22:00-02:00 UTC, at 2026-06-0[12] \d\d:\d\d UTC\.$/,
  },
  {
    situation: 'an endpoint served the old certificate after its record was changed',
    server: shop,
    facts: {
      ledger: servedOld,
    },
    finds: ['error still-old shop.example.com:443'],
    command: 'certrebind reconcile',
    says: /^An endpoint of shop\.example\.com:443 still served an older certificate than \w+ when a run last dialled it\.$/,
  },
  {
    situation: 'an endpoint serves the certificate that was rolled back',
    server: shop,
    facts: (server) => ({ wire: wireOf(server, { thumbprint: thumbprintOf('next') }), ledger: rolledBack(null) }),
    finds: ['error still-served shop.example.com:443', 'info renewal-rolled-back shop.example.com:443'],
  },
  {
    situation: 'an endpoint served what an undo had taken back',
    server: shop,
    facts: {
      ledger: ledgerOf([
        {
          renewal: renewal('shop', 'next'),
          state: 'undone',
          run: 'run-1',
          heldAt: [record('shop.example.com:443', 'shop').key],
          stillOld: [record('shop.example.com:443', 'shop').key],
        },
      ]),
    },
    finds: ['error still-served shop.example.com:443', 'info renewal-rolled-back shop.example.com:443'],
    command: 'certrebind reconcile',
    says: /^An endpoint of shop\.example\.com:443 still served/,
  },
  {
    situation: 'an endpoint served the old certificate once, and serves the new one now',
    server: shop,
    facts: (server) => ({
      wire: wireOf(server),
      ledger: servedOld,
    }),
    finds: [],
  },
  {
    situation: 'a renewed certificate is on one record and not on another one',
    server: {
      sites: [site('Shop', [sni('shop.example.com'), https('*:443:')])],
      records: [record('shop.example.com:443', 'next'), record('0.0.0.0:443', 'shop')],
      certificates: [certificate('shop', { renewedTo: 'next' }), certificate('next')],
    },
    finds: ['warning renewal-pending 0.0.0.0:443'],
    says: /: 0\.0\.0\.0:443 still uses the old certificate\.$/,
  },
  {
    situation: 'only the record of another product still holds the old certificate',
    server: {
      ...shop,
      records: [record('shop.example.com:443', 'next'), record('0.0.0.0:8443', 'shop', foreign)],
      certificates: [certificate('shop', { renewedTo: 'next' }), certificate('next')],
    },
    finds: ['warning change-by-hand 0.0.0.0:8443'],
  },
  {
    situation: 'a renewal was rolled back because an intermediate is missing',
    server: renewedShop,
    facts: { ledger: rolledBack({ kind: 'chain', issuer: 'CN=Issuing CA 2', said: 'Bad.' }) },
    finds: ['error renewal-rolled-back shop.example.com:443'],
    command: [
      'certutil -addstore CA <file>',
      `certrebind rebind --old ${thumbprintOf('shop')} --new ${thumbprintOf('next')}`,
    ],
    says: /The intermediate CN=Issuing CA 2 is missing here: import it into/,
  },
  {
    situation: 'a renewal was rolled back, and its cause has gone',
    server: {
      ...renewedShop,
      certificates: [
        certificate('shop', { renewedTo: 'next' }),
        certificate('next', { intermediates: ['CN=Issuing CA 2'] }),
      ],
    },
    facts: { ledger: rolledBack({ kind: 'chain', issuer: 'CN=Issuing CA 2', said: 'Bad.' }) },
    finds: ['error renewal-rolled-back shop.example.com:443'],
    command: 'certrebind reconcile',
  },
  {
    situation: 'a renewal was rolled back because clients could not connect',
    server: renewedShop,
    facts: { ledger: rolledBack({ kind: 'handshake', said: 'It no longer answers: the connection was reset.' }) },
    finds: ['error renewal-rolled-back shop.example.com:443'],
    says: /the connection was reset/,
  },
  {
    situation: 'a person undid a renewal',
    server: renewedShop,
    facts: { ledger: rolledBack(null) },
    finds: ['info renewal-rolled-back shop.example.com:443'],
  },
  {
    situation: 'a person undid a renewal, and the old certificate ends soon',
    server: {
      ...renewedShop,
      certificates: [
        certificate('shop', { renewedTo: 'next', notAfter: '2026-06-05T00:00:00.000Z' }),
        certificate('next'),
      ],
    },
    facts: { ledger: rolledBack(null) },
    finds: ['warning renewal-rolled-back shop.example.com:443'],
  },
  {
    situation: 'a run lost a record, and the next one restores it',
    server: { ...shop, records: [] },
    facts: { owed: owedAt({ state: 'absent' }) },
    finds: ['error left-without-certificate shop.example.com:443'],
    command: 'certrebind reconcile',
  },
  {
    situation: 'a run could not put an old certificate back, and the next one does',
    server: {
      ...shop,
      records: [record('shop.example.com:443', 'next')],
      certificates: [certificate('shop'), certificate('next')],
    },
    facts: { owed: owedAt({ state: 'holds', holder: tlsHolder(record('shop.example.com:443', 'next')) }) },
    finds: ['error not-restored shop.example.com:443'],
    command: 'certrebind doctor --fix not-restored',
  },
  {
    situation: 'a run lost a record whose certificate has gone since',
    server: { ...shop, records: [], certificates: [] },
    facts: { owed: owedAt({ state: 'absent' }) },
    finds: ['error left-without-certificate shop.example.com:443'],
    command: 'certrebind import <file>',
    says: /cannot be restored\. The old certificate \w+ is not in My or WebHosting\./,
    advises: /^Import that certificate with its private key\. .* First order a certificate for shop\.example\.com, /,
  },
  {
    situation: 'a run lost a record whose certificate has expired since',
    server: { ...shop, records: [], certificates: [certificate('shop', { notAfter: '2026-05-01T00:00:00.000Z' })] },
    facts: { owed: owedAt({ state: 'absent' }) },
    finds: ['error left-without-certificate shop.example.com:443'],
    command: 'certrebind import <file>',
    says: /cannot be restored\. The old certificate \w+ expired/,
    advises: /^First order a certificate for shop\.example\.com, /,
  },
  {
    situation: 'a run lost a record whose certificate has expired since, and the renewal of that is here',
    server: {
      ...shop,
      records: [],
      certificates: [
        certificate('shop', { notAfter: '2026-05-01T00:00:00.000Z', renewedTo: 'next' }),
        certificate('next'),
      ],
    },
    facts: { owed: owedAt({ state: 'absent' }) },
    finds: ['error left-without-certificate shop.example.com:443'],
    command: `netsh http add sslcert hostnameport=shop.example.com:443 certhash=${thumbprintOf('next')} certstorename=My appid="{4dc3e181-e14b-4a21-b022-59fc669b0914}"`,
    advises: /^The command binds .*, the renewal of the one that it had\.$/,
  },
  {
    situation: 'a run lost a record that cannot be read now',
    server: {
      ...shop,
      records: [],
      unreadable: [
        { part: 'records', where: 'HKLM:\\\\SslSniBindingInfo', text: 'shop.example.com:443', why: 'it is damaged' },
      ],
    },
    facts: { owed: owedAt({ state: 'absent' }) },
    finds: ['error not-restored shop.example.com:443', 'warning unreadable -'],
    says: /it is not known what it uses now, and should use \w+ again\. It cannot be restored\. It could not be read\.$/,
    advises: /^Correct what the message says\. The next run that can read the place restores it\./,
  },
  {
    situation: 'a run lost a record that somebody has set since',
    server: {
      ...shop,
      records: [record('shop.example.com:443', 'next')],
      certificates: [certificate('next', { names: ['shop.example.com'] })],
    },
    facts: { owed: owedAt({ state: 'absent' }) },
    finds: [],
  },
  {
    situation: 'an undo left a place on what the run had set',
    server: onNext,
    facts: { ledger: ledgerOf([], { decisions: [notUndone] }) },
    finds: ['warning not-undone shop.example.com:443'],
    command: 'certrebind undo 7',
    titled: /still to be undone/,
  },
  {
    situation: 'an undo left a place on what the run had set, and the old certificate has gone since',
    server: {
      ...shop,
      records: [record('shop.example.com:443', 'next')],
      certificates: [certificate('next', { names: ['shop.example.com'] })],
    },
    facts: { ledger: ledgerOf([], { decisions: [notUndone] }) },
    finds: ['warning not-undone shop.example.com:443'],
    command: 'certrebind dismiss not-undone shop.example.com:443',
    advises: /is not in My or WebHosting\. So nothing is left to undo/,
  },
  {
    situation: 'going back to the old certificate left a place on the new one',
    server: onNext,
    facts: { ledger: ledgerOf([], { decisions: [{ ...notUndone, run: null }] }) },
    finds: ['warning not-undone shop.example.com:443'],
    command: `certrebind rebind --old ${thumbprintOf('next')} --new ${thumbprintOf('shop')}`,
  },
  {
    situation: 'an undo left a place on what the run had set, and somebody has set another one there since',
    server: { ...shop, records: [record('shop.example.com:443', 'shop')] },
    facts: { ledger: ledgerOf([], { decisions: [notUndone] }) },
    finds: [],
  },
  {
    situation: 'names were lost at a binding that answers for any host',
    server: {
      sites: [site('Shop', [https('*:443:')])],
      records: [record('0.0.0.0:443', 'next')],
      certificates: [certificate('next')],
    },
    facts: { ledger: lostName },
    finds: ['warning names-lost 0.0.0.0:443'],
    says: /lacks old\.example\.com/,
    command: 'certrebind dismiss names-lost 0.0.0.0:443',
    advises: /^If clients use these names, have a certificate issued .* Otherwise the command hides this\.$/,
  },
  {
    situation: 'names were lost at a binding that answers for any host, and another one has them',
    server: {
      sites: [site('Shop', [https('*:443:'), sni('old.example.com')])],
      records: [record('0.0.0.0:443', 'next'), record('old.example.com:443', 'old')],
      certificates: [certificate('next'), certificate('old', { names: ['old.example.com'] })],
    },
    facts: { ledger: lostName },
    finds: [],
  },
  {
    situation: 'the certificate lacks the host of a binding',
    server: shopWith(certificate('shop', { names: ['www.example.com'] })),
    finds: ['warning name-not-covered shop.example.com:443'],
  },
  {
    situation: 'the certificate lacks an address that a binding names',
    server: {
      sites: [site('A', [https('192.0.2.1:443:')])],
      records: [record('192.0.2.1:443', 'shop')],
      certificates: [certificate('shop')],
    },
    finds: [],
  },
  {
    situation: 'an endpoint serves another certificate',
    server: shop,
    facts: (server) => ({ wire: wireOf(server, { thumbprint: thumbprintOf('proxy') }) }),
    finds: ['error wire-differs shop.example.com:443'],
  },
  {
    situation: 'the excluded FTP defaults answer for a site with a host name, which has the new certificate',
    server: {
      sites: [site('Named', [parseBinding('ftp', '*:2121:ftp.example.com', 0)])],
      ftps: [
        { site: null, thumbprint: thumbprintOf('shop'), store: 'My' },
        { site: 'Named', thumbprint: thumbprintOf('next'), store: 'My' },
      ],
      certificates: [certificate('shop', { renewedTo: 'next' }), certificate('next')],
    },
    facts: (server) => ({
      configuration: policy({
        exclude: { ...policy().exclude, holders: ['ftp/*'] },
        holders: { ...policy().holders, ftp: { policy: 'replace' } },
      }),
      wire: wireOf(server, { thumbprint: thumbprintOf('shop') }),
    }),
    finds: ['error wire-differs ftp/Named'],
    command: ['certrebind config remove exclude.holders ftp/*', 'certrebind reconcile'],
    advises: /^IIS learns the host name of an FTP client only after TLS, so the certificate of ftp\/\* may be served/,
  },
  {
    situation: 'an endpoint serves the successor before the swap',
    server: renewedShop,
    facts: (server) => ({ wire: wireOf(server, { thumbprint: thumbprintOf('next') }) }),
    finds: ['warning renewal-pending shop.example.com:443', 'info wire-ahead shop.example.com:443'],
  },
  {
    situation: 'the service of Task Scheduler is stopped',
    server: { ...shop, scheduleService: 'stopped', tasks: [], notLookedAt: [{ part: 'tasks', why: 'not-read' }] },
    finds: ['error scheduler-stopped -', 'warning part-unknown -'],
    command: 'Start-Service Schedule',
  },
  {
    situation: 'an endpoint serves a certificate without an intermediate that the store has',
    server: shopWith(certificate('shop', { intermediates: ['CN=Issuing'] })),
    facts: (server) => ({ wire: wireOf(server, { chain: 'broken', sent: { issuers: [], upTo: 'CN=Issuing' } }) }),
    finds: ['warning intermediate-not-sent shop.example.com:443'],
    says: /served without the certificate of its issuer CN=Issuing, which is on this server: /,
    command: `certrebind rebind --old ${thumbprintOf('shop')} --new ${thumbprintOf('shop')} --reapply`,
  },
  {
    situation: 'an endpoint serves a certificate without an intermediate that no store has',
    server: shopWith(certificate('shop', { chain: 'incomplete', intermediates: [] })),
    facts: (server) => ({ wire: wireOf(server, { chain: 'broken', sent: { issuers: [], upTo: 'CN=Issuing' } }) }),
    finds: ['warning intermediate-not-sent shop.example.com:443'],
    says: /which is not on this server/,
  },
  {
    situation: 'an endpoint does not answer',
    server: shop,
    facts: (server) => ({ wire: wireOf(server, { result: 'unreachable', thumbprint: null, reason: 'reset' }) }),
    finds: ['error endpoint-unreachable shop.example.com:443'],
    says: /reset/,
  },
  {
    situation: 'an endpoint did not answer when it was last dialled',
    server: shop,
    facts: (server) => ({
      wire: wireOf(server, { result: 'unreachable', thumbprint: null, reason: 'reset', at: now, since: now }),
    }),
    finds: ['error endpoint-unreachable shop.example.com:443'],
    command: 'certrebind verify',
    says: /^As of 2026-06-01 12:00 UTC: .* does not answer: reset\.$/,
  },
  {
    situation:
      'an endpoint served the old certificate when it was last dialled, although it was in order after the run',
    server: shopWith(...shop.certificates, certificate('old', { renewedTo: 'shop' })),
    facts: (server) => ({
      wire: wireOf(server, { thumbprint: thumbprintOf('old'), at: now, since: now }),
    }),
    finds: ['error still-old shop.example.com:443'],
    says: /^As of 2026-06-01 12:00 UTC: .* serves .* instead of /,
  },
  {
    situation: 'no endpoint can be dialled',
    server: shop,
    facts: (server) => ({ wire: wireOf(server, { result: 'skipped', thumbprint: null, reason: 'a capture' }) }),
    finds: ['info wire-not-seen -'],
  },
  {
    situation: 'the configuration has property 5506',
    server: { ...shop, legacySslMetadata: true },
    finds: ['warning legacy-ssl-metadata -'],
  },
  { situation: 'whether it has property 5506 is not known', server: { ...shop, legacySslMetadata: null }, finds: [] },
  {
    situation: 'a record cannot be read',
    server: { ...shop, unreadable: [{ part: 'records', where: 'SslBindingInfo\\x', text: '', why: 'no hash' }] },
    finds: ['warning unreadable -'],
  },
  {
    situation: 'an unreadable binding is told once',
    server: {
      sites: [site('Odd', [https('nonsense')])],
      unreadable: [{ part: 'sites', where: 'Odd', text: 'nonsense', why: 'not a valid address:port:host' }],
    },
    finds: ['warning unreadable -'],
  },
  {
    situation: 'an FTP site names a certificate that is gone',
    server: { ftps: [{ site: 'Files', thumbprint: thumbprintOf('gone'), store: 'My' }] },
    finds: ['warning ftps-certificate-gone ftp/Files'],
  },
  {
    situation: 'the defaults of FTP sites name a certificate that has expired',
    server: {
      ftps: [{ site: null, thumbprint: thumbprintOf('ftp'), store: 'My' }],
      certificates: [certificate('ftp', { notAfter: '2026-01-02T00:00:00.000Z' })],
    },
    finds: ['warning ftps-certificate-expired ftp/*'],
  },
  {
    situation: 'an FTP site names a certificate that has expired, and what it replaced is valid',
    server: {
      ftps: [{ site: 'Files', thumbprint: thumbprintOf('next'), store: 'My' }],
      certificates: [
        certificate('next', { notAfter: '2026-05-31T12:00:00.000Z' }),
        certificate('old', { renewedTo: 'next', notBefore: '2026-02-01T00:00:00.000Z', archived: true }),
      ],
    },
    facts: { configuration: policy({ holders: { ...policy().holders, ftp: { policy: 'replace' } } }) },
    finds: ['warning ftps-certificate-expired ftp/Files'],
    command: `certrebind rebind --old ${thumbprintOf('next')} --new ${thumbprintOf('old')}`,
  },
  {
    situation: 'the Web Management Service names a certificate that is gone, in its record and in the registry',
    server: {
      records: [record('0.0.0.0:8172', 'gone', { appId: '{00000000-0000-0000-0000-000000000000}' })],
      others: [
        {
          thumbprint: thumbprintOf('gone'),
          consumer: { kind: 'wmsvc', detail: 'WMSVC' },
          management: { port: 8172, address: '*', state: 'started' },
        },
      ],
    },
    finds: ['warning listener-certificate-gone wmsvc/8172'],
  },
  ...(
    [
      ['rdp', { listener: { port: 3389, state: 'started', chosenBy: 'person' } }],
      ['winrm', { remoting: { port: 5986, hostname: null, state: 'started', carriesRun: 'no' } }],
    ] as const
  ).flatMap(([kind, more]) => [
    {
      situation: `a listener of ${kind} names a certificate that is gone`,
      server: { others: [{ thumbprint: thumbprintOf('gone'), consumer: { kind, detail: 'x' }, ...more }] },
      finds: [`warning listener-certificate-gone ${kind}/x`],
    },
    {
      situation: `a listener of ${kind} names a certificate that has expired`,
      server: {
        others: [{ thumbprint: thumbprintOf('ended'), consumer: { kind, detail: 'x' }, ...more }],
        certificates: [certificate('ended', { notAfter: '2026-01-02T00:00:00.000Z' })],
      },
      finds: [`warning listener-certificate-expired ${kind}/x`],
    },
  ]),
  ...(
    [
      ['may not read the key of its certificate', '', ['warning service-key sql/MSSQLSERVER']],
      ['may read it', `(A;;FR;;;${sqlServer.serviceSid})`, []],
    ] as const
  ).map(([what, more, finds]) => ({
    situation: `SQL Server ${what}`,
    server: {
      others: [{ thumbprint: thumbprintOf('sql'), consumer: { kind: 'sql', detail: 'MSSQLSERVER' } as const }],
      certificates: [certificate('sql', { keyRights: { sddl: `O:SYG:SYD:PAI(A;;FA;;;SY)${more}` } })],
    },
    finds: [...finds],
  })),
  ...(
    [
      [
        'does not run',
        { state: 'stopped' },
        null,
        ['error service-stopped sql/MSSQLSERVER', 'warning unfinished-run -'],
      ],
      ['runs again', { state: 'started', dependents: ['SQLAgent'] }, null, ['warning unfinished-run -']],
      [
        'runs again without what needs it',
        { state: 'started' },
        null,
        ['error service-stopped sql/MSSQLSERVER', 'warning unfinished-run -'],
      ],
      [
        'is being restarted',
        { state: 'stopped' },
        { pid: 4711, since: '2026-06-01T11:30:00.000Z' },
        ['info run-under-way -'],
      ],
    ] as const
  ).map(([what, service, by, finds]) => ({
    situation: `a service whose restart a run had begun ${what}`,
    server: {
      others: [
        {
          thumbprint: thumbprintOf('sql'),
          consumer: { kind: 'sql', detail: 'MSSQLSERVER' } as const,
          sql: { service: { name: 'MSSQLSERVER', dependents: [], sessions: null, ...service } },
        },
      ],
      certificates: [certificate('sql')],
    },
    facts: {
      openRuns: [
        {
          run: 'run-1',
          by,
          restarting: [
            { key: sqlKey('MSSQLSERVER'), services: ['SQLAgent', 'MSSQLSERVER'], at: '2026-06-01T11:31:00.000Z' },
          ],
        },
      ],
    },
    finds: [...finds],
    ...(what === 'does not run'
      ? { command: 'certrebind reconcile', says: /^SQLAgent, MSSQLSERVER do not run: run run-1 was/ }
      : {}),
    ...(what === 'runs again without what needs it' ? { says: /^SQLAgent does not run: run run-1 was/ } : {}),
  })),
  {
    situation: 'a certificate that its issuer has revoked, without a renewal',
    server: shopWith(certificate('shop', { disallowed: true })),
    finds: ['error certificate-revoked shop.example.com:443'],
    command: `certrebind rebind --old ${thumbprintOf('shop')} --new auto --reason revoked`,
    advises: /^First have it issued again at Test CA, and put it into the computer's store My \(Personal\)\./,
  },
  {
    situation: 'a certificate that has expired, whose renewal is for other names',
    server: shopWith(
      certificate('shop', { notAfter: now, renewedTo: 'next' }),
      certificate('next', { names: ['other.example.com'] }),
    ),
    finds: ['error certificate-expired shop.example.com:443', 'warning renewal-blocked shop.example.com:443'],
    command: `certrebind rebind --old ${thumbprintOf('shop')} --new <thumbprint>`,
    advises:
      /^First order one certificate for all of shop\.example\.com, other\.example\.com, put it into .*, and its thumbprint into the command\. .*The old certificate stays there until you do\.$/,
  },
  {
    situation: 'a certificate whose renewal its issuer has revoked',
    server: {
      ...shop,
      certificates: [certificate('shop', { renewedTo: 'next' }), certificate('next', { disallowed: true })],
    },
    finds: ['warning renewal-blocked shop.example.com:443'],
    command: `certrebind rebind --old ${thumbprintOf('shop')} --new <thumbprint>`,
    advises: /^First have a certificate issued again, put it into .*The old certificate stays there until you do\.$/,
    says: /: blocked \(revoked\)\. shop\.example\.com:443 still uses the old certificate\.$/,
  },
  {
    situation: 'a certificate that its issuer has revoked, with a renewal',
    server: shopWith(certificate('shop', { disallowed: true, renewedTo: 'next' }), certificate('next')),
    finds: ['warning renewal-pending shop.example.com:443'],
  },
  {
    situation: 'a certificate that its issuer has revoked, with a renewal that is not valid yet',
    server: followedFrom('2026-06-20T00:00:00.000Z', { disallowed: true }),
    finds: ['error certificate-revoked shop.example.com:443', 'info renewal-waiting shop.example.com:443'],
  },
  {
    situation: 'a certificate that its issuer has revoked, whose renewal a person undid',
    server: shopWith(certificate('shop', { disallowed: true }), certificate('next')),
    facts: { ledger: rolledBack(null) },
    finds: ['error certificate-revoked shop.example.com:443', 'info renewal-rolled-back shop.example.com:443'],
  },
  {
    situation: 'a certificate that ends soon, with a renewal that is valid before',
    server: followedFrom('2026-06-04T00:00:00.000Z', { notAfter: '2026-06-05T00:00:00.000Z' }),
    finds: ['info renewal-waiting shop.example.com:443'],
  },
  {
    situation: 'a certificate that ends soon, with a renewal that is not valid before',
    server: followedFrom('2026-06-20T00:00:00.000Z', { notAfter: '2026-06-05T00:00:00.000Z' }),
    finds: ['error certificate-ends-soon shop.example.com:443', 'info renewal-waiting shop.example.com:443'],
  },
  {
    situation: 'the private key of a certificate that was replaced and is gone',
    server: shop,
    facts: { keysLeft: [{ path: 'C:\\Keys\\a1_f0', of: renewal('old', 'shop') }] },
    finds: ['info key-left-behind -'],
    command: null,
    says: /^[0-9A-F]{40} was replaced by [0-9A-F]{40} and .* its private key is still in C:\\Keys\\a1_f0\./,
  },
  {
    situation: 'a replaced certificate that was archived, and that a person may delete',
    server: shopWith(certificate('shop'), certificate('old', { ekus: ['1.3.6.1.5.5.7.3.1'], archived: true })),
    facts: { ledger: archivedOld },
    finds: ['info retired-deletable -'],
    command: 'certrebind retire --delete',
  },
  {
    situation: 'one that was archived on a day to which the clock jumped',
    server: shopWith(certificate('shop'), certificate('old', { ekus: ['1.3.6.1.5.5.7.3.1'], archived: true })),
    facts: {
      ledger: {
        ...archivedOld,
        looked: { schema: 'certrebind/looked/1', day: '2023-03-01', days: 9, jumpedFrom: null, since: {} },
      },
    },
    finds: ['info clock-jumped -'],
    command: null,
  },
  ...(
    [
      ['and the one in use ends long after', {}, ['warning renewal-refused -']],
      [
        'and the one in use ends soon',
        { notAfter: '2026-06-05T00:00:00.000Z' },
        ['error certificate-ends-soon shop.example.com:443', 'error renewal-refused -'],
      ],
      ['and one as new is in use since', { notBefore: '2026-05-30T00:00:00.000Z' }, []],
      [
        'and its twin of another kind of key is in use since',
        { notBefore: '2026-05-30T00:00:02.000Z', keyType: 'EC P-256' },
        ['warning renewal-refused -'],
      ],
    ] as const
  ).map(([what, parts, finds]) => ({
    situation: `a renewal that a hook brought was refused, ${what}`,
    server: shopWith(certificate('shop', parts)),
    facts: {
      refused: {
        schema: 'certrebind/refused/1' as const,
        refusals: [
          {
            at: '2026-05-30T12:00:00.000Z',
            command: 'import' as const,
            what: 'C:\\certs\\shop.pfx',
            names: ['shop.example.com'],
            keyType: 'RSA',
            notBefore: '2026-05-30T00:00:00.000Z',
            code: 'trust-lost',
            message: 'The old certificate is trusted. The new one is not.',
            hint: null,
          },
        ],
      },
    },
    finds: [...finds],
  })),
  ...(
    [
      [
        'and may be for any in use',
        '2026-05-30T00:00:00.000Z',
        ['warning renewal-refused -', 'warning renewal-refused -'],
      ],
      ['and all in use began later', '2026-06-01T00:00:00.000Z', []],
    ] as const
  ).map(([what, notBefore, finds]) => ({
    situation: `a renewal that a hook brought could not be read, others had to be forgotten, ${what}`,
    server: shopWith(certificate('shop', { notBefore })),
    facts: {
      refused: {
        schema: 'certrebind/refused/1' as const,
        gone: { count: 3, at: '2026-05-30T12:00:00.000Z' },
        refusals: [
          {
            at: '2026-05-30T12:00:00.000Z',
            command: 'import' as const,
            what: 'C:\\certs\\shop.pfx',
            names: [],
            keyType: null,
            notBefore: null,
            code: 'bad-input',
            message: 'C:\\certs\\shop.pfx cannot be read: there is no such file or folder.',
            hint: 'Correct the input that the message names.',
          },
        ],
      },
    },
    finds: [...finds],
  })),
  {
    situation: 'the lifecycle log is off',
    server: { lifecycle: { enabled: false, oldestRecordId: null, lastRecordId: null, events: [] } },
    finds: ['error log-disabled -'],
    command: 'certrebind doctor --fix log-disabled',
  },
  {
    situation: 'the lifecycle log was cleared',
    server: { lifecycle: logOf() },
    facts: { ledger: { ...emptyLedger, listing: { listedAt: now, lastRecordId: 9, lastTimeCreated: now } } },
    finds: ['warning log-reset -'],
    command: 'certrebind reconcile',
  },
  {
    situation: 'the lifecycle log could not be read',
    server: {
      lifecycle: { enabled: null, oldestRecordId: null, lastRecordId: null, events: [] },
      notLookedAt: unknownParts('not-read', ['lifecycle']),
    },
    facts: { ledger: { ...emptyLedger, listing: { listedAt: now, lastRecordId: 9, lastTimeCreated: now } } },
    finds: ['warning part-unknown -'],
  },
  {
    situation: 'no task is registered',
    server: { tasks: [] },
    finds: ['warning task-missing -'],
    command: 'certrebind enable',
  },
  {
    situation: 'the hourly task is missing',
    server: { tasks: ownTasks.slice(0, 1) },
    finds: ['warning task-missing -'],
    says: /CertRebind-Reconcile/,
  },
  {
    situation: 'a task was changed',
    server: { tasks: ownTasks.map((task) => ({ ...task, xml: task.xml.replace('Program Files', 'Users\\Public') })) },
    finds: ['error task-changed -'],
    says: /^Scheduled tasks were changed: CertRebind \(.*\), CertRebind-Reconcile \(/,
    command: 'certrebind enable',
  },
  {
    situation: 'a task is disabled',
    server: { tasks: ownTasks.map((task, index) => ({ ...task, enabled: index > 0 })) },
    finds: ['error task-disabled -'],
  },
  {
    situation: 'the task of a trigger is registered, and there is no such trigger',
    server: { tasks: [...ownTasks, triggerTaskEntry] },
    finds: ['warning orphaned-trigger -'],
    command: 'certrebind trigger remove mail',
    says: /CertRebind-Trigger-mail/,
  },
  {
    situation: 'the task of a trigger is registered, as its trigger says',
    server: { tasks: [...ownTasks, triggerTaskEntry] },
    facts: { expected: [...expectedTasks, mailTask] },
    finds: [],
  },
  {
    situation: 'the task of a trigger is registered, and a capture cannot tell whether there is such a trigger',
    server: { tasks: [...ownTasks, triggerTaskEntry] },
    facts: { triggersKnown: false },
    finds: [],
  },
  {
    situation: 'a capture leaves the lifecycle log out',
    server: { notLookedAt: unknownParts('withheld', ['lifecycle']) },
    finds: ['info part-unknown -'],
  },
  {
    situation: 'the tasks could not be read',
    server: { tasks: [], notLookedAt: unknownParts('not-read', ['tasks']) },
    finds: ['warning part-unknown -'],
  },
  {
    situation: 'the task of IIS Manager is active too',
    server: {
      tasks: [...ownTasks, nativeEntry],
    },
    finds: ['warning two-mechanisms -'],
  },
  {
    situation: 'win-acme is active too',
    server: { tasks: [...ownTasks, taskEntry({ path: '\\', name: 'win-acme renew (acme-v02)', xml: nativeTask })] },
    finds: ['warning two-mechanisms -'],
  },
  {
    situation: 'the task of Windows Admin Center is active too, and one that people made for renewals',
    server: {
      tasks: [
        ...ownTasks,
        taskEntry({ path: clientTasks, name: 'WindowsAdminCenter-AutoCertRebind', xml: '<Task/>' }),
        taskEntry({ path: `${clientTasks}Notification\\`, name: 'Mine', xml: '<Task/>' }),
      ],
    },
    finds: ['warning two-mechanisms -', 'warning two-mechanisms -'],
    command: null,
  },
  {
    situation: 'a run was interrupted',
    server: {},
    facts: { openRuns: [{ run: 'run-1', by: null }] },
    finds: ['warning unfinished-run -'],
    command: 'certrebind reconcile',
  },
  {
    situation: 'a run was interrupted, and nothing is enabled any more',
    server: { tasks: [] },
    facts: { openRuns: [{ run: 'run-1', by: null }] },
    finds: ['warning unfinished-run -', 'warning task-missing -'],
    command: 'certrebind reconcile',
  },
  {
    situation: 'a run is under way',
    server: {},
    facts: { openRuns: [{ run: 'run-1', by: { pid: 4711, since: '2026-06-01T12:00:00.000Z' } }] },
    finds: ['info run-under-way -'],
  },
  {
    situation: 'a file in the state folder is damaged',
    server: {},
    facts: { damaged: [{ message: 'ledger.json is not JSON.', hint: 'Mend it.', commands: ['certrebind reconcile'] }] },
    finds: ['error damaged-file -'],
    command: 'certrebind reconcile',
  },
  {
    situation: 'the last start could not work',
    server: {},
    facts: {
      lastError: {
        schema: 'certrebind/error/1',
        exitCode: 7,
        error: { code: 'powershell-missing', message: 'No PowerShell.', hint: null, where: null },
      },
    },
    finds: ['error could-not-work -'],
    command: null,
  },
  {
    situation: 'nobody accepts what is to be told',
    server: {},
    facts: { outbox: [{ ...messageOf(newsOf(), 'mail'), attempts: 3 }] },
    finds: ['warning messages-not-accepted -'],
    command: 'certrebind notify test',
  },
  {
    situation: 'a task was changed in two ways',
    server: {
      tasks: ownTasks.map((task, index) =>
        index > 0 ? task : { ...task, xml: task.xml.replace('Program Files', 'Users\\Public').replace('PT1H', 'PT2H') },
      ),
    },
    finds: ['error task-changed -'],
  },
  {
    situation: 'six hosts of a record are not covered',
    server: {
      sites: [
        site(
          'A',
          ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => https(`*:443:${name}.example.org`)),
        ),
      ],
      records: [record('0.0.0.0:443', 'shop')],
      certificates: [certificate('shop')],
    },
    finds: ['warning name-not-covered 0.0.0.0:443'],
  },
  {
    situation: 'five hosts of a record and an address of the new kind are not covered',
    server: {
      sites: [
        site(
          'A',
          ['a', 'b', 'c', 'd', 'e'].map((name) => https(`*:443:${name}.example.org`)),
        ),
        site('B', [https('*:443:[2001:db8::1]'), https('*:443:2001:db8::2')]),
      ],
      records: [record('0.0.0.0:443', 'shop')],
      certificates: [certificate('shop')],
    },
    finds: ['warning name-not-covered 0.0.0.0:443', 'warning unreadable -', 'warning unreadable -'],
  },
  {
    situation: 'an orphaned record has several options that could not be rolled back',
    server: { ...shop, records: [...shop.records, record('0.0.0.0:8443', 'shop', { flags: 0x6000_0000 })] },
    finds: ['warning orphaned-record 0.0.0.0:8443'],
  },
  {
    situation: 'a folder on the way to the program can be written by others',
    server: {},
    facts: installed({ unsafe: [{ path: 'C:\\Tools', why: 'Users may write', mend: 'icacls C:\\Tools' }] }),
    finds: ['error unsafe-path -'],
    says: /C:\\Tools: Users may write/,
    command: 'icacls C:\\Tools',
  },
  {
    situation: 'an account is trusted that Windows does not know as an administrator',
    server: {},
    facts: installed({ trusted: { accounts: ['S-1-5-21-1-2-3-1105'], refused: [] } }),
    finds: ['warning trusted-account -'],
    says: /TrustedAccounts of HKLM\\SOFTWARE\\CertRebind names S-1-5-21-1-2-3-1105/,
  },
  {
    situation: 'everybody is named as trusted and is not',
    server: {},
    facts: installed({
      trusted: { accounts: [], refused: [{ account: 'S-1-1-0', why: 'is Everyone, a group of too many accounts' }] },
    }),
    finds: ['warning trusted-account -'],
    says: /names "S-1-1-0", but CertRebind does not trust it: it is Everyone/,
  },
  {
    situation: 'PowerShell runs the script of CertRebind as a file',
    server: {},
    facts: installed({ engine: { way: 'file' } }),
    finds: [],
  },
  {
    situation: 'the program is not installed, so there is no file that PowerShell could run',
    server: {},
    facts: installed({ engine: { way: 'text', because: { cause: 'not-installed' } } }),
    finds: [],
  },
  {
    situation: 'the execution policy refuses the adapter script as a file',
    server: {},
    facts: installed({ engine: asText('execution-policy', 'it is not digitally signed.') }),
    finds: ['warning policy-bypassed -'],
    says: /2030-01-01T00:00:00Z.*not digitally signed/,
  },
  {
    situation: 'the adapter script gave no answer as a file',
    server: {},
    facts: installed({ engine: asText('no-answer', 'it ended with exit code 1') }),
    finds: ['warning file-not-run -'],
    says: /ended with exit code 1/,
  },
  {
    situation: 'the tasks are registered, and a proof of what they start still counts',
    server: {},
    facts: installed({ setup: { verified, failed: null, unfinished: null } }),
    finds: [],
  },
  {
    situation: 'the tasks are registered, and nothing has shown that they work',
    server: {},
    facts: installed({ setup: nothingVerified }),
    finds: ['warning proof-missing -'],
    says: /without a test of the task/,
  },
  {
    situation: 'the last proof failed, and the version before it goes on working',
    server: {},
    facts: installed({
      setup: {
        ...nothingVerified,
        verified,
        failed: { at: '2030-01-01T00:00:00Z', version: '9.9.9', why: 'It never ran.' },
      },
    }),
    finds: ['error proof-failed -'],
    says: /2030-01-01T00:00:00Z, version 9\.9\.9: It never ran\./,
  },
  {
    situation: 'an enable was interrupted before it disabled the task of IIS Manager',
    server: {},
    facts: installed({
      setup: {
        ...nothingVerified,
        verified,
        unfinished: { command: 'enable', at: '2030-01-01T00:00:00Z', replaceNative: true },
      },
    }),
    finds: ['error enable-unfinished -'],
    says: /certrebind enable, started at 2030-01-01 00:00 UTC, did not finish/,
    command: 'certrebind enable --replace-native',
  },
  {
    situation: 'two certificates cover the host of a binding without a record, and only one of them could serve',
    server: {
      ...shop,
      records: [],
      certificates: [
        certificate('shop', { names: ['*.example.com'] }),
        certificate('other', { archived: true }),
        certificate('x', { key: 'missing' }),
        certificate('y', { key: 'unusable' }),
        certificate('next', { notBefore: '2026-06-01T12:00:00.001Z' }),
        certificate('ftp', { notAfter: now }),
      ],
    },
    finds: ['error binding-without-record shop.example.com:443'],
    command: `netsh http add sslcert hostnameport=shop.example.com:443 certhash=${thumbprintOf('shop')} certstorename=My appid="{4dc3e181-e14b-4a21-b022-59fc669b0914}"`,
  },
  {
    situation: 'a certificate that is valid from this moment could serve a binding without a record',
    server: { ...shop, records: [], certificates: [certificate('shop', { notBefore: now })] },
    finds: ['error binding-without-record shop.example.com:443'],
    command: `netsh http add sslcert hostnameport=shop.example.com:443 certhash=${thumbprintOf('shop')} certstorename=My appid="{4dc3e181-e14b-4a21-b022-59fc669b0914}"`,
  },
  {
    situation: 'a record that answers for any host is missing, and nothing tells whose names it had',
    server: { ...shop, sites: [site('Shop', [https('*:443:'), https('*:443:shop.example.com')])], records: [] },
    finds: ['error binding-without-record 0.0.0.0:443'],
    command: `netsh http add sslcert ipport=0.0.0.0:443 certhash=${thumbprintOf('shop')} certstorename=My appid="{4dc3e181-e14b-4a21-b022-59fc669b0914}"`,
  },
  {
    situation: 'two hosts stand on a record whose certificate is gone, and no other covers both',
    server: {
      sites: [site('A', [https('*:443:a.example.com')]), site('B', [https('*:443:b.example.com')])],
      records: [record('0.0.0.0:443', 'gone')],
      certificates: [certificate('x', { names: ['a.example.com'] }), certificate('y', { names: ['b.example.com'] })],
    },
    finds: ['error certificate-gone 0.0.0.0:443'],
    command: `certrebind rebind --old ${thumbprintOf('gone')} --new <thumbprint>`,
  },
  {
    situation: 'two records of the same certificate, one of another product, and one without a subject',
    server: {
      sites: shop.sites,
      records: [...shop.records, record('0.0.0.0:8443', 'shop', foreign), record('0.0.0.0:8444', null, foreign)],
      certificates: [certificate('shop', { subject: '', notAfter: now })],
    },
    finds: ['error certificate-expired -', 'info certificate-gone 0.0.0.0:8444'],
  },
  {
    situation: 'a record of IIS without a binding and one of the central store have no certificate',
    server: {
      sites: [site('Central', [https('*:443:c.example.com', 3)])],
      records: [record('(central-store):443', null), record('0.0.0.0:8443', 'gone')],
    },
    finds: ['warning orphaned-record 0.0.0.0:8443'],
  },
  {
    situation: 'a certificate lacks two hosts of different sites, and an address that a binding names',
    server: {
      sites: [
        site('A', [https('*:443:a.example.org'), https('*:443:b.example.org'), https('*:443:192.0.2.1')]),
        site('B', [https('*:443:b.example.org'), https('*:443:shop.example.com')]),
      ],
      records: [record('0.0.0.0:443', 'shop')],
      certificates: [certificate('shop')],
    },
    finds: ['warning name-not-covered 0.0.0.0:443'],
  },
  {
    situation: 'endpoints by address and by name serve other certificates, or none',
    server: {
      sites: [site('A', [https('[2001:db8::1]:443:'), sni('shop.example.com')]), site('B', [https('*:8443:')])],
      records: [
        record('[2001:db8::1]:443', 'shop'),
        record('shop.example.com:443', 'shop'),
        record('0.0.0.0:8443', 'shop'),
      ],
      certificates: [certificate('shop', { names: ['shop.example.com'] })],
    },
    facts: (server) => ({
      wire: wireOf(server).map((seen) => {
        if (seen.key === '0.0.0.0:8443') return { ...seen, result: 'not-listening', thumbprint: null, matches: null };
        if (seen.key === 'shop.example.com:443') return { ...seen, result: 'skipped', thumbprint: null, matches: null };
        return { ...seen, thumbprint: null, matches: false };
      }),
    }),
    finds: ['error wire-differs [2001:db8::1]:443', 'error endpoint-unreachable 0.0.0.0:8443'],
  },
  {
    situation: 'the certificate of a record that its endpoint does not serve is in no store',
    server: { ...shop, certificates: [] },
    facts: (server) => ({ wire: wireOf(server, { thumbprint: thumbprintOf('proxy') }) }),
    finds: ['error certificate-gone shop.example.com:443', 'error wire-differs shop.example.com:443'],
  },
  {
    situation: 'an endpoint of the central store serves something',
    server: {
      sites: [site('Central', [https('*:443:c.example.com', 3)])],
      records: [record('(central-store):443', null)],
    },
    facts: (server) => ({ wire: wireOf(server, { thumbprint: thumbprintOf('x') }) }),
    finds: [],
  },
  {
    situation: 'the address of a record lacks many names that are bound there',
    server: {
      sites: [
        site('A', [
          https('192.0.2.1:443:'),
          ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => https(`192.0.2.1:443:${name}.example.org`, 1)),
        ]),
      ],
      records: [
        record('192.0.2.1:443', 'shop'),
        ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => record(`${name}.example.org:443`, 'other')),
      ],
      certificates: [certificate('shop'), certificate('other', { names: ['*.example.org'] })],
    },
    finds: ['warning shadowed-names 192.0.2.1:443'],
  },
  {
    situation: 'only an event that any account may have written renews a certificate that ends soon',
    server: {
      ...shop,
      certificates: [certificate('shop', { notAfter: '2026-06-05T12:00:00.000Z' }), certificate('next')],
      lifecycle: logOf(replaced(1, 'shop', 'next', { userId: 'S-1-5-21-1-2-3-1104' })),
    },
    finds: ['error certificate-ends-soon shop.example.com:443', 'warning renewal-blocked shop.example.com:443'],
  },
  {
    situation: 'the task of win-acme is there beside disabled tasks of ours',
    server: {
      tasks: [
        ...ownTasks.map((task) => ({ ...task, enabled: false })),
        taskEntry({ path: '\\', name: 'win-acme renew (acme-v02)', xml: nativeTask }),
        taskOf('simple-acme renew'),
      ],
    },
    finds: ['error task-disabled -', 'warning two-mechanisms -'],
  },
  {
    situation: 'the first task is disabled, and that of IIS Manager and a disabled one of another stand beside it',
    server: {
      tasks: [
        ...ownTasks.map((task, index) => ({ ...task, enabled: index > 0 })),
        nativeEntry,
        taskEntry({ path: '\\', name: 'win-acme renew', xml: '<Task/>', enabled: false }),
        taskOf('Backup'),
      ],
    },
    finds: ['error task-disabled -'],
  },
  {
    situation: 'the tasks of two others are active, and none of ours is registered',
    server: {
      tasks: [taskOf('win-acme renew'), taskOf('simple-acme renew')],
    },
    finds: ['warning task-missing -', 'warning two-mechanisms -'],
  },
  {
    situation: 'bindings with long and with empty texts cannot be read',
    server: {
      sites: [site('Odd', [https('n'.repeat(201)), https('')])],
      unreadable: [{ part: 'sites', where: 'Elsewhere', text: '', why: 'not a valid address:port:host' }],
    },
    finds: ['warning unreadable -', 'warning unreadable -', 'warning unreadable -'],
  },
  {
    situation:
      'FTP sites name certificates that end soon, end this moment, end later, are gone, or are in another store',
    server: {
      ftps: [
        { site: 'Soon', thumbprint: thumbprintOf('next'), store: 'My' },
        { site: 'Now', thumbprint: thumbprintOf('x'), store: 'My' },
        { site: 'Later', thumbprint: thumbprintOf('y'), store: 'My' },
        { site: 'Moved', thumbprint: thumbprintOf('y'), store: 'WebHosting' },
        { site: 'Elsewhere', thumbprint: thumbprintOf('y'), store: 'Remote Desktop' },
      ],
      certificates: [
        certificate('next', { notAfter: '2026-07-01T12:00:00.000Z' }),
        certificate('x', { notAfter: now }),
        certificate('y', { notAfter: '2026-07-01T12:00:00.001Z' }),
      ],
    },
    finds: [
      'warning ftps-certificate-expired ftp/Now',
      'warning ftps-certificate-gone ftp/Moved',
      'warning ftps-certificate-expired ftp/Soon',
    ],
  },
  {
    situation: 'the program that was started has the version of the installed one',
    server: {},
    facts: installed({ programs: { started: '1.1.0', installed: '1.1.0', file: installedFile } }),
    finds: [],
  },
  {
    situation: 'a binding of a stopped site and one of a running site have no central-store record',
    server: {
      sites: [
        site('Central', [https('*:443:c.example.com', 3)], 'stopped'),
        site('Running', [https('*:443:d.example.com', 3)]),
      ],
    },
    finds: ['error central-store-record-missing (central-store):443'],
  },
  {
    situation: 'an earlier version is installed than the one that was started',
    server: {},
    facts: installed({ programs: { started: '1.10.0', installed: '1.9.0', file: installedFile } }),
    finds: ['warning version-drift -'],
    command: 'certrebind install',
  },
  {
    situation: 'a later version is installed than the one that was started',
    server: {},
    facts: installed({ programs: { started: '1.9.0', installed: '1.10.0', file: installedFile } }),
    finds: ['warning version-drift -'],
    says: /version 1\.10\.0 is installed: C:\\Program Files/,
  },
];

/** Everything that is known in a situation. */
export function factsIn({ server, facts = {} }: Pick<Situation, 'server' | 'facts'>): DoctorFacts {
  return factsOf(server, typeof facts === 'function' ? facts(factsOf(server).snapshot) : facts);
}
