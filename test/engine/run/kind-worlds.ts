import { createHash } from 'node:crypto';
import { type Configuration, defaultConfiguration } from '../../../src/documents/configuration.ts';
import { ftpKey } from '../../../src/kinds/ftp/ftp.ts';
import { isRestarted, type MovableKind } from '../../../src/kinds/holder.ts';
import { parseBinding } from '../../../src/kinds/iis/binding.ts';
import { ldapsKey, ldapsPorts, ntdsStore } from '../../../src/kinds/ldaps/ldaps.ts';
import {
  brokerService,
  gatewayClass,
  gatewayConnections,
  gatewayKey,
  gatewayService,
  terminalServices,
} from '../../../src/kinds/rd-gateway/rd-gateway.ts';
import { rdpKey } from '../../../src/kinds/rdp/rdp.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import { reportedRules } from '../../../src/kinds/reported/reported-kinds.ts';
import { sqlKey, sqlServers, sqlService } from '../../../src/kinds/sql/sql.ts';
import { remoteAccess, sstpAppId, sstpKey, sstpParameters, sstpService } from '../../../src/kinds/sstp/sstp.ts';
import { iisAppId } from '../../../src/kinds/tls/certificate-binding.ts';
import { winrmKey } from '../../../src/kinds/winrm/winrm.ts';
import { wmsvcKey } from '../../../src/kinds/wmsvc/wmsvc.ts';
import { tcpConnection } from '../../../src/lab/host/sample-roles.ts';
import type { FaultPoint } from '../../../src/lab/kernel/faults.ts';
import { setFtpCertificate } from '../../../src/lab/kernel/holders/ftp.ts';
import { heldBy } from '../../../src/lab/kernel/holders/kinds.ts';
import { gatewayObjects, usedNow } from '../../../src/lab/kernel/holders/rd-gateway.ts';
import { sstpUses } from '../../../src/lab/kernel/holders/sstp.ts';
import { fieldsOf, listEntries } from '../../../src/lab/kernel/http-sys.ts';
import type { LabRoles, LabService, LabState } from '../../../src/lab/kernel/lab-state.ts';
import { registryKeyNow } from '../../../src/lab/kernel/roles.ts';
import { serviceNow } from '../../../src/lab/kernel/services.ts';
import type { Switches } from '../../../src/lab/kernel/switches.ts';
import type { Endpoint } from '../../../src/model/certificates/handshake.ts';
import { rawBinary } from '../../../src/model/windows/raw-value.ts';
import { type LabBuilder, type LabCertificateParts, labState } from '../../builders/lab.ts';
import { https, sni } from '../../builders/snapshot.ts';
import { given, type Parts, rebind, type World } from './world.ts';

/** A server with one kind of holder, and how a test looks at it. */
export interface KindWorld {
  /** Puts the kind on a server, on its certificate `old`. */
  on(server: LabBuilder): LabBuilder;
  /** Other servers where it is moved as well, and where its requests fail otherwise. */
  readonly also?: Readonly<Record<string, (server: LabBuilder) => LabBuilder>>;
  /** What nobody knows of Windows: on each of the servers it is moved in every one of these positions. */
  readonly positions?: readonly (readonly [name: keyof Switches, position: Switches[keyof Switches]])[];
  /** Its holders; the contract breaks the first, which is met at all of `endpoints`. */
  readonly keys: readonly [KeyText, ...KeyText[]];
  readonly endpoints: readonly Partial<Endpoint>[];
  /** The key by which faults know its connections; absent for that of the first holder. */
  readonly met?: string;
  /** Certificate bindings that are part of it. */
  readonly records?: readonly string[];
  /** A web or FTP site whose exclusion excludes it too. */
  readonly site?: string;
  /** Certificate bindings that are skipped where it is reported. */
  readonly leftWith?: readonly string[];
  /** Every certificate that it names or has read, besides those of `keys` and `records`. */
  named?(state: LabState): readonly (string | null | undefined)[];
  /** The requests that change it. */
  readonly writes: readonly FaultPoint[];
  /** Positions in which Windows does not allow the change. */
  readonly denying?: KindWorld['positions'];
  /** The request whose third and later calls come when the server has changed something already, and does not take it back. */
  readonly halfDone?: FaultPoint['kind'];
  /** Its service opens the private key by itself, and gets the right to first. */
  readonly opensKey?: true;
  /** What a person types in the place of a run; absent for the line that changes its policy. */
  readonly byHand?: (successor: string) => string;
  /** Of a kind that is restarted. */
  readonly restart?: {
    /** In the order in which they are stopped. */
    readonly services: readonly string[];
    /** What is said before. */
    readonly costs: RegExp;
    /** Servers where it is never restarted, and why. */
    readonly never: readonly (readonly [where: string, (server: LabBuilder) => LabBuilder, why: RegExp])[];
    /** Servers where it does not answer before. */
    readonly silent?: Readonly<Record<string, (server: LabBuilder) => LabBuilder>>;
  };
}

