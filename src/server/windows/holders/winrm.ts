import { listenerOfWinrmKey, type WinrmListener, winrmListener, winrmPort } from '../../../holders/winrm/winrm.ts';
import type { Row } from '../rows.ts';
import type { KindOnWindows } from './kind-on-windows.ts';

/** WinRM listeners: read from the registry, changed through WinRM, which rewrites the TLS record as well. */
export const winrmOnWindows: KindOnWindows<'winrm'> = {
  reading: 'winrm',
  read(parts) {
    const rows = new Map(parts.rows('winrm').map((row) => [row[0], row]));
    return (key) => {
      const row = rows.get(listenerOfWinrmKey(key));
      return row === undefined
        ? { state: 'absent' }
        : { state: 'holds', holder: { kind: 'winrm', key, value: winrmListenerFrom(row) } };
    };
  },
  put: ({ listener, thumbprint }, expected) => ['put-winrm', listener, expected ?? '', thumbprint ?? ''],
};

/** A row `<listener> <hash> <port> <host name>`. */
export function winrmListenerFrom([listener = '', hash = '', port = '', hostname = '']: Row): WinrmListener {
  return winrmListener(listener, hash, hostname === '' ? null : hostname, Number(port) || winrmPort);
}
