import type { Connector } from '../../kinds/reported/exchange-connectors.ts';
import { type PlaceRead, type ReportedUse, type RoleSeen, readPlace } from '../../kinds/reported/reported.ts';
import {
  type HashPlace,
  type ReportedKind,
  reportedKinds,
  reportedRules,
} from '../../kinds/reported/reported-kinds.ts';
import { type SqlInstance, settingsOfInstance, sqlInstance, sqlServers } from '../../kinds/sql/sql.ts';
import { bytesOf, type RawValue } from '../../model/windows/raw-value.ts';
import type { LabState, RegistryValues } from './lab-state.ts';

export interface RegistryKeyNow {
  readonly values: RegistryValues;
  readonly subKeys: readonly string[];
}

/** A registry key, in any letter case; `null` if neither it nor a key below it exists. */
export function registryKeyNow({ roles }: Pick<LabState, 'roles'>, path: string): RegistryKeyNow | null {
  const wanted = path.toLowerCase();
  const below = `${wanted}\\`;
  const keys = Object.keys(roles?.registry ?? {});
  const own = keys.find((key) => key.toLowerCase() === wanted);
  const subKeys = keys.filter((key) => key.toLowerCase().startsWith(below)).map((key) => key.slice(below.length));
  if (own === undefined && subKeys.length === 0) return null;
  const names = subKeys.map((key) => key.split('\\')[0] ?? '');
  return { values: own === undefined ? {} : (roles?.registry[own] ?? {}), subKeys: [...new Set(names)] };
}

/** Objects of a class of WMI, or of the directory (namespace `LDAP`); `null` if there is no such class. */
export function classNow(
  { roles, switches }: Pick<LabState, 'roles'> & Partial<Pick<LabState, 'switches'>>,
  namespace: string,
  className: string,
): readonly Readonly<Record<string, string>>[] | null {
  const objects = roles?.classes[`${namespace}:${className}`] ?? null;
  if (namespace !== 'LDAP' || switches?.['exchange-attribute'] !== 'hidden') return objects;
  return objects?.map(({ msExchSmtpTLSCertificate: _, ...shown }) => shown) ?? null;
}

function connectorsNow(state: LabState): readonly Connector[] {
  const classes = ['msExchRoutingSMTPConnector', 'msExchSmtpReceiveConnector'];
  const found = classes.flatMap((className) => classNow(state, 'LDAP', className) ?? []);
  return found.map(({ cn = '', msExchSmtpTLSCertificate: names = '' }) => ({ name: cn, names }));
}

/** The instances of SQL Server. */
export function sqlInstances(state: Pick<LabState, 'roles'>): readonly SqlInstance[] {
  return Object.entries(registryKeyNow(state, `${sqlServers}\\Instance Names\\SQL`)?.values ?? {}).map(([name, id]) =>
    sqlInstance(name, textOf(id), textOf(registryKeyNow(state, settingsOfInstance(textOf(id)))?.values.Certificate)),
  );
}

/** The reported holders and roles of a lab, found as the adapter finds them on Windows. */
export function rolesSeen(state: LabState): {
  readonly uses: readonly ReportedUse[];
  readonly roles: readonly RoleSeen[];
} {
  if (state.roles === undefined) return { uses: [], roles: [] };
  const found = reportedKinds.flatMap((kind) => (isThere(state, kind) ? seenOf(state, kind) : []));
  return {
    uses: found.filter((one) => 'value' in one),
    roles: found.flatMap((one) => ('value' in one ? [] : [one])),
  };
}

function isThere(state: LabState, kind: ReportedKind): boolean {
  const { there } = reportedRules[kind];
  const key = registryKeyNow(state, there.key);
  if (key === null) return false;
  return there.value === undefined || textOf(key.values[there.value]) === (there.is ?? '');
}

function seenOf(state: LabState, kind: ReportedKind): readonly (ReportedUse | RoleSeen)[] {
  return reportedRules[kind].places.flatMap((place) => {
    if (place.how === 'not-read') {
      const told = place.unless === undefined ? [] : (registryKeyNow(state, place.unless)?.subKeys ?? []);
      return told.length > 0 ? [] : [{ kind, why: null }];
    }
    if (place.how === 'connectors') {
      const connectors = connectorsNow(state);
      return [{ kind, why: null, ...(connectors.length === 0 ? {} : { connectors }) }];
    }
    return placesRead(state, kind, place).flatMap((read) => readPlace(read) ?? []);
  });
}

const services = 'SYSTEM\\CurrentControlSet\\Services';

function placesRead(
  state: LabState,
  kind: ReportedKind,
  place: Exclude<HashPlace, { how: 'not-read' | 'connectors' }>,
): readonly PlaceRead[] {
  const { service = '' } = reportedRules[kind];
  const read = (detail: string, written: string, where: string): PlaceRead => {
    const known = service === '' ? null : registryKeyNow(state, `${services}\\${service}`);
    return { kind, detail, written, place: where, service, state: known === null ? 'unknown' : 'started' };
  };
  switch (place.how) {
    case 'wmi':
      return (classNow(state, place.namespace, place.className) ?? []).map((one) => {
        const detail = place.detail.startsWith('=') ? place.detail.slice(1) : (one[place.detail] ?? '');
        return read(detail, (one[place.name] ?? '').replace(/^0x/, ''), `${place.namespace}:${place.className}`);
      });
    case 'policies':
      return (state.roles?.policies ?? []).map(({ name, eap }) => read(name, eap, 'ias.xml'));
  }
}

/** Converts values to text like the adapter. */
export function textOf(value: string | number | RawValue | undefined): string {
  if (typeof value === 'object') return bytesOf(value).toString('hex').toUpperCase();
  return String(value ?? '');
}

/** Adds to the key what it does not have so. */
export function writeRegistry(
  state: LabState,
  key: string,
  values: Readonly<Record<string, string | number>>,
): LabState {
  const { registry = {} } = state;
  const now = registry[key];
  const isSo = now !== undefined && Object.entries(values).every(([name, value]) => now[name] === value);
  return isSo ? state : { ...state, registry: { ...registry, [key]: { ...now, ...values } } };
}

export const centralStoreFolder = '\\\\files\\certificates';

/** What a feature of IIS wrote there; `null` for any other key, and where it is not used (fidelity: central-store-folder). */
export function centralStoreKey({ centralStore }: Pick<LabState, 'centralStore'>, path: string): RegistryKeyNow | null {
  if (!centralStore.enabled || path.toLowerCase() !== 'software\\microsoft\\iis\\centralcertprovider') return null;
  return { values: { Enabled: 1, CertStoreLocation: centralStoreFolder }, subKeys: [] };
}

/** `null` when there is no such key. */
export function removeRegistryKey(state: LabState, key: string): LabState | null {
  const { registry = {} } = state;
  if (registry[key] === undefined) return null;
  const { [key]: _removed, ...others } = registry;
  return { ...state, registry: others };
}