export const names = ['web01.example.com', 'shop.example.com', 'files.example.com', 'portal.example.com'];

/** Certificates that every kind takes: `old`, its renewal `new`, and `other`. */
export function certificatesWith(successor: LabCertificateParts = {}): LabBuilder {
  const parts = { names, keyType: 'rsa' } as const;
  return labState()
    .certificate('new', { ...parts, notAfter: '2028-01-01T00:00:00Z', ...successor })
    .certificate('old', { ...parts, renewedTo: 'new' })
    .certificate('other', parts);
}
export const certificates = certificatesWith();

export function withRoles(server: LabBuilder, more: Partial<LabRoles>): LabBuilder {
  const { registry, classes, stopped = [] } = server.build().roles ?? { registry: {}, classes: {} };
  const roles = {
    registry: { ...registry, ...more.registry },
    classes: { ...classes, ...more.classes },
    stopped: [...stopped, ...(more.stopped ?? [])],
  };
  return server.with({ roles });
}

export function withUse(server: LabBuilder, use: Partial<LabService> & Pick<LabService, 'consumer'>): LabBuilder {
  return server.with({ others: [...server.build().others, { thumbprint: server.thumbprint('old'), ...use }] });
}

export function withFtp(server: LabBuilder, site: string | null, label: string): LabBuilder {
  const request = { kind: 'set-ftp', site, hash: server.thumbprint(label), store: 'My' } as const;
  return server.with({ applicationHost: setFtpCertificate(server.build(), request).state.applicationHost });
}

const services = 'SYSTEM\\CurrentControlSet\\Services';
export const serviceKey = (name: string) => `${services}\\${name}`;
const stopped = (name: string) => (server: LabBuilder) => withRoles(server, { stopped: [name] });
const anyAddress = ['0.0.0.0:443', '[::]:443'];

export const sqlId = `${sqlServers}\\MSSQL16.SHOP`;
export const sqlSettings = `${sqlId}\\MSSQLServer\\SuperSocketNetLib`;
export const sqlAgent = 'SQLAgent$SHOP';
const withSql = (registry: LabRoles['registry']) => (server: LabBuilder) => withRoles(server, { registry });

/** Certificate bindings as SSTP makes them. */
export const sstpOwn = { appId: sstpAppId, store: 'My', certCheckMode: 1 } as const;
export const rasman = 'RasMan';
const otherProgram = { ...sstpOwn, appId: '{5d8e2743-ef20-4d38-8751-7e400f200e65}' };
const withSstpValues = (values: (server: LabBuilder) => LabRoles['registry'][string]) => (server: LabBuilder) => {
  const before = server.build().roles?.registry[sstpParameters];
  return withRoles(server, { registry: { [sstpParameters]: { ...before, ...values(server) } } });
};
const chosenByAdmin = withSstpValues(() => ({ isHashConfiguredByAdmin: 1 }));

export function sstpHashes(server: LabBuilder, label: string) {
  const found = server.build().certificates.find(({ thumbprint }) => thumbprint === server.thumbprint(label));
  const der = Buffer.from(found?.der ?? '', 'base64');
  const hash = (algorithm: string) => rawBinary(createHash(algorithm).update(der).digest());
  return { SHA256CertificateHash: hash('sha256'), SHA1CertificateHash: hash('sha1') };
}

