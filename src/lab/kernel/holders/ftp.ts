import { ftpHolder, siteOfFtpKey } from '../../../holders/ftp/ftp.ts';
import { ftpSettingNow } from '../ftp.ts';
import type { KindInLab } from './kind-in-lab.ts';

/** FTP sites, whose certificates are in the configuration of IIS. */
export const ftpInLab: KindInLab<'ftp'> = {
  read: (key) => ({ kind: 'read-ftp', site: siteOfFtpKey(key) ?? null }),
  now(key, result) {
    if (result.kind !== 'ftp') return { state: 'unknown', why: 'the lab did not tell' };
    if (result.setting === null) return { state: 'absent' };
    return { state: 'holds', holder: { kind: 'ftp', key, value: result.setting } };
  },
  held: (state, key) => ftpSettingNow(state, siteOfFtpKey(key) ?? null)?.thumbprint ?? 'nothing',
  standing: (_state, { ftps }) => ftps.map(ftpHolder),
  put: ({ site, thumbprint, store }) => [{ kind: 'set-ftp', site, hash: thumbprint, store }],
};
