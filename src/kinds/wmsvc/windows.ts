import type { Parts } from '../../model/windows/rows.ts';
import { runStateOf } from '../iis/binding.ts';
import { type KindOnWindows, nowAmong } from '../kind-on-windows.ts';
import { recordsInParts } from '../tls/tables-in-rows.ts';
import script from './windows.ps1';
import { type WmsvcSetting, wmsvcHolder, wmsvcKey, wmsvcPort, wmsvcSetting } from './wmsvc.ts';

/** The Web Management Service: a value of the registry, written after the certificate binding of its port. */
export const wmsvcOnWindows: KindOnWindows<'wmsvc', WmsvcSetting> = {
  script,
  partOfServer: 'web-management',
  reading: 'wmsvc',
  read(parts) {
    const records = recordsInParts(parts);
    return nowAmong(
      managementIn(parts).flatMap(({ certificate, ...management }) => {
        const value = wmsvcSetting(management, certificate, records);
        return value === null ? [] : [{ kind: 'wmsvc', key: wmsvcKey(value.port), value }];
      }),
    );
  },
  standing(parts, read) {
    const state = runStateOf(parts.records('wmsvc-service state')[0]?.state);
    return managementIn(parts).map(({ certificate, ...management }) =>
      wmsvcHolder({ ...management, state }, certificate, read),
    );
  },
  put: ({ listed }) => ['put-wmsvc', listed ?? ''],
};

function managementIn(parts: Parts) {
  return parts.records('wmsvc certificate port address').map(({ certificate, port, address }) => ({
    certificate,
    port: Number(port) || wmsvcPort,
    address: address || '*',
  }));
}