/** As IIS writes them, with an option that a change must keep. */
export const gatewayOwn = { appId: iisAppId, store: 'My', certCheckMode: 1 } as const;
export const gatewaySite = [https('*:443:'), https('*:443:portal.example.com')];

/** Remote Desktop Gateway without certificate bindings; its three sessions have five channels. */
export function withGateway(server: LabBuilder, label = 'old'): LabBuilder {
  return withRoles(server, {
    registry: { [serviceKey(gatewayService)]: { ObjectName: 'NT AUTHORITY\\NetworkService' } },
    classes: {
      [`${terminalServices}:${gatewayClass}`]: [{ CertHash: `0x${server.thumbprint(label)}`, IsConfigured: 'True' }],
      [`${terminalServices}:${gatewayConnections}`]: ['1', '1', '2', '3', '3'].map((TunnelId) => ({ TunnelId })),
    },
  });
}

/** A Remote Desktop listener. */
export function rdpListener(server: LabBuilder, parts: Partial<LabService['listener']> = {}, detail = 'RDP-Tcp') {
  const listener = { port: 3389, state: 'started', chosenBy: 'person', ...parts } as const;
  return withUse(server, { consumer: { kind: 'rdp', detail }, listener });
}

/** A WinRM listener, and the certificate binding that WinRM made for it. */
export function winrmListener(server: LabBuilder, parts: Partial<LabService['remoting']> = {}, address = '*') {
  const [detail, at] = address === '*' ? ['*+HTTPS', '0.0.0.0'] : [`IP:${address}+HTTPS`, address];
  const remoting = { port: 5986, hostname: null, state: 'started', ...parts } as const;
  return withUse(server.record(`${at}:5986`, 'old', { appId: winrmAppId }), {
    consumer: { kind: 'winrm', detail },
    remoting,
  });
}

/** The Web Management Service with its certificate binding, whose registry names this certificate; empty for none. */
export function managementService(server: LabBuilder, listed = 'old', state: 'started' | 'stopped' = 'started') {
  return withUse(server.record('0.0.0.0:8172', 'old', wmsvcOwn), {
    thumbprint: listed === '' ? '' : server.thumbprint(listed),
    consumer: { kind: 'wmsvc', detail: 'WMSVC' },
    management: { port: 8172, address: '*', state },
  });
}

export const winrmAppId = '{afebb9ad-9b97-4a91-9ab5-daf4d59122f6}';
export const wmsvcAppId = '{00000000-0000-0000-0000-000000000000}';
export const wmsvcOwn = { appId: wmsvcAppId, flags: 2, certCheckMode: 4, revocationFreshnessSeconds: 60 } as const;
const onServer2016 = (server: LabBuilder) => server.with({ osBuild: 14393 });

