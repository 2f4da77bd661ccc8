import type { Row } from '../../windows/rows.ts';
import { runStateOf } from '../iis/binding.ts';
import type { KindOnWindows } from '../kind-on-windows.ts';
import { decodeHttpSysTables } from '../tls/http-sys-tables.ts';
import { registryKeys } from '../tls/tables-in-rows.ts';
import script from './windows.ps1';
import { type Management, type WmsvcSetting, wmsvcHolder, wmsvcKey, wmsvcPort, wmsvcSetting } from './wmsvc.ts';

/** The Web Management Service: a value of the registry, written after the certificate binding of its port. */
export const wmsvcOnWindows: KindOnWindows<'wmsvc', WmsvcSetting> = {
  script,
  partOfServer: 'web-management',
  reading: 'wmsvc',
  read(parts) {
    const row = parts.first('wmsvc');
    const { records } = decodeHttpSysTables(registryKeys(parts.rows('record')));
    return (key) => {
      const management = row === null ? null : managementFrom(row);
      if (management === null || wmsvcKey(management.port) !== key) return { state: 'absent' };
      const value = wmsvcSetting(management, row?.[0] ?? '', records);
      return value === null ? { state: 'absent' } : { state: 'holds', holder: { kind: 'wmsvc', key, value } };
    };
  },
  standing(parts, read) {
    const [state] = parts.first('wmsvc-service') ?? [];
    return parts
      .rows('wmsvc')
      .map((row) => wmsvcHolder({ ...managementFrom(row), state: runStateOf(state) }, row[0] ?? '', read));
  },
  put: ({ listed }) => ['put-wmsvc', listed ?? ''],
};

/** A row `<hash> <port> <address>`. */
function managementFrom([, port = '', address = '']: Row): Pick<Management, 'port' | 'address'> {
  return { port: Number(port) || wmsvcPort, address: address === '' ? '*' : address };
}
