import type { Parts } from '../../model/windows/rows.ts';
import { runStateOf } from '../iis/binding.ts';
import { type KindOnWindows, nowAmong } from '../kind-on-windows.ts';
import script from './windows.ps1';
import { type WinrmListener, winrmHolder, winrmListener, winrmPort } from './winrm.ts';

/** WinRM listeners: read from the registry, changed through WinRM, which rewrites the certificate binding as well. */
export const winrmOnWindows: KindOnWindows<'winrm', WinrmListener> = {
  script,
  partOfServer: 'remoting',
  reading: 'winrm',
  read: (parts) => nowAmong(listenersIn(parts)),
  standing: listenersIn,
  put: ({ listener, thumbprint }, expected) => ['put-winrm', listener, expected ?? '', thumbprint ?? ''],
};

/** If the adapter does not say whether this run came in through WinRM, that is unknown. */
function listenersIn(parts: Parts) {
  const { service, session } = parts.records('remoting service session')[0] ?? {};
  const carriesRun = session === 'yes' || session === 'no' ? session : 'unknown';
  return parts.records('winrm listener certificate port hostname').map(({ listener, certificate, port, hostname }) =>
    winrmHolder(winrmListener(listener, certificate, hostname || null, Number(port) || winrmPort), {
      state: runStateOf(service),
      carriesRun,
    }),
  );
}
