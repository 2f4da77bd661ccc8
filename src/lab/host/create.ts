import { randomUUID } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import type { InputFile } from '../../base/document.ts';
import { CertRebindError, messageFrom } from '../../base/errors.ts';
import { isMissing } from '../../base/file-error.ts';
import { decodeXml } from '../../base/xml.ts';
import { anyAddressKeys, formatRecordKey, toRecordKey } from '../../kinds/record-key.ts';
import { sstpAppId } from '../../kinds/sstp/sstp.ts';
import { iisAppId } from '../../kinds/tls/certificate-binding.ts';
import { decodeHttpSysTables } from '../../kinds/tls/http-sys-tables.ts';
import { winrmPort } from '../../kinds/winrm/winrm.ts';
import { wmsvcPort } from '../../kinds/wmsvc/wmsvc.ts';
import { certificateNames } from '../../model/certificates/host-name.ts';
import { serverAuthentication } from '../../model/certificates/usages.ts';
import { newCertificate } from '../kernel/certificates.ts';
import { setFtpCertificate } from '../kernel/holders/ftp.ts';
import { withWinrmRecord } from '../kernel/holders/winrm.ts';
import { defaultOptions, putRecord } from '../kernel/http-sys.ts';
import type { HttpSysTables, LabCertificate, LabService, LabState } from '../kernel/lab-state.ts';
import { parsedCertificate } from '../kernel/parsed-certificates.ts';
import { registryKeys } from '../kernel/snapshot.ts';
import { defaultSwitches } from '../kernel/switches.ts';
import { formatApplicationHost } from './application-host-text.ts';
import { type Authority, issueLeaf, type LabAuthority, type Leaf, leafFrom, makeAuthority } from './authority.ts';
import { type PlannedCertificate, type PlannedRecord, recordsFor, sampleServer, withFtpSites } from './blueprint.ts';
import { labFolder, ownAuthority, saveLab } from './folder.ts';
import { unusedKey } from './keys.ts';
import { sampleGatewayPort, sampleRoles, sampleSstpPort } from './sample-roles.ts';
import { sampleTask, writeSiteFiles } from './sample-texts.ts';
import { exportedTables, withCertificates } from './server-exports.ts';

export interface CreateLabOptions {
  readonly folder: string;
  /** The least number of sites; a large server gets further ones. */
  readonly sites?: number;
  /** With holders beside certificate bindings. */
  readonly holders?: boolean;
  /** An `applicationHost.config` to build the server around. */
  readonly from?: InputFile;
  /** `reg export` of its parameters of HTTP.SYS; without it, records and certificates are made for the https bindings. */
  readonly registry?: InputFile;
  /** Files of its certificates. */
  readonly certificates?: readonly InputFile[];
}

export interface LabCreated {
  readonly schema: 'certrebind/lab/1';
  readonly folder: string;
  readonly records: number;
  readonly sites: number;
  /** The first is the one bound most widely. */
  readonly certificates: readonly {
    readonly thumbprint: string;
    readonly names: readonly string[];
    readonly store: string;
  }[];
}

const day = 24 * 3600_000;

/**
 * Makes a lab server in a new or empty folder. Nothing is pending: endpoints serve what the records say.
 * @throws CertRebindError `not-writable` when the folder has something in it or cannot be made; `bad-input`, `bad-xml`
 * for a configuration that cannot be read
 */
