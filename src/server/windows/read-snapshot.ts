import { CertRebindError } from '../../base/errors.ts';
import { groupBy } from '../../base/group.ts';
import { tlsHolder } from '../../kinds/holder.ts';
import { type ApplicationHost, parseApplicationHost } from '../../kinds/iis/application-host.ts';
import { parseBinding, runStateOf, type Site } from '../../kinds/iis/binding.ts';
import { sharedConfiguration } from '../../kinds/place.ts';
import { centralStoreSource } from '../../kinds/record-key.ts';
import type { Account, LifecycleLog, NetshAbilities, Snapshot } from '../../kinds/snapshot.ts';
import { recordValues } from '../../kinds/tls/certificate-binding.ts';
import { decodeHttpSysTables, httpParametersPath } from '../../kinds/tls/http-sys-tables.ts';
import { placeOf, registryKeys } from '../../kinds/tls/tables-in-rows.ts';
import { type PartName, unknownParts, unreadableIn } from '../../kinds/unknown-parts.ts';
import type { Arriving } from '../../model/certificates/certificate-with-key.ts';
import { canonicalAddress } from '../../model/certificates/ip-address.ts';
import { readableEvent } from '../../model/windows/lifecycle-event.ts';
import { type RegistryKey, rawBinary, rawString } from '../../model/windows/raw-value.ts';
import type { Parts, Row } from '../../model/windows/rows.ts';
import type { TaskEntry } from '../../model/windows/task.ts';
import { resultOf } from '../../model/windows/task-results.ts';
import { partsOfServer, standingOnWindows } from './holders.ts';
import { assertPart } from './parts.ts';
import { certificatesFrom } from './read-certificates.ts';
import { reportedFrom } from './reported-places.ts';

/** What WebAdministration says of the bindings, asked only when file or registry did not answer. */
export type BindingsReader = () => Promise<readonly Row[]>;

/**
 * The facts about a Windows server from one answer of the adapter.
 * @throws CertRebindError of exit 7 when the server cannot be worked on
 */
export async function snapshotFrom(
  parts: Parts,
  readBindings: BindingsReader,
  takenAt: string,
  arriving?: Arriving,
): Promise<Snapshot> {
  const server = identityFrom(parts);
  const account = accountFrom(parts);
  assertPart(parts, 'certificates');
  const siteFailure = parts.failure('sites');
  let bindings: ReturnType<BindingsReader> | undefined;
  const bindingsOnce = () => {
    bindings ??= readBindings();
    return bindings;
  };
  const sites = await sitesFrom(parts, account, bindingsOnce);
  const records = await recordsFrom(parts, bindingsOnce);
  const { certificates, trust, unreadable } = certificatesFrom(parts, takenAt, arriving);
  const reported = reportedFrom(parts);
  const stateById = new Map(parts.rows('site').map(([, id, state]) => [id, runStateOf(state)]));
  const stateByName = new Map(parts.rows('site').map(([name, , state]) => [name, runStateOf(state)]));
  const sitesNow = sites.sites.map((site) => {
    return { ...site, state: stateById.get(String(site.id)) ?? stateByName.get(site.name) ?? 'unknown' };
  });
  return {
    schema: 'certrebind/snapshot/1',
    takenAt,
    server,
    // This process runs on the server, and Node asks Windows for its zone (fidelity: host-time-zone).
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    account,
    sources: [
      { part: 'sites', from: sites.from },
      ...sharedFolder(sites.from),
      ...centralStoreFolder(parts),
      { part: 'site states', from: siteFailure === null ? 'WebAdministration' : `not known: ${siteFailure.message}` },
      { part: 'records', from: records.from },
      { part: 'certificates', from: 'stores My and WebHosting' },
    ],
    webService: runStateOf(parts.first('web-service')?.[0]),
    scheduleService: runStateOf(parts.first('schedule-service')?.[0]),
    webAdministration: siteFailure === null ? 'present' : siteFailure.code === 'module-missing' ? 'missing' : 'unknown',
    // As in HTTP.SYS (fidelity: listen-list); a value that is not an address is skipped.
    listenOnly: parts
      .rows('listen')
      .flatMap(([written = '']) => canonicalAddress(written.replace(/^\[(.*:.*)\]$/, '$1')) ?? []),
    ...(server.osBuild >= firstWithHttp3 && parts.first('http3')?.[0] === '1' ? { http3: true } : {}),
    sites: sitesNow,
    holders: [
      ...records.records.map(tlsHolder),
      ...(sites.holders ?? []),
      ...standingOnWindows(parts, { sites: sitesNow, records: records.records, certificates }),
      ...reported.uses,
    ],
    unreadable: [
      ...unreadableIn('sites', sites.unreadable),
      ...unreadableIn('records', records.unreadable),
      ...unreadableIn('certificates', unreadable),
    ],
    certificates,
    ...(parts.failure('authorities') === null ? { trust } : {}),
    legacySslMetadata: sites.legacyMetadata5506,
    roles: reported.roles,
    notLookedAt: unknownParts('not-read', [
      ...partsRead.filter(([, ...read]) => read.some((part) => parts.failure(part) !== null)).map(([part]) => part),
      ...(sites.holders === null ? (['ftps'] as const) : []),
    ]),
    tasks: tasksFrom(parts),
    lifecycle: lifecycleFrom(parts),
    netsh: netshFrom(parts),
  };
}

