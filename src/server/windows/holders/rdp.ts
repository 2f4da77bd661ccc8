import { listenerOfRdpKey, rdpListener } from '../../../holders/rdp/rdp.ts';
import type { KindOnWindows } from './kind-on-windows.ts';

/**
 * Remote Desktop listeners: read from the registry, changed through WMI, which checks what the registry would accept.
 */
export const rdpOnWindows: KindOnWindows<'rdp'> = {
  reading: 'rdp',
  read(parts) {
    const hashes = new Map(parts.rows('rdp').map(([name = '', hash = '']) => [name, hash]));
    return (key) => {
      const listener = listenerOfRdpKey(key);
      const hash = hashes.get(listener) ?? '';
      if (hash === '') return { state: 'absent' };
      return { state: 'holds', holder: { kind: 'rdp', key, value: rdpListener(listener, hash) } };
    };
  },
  put: ({ listener, thumbprint }, expected) => ['put-rdp', listener, expected ?? '', thumbprint ?? ''],
};