export async function createLab(options: CreateLabOptions): Promise<LabCreated> {
  const folder = labFolder(options.folder);
  const { from, registry } = options;
  const plan = from === undefined ? plannedServer(options.sites ?? 0, options.holders ?? false) : plannedFrom(from);
  const exported = registry === undefined ? null : exportedTables(registry);
  const [records, wanted] = exported === null ? [plan.records, plan.certificates] : [[], []];

  const now = new Date();
  const keys = new Map<string, string>();
  const name = 'LAB-WEB01';
  const used = new Set<string>();
  const takeKey = (type: 'rsa' | 'ec'): string => {
    const key = unusedKey(type, used);
    used.add(key);
    return key;
  };
  const authority = await makeAuthority(name, takeKey('ec'), takeKey('ec'), now);
  const issued: { readonly planned: PlannedCertificate; readonly leaf: Leaf }[] = [];
  for (const planned of wanted) {
    const key = takeKey(planned.keyType);
    const leaf = await issue(authority, planned.names, key, now);
    keys.set(leaf.thumbprint, key);
    issued.push({ planned, leaf });
  }
  const central: { host: string; der: string }[] = [];
  const centralKey = plan.centralHosts.length === 0 ? '' : takeKey('rsa');
  for (const host of plan.centralHosts) {
    const leaf = await issue(authority, [host], centralKey, now);
    keys.set(leaf.thumbprint, centralKey);
    central.push({ host: host.replace(/^\*\./, '_.'), der: leaf.der.toString('base64') });
  }
  const certificates = issued.map(({ planned, leaf }) => newCertificate(leaf.der, planned));
  const web = newState({
    name,
    now,
    applicationHost: plan.applicationHost,
    stoppedSites: plan.stoppedSites,
    httpSys: exported ?? tablesOf(records, certificates),
    certificates,
    authority,
    centralStore: { enabled: central.length > 0, files: central },
  });
  const state = plan.ftps.reduce((current, { site, certificate }) => {
    const { thumbprint: hash = '', store = 'My' } = certificates[certificate] ?? {};
    return setFtpCertificate(current, { kind: 'set-ftp', site, hash, store }).state;
  }, web);
  const given = withCertificates(state, options.certificates ?? [], now.toISOString());
  const withListener = options.holders === true ? withListeners(given) : given;
  await claimFolder(folder);
  if (from === undefined) await writeSiteFiles(folder, certificates[0]?.thumbprint ?? '');
  await saveLab(folder, null, {
    state: withListener,
    keys,
    issuers: new Map([[ownAuthority, authority]]),
    enabledThrough: null,
  });
  return {
    schema: 'certrebind/lab/1',
    folder,
    records: decodeHttpSysTables(registryKeys(given.httpSys)).records.length,
    sites: plan.sites,
    certificates: [
      ...mostWidelyFirst(records, issued),
      ...given.certificates.slice(certificates.length).map(({ thumbprint, store, der }) => {
        return { thumbprint, store, names: certificateNames(parsedCertificate(der, given)) };
      }),
    ],
  };
}

function plannedServer(sites: number, holders: boolean) {
  const web = sampleServer(sites);
  const plan = holders ? withFtpSites(web) : web;
  return { ...plan, sites: plan.sites.length, applicationHost: formatApplicationHost(plan.sites) };
}

function plannedFrom({ where, bytes }: InputFile) {
  const applicationHost = decodeXml(bytes, where);
  return { ...recordsFor(applicationHost, where), stoppedSites: [], ftps: [], applicationHost };
}

async function claimFolder(folder: string): Promise<void> {
  let found: readonly string[];
  try {
    found = await readdir(folder);
  } catch (error) {
    if (!isMissing(error)) throw notWritable(folder, error);
    found = [];
  }
  if (found.length > 0) {
    throw new CertRebindError('not-writable', {
      message: `${folder} is not empty. A lab needs its own folder.`,
      hint: 'Name a folder that does not exist yet.',
      where: folder,
    });
  }
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw notWritable(folder, error);
  }
}

function notWritable(folder: string, cause: unknown): CertRebindError {
  const message = `${folder} could not be created: ${messageFrom(cause)}`;
  return new CertRebindError('not-writable', { message, where: folder, cause });
}

function issue(authority: Authority, names: readonly string[], key: string, now: Date): Promise<Leaf> {
  return issueLeaf(authority, {
    names,
    notBefore: new Date(now.getTime() - 300 * day),
    notAfter: new Date(now.getTime() + 65 * day),
    ekus: [serverAuthentication],
    key,
  });
}

function tablesOf(records: readonly PlannedRecord[], certificates: readonly LabCertificate[]): HttpSysTables {
  const none: HttpSysTables = { SslBindingInfo: null, SslSniBindingInfo: null, SslCcsBindingInfo: null };
  return records.reduce((tables, record) => {
    const key = toRecordKey(record.key);
    if (key === null) throw new TypeError(`not the key of a record: ${record.key}`);
    const certificate = record.certificate === null ? undefined : certificates[record.certificate];
    const fields = {
      ...defaultOptions,
      thumbprint: certificate?.thumbprint ?? null,
      store: certificate?.store ?? null,
      appId: record.appId ?? iisAppId,
      ...record.options,
    };
    return putRecord(tables, formatRecordKey(key), fields, defaultSwitches);
  }, none);
}