/** Where the configuration was not read from its own folder, which redirection.config decides. */
function sharedFolder(file: string): Snapshot['sources'] {
  const [, folder] = /^(.*)[\\/]applicationHost\.config$/i.exec(file) ?? [];
  return folder === undefined || /[\\/]inetsrv[\\/]config$/i.test(folder)
    ? []
    : [{ part: sharedConfiguration, from: folder }];
}

/** Where IIS reads the files of the central certificate store. */
function centralStoreFolder(parts: Parts): Snapshot['sources'] {
  const [enabled, folder = ''] = parts.first('central-store') ?? [];
  return enabled === '1' && folder !== '' ? [{ part: centralStoreSource, from: folder }] : [];
}

/** Numbers are compared as numbers: as texts, "10" would come before "8" (fidelity: iis-version). */
function identityFrom(parts: Parts): Snapshot['server'] {
  assertPart(parts, 'machine');
  const [id = '', name = '', build = '', major = '', minor = ''] = parts.first('machine') ?? [];
  if (id === '') {
    throw new CertRebindError('server-unreachable', { message: 'The registry of this server has no machine GUID.' });
  }
  if (major === '' || Number(major) * 100 + Number(minor) < 805) {
    throw new CertRebindError('iis-missing', {
      message: major === '' ? `IIS is not installed on ${name}.` : `${name} has IIS ${major}.${minor}.`,
    });
  }
  return { id, name, kind: 'windows', iis: `${Number(major)}.${Number(minor)}`, osBuild: Number(build) || 0 };
}

function accountFrom(parts: Parts): Account {
  const told = parts.first('account')?.[0];
  return (['system', 'administrator', 'other'] as const).find((account) => account === told) ?? 'unknown';
}

interface Sites extends Pick<ApplicationHost, 'sites' | 'unreadable'> {
  /** `null`: WebAdministration does not show them. */
  readonly holders: ApplicationHost['holders'] | null;
  readonly legacyMetadata5506: boolean | null;
  readonly from: string;
}

async function sitesFrom(parts: Parts, account: Account, readBindings: BindingsReader): Promise<Sites> {
  const failure = parts.failure('configuration');
  if (failure?.code === 'not-elevated' && account === 'other') throw failure;
  const [path = '', base64 = ''] = parts.first('configuration') ?? [];
  try {
    if (failure !== null) throw failure;
    return { ...parseApplicationHost(Buffer.from(base64, 'base64'), path), from: path };
  } catch (error) {
    if (!(error instanceof CertRebindError)) throw error;
    const sites = sitesFromBindings(parts, await readBindings());
    const from = `WebAdministration, because: ${error.message}`;
    return { sites, holders: null, unreadable: [], legacyMetadata5506: null, from };
  }
}

