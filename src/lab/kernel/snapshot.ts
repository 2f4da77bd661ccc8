import { CertRebindError } from '../../base/errors.ts';
import { taskFolder } from '../../documents/scheduled-tasks.ts';
import { tlsHolder } from '../../kinds/holder.ts';
import { parseApplicationHost } from '../../kinds/iis/application-host.ts';
import type { Site } from '../../kinds/iis/binding.ts';
import { sharedConfiguration } from '../../kinds/place.ts';
import { centralStoreSource } from '../../kinds/record-key.ts';
import type { Account, LifecycleLog, Snapshot } from '../../kinds/snapshot.ts';
import { decodeHttpSysTables, tableNames } from '../../kinds/tls/http-sys-tables.ts';
import { type Unreadable, unknownParts, unreadableIn } from '../../kinds/unknown-parts.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { type Arriving, authoritiesWith, withArrived } from '../../model/certificates/certificate-with-key.ts';
import { normaliseStore } from '../../model/certificates/store-name.ts';
import { toThumbprint } from '../../model/certificates/thumbprint.ts';
import { readableEvent } from '../../model/windows/lifecycle-event.ts';
import type { TaskEntry } from '../../model/windows/task.ts';
import { resultOf } from '../../model/windows/task-results.ts';
import { keyNow } from './certificates.ts';
import { keyProviders, keySddl } from './holders/key-access.ts';
import { standingInLab } from './holders/kinds.ts';
import { listenList, registryKey } from './http-sys.ts';
import type { HttpSysTables, LabCertificate, LabState, LabTask, LifecycleChannel } from './lab-state.ts';
import { netshAbilities } from './netsh-options.ts';
import { chainIn, notCheckedIn, parsedCertificate, trustOf } from './parsed-certificates.ts';
import { centralStoreFolder, rolesSeen } from './roles.ts';
import { isScheduling } from './scheduler.ts';

/**
 * The facts about a lab as the program reads them from any server, with the same parsers.
 * @throws CertRebindError when the configuration cannot be read
 */
export function snapshotOf(state: LabState, account: Account, takenAt: string): Snapshot {
  const configuration = parseApplicationHost(state.applicationHost, 'applicationHost.config');
  const tables = decodeHttpSysTables(registryKeys(state.httpSys));
  const reported = rolesSeen(state);
  const sites = configuration.sites.map((site) => withState(site, state));
  const { certificates, unreadable } = certificatesOf(state, account, takenAt);
  const trust = trustOf(state);
  const isShared = state.switches['shared-configuration'] === 'shared';
  return {
    schema: 'certrebind/snapshot/1',
    takenAt,
    server: { id: state.id, name: state.name, kind: 'lab', iis: state.iis, osBuild: state.osBuild },
    timeZone: 'UTC',
    account,
    sources: [
      { part: 'sites', from: 'applicationHost.config' },
      ...(state.centralStore.enabled ? [{ part: centralStoreSource, from: centralStoreFolder }] : []),
      ...(isShared ? [{ part: sharedConfiguration, from: '\\\\files\\iis' }] : []),
      { part: 'records', from: 'registry tables of HTTP.SYS' },
      { part: 'certificates', from: 'stores My and WebHosting' },
    ],
    webService: state.webService,
    scheduleService: isScheduling(state) ? 'started' : 'stopped',
    webAdministration: state.switches['web-administration'] === 'missing' ? 'missing' : 'present',
    listenOnly: listenList(state.switches),
    ...(state.switches.http3 === 'off' ? {} : { http3: true }),
    sites,
    holders: [
      ...tables.records.map(tlsHolder),
      ...configuration.holders,
      ...standingInLab(state, { sites, records: tables.records, certificates }),
      ...reported.uses,
    ],
    unreadable: [
      ...unreadableIn('sites', configuration.unreadable),
      ...unreadableIn('records', tables.unreadable),
      ...unreadableIn('certificates', [...unreadable, ...notCheckedIn(state)]),
    ],
    certificates,
    trust,
    legacySslMetadata: configuration.legacyMetadata5506,
    roles: reported.roles,
    notLookedAt: [...state.notLookedAt, ...(isScheduling(state) ? [] : unknownParts('not-read', ['tasks']))],
    tasks: isScheduling(state) ? tasksOf(state) : [],
    lifecycle: lifecycleOf(state.lifecycle),
    netsh: netshAbilities(state),
  };
}

