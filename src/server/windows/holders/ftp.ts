import { ftpHolder, ftpSettingOf, siteOfFtpKey } from '../../../holders/ftp/ftp.ts';
import { parseApplicationHost } from '../../../holders/iis/application-host.ts';
import type { KindOnWindows } from './kind-on-windows.ts';

/** FTP sites: read from the configuration as a file, changed by WebAdministration (adapter/holders.ps1). */
export const ftpOnWindows: KindOnWindows<'ftp'> = {
  reading: 'configuration',
  read(parts) {
    const [path = '', base64 = ''] = parts.first('configuration') ?? [];
    const { ftps } = parseApplicationHost(Buffer.from(base64, 'base64'), path);
    return (key) => {
      const value = ftpSettingOf(ftps, siteOfFtpKey(key) ?? null);
      return value === null ? { state: 'absent' } : { state: 'holds', holder: { kind: 'ftp', key, value } };
    };
  },
  standing: (_parts, { ftps }) => ftps.map(ftpHolder),
  put: ({ site, thumbprint, store }, expected) => ['put-ftp', site ?? '', expected ?? '', thumbprint, store],
};
