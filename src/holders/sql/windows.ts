import type { Parts, Row } from '../../windows/rows.ts';
import type { KindOnWindows } from '../kind-on-windows.ts';
import { serviceIn } from '../service-rows.ts';
import { instanceOfSqlKey, type SqlInstance, sqlHolder, sqlInstance, sqlPort, sqlService } from './sql.ts';
import script from './windows.ps1';

/** Instances of SQL Server: a value of the registry that each reads when it starts. */
export const sqlOnWindows: KindOnWindows<'sql', SqlInstance> = {
  script,
  partOfServer: 'sql',
  reading: 'sql',
  read(parts) {
    const instances = new Map(parts.rows('sql').map((row) => [row[0], instanceFrom(row)]));
    return (key) => {
      const value = instances.get(instanceOfSqlKey(key));
      return value === undefined ? { state: 'absent' } : { state: 'holds', holder: { kind: 'sql', key, value } };
    };
  },
  standing: (parts) => parts.rows('sql').map((row) => sqlHolder(instanceFrom(row), factsOf(row[0] ?? '', parts))),
  put: ({ instance, id, thumbprint }, expected) => ['put-sql', instance, expected ?? '', thumbprint ?? '', id],
};

/** A row `<instance> <id> <certificate>`. */
function instanceFrom([instance = '', id = '', written = '']: Row): SqlInstance {
  return sqlInstance(instance, id, written);
}

function factsOf(instance: string, parts: Parts) {
  const [, enabled, all, ports = '', chosen = '', cluster, groups, connections = ''] =
    parts.rows('sql-facts').find(([name]) => name === instance) ?? [];
  return {
    port: enabled === '0' || all === '0' ? null : sqlPort(ports, chosen),
    isClustered: cluster !== '',
    isInGroups: groups !== '' && groups !== '0',
    service: {
      ...serviceIn(parts, sqlService(instance), { opensKey: true }),
      sessions: connections === '' ? null : Number(connections),
    },
  };
}
