import { parseApplicationHost } from '../iis/application-host.ts';
import type { KindOnWindows } from '../kind-on-windows.ts';
import type { FtpsSetting } from './ftp.ts';
import script from './windows.ps1';

/** FTP sites: read from the configuration as a file, changed by WebAdministration (`windows.ps1`). */
export const ftpOnWindows: KindOnWindows<'ftp', FtpsSetting> = {
  script,
  partOfServer: null,
  standing: () => [],
  reading: 'configuration',
  read(parts) {
    const [path = '', base64 = ''] = parts.first('configuration') ?? [];
    const { holders } = parseApplicationHost(Buffer.from(base64, 'base64'), path);
    return (key) => {
      const found = holders.find((one) => one.key.toLowerCase() === key.toLowerCase());
      return found === undefined ? { state: 'absent' } : { state: 'holds', holder: { ...found, key } };
    };
  },
  put: ({ site, thumbprint, store }, expected) => ['put-ftp', site ?? '', expected ?? '', thumbprint, store],
};
