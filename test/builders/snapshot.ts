import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type Configuration, defaultConfiguration } from '../../src/documents/configuration.ts';
import { type FtpsSetting, ftpHolder } from '../../src/kinds/ftp/ftp.ts';
import { type MovableKind, recordsOf, type SnapshotHolder, tlsHolder } from '../../src/kinds/holder.ts';
import { type Binding, parseBinding, type RunState, type Site } from '../../src/kinds/iis/binding.ts';
import { ldapsHolder, ldapsSetting } from '../../src/kinds/ldaps/ldaps.ts';
import { gatewayHolder } from '../../src/kinds/rd-gateway/rd-gateway.ts';
import { rdpHolder } from '../../src/kinds/rdp/rdp.ts';
import { type ReportedValue, reportedUse } from '../../src/kinds/reported/reported.ts';
import type { ReportedKind } from '../../src/kinds/reported/reported-kinds.ts';
import type { Snapshot } from '../../src/kinds/snapshot.ts';
import { type SqlFacts, sqlHolder, sqlInstance, sqlService } from '../../src/kinds/sql/sql.ts';
import { remoteAccess, sstpHolder } from '../../src/kinds/sstp/sstp.ts';
import {
  type CertificateBinding,
  makeCertificateBinding,
  type RecordParts,
} from '../../src/kinds/tls/certificate-binding.ts';
import { winrmHolder, winrmListener } from '../../src/kinds/winrm/winrm.ts';
import { type Management, wmsvcHolder } from '../../src/kinds/wmsvc/wmsvc.ts';
import type { Certificate } from '../../src/model/certificates/certificate.ts';
import type { Renewal } from '../../src/model/certificates/renewal.ts';
import { parseThumbprint, type Thumbprint } from '../../src/model/certificates/thumbprint.ts';
import type { Authority } from '../../src/model/certificates/trust.ts';
import type { LifecycleEvent } from '../../src/model/windows/lifecycle-event.ts';
import { serviceAccount } from '../../src/model/windows/service-account.ts';

/** When the snapshots of tests are taken; certificates are valid around it unless told otherwise. */
export const now = '2026-06-01T12:00:00.000Z';

/** A thumbprint that belongs to a label, so that tests can speak of certificates by name. */
export function thumbprintOf(label: string): Thumbprint {
  return parseThumbprint(createHash('sha1').update(label).digest('hex'), label);
}

interface CertificateParts extends Partial<Omit<Certificate, 'thumbprint' | 'dnsNames' | 'renewedTo'>> {
  readonly names?: readonly string[];
  /** Label of the successor that the renewal property names. */
  readonly renewedTo?: string;
}

/** A server certificate with a usable key in `My`, for `shop.example.com` unless `names` says otherwise. */
export function certificate(
  label: string,
  { names = ['shop.example.com'], renewedTo, ...parts }: CertificateParts = {},
) {
  const whole: Certificate = {
    thumbprint: thumbprintOf(label),
    sha256: createHash('sha256').update(label).digest('hex').toUpperCase(),
    store: 'My',
    subject: `CN=${names[0] ?? label}`,
    issuer: 'CN=Test CA',
    serialNumber: '01',
    commonName: names[0] ?? null,
    dnsNames: names,
    ipAddresses: [],
    notBefore: '2026-01-01T00:00:00.000Z',
    notAfter: '2027-01-01T00:00:00.000Z',
    ekus: ['1.3.6.1.5.5.7.3.1'],
    keyType: 'RSA 2048',
    key: 'usable',
    archived: false,
    renewedTo: renewedTo === undefined ? null : thumbprintOf(renewedTo),
    friendlyName: null,
    chain: 'complete',
    issuedBy: [thumbprintOf(parts.issuer ?? 'CN=Test CA')],
    publicKey: createHash('sha256').update(`key of ${label}`).digest('hex').toUpperCase(),
    ...parts,
  };
  return whole;
}