/** The same as if a certificate were in its store, and what came with it in CA. */
export function snapshotWith(arriving: Arriving, state: LabState, account: Account, takenAt: string): Snapshot {
  const brought = authoritiesWith(arriving).map((der) => der.toString('base64'));
  const after = { ...state, authorities: [...state.authorities, ...brought] };
  const arrived = { ...arriving.certificate, ...chainIn(after, arriving.found.leaf) };
  const snapshot = snapshotOf(after, account, takenAt);
  return { ...snapshot, certificates: withArrived(snapshot.certificates, arrived) };
}

/** The certificates of My and WebHosting, archived ones too; one that cannot be read is skipped and named. */
export function certificatesOf(
  state: LabState,
  account: Account,
  now: string,
): { readonly certificates: readonly Certificate[]; readonly unreadable: readonly Unreadable[] } {
  const certificates: Certificate[] = [];
  const unreadable: Unreadable[] = [];
  for (const certificate of state.certificates) {
    const store = normaliseStore(certificate.store);
    if (store !== 'My' && store !== 'WebHosting') continue;
    try {
      certificates.push({
        ...parsedCertificate(certificate.der, state),
        store,
        ...keyAsSeen(state, certificate, account, now),
        ...keyRightsAsSeen(state, certificate, account, now),
        archived: certificate.archived,
        renewedTo: certificate.renewedTo === null ? null : toThumbprint(certificate.renewedTo),
        friendlyName: certificate.friendlyName,
      });
    } catch (thrown) {
      if (!(thrown instanceof CertRebindError)) throw thrown;
      unreadable.push({ where: `store ${store}`, text: certificate.thumbprint, why: thrown.message });
    }
  }
  return { certificates, unreadable };
}

/** Of the folder that the adapter is asked for. */
export function tasksOf({ tasks }: LabState): readonly TaskEntry[] {
  const here = tasks.filter(({ path }) => path.toLowerCase().startsWith(taskFolder.toLowerCase()));
  return here.map(({ path, name, enabled, lastResult, lastRunAt, xml }: LabTask) => {
    return { path, name, enabled, lastResult: resultOf(lastResult, lastRunAt !== null), lastRunAt, xml };
  });
}

/** The newest thousand events; those of other writers that do not have the log's form are left out. */
export function lifecycleOf({ enabled, events }: LifecycleChannel): LifecycleLog {
  return {
    enabled,
    oldestRecordId: events[0]?.recordId ?? null,
    lastRecordId: events.at(-1)?.recordId ?? null,
    events: events.slice(-1000).flatMap(({ xml }) => readableEvent(xml)),
  };
}

/** The tables as keys of the registry, for an export and for its parser. */
export function registryKeys(tables: HttpSysTables): ReturnType<typeof registryKey>[] {
  return Object.values(tableNames).flatMap((name) => (tables[name] ?? []).map((entry) => registryKey(name, entry)));
}

function withState(site: Site, { stoppedSites, switches }: LabState): Site {
  const isOfWeb = site.bindings.some(({ protocol }) => /^https?$/i.test(protocol));
  if (!isOfWeb && switches['ftp-site-state'] === 'fails') return { ...site, state: 'unknown' };
  return { ...site, state: stoppedSites.includes(site.name) ? 'stopped' : 'started' };
}

/** Only SYSTEM can tell whether SYSTEM can open a key (fidelity: key-as-system). */
function keyAsSeen(
  { switches }: LabState,
  certificate: LabCertificate,
  account: Account,
  now: string,
): Pick<Certificate, 'key' | 'keyReason'> {
  const key = keyNow(certificate, now);
  if (key === 'missing') return { key: 'missing' };
  if (account !== 'system') return { key: 'unknown' };
  if (switches['key-opens'] === 'too-slow') return { key: 'unknown', keyReason: 'it did not open in time' };
  return key === 'usable' ? { key } : { key: 'unusable', keyReason: 'there is no private key' };
}

/** An account that can open a key can also read its rights. */
function keyRightsAsSeen(
  state: LabState,
  certificate: LabCertificate,
  account: Account,
  now: string,
): Pick<Certificate, 'keyRights'> {
  const opens = account === 'system' || account === 'administrator';
  if (!opens || keyNow(certificate, now) !== 'usable' || state.switches['key-opens'] === 'too-slow') return {};
  const sddl = keySddl(state, certificate.thumbprint);
  if (sddl !== null) return { keyRights: { sddl } };
  return { keyRights: { why: `it is a key of ${keyProviders[state.switches['key-storage']]}` } };
}
