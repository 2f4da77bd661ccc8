import type { Row } from '../../model/windows/rows.ts';
import { runStateOf } from '../iis/binding.ts';
import { type KindOnWindows, nowAmong } from '../kind-on-windows.ts';
import { recordsInParts } from '../tls/tables-in-rows.ts';
import script from './windows.ps1';
import { type Management, type WmsvcSetting, wmsvcHolder, wmsvcKey, wmsvcPort, wmsvcSetting } from './wmsvc.ts';

/** The Web Management Service: a value of the registry, written after the certificate binding of its port. */
export const wmsvcOnWindows: KindOnWindows<'wmsvc', WmsvcSetting> = {
  script,
  partOfServer: 'web-management',
  reading: 'wmsvc',
  read(parts) {
    const records = recordsInParts(parts);
    return nowAmong(
      parts.rows('wmsvc').flatMap((row) => {
        const value = wmsvcSetting(managementFrom(row), row[0] ?? '', records);
        return value === null ? [] : [{ kind: 'wmsvc', key: wmsvcKey(value.port), value }];
      }),
    );
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