/** An authority by its name, which nothing makes a root unless told otherwise. */
export function authority(subject: string, parts: Partial<Authority> = {}): Authority {
  return { thumbprint: thumbprintOf(subject), subject, organisation: null, issuedBy: [], standing: 'none', ...parts };
}

/** A root that an administrator added, and what it signed. */
export const testAuthorities: readonly Authority[] = [
  authority('CN=Test CA', { issuedBy: [thumbprintOf('CN=Test Root')] }),
  authority('CN=Test Root', { issuedBy: [thumbprintOf('CN=Test Root')], standing: 'machine' }),
];

/** The record of a key, holding the certificate of a label. */
export function record(
  key: string,
  label: string | null,
  parts: Omit<RecordParts, 'key' | 'thumbprint'> = {},
): CertificateBinding {
  return makeCertificateBinding({ key, thumbprint: label === null ? null : thumbprintOf(label), ...parts });
}

export function https(information: string, sslFlags = 0): Binding {
  return parseBinding('https', information, sslFlags);
}

/** An SNI binding on every address, port 443. */
export function sni(host: string): Binding {
  return https(`*:443:${host}`, 1);
}

export function site(name: string, bindings: readonly Binding[], state: RunState = 'started'): Site {
  return { name, id: null, state, bindings };
}

/** A place outside IIS and HTTP.SYS that keeps a copy of a hash. */
export interface OtherParts {
  /** In any letter case. */
  readonly thumbprint: string;
  readonly consumer: { readonly kind: Exclude<MovableKind, 'ftp'> | ReportedKind; readonly detail: string };
  readonly listener?:
    | Parameters<typeof rdpHolder>[2]
    | { readonly port: number; readonly state: RunState; readonly chosenBy: 'person' };
  readonly remoting?: Parameters<typeof winrmHolder>[1] & { readonly port: number; readonly hostname: string | null };
  readonly management?: Management;
  readonly sql?: Partial<SqlFacts>;
  readonly stands?: ReportedValue['stands'];
}

/** Parts of a snapshot, its holders in three lists; a list that is given replaces the holders of its kinds. */
export interface SnapshotParts extends Partial<Snapshot> {
  readonly records?: readonly CertificateBinding[];
  readonly ftps?: readonly FtpsSetting[];
  readonly others?: readonly OtherParts[];
}

/** A server in good order with nothing on it but what is named. */
export function snapshot({ records, ftps, others, holders = [], ...parts }: SnapshotParts = {}): Snapshot {
  const kept = holders.filter(({ kind }) => (kind === 'tls' ? records : kind === 'ftp' ? ftps : others) === undefined);
  const tls = records?.map(tlsHolder) ?? kept.filter(({ kind }) => kind === 'tls');
  const known = { records: recordsOf({ holders: tls }), sites: parts.sites ?? [] };
  return {
    schema: 'certrebind/snapshot/1',
    takenAt: now,
    server: { id: 'server-1', name: 'WEB01', kind: 'lab', iis: '10.0', osBuild: 20348 },
    account: 'system',
    sources: [],
    webService: 'started',
    scheduleService: 'started',
    webAdministration: 'present',
    listenOnly: [],
    sites: [],
    holders: [
      ...tls,
      ...kept.filter(({ kind }) => kind !== 'tls'),
      ...(ftps ?? []).map(ftpHolder),
      ...(others ?? []).map((one) => otherHolder(one, known)),
    ],
    unreadable: [],
    certificates: [],
    trust: { authorities: testAuthorities, list: 'current' },
    legacySslMetadata: false,
    notLookedAt: [],
    tasks: [],
    lifecycle: { enabled: true, oldestRecordId: null, lastRecordId: null, events: [] },
    netsh: { update: true, options: null },
    ...parts,
  };
}

/** The certificates of its FTP sites, and of the defaults. */
export function ftpsOf({ holders }: Pick<Snapshot, 'holders'>): readonly FtpsSetting[] {
  return holders.flatMap((one) => (one.kind === 'ftp' ? one.value : []));
}

