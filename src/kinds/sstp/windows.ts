import type { Parts } from '../../model/windows/rows.ts';
import { type KindOnWindows, nowAmong, serviceIn } from '../kind-on-windows.ts';
import { recordsInParts } from '../tls/tables-in-rows.ts';
import {
  remoteAccess,
  type SstpSetting,
  type SstpStored,
  sstpHolder,
  sstpKey,
  sstpService,
  sstpSetting,
} from './sstp.ts';
import script from './windows.ps1';

/** SSTP: values of the registry, which a person's choice needs, and the certificate bindings of its port. */
export const sstpOnWindows: KindOnWindows<'sstp', SstpSetting> = {
  script,
  partOfServer: 'sstp',
  reading: 'sstp',
  read(parts) {
    const records = recordsInParts(parts);
    return nowAmong(
      storedIn(parts).map((stored) => ({ kind: 'sstp', key: sstpKey, value: sstpSetting(stored, records) })),
    );
  },
  standing: (parts, read) =>
    storedIn(parts).map((stored) => {
      const { sessions = '' } = parts.records('sstp-sessions sessions')[0] ?? {};
      const own = serviceIn(parts, sstpService);
      const { state } = serviceIn(parts, remoteAccess);
      return sstpHolder(stored, {
        ...read,
        state: state === 'started' ? own.state : state,
        dependents: own.dependents,
        sessions: sessions === '' ? null : Number(sessions),
      });
    }),
  put: ({ chosen, thumbprint }) => ['put-sstp', chosen ? (thumbprint ?? '') : ''],
};

function storedIn(parts: Parts): readonly SstpStored[] {
  return parts.records('sstp certificate sha1 chosen port').map(({ certificate, sha1, chosen, port }) => ({
    sha256Of: certificate,
    sha1,
    chosen: chosen !== '' && chosen !== '0',
    port: Number(port) || 443,
  }));
}
