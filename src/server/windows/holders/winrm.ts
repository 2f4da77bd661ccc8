import { runStateOf } from '../../../holders/iis/binding.ts';
import {
  listenerOfWinrmKey,
  type WinrmListener,
  winrmHolder,
  winrmListener,
  winrmPort,
} from '../../../holders/winrm/winrm.ts';
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
  /** If the adapter does not say whether this run came in through WinRM, that is unknown. */
  standing(parts) {
    const [service, session] = parts.first('remoting') ?? [];
    const carriesRun = session === 'yes' || session === 'no' ? session : 'unknown';
    return parts
      .rows('winrm')
      .map((row) => winrmHolder(winrmListenerFrom(row), { state: runStateOf(service), carriesRun }));
  },
  put: ({ listener, thumbprint }, expected) => ['put-winrm', listener, expected ?? '', thumbprint ?? ''],
};

/** A row `<listener> <hash> <port> <host name>`. */
function winrmListenerFrom([listener = '', hash = '', port = '', hostname = '']: Row): WinrmListener {
  return winrmListener(listener, hash, hostname === '' ? null : hostname, Number(port) || winrmPort);
}
