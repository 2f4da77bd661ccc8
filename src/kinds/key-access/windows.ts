import { toThumbprint } from '../../model/certificates/thumbprint.ts';
import type { KindOnWindows } from '../kind-on-windows.ts';
import { nameInKey } from '../record-key.ts';
import { type KeyAccess, keyAccess } from './key-access.ts';
import script from './windows.ps1';

/** Rights on private keys: read from the list of the key's file, changed by icacls (`windows.ps1`). */
export const keyAccessOnWindows: KindOnWindows<'keyAccess', KeyAccess> = {
  script,
  partOfServer: null,
  standing: () => [],
  reading: 'key-access',
  readsByKey: nameInKey,
  read(parts) {
    const found = parts.records('key-access thumbprint sddl why');
    const rows = new Map(found.map((row) => [row.thumbprint, row]));
    return (key) => {
      const thumbprint = toThumbprint(nameInKey(key));
      const { sddl = '', why = '' } = rows.get(nameInKey(key)) ?? {};
      if (why !== '') return { state: 'unknown', why };
      if (sddl === '' || thumbprint === null) return { state: 'absent' };
      return { state: 'holds', holder: { kind: 'keyAccess', key, value: keyAccess(thumbprint, sddl) } };
    };
  },
  put: ({ thumbprint, asked }) => [
    'put-key-access',
    thumbprint,
    ...asked.flatMap(({ sid, reads }) => [sid, reads ? 'read' : 'none']),
  ],
};