/** A new kind is one entry. */
export const kindWorlds: Readonly<Record<MovableKind, KindWorld>> = {
  ftp: {
    on(server) {
      const ftp = (information: string) => parseBinding('ftp', information, 0);
      const sites = server
        .site('Shop', [sni('shop.example.com')])
        .record('shop.example.com:443', 'old')
        .site('Files', [ftp('*:21:'), ftp('*:990:')])
        .site('Named', [ftp('*:2121:files.example.com')])
        .site('Uploads', [ftp('*:2122:')]);
      return [null, 'Files', 'Named'].reduce((built, site) => withFtp(built, site, 'old'), sites);
    },
    keys: [ftpKey('Files'), ftpKey(null), ftpKey('Named')],
    endpoints: [{ port: 21, startTls: 'ftp' }, { port: 990 }],
    site: 'FILES',
    writes: [{ kind: 'set-ftp', key: 'ftp/Files' }],
  },
  wmsvc: {
    on: (server) => managementService(server),
    also: { 'on Server 2016': onServer2016 },
    keys: [wmsvcKey(8172)],
    endpoints: [{ port: 8172 }],
    met: '0.0.0.0:8172',
    records: ['0.0.0.0:8172'],
    named: ({ others }) => [others.find(({ consumer }) => consumer.kind === 'wmsvc')?.thumbprint],
    writes: [{ kind: 'netsh' }, { kind: 'set-wmsvc' }],
  },
  sql: {
    on: (server) =>
      withRoles(server, {
        registry: {
          [`${sqlServers}\\Instance Names\\SQL`]: { SHOP: 'MSSQL16.SHOP' },
          [sqlSettings]: { Certificate: server.thumbprint('old').toLowerCase() },
          [`${sqlSettings}\\Tcp`]: { Enabled: 1, ListenOnAllIPs: 1 },
          [`${sqlSettings}\\Tcp\\IPAll`]: { TcpPort: '', TcpDynamicPorts: '49742' },
          [serviceKey(sqlService('SHOP'))]: { ObjectName: `NT Service\\${sqlService('SHOP')}` },
          [serviceKey(sqlAgent)]: { DependOnService: sqlService('SHOP') },
        },
        classes: { 'root/StandardCimv2:MSFT_NetTCPConnection': [tcpConnection(49742), tcpConnection(49742)] },
      }),
    keys: [sqlKey('SHOP')],
    endpoints: [{ port: 49742, startTls: 'tds' }],
    writes: [{ kind: 'set-role-value' }],
    opensKey: true,
    byHand: (successor) =>
      `Set-ItemProperty 'HKLM:\\${sqlSettings}' Certificate ${successor.toLowerCase()} -ErrorAction Stop; Restart-Service '${sqlService('SHOP')}' -Force`,
    restart: {
      services: [sqlAgent, sqlService('SHOP')],
      costs: /Restarts MSSQL\$SHOP, and SQLAgent\$SHOP with it: 2 connections end\.$/,
      never: [
        ['it belongs to a cluster', withSql({ [`${sqlId}\\Cluster`]: {} }), /failover cluster/],
        [
          'it belongs to availability groups',
          withSql({ [`${sqlId}\\MSSQLServer\\HADR`]: { HADR_Enabled: 1 } }),
          /availability groups/,
        ],
        ['it does not run', stopped(sqlService('SHOP')), /does not run/],
        [
          'it listens at no port that is known',
          withSql({ [`${sqlSettings}\\Tcp`]: { Enabled: 0 } }),
          /not known where clients meet it/,
        ],
      ],
    },
  },
  ldaps: {
    on: (server) =>
      withRoles(server, {
        registry: {
          [reportedRules['ldaps-my'].there.key]: { ProductType: 'LanmanNT' },
          [`${ntdsStore}\\${server.thumbprint('old')}`]: {},
        },
      }),
    keys: [ldapsKey],
    endpoints: ldapsPorts,
    named: (state) => registryKeyNow(state, ntdsStore)?.subKeys ?? [],
    writes: [{ kind: 'set-ldaps' }],
    denying: [['ldaps-system-right', 'denied']],
  },
  sstp: {
    on: (server) =>
      withRoles(
        anyAddress.reduce((one, key) => one.record(key, 'old', sstpOwn), server),
        {
          registry: {
            [sstpParameters]: sstpHashes(server, 'old'),
            [serviceKey(sstpService)]: {},
            [serviceKey(rasman)]: { DependOnService: sstpService },
            [serviceKey(remoteAccess)]: { DependOnService: rasman },
          },
          classes: {
            'root/Microsoft/Windows/RemoteAccess:PS_RemoteAccessConnectionStatistics': ['a', 'b', 'c'].map(
              (UserName) => ({ UserName }),
            ),
          },
        },
      ),
    also: {
      'with a certificate that a person chose': chosenByAdmin,
      'on Server 2016': onServer2016,
      'on Server 2016, with a certificate that a person chose': (server) => onServer2016(chosenByAdmin(server)),
    },
    positions: [
      ['sstp-init-service', 'remote-access'],
      ['sstp-init-service', 'sstp-service'],
    ],
    keys: [sstpKey],
    endpoints: [{ port: 443, startTls: 'sstp' }],
    records: anyAddress,
    named: (state) => {
      const stored = sstpUses(state)[sstpService];
      return [stored, state.wire.services?.[sstpService] ?? stored];
    },
    writes: [{ kind: 'netsh' }, { kind: 'set-sstp' }],
    byHand: (successor) => `Set-RemoteAccess -SslCertificate (Get-Item Cert:\\LocalMachine\\My\\${successor}) -Force`,
    restart: {
      services: [remoteAccess, rasman, sstpService],
      costs: /Restarts SstpSvc, and RemoteAccess, RasMan with it: 3 connections end\.$/,
      never: [
        [
          'another program owns a binding',
          (server) => server.record('[::]:443', 'old', otherProgram),
          /belongs to another program/,
        ],
        ['IIS uses a binding', (server) => server.site('Vpn', [https('*:443:')]), /A binding of IIS uses/],
        [
          'a binding is missing',
          (server) => server.with({ httpSys: certificates.record('0.0.0.0:443', 'old', sstpOwn).build().httpSys }),
          /has no certificate binding \[::\]/,
        ],
        ['its bindings differ', (server) => server.record('[::]:443', 'other', sstpOwn), /do not name one certificate/],
        [
          'it stores another hash',
          withSstpValues((server) => sstpHashes(server, 'other')),
          /do not name one certificate/,
        ],
        [
          'its two hashes differ',
          withSstpValues(() => ({ SHA1CertificateHash: rawBinary(Buffer.alloc(20)) })),
          /do not name one/,
        ],
        ['RemoteAccess does not run', stopped(remoteAccess), /RemoteAccess does not run/],
        [
          'RemoteAccess does not need it',
          (server) => withRoles(server, { registry: { [serviceKey(remoteAccess)]: { DependOnService: '' } } }),
          /so a restart would not reach it/,
        ],
      ],
      silent: {
        'all its ports are taken': (server) => server.switched('sstp-ports-full', 'full'),
        'it answers 503': (server) => server.switched('sstp-ports-full', 'full').switched('sstp-down-status', '503'),
        'it resets connections': (server) =>
          server.switched('sstp-ports-full', 'full').switched('sstp-down-status', 'reset'),
      },
    },
  },
  'rd-gateway': {
    on: (server) =>
      withGateway(anyAddress.reduce((one, key) => one.record(key, 'old', gatewayOwn), server)).site(
        'Default Web Site',
        gatewaySite,
      ),
    also: {
      'without a site of IIS': (server) => server.with({ applicationHost: certificates.build().applicationHost }),
    },
    positions: [
      ['gateway-record-is-hash', 'record'],
      ['gateway-record-blocks', 'refuses'],
      ['gateway-rewrites-record', 'rewritten'],
      ['gateway-self-restart', 'at-once'],
      ['gateway-down-status', '404'],
      ['gateway-down-status', 'reset'],
    ],
    keys: [gatewayKey],
    endpoints: [{ port: 443, startTls: 'rdg' }, { port: 443 }, { port: 443, serverName: 'portal.example.com' }],
    records: anyAddress,
    site: 'default web site',
    leftWith: ['[::]:443'],
    denying: [['gateway-system-denied', 'denied']],
    halfDone: 'set-rd-gateway',
    named: (state) => [gatewayObjects(state)?.[0]?.CertHash?.slice(2), usedNow(state)],
    opensKey: true,
    writes: [{ kind: 'netsh' }, { kind: 'set-rd-gateway' }],
    byHand: (successor) =>
      `Import-Module RemoteDesktopServices; Set-Item RDS:\\GatewayServer\\SSLCertificate\\Thumbprint -Value ${successor} -ErrorAction Stop; Restart-Service TSGateway -Force`,
    restart: {
      services: [gatewayService],
      costs: /Restarts TSGateway: 3 connections end\.$/,
      never: [
        [
          'its server is a connection broker',
          (server) => withRoles(server, { registry: { [serviceKey(brokerService)]: {} } }),
          /connection broker/,
        ],
        [
          'it has no certificate binding',
          (server) => server.with({ httpSys: certificates.build().httpSys }),
          /No certificate binding 0\.0\.0\.0:443 names/,
        ],
        ['it does not run', stopped(gatewayService), /TSGateway does not run/],
      ],
    },
  },
  rdp: {
    on: (server) => rdpListener(server),
    keys: [rdpKey('RDP-Tcp')],
    endpoints: [{ port: 3389, startTls: 'rdp' }],
    writes: [{ kind: 'set-rdp' }],
    opensKey: true,
  },
  winrm: {
    on: (server) => winrmListener(server, { hostname: 'web01.example.com' }),
    keys: [winrmKey('*+HTTPS')],
    endpoints: [{ port: 5986, serverName: 'web01.example.com' }],
    met: '0.0.0.0:5986',
    writes: [{ kind: 'set-winrm' }],
  },
};

