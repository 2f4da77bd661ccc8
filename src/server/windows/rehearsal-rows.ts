import { toRecordKey } from '../../model/record-key.ts';
import type { RehearsalAct } from '../../model/rehearsal.ts';
import type { Row } from './rows.ts';
import type { SeenPlaces } from './tls-tables.ts';

/** What the adapter is told for an act of a rehearsal. */
export function rowForAct(act: RehearsalAct, places: SeenPlaces): Row {
  switch (act.act) {
    case 'add-site':
      return [act.act, act.name, ...act.bindings.flatMap(({ information, sslFlags }) => [information, `${sslFlags}`])];
    case 'remove-site':
      return [act.act, act.name];
    case 'add-certificate':
      return [act.act, act.name, act.friendlyName];
    case 'remove-certificate':
      return [act.act, act.thumbprint, act.store];
    case 'archive-certificate':
      return [act.act, act.thumbprint, `${act.archived}`];
    case 'announce':
      return [act.act, act.old, act.new];
    case 'binding-method':
      return [act.act, act.site, act.information, act.method, act.thumbprint];
    case 'netsh-update': {
      const { table, subKey } = places.of(act.key);
      const name = toRecordKey(act.key)?.table === 'ip' ? 'ipport' : 'hostnameport';
      const words = [`${name}=${act.key}`, `certhash=${act.thumbprint}`, `appid=${act.appId}`, 'certstorename=My'];
      return ['netsh', table, subKey, '', 'http', 'update', 'sslcert', ...words];
    }
  }
}
