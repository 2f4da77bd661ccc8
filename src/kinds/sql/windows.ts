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

/** From rows `<instance> <id> <certificate>`. */
function instancesIn(parts: Parts) {
  return parts
    .rows('sql')
    .map(([instance = '', id = '', written = '']) =>
      sqlHolder(sqlInstance(instance, id, written), factsOf(instance, parts)),
    );
}

function factsOf(instance: string, parts: Parts) {
  const [, enabled, all, ports = '', chosen = '', cluster, groups, connections = ''] =
    parts.rows('sql-facts').find(([name]) => name === instance) ?? [];
  return {
    port: enabled === '0' || all === '0' ? null : sqlPort(ports, chosen),
    isClustered: cluster !== '',
    isInGroups: groups !== '' && groups !== '0',
    service: {
      ...serviceIn(parts, sqlService(instance)),
      sessions: connections === '' ? null : Number(connections),
    },
  };
}