function sitesFromBindings(parts: Parts, rows: readonly Row[]): readonly Site[] {
  const bySite = groupBy(rows, ([id = '']) => id);
  return parts.rows('site').map(([name = '', id = '', state]) => ({
    name,
    id: id === '' ? null : Number(id),
    state: runStateOf(state),
    bindings: (bySite.get(id) ?? []).map(([, protocol = '', information = '', flags]) =>
      parseBinding(protocol, information, Number(flags) || 0),
    ),
  }));
}

async function recordsFrom(parts: Parts, readBindings: BindingsReader) {
  const failure = parts.failure('records');
  if (failure === null) {
    return { ...decodeHttpSysTables(registryKeys(parts.rows('record'))), from: 'registry tables of HTTP.SYS' };
  }
  const keys = new Map((await readBindings()).flatMap(keyFromBinding).map((key) => [key.path, key]));
  return { ...decodeHttpSysTables([...keys.values()]), from: `WebAdministration, because: ${failure.message}` };
}

/**
 * The hash and store that IIS shows for the record under a binding. A value without meaning is added, which keeps such
 * a record from being written again, because its options were never seen.
 */
function keyFromBinding(row: Row): readonly RegistryKey[] {
  const [, protocol = '', information = '', flags, hash = '', store = ''] = row;
  const { recordKey } = parseBinding(protocol, information, Number(flags) || 0);
  if (recordKey === null || hash === '') return [];
  const { table } = placeOf(recordKey);
  const values = {
    [recordValues.hash]: rawBinary(Buffer.from(hash, 'hex')),
    [recordValues.store]: rawString(store),
    'options not read': { type: 'REG_NONE', base64: '' },
  };
  return [{ path: `${httpParametersPath}\\${table}\\${recordKey}`, values }];
}

/** Parts of a snapshot that a run can do without, each with the readings that have to succeed for it. */
const partsRead: readonly (readonly [PartName, ...string[]])[] = [
  ['tasks', 'tasks'],
  ['lifecycle', 'lifecycle'],
  ['netsh', 'netsh'],
  ['others', 'reported hyper-v', ...partsOfServer],
  ['keys', 'keys'],
];

/** Windows Server 2022 (fidelity: http3-listener). */
const firstWithHttp3 = 20348;

/** A task that never ran has a last run in 1999. */
export function tasksFrom(parts: Parts): readonly TaskEntry[] {
  return parts.rows('task').map(([path = '', name = '', state = '', result = '', ranAt = '', xml = '']) => {
    const ran = ranAt !== '' && new Date(ranAt).getUTCFullYear() >= 2000;
    return {
      path,
      name,
      enabled: state.toLowerCase() !== 'disabled',
      lastResult: resultOf(result === '' ? null : Number(result), ran),
      lastRunAt: ran ? new Date(ranAt).toISOString() : null,
      xml,
    };
  });
}

/** Events that others wrote in a form of their own are left out; their numbers still count. */
export function lifecycleFrom(parts: Parts): LifecycleLog {
  const [enabled, oldest = '', count = ''] = parts.first('log') ?? [];
  const rows = [...parts.rows('event')].reverse();
  const numberOf = (row: Row | undefined): number | null => (row?.[0] === undefined ? null : Number(row[0]));
  return {
    enabled: enabled === undefined ? null : enabled === 'True',
    oldestRecordId: count === '0' || oldest === '' ? numberOf(rows[0]) : Number(oldest),
    lastRecordId: numberOf(rows.at(-1)),
    events: rows.flatMap(([, xml = '']) => readableEvent(xml)),
  };
}

/** The help is translated, the names in it are not (fidelity: netsh-options). */
export function netshFrom(parts: Parts): NetshAbilities {
  const help = new Map(parts.rows('netsh').map(([verb, text = '']) => [verb, text]));
  const options = optionNames(help.get('add') ?? '');
  if (options.length === 0) return { update: null, options: null };
  return { update: optionNames(help.get('update') ?? '').length > 0, options };
}

const keyNames = ['hostnameport', 'ipport', 'ccs', 'json'];

function optionNames(help: string): readonly string[] {
  const names = Array.from(help.matchAll(/(?<![\w-])([a-z][a-z0-9]{2,60})=/g), ([, name = '']) => name);
  return [...new Set(names)].filter((name) => !keyNames.includes(name));
}
