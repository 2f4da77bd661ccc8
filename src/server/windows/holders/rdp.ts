import { listenerOfRdpKey, rdpListener } from '../../../model/holders/rdp.ts';
import type { KindOnWindows } from './kind-on-windows.ts';

/** Remote Desktop listeners: read from the registry, changed through WMI, which checks what the registry would not. */
export const rdpOnWindows: KindOnWindows<'rdp'> = {
  reading: 'rdp',
  now(key, parts) {
    const failure = parts.failure('rdp');
    if (failure !== null) return { state: 'unknown', why: failure.message };
    const listener = listenerOfRdpKey(key);
    const [, hash = ''] = parts.rows('rdp').find(([name]) => name === listener) ?? [];
    if (hash === '') return { state: 'absent' };
    return { state: 'holds', holder: { kind: 'rdp', key, value: rdpListener(listener, hash) } };
  },
  put: ({ listener, thumbprint }, expected) => ['put-rdp', listener, expected ?? '', thumbprint ?? ''],
};
