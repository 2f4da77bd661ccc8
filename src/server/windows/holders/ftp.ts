import { parseApplicationHost } from '../../../model/application-host.ts';
import { siteOfFtpKey } from '../../../model/holders/ftp.ts';
import type { KindOnWindows } from './kind-on-windows.ts';

/** FTP sites: read from the configuration as a file, changed by WebAdministration (adapter/ftp.ps1). */
export const ftpOnWindows: KindOnWindows<'ftp'> = {
  reading: 'configuration',
  now(key, parts) {
    const [path = '', base64 = ''] = parts.first('configuration') ?? [];
    const failure = parts.failure('configuration');
    if (failure !== null) return { state: 'unknown', why: failure.message };
    const { ftps } = parseApplicationHost(Buffer.from(base64, 'base64'), path);
    const site = siteOfFtpKey(key) ?? null;
    const value = ftps.find((setting) => setting.site?.toLowerCase() === site?.toLowerCase());
    return value === undefined ? { state: 'absent' } : { state: 'holds', holder: { kind: 'ftp', key, value } };
  },
  put: ({ site, thumbprint, store }, expected) => ['put-ftp', site ?? '', expected ?? '', thumbprint, store],
};