function newState(
  parts: Pick<LabState, 'name' | 'applicationHost' | 'stoppedSites' | 'httpSys' | 'certificates' | 'centralStore'> & {
    readonly now: Date;
    readonly authority: LabAuthority;
  },
): LabState {
  const { now, authority, ...given } = parts;
  const at = now.toISOString();
  return {
    schema: 'certrebind/lab-state/1',
    id: randomUUID(),
    iis: '10.0',
    osBuild: 20348,
    switches: defaultSwitches,
    faults: [],
    webService: 'started',
    authorities: [authority.root, authority.intermediate, authority.renewing].map((der) => der.toString('base64')),
    roots: [leafFrom(authority.root).thumbprint],
    withheld: leafFrom(authority.renewing).thumbprint,
    revocationLists: [],
    wire: { previous: {}, loaded: [] },
    others: [],
    notLookedAt: [],
    tasks: [],
    bootedAt: at,
    tickedAt: at,
    lifecycle: { enabled: true, nextRecordId: 1, limit: 1000, events: [] },
    applicationLog: { nextRecordId: 1, limit: 1000, entries: [] },
    counters: { reads: 0, writes: 0 },
    ...given,
  };
}

/** Remote Desktop; WinRM and the Web Management Service with their certificate bindings; and roles that are only reported. */
function withListeners(state: LabState): LabState {
  const listener = remoting(state);
  const management = webManagement(state);
  const roles = sampleRoles(management.thumbprint, state.certificates[0]?.der ?? '');
  const others = [remoteDesktop(state), listener, management];
  const withAll = { ...state, others, roles, tasks: [sampleTask(management.thumbprint)] };
  const httpSys = withWinrmRecord(withAll, winrmListenerName, listener.thumbprint);
  const fields = { ...defaultOptions, thumbprint: management.thumbprint, store: 'My', appId: wmsvcAppId };
  const withManagement = putRecord(httpSys, wmsvcRecordKey, fields, state.switches);
  const ofSstp = { ...fields, appId: sstpAppId };
  const withSstp = anyAddressKeys(sampleSstpPort).reduce(
    (tables, key) => putRecord(tables, key, ofSstp, state.switches),
    withManagement,
  );
  const withGateway = anyAddressKeys(sampleGatewayPort).reduce(
    (tables, key) => putRecord(tables, key, fields, state.switches),
    withSstp,
  );
  return { ...withAll, httpSys: withGateway };
}

/** Under which Windows makes the certificate binding of the Web Management Service (fidelity: wmsvc-setting). */
const wmsvcAppId = '{00000000-0000-0000-0000-000000000000}';
const wmsvcRecordKey = formatRecordKey({ table: 'ip', address: '0.0.0.0', port: wmsvcPort });

/** On the certificate of the web sites, in both places. */
function webManagement({ certificates }: LabState): LabService {
  return {
    thumbprint: certificates[0]?.thumbprint ?? '',
    consumer: { kind: 'wmsvc', detail: 'WMSVC' },
    management: { port: wmsvcPort, address: '*', state: 'started' },
  };
}

const winrmListenerName = '*+HTTPS';

/** On the certificate of the web sites, under the first of its names. */
function remoting(state: LabState): LabService {
  const [{ thumbprint = '', der = '' } = {}] = state.certificates;
  const hostname = parsedCertificate(der, state).commonName;
  return {
    thumbprint,
    consumer: { kind: 'winrm', detail: winrmListenerName },
    remoting: { port: winrmPort, hostname, state: 'started' },
  };
}

/** Its certificate is that of the web sites, chosen by a person. */
function remoteDesktop({ certificates }: LabState): LabService {
  return {
    thumbprint: certificates[0]?.thumbprint ?? '',
    consumer: { kind: 'rdp', detail: 'RDP-Tcp' },
    listener: { port: 3389, state: 'started', chosenBy: 'person' },
  };
}

function mostWidelyFirst(
  records: readonly PlannedRecord[],
  issued: readonly { readonly planned: PlannedCertificate; readonly leaf: Leaf }[],
): LabCreated['certificates'] {
  const uses = issued.map((_, at) => records.filter(({ certificate }) => certificate === at).length);
  return issued
    .map(({ planned, leaf }, at) => ({
      uses: uses[at] ?? 0,
      shown: { thumbprint: leaf.thumbprint, names: planned.names, store: planned.store },
    }))
    .sort((a, b) => b.uses - a.uses)
    .map(({ shown }) => shown);
}
