import type { Parts } from '../../model/windows/rows.ts';
import { type KindOnWindows, nowAmong, serviceIn } from '../kind-on-windows.ts';
import { recordsInParts } from '../tls/tables-in-rows.ts';
import {
  type GatewaySetting,
  type GatewayStored,
  gatewayHolder,
  gatewayKey,
  gatewayService,
  gatewaySetting,
} from './rd-gateway.ts';
import script from './windows.ps1';

/** Remote Desktop Gateway: its setting in WMI, and the certificate bindings of its port. */
export const gatewayOnWindows: KindOnWindows<'rd-gateway', GatewaySetting> = {
  script,
  partOfServer: 'rd-gateway',
  reading: 'rd-gateway',
  read(parts) {
    const records = recordsInParts(parts);
    return nowAmong(
      storedIn(parts).map((stored) => ({
        kind: 'rd-gateway',
        key: gatewayKey,
        value: gatewaySetting(stored, records),
      })),
    );
  },
  standing: (parts, { records }) =>
    storedIn(parts).map((stored) => {
      const { sessions = '', broker = '' } = parts.records('gateway-facts sessions broker')[0] ?? {};
      const service = { ...serviceIn(parts, gatewayService), sessions: sessions === '' ? null : Number(sessions) };
      return gatewayHolder(stored, { records, service, isBroker: broker !== '' });
    }),
  put: ({ thumbprint }) => ['put-rd-gateway', thumbprint ?? ''],
};

function storedIn(parts: Parts): readonly GatewayStored[] {
  return parts
    .records('rd-gateway certificate port')
    .map(({ certificate, port }) => ({ hash: certificate, port: Number(port) || 443 }));
}