/** An instance that runs, with one service beside it and two clients. */
export function runningSql(instance: string): SqlFacts {
  const name = sqlService(instance);
  const runsAs = serviceAccount(name, `NT Service\\${name}`);
  const service = { name, state: 'started', dependents: ['SQLSERVERAGENT'], sessions: 2, runsAs } as const;
  return { port: 1433, isClustered: false, isInGroups: false, service };
}

const nobodyKnows = { state: 'unknown', carriesRun: 'no' } as const;

function otherHolder(
  { thumbprint, consumer, listener, remoting, management, sql, stands }: OtherParts,
  known: Parameters<typeof wmsvcHolder>[2],
): SnapshotHolder {
  const hash = thumbprint.toUpperCase();
  switch (consumer.kind) {
    case 'rdp': {
      const { port, state, chosenBy } = listener ?? { port: 3389, state: 'unknown', chosenBy: 'unknown' };
      return rdpHolder(consumer.detail, hash, { port, state, ...(chosenBy === 'person' ? {} : { chosenBy }) });
    }
    case 'winrm': {
      const { hostname, port, ...around } = remoting ?? { hostname: null, port: 5986, ...nobodyKnows };
      const whose = remoting === undefined ? ({ chosenBy: 'unknown' } as const) : {};
      return { ...winrmHolder(winrmListener(consumer.detail, hash, hostname, port), around), ...whose };
    }
    case 'ldaps':
      return ldapsHolder(ldapsSetting([hash]) ?? assert.fail('no thumbprint'));
    case 'sstp':
      return sstpHolder(
        { port: 443, chosen: false, sha256Of: hash, sha1: '' },
        { ...known, certificates: [], state: 'started', dependents: [remoteAccess], sessions: 3 },
      );
    case 'rd-gateway':
      return gatewayHolder(
        { port: 443, hash },
        { ...known, service: { state: 'started', dependents: [], sessions: 3 }, isBroker: false },
      );
    case 'sql':
      return sqlHolder(sqlInstance(consumer.detail, `MSSQL16.${consumer.detail}`, hash), {
        ...runningSql(consumer.detail),
        ...sql,
      });
    case 'wmsvc':
      return management === undefined
        ? wmsvcHolder({ port: 8172, address: '*', state: 'unknown' }, hash, { records: [], sites: [] })
        : wmsvcHolder(management, hash, known);
    default:
      return reportedUse(consumer.kind, { detail: consumer.detail, hash, ...(stands === undefined ? {} : { stands }) });
  }
}

/** The pair of two labels, given by a person unless told otherwise. */
export function renewal(old: string, successor: string, parts: Partial<Renewal> = {}): Renewal {
  return {
    old: thumbprintOf(old),
    new: thumbprintOf(successor),
    source: 'given',
    corroborated: true,
    eventRecordId: null,
    ...parts,
  };
}

/** Event 1001 for the pair of two labels, written by SYSTEM unless told otherwise. */
export function replaced(
  recordId: number,
  old: string,
  successor: string,
  parts: Partial<LifecycleEvent> = {},
): LifecycleEvent {
  const side = (label: string) => ({
    thumbprint: thumbprintOf(label),
    template: null,
    names: [`CN=${label}`],
    ekus: [],
    notAfter: null,
  });
  return {
    recordId,
    eventId: 1001,
    timeCreated: now,
    userId: 'S-1-5-18',
    processName: 'taskhostw.exe',
    accountName: 'WEB01$',
    context: 'Machine',
    action: 'Renew',
    old: side(old),
    new: side(successor),
    certificate: null,
    ...parts,
  };
}

/** A lifecycle log of exactly these events. */
export function logOf(...events: readonly LifecycleEvent[]): Snapshot['lifecycle'] {
  const ids = events.map(({ recordId }) => recordId);
  return { enabled: true, oldestRecordId: ids[0] ?? null, lastRecordId: ids.at(-1) ?? null, events };
}

export function policy(parts: Partial<Configuration> = {}): Configuration {
  return { ...defaultConfiguration, ...parts };
}
