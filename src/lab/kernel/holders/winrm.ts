import { listenerOfWinrmKey, winrmHolder } from '../../../holders/winrm/winrm.ts';
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
  standing: (state) => {
    const carriesRun = ({ none: 'no', winrm: 'yes', unknown: 'unknown' } as const)[state.switches['remote-session']];
    return state.others.flatMap(({ consumer, remoting }) => {
      const listener = consumer.kind === 'winrm' ? winrmNow(state, consumer.detail) : null;
      if (listener === null || listener.thumbprint === null || remoting === undefined) return [];
      return [winrmHolder(listener, { state: remoting.state, carriesRun })];
    });
  },
  put: ({ listener, thumbprint }) => [{ kind: 'set-winrm', listener, hash: thumbprint ?? '' }],
};
