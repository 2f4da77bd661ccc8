import { listenerOfWinrmKey } from '../../../holders/winrm/winrm.ts';
import { winrmNow } from '../winrm.ts';
import type { KindInLab } from './kind-in-lab.ts';

/** WinRM listeners of a lab. */
export const winrmInLab: KindInLab<'winrm'> = {
  read: (key) => ({ kind: 'read-winrm', listener: listenerOfWinrmKey(key) }),
  now(key, result) {
    if (result.kind !== 'winrm') return { state: 'unknown', why: 'the lab did not tell' };
    if (result.listener === null) return { state: 'absent' };
    return { state: 'holds', holder: { kind: 'winrm', key, value: result.listener } };
  },
  held(state, key) {
    const found = winrmNow(state, listenerOfWinrmKey(key));
    return found === null ? 'nothing' : found.thumbprint;
  },
  put: ({ listener, thumbprint }) => [{ kind: 'set-winrm', listener, hash: thumbprint ?? '' }],
};
