import { toThumbprint } from '../../../certificates/thumbprint.ts';
import { keyAccess, thumbprintOfKeyAccess } from '../../../holders/key-access/key-access.ts';
import { keySddl } from '../key-access.ts';
import type { KindInLab } from './kind-in-lab.ts';

/** Rights on the private keys of a lab. */
export const keyAccessInLab: KindInLab<'keyAccess'> = {
  read: (key) => ({ kind: 'read-key-access', thumbprint: thumbprintOfKeyAccess(key) }),
  now(key, result) {
    if (result.kind !== 'key-access') return { state: 'unknown', why: 'the lab did not tell' };
    const thumbprint = toThumbprint(thumbprintOfKeyAccess(key));
    if (result.sddl === null || thumbprint === null) return { state: 'absent' };
    return { state: 'holds', holder: { kind: 'keyAccess', key, value: keyAccess(thumbprint, result.sddl) } };
  },
  held(state, key) {
    const thumbprint = thumbprintOfKeyAccess(key);
    return keySddl(state, thumbprint) === null ? 'nothing' : thumbprint;
  },
  put: ({ thumbprint, asked }) =>
    asked.map(({ sid, reads }) => ({
      kind: 'set-key-access',
      thumbprint,
      sid,
      access: reads ? 'read' : 'none',
    })),
};
