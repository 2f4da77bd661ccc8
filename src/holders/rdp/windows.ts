import type { Row } from '../../windows/rows.ts';
import type { KindOnWindows } from '../kind-on-windows.ts';
import { listenerOfRdpKey, type RdpListener, rdpHolder, rdpListener } from './rdp.ts';
import script from './windows.ps1';

/**
 * Remote Desktop listeners: read from the registry, changed through WMI, which checks what the registry would accept.
 */
export const rdpOnWindows: KindOnWindows<'rdp', RdpListener> = {
  script,
  partOfServer: 'remote-desktop',
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
  standing: (parts) => parts.rows('rdp').map(listenerFrom),
  put: ({ listener, thumbprint }, expected) => ['put-rdp', listener, expected ?? '', thumbprint ?? ''],
};

/** Windows has the values 1 for its own certificate, 2 for one of group policy and 3 for one that a person chose. */
function listenerFrom([name = '', hash = '', port, denied, type]: Row) {
  const state = denied === '1' ? 'stopped' : 'unknown';
  const chosenBy = type === '3' ? {} : ({ chosenBy: type === '2' ? 'policy' : 'unknown' } as const);
  return rdpHolder(name, hash, { port: Number(port) || 3389, state, ...chosenBy });
}
