import type { Parts } from '../../model/windows/rows.ts';
import { type KindOnWindows, nowAmong, serviceIn } from '../kind-on-windows.ts';
import { type SqlInstance, sqlHolder, sqlInstance, sqlPort, sqlService } from './sql.ts';
import script from './windows.ps1';

/** Instances of SQL Server: a value of the registry that each reads when it starts. */
export const sqlOnWindows: KindOnWindows<'sql', SqlInstance> = {
  script,
  partOfServer: 'sql',
  reading: 'sql',
  read: (parts) => nowAmong(instancesIn(parts)),
  standing: instancesIn,
  put: ({ instance, id, thumbprint }, expected) => ['put-sql', instance, expected ?? '', thumbprint ?? '', id],
};

function instancesIn(parts: Parts) {
  return parts
    .records('sql instance id certificate')
    .map(({ instance, id, certificate }) =>
      sqlHolder(sqlInstance(instance, id, certificate), factsOf(instance, parts)),
    );
}

function factsOf(instance: string, parts: Parts) {
  const {
    enabled,
    allAddresses,
    ports = '',
    chosenPort = '',
    cluster,
    groups,
    connections = '',
  } = parts
    .records('sql-facts instance enabled allAddresses ports chosenPort cluster groups connections')
    .find((one) => one.instance === instance) ?? {};
  return {
    port: enabled === '0' || allAddresses === '0' ? null : sqlPort(ports, chosenPort),
    isClustered: cluster !== '',
    isInGroups: groups !== '' && groups !== '0',
    service: {
      ...serviceIn(parts, sqlService(instance)),
      sessions: connections === '' ? null : Number(connections),
    },
  };
}
