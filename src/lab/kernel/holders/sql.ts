import { whyUnfit } from '../../../kinds/holder.ts';
import type { Standing } from '../../../kinds/kind-rules.ts';
import { nameInKey } from '../../../kinds/record-key.ts';
import {
  type SqlInstance,
  settingsOfInstance,
  sqlHolder,
  sqlKey,
  sqlPort,
  sqlServers,
  sqlService,
} from '../../../kinds/sql/sql.ts';
import { serviceAccount } from '../../../model/windows/service-account.ts';
import type { Connection } from '../answers.ts';
import { findCertificate, keyNow } from '../certificates.ts';
import type { LabState } from '../lab-state.ts';
import { parsedCertificate } from '../parsed-certificates.ts';
import { registryKeyNow, sqlInstances } from '../roles.ts';
import { isSameName, serviceNow, serviceSeen } from '../services.ts';
import { readsKey } from './key-access.ts';
import type { Connecting, KindInLab } from './kind-in-lab.ts';

/** Instances of SQL Server: values of the registry, which each reads when it starts. */
export const sqlInLab: KindInLab<'sql'> = {
  value: (state, key) => sqlInstances(state).find((one) => isSameName(one.instance, nameInKey(key))) ?? null,
  standing: (state) => sqlInstances(state).map((value) => standing(state, value)),
  put: ({ id, thumbprint }) => [
    {
      kind: 'set-role-value',
      key: settingsOfInstance(id),
      name: 'Certificate',
      value: thumbprint?.toLowerCase() ?? '',
    },
  ],
  services: { uses: sqlUses, started: afterStartOfSql },
  connect: connectSql,
  listens: (state) =>
    sqlInstances(state).flatMap((one) => {
      const port = portOf(state, one);
      return port === null ? [] : [{ address: '0.0.0.0', port, service: 'tds' }];
    }),
};

function standing(state: LabState, value: SqlInstance): Standing<'sql', SqlInstance> {
  const name = sqlService(value.instance);
  const port = portOf(state, value);
  const { sessions, ...service } = serviceSeen(state, name, port);
  const settings = `${sqlServers}\\${value.id}`;
  const groups = registryKeyNow(state, `${settings}\\MSSQLServer\\HADR`)?.values.HADR_Enabled ?? 0;
  return sqlHolder(value, {
    port,
    isClustered: registryKeyNow(state, `${settings}\\Cluster`) !== null,
    isInGroups: groups !== 0,
    service: {
      ...service,
      runsAs: serviceAccount(name, serviceNow(state, name)?.account ?? ''),
      sessions: value.thumbprint === null ? null : (sessions ?? 0),
    },
  });
}

function portOf(state: Pick<LabState, 'roles'>, { id }: SqlInstance): number | null {
  const tcp = registryKeyNow(state, `${settingsOfInstance(id)}\\Tcp`)?.values;
  const all = registryKeyNow(state, `${settingsOfInstance(id)}\\Tcp\\IPAll`)?.values;
  if (tcp?.Enabled === 0 || tcp?.ListenOnAllIPs === 0) return null;
  return sqlPort(String(all?.TcpPort ?? ''), String(all?.TcpDynamicPorts ?? ''));
}

/** What an instance makes where it has no certificate, or does not use it; in no store. */
export const selfGenerated = '0'.repeat(40);

/** An instance reads its certificate, and does not start with one that it cannot use (fidelity: sql-start-refused). */
function afterStartOfSql(state: LabState, service: string): LabState | null {
  const instance = sqlInstances(state).find((one) => isSameName(sqlService(one.instance), service));
  if (instance === undefined) return state;
  const { thumbprint } = instance;
  const isFit = thumbprint !== null && fits(state, instance, thumbprint);
  if (thumbprint !== null && !isFit && state.switches['sql-start-refused'] === 'stops') return null;
  const services = { ...state.wire.services, [service]: isFit ? thumbprint : selfGenerated };
  return { ...state, wire: { ...state.wire, services } };
}

function fits(state: LabState, value: SqlInstance, thumbprint: string): boolean {
  const found = findCertificate(state, thumbprint, 'My');
  const { serviceSid, accountSid } = serviceAccount(sqlService(value.instance), '');
  if (found === null || keyNow(found, new Date(0).toISOString()) !== 'usable') return false;
  const reads = [serviceSid, ...(accountSid === null ? [] : [accountSid])].some((sid) =>
    readsKey(state, thumbprint, sid),
  );
  return reads && whyUnfit({ kind: 'sql', value }, parsedCertificate(found.der, state), state) === null;
}

/** What each instance that runs would go on using if its setting were changed now. */
function sqlUses(state: Pick<LabState, 'roles'>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    sqlInstances(state).map(({ instance, thumbprint }) => [sqlService(instance), thumbprint ?? selfGenerated]),
  );
}

/** The certificate that a client of an instance gets there; `null` for a client of anything else. */
function connectSql(state: LabState, { port, service }: Connecting): Connection | null {
  if (service !== 'tds') return null;
  const value = sqlInstances(state).find((one) => portOf(state, one) === port);
  const name = sqlService(value?.instance ?? '');
  if (value === undefined || serviceNow(state, name)?.state !== 'started') return { outcome: 'not-listening' };
  const thumbprint = state.wire.services?.[name] ?? value.thumbprint ?? selfGenerated;
  return { outcome: 'served', thumbprint, record: sqlKey(value.instance) };
}
