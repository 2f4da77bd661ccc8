import { toThumbprint } from '../../../certificates/thumbprint.ts';
import { listenerOfRdpKey, rdpHolder, rdpListener } from '../../../holders/rdp/rdp.ts';
import { rdpHash } from '../rdp.ts';
import type { KindInLab } from './kind-in-lab.ts';

/** Remote Desktop listeners of a lab. */
export const rdpInLab: KindInLab<'rdp'> = {
  read: (key) => ({ kind: 'read-rdp', listener: listenerOfRdpKey(key) }),
  now(key, result) {
    if (result.kind !== 'rdp') return { state: 'unknown', why: 'the lab did not tell' };
    if (result.hash === null) return { state: 'absent' };
    return { state: 'holds', holder: { kind: 'rdp', key, value: rdpListener(listenerOfRdpKey(key), result.hash) } };
  },
  held: (state, key) => rdpHash(state, listenerOfRdpKey(key)) ?? 'nothing',
  standing: ({ others }) =>
    others.flatMap(({ thumbprint, consumer, listener }) => {
      if (consumer.kind !== 'rdp' || listener === undefined || toThumbprint(thumbprint) === null) return [];
      const { port, state, chosenBy } = listener;
      return [rdpHolder(consumer.detail, thumbprint, { port, state, ...(chosenBy === 'person' ? {} : { chosenBy }) })];
    }),
  put: ({ listener, thumbprint }) => [{ kind: 'set-rdp', listener, hash: thumbprint ?? '' }],
};