/** 12:00 on a Monday, when tests begin, lies in the first of these. */
const window = { from: '10:30', to: '13:30', timeZone: 'UTC' };
const atNight = { ...window, from: '01:00', to: '04:00' };

/** Policies by which these kinds are moved: those that are restarted in a window, which is open. */
export function replacing(...kinds: readonly MovableKind[]): Configuration {
  const policies = kinds.map((kind) => [
    kind,
    { policy: 'replace', ...(isRestarted(kind) ? { restart: 'window' } : {}) },
  ]);
  const holders = { ...defaultConfiguration.holders, ...Object.fromEntries(policies) };
  return { ...defaultConfiguration, holders, ...(kinds.some(isRestarted) ? { window } : {}) };
}

export function excluding(configuration: Configuration, exclude: Partial<Configuration['exclude']>): Configuration {
  return { ...configuration, exclude: { ...configuration.exclude, ...exclude } };
}

/** A kind on a server of its own, how it is moved there, and how it then stands. */
export function played(kind: MovableKind) {
  const { on, keys, endpoints: met, records = [], named, restart } = kindWorlds[kind];
  const lab = on(certificates);
  const allowing = replacing(kind);
  const services = restart?.services ?? [];
  const endpoints = met.map((at) => ({ address: '0.0.0.0', port: 0, serverName: null, ...at }));
  const labels = new Map<unknown, string>(
    ['old', 'new', 'other'].map((label) => [certificates.thumbprint(label), label]),
  );
  const label = (hash: unknown) => labels.get(hash) ?? hash;

  const namedIn = (state: LabState) =>
    [...[...keys, ...records].map((key) => heldBy(state, key)), ...(named?.(state) ?? [])].map(label);
  const running = ({ kernel: { state } }: World) => services.map((one) => serviceNow(state, one)?.state);
  const optionsIn = ({ httpSys }: LabState) =>
    listEntries(httpSys).map(({ key, entry }) => [key, { ...fieldsOf(entry), thumbprint: null }]);
  const dialled = ({ context }: World) =>
    Promise.all(endpoints.map(async (one) => label((await context.handshake(one)).handshake.thumbprint)));

  return {
    lab,
    allowing,
    closed: { ...allowing, window: atNight },
    services,
    endpoints,
    dialled,
    named: ({ kernel }: World) => namedIn(kernel.state),
    running,
    rebinding: (world: World, configuration: Configuration = allowing, parts: Parts = {}) =>
      rebind(world, [given(certificates, 'old', 'new')], parts, configuration),
    /** What the server names and has read, what its clients get, and what else a certificate binding holds. */
    standing: async (world: World) => ({
      named: namedIn(world.kernel.state),
      served: await dialled(world),
      running: running(world),
      options: optionsIn(world.kernel.state),
    }),
    /** All of that with one certificate, as it is on a server that was built so. */
    all: (certificate: string, server: LabBuilder = lab) => ({
      named: namedIn(server.build()).map(() => certificate),
      served: endpoints.map(() => certificate),
      running: services.map(() => 'started'),
      options: optionsIn(server.build()),
    }),
  };
}
