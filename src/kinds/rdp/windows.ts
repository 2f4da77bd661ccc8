import type { Parts } from '../../model/windows/rows.ts';
import { type KindOnWindows, nowAmong } from '../kind-on-windows.ts';
import { type RdpListener, rdpHolder } from './rdp.ts';
import script from './windows.ps1';

/**
 * Remote Desktop listeners: read from the registry, changed through WMI, which checks what the registry would accept.
 */
export const rdpOnWindows: KindOnWindows<'rdp', RdpListener> = {
  script,
  partOfServer: 'remote-desktop',
  reading: 'rdp',
  read: (parts) => nowAmong(listenersIn(parts)),
  standing: listenersIn,
  put: ({ listener, thumbprint }, expected) => ['put-rdp', listener, expected ?? '', thumbprint ?? ''],
};

/** Windows has the values 1 for its own certificate, 2 for one of group policy and 3 for one that a person chose. */
function listenersIn(parts: Parts) {
  const facts = parts.records('rdp-facts listener port denied chosenBy');
  return parts.records('rdp listener certificate').map(({ listener, certificate }) => {
    const { port, denied, chosenBy: type } = facts.find((one) => one.listener === listener) ?? {};
    const state = denied === '1' ? 'stopped' : 'unknown';
    const chosenBy = type === '3' ? {} : ({ chosenBy: type === '2' ? 'policy' : 'unknown' } as const);
    return rdpHolder(listener, certificate, { port: Number(port) || 3389, state, ...chosenBy });
  });
}
