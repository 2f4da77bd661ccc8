import { keyAccess, keyAccessKey, networkService } from '../../../kinds/key-access/key-access.ts';
import { nameInKey } from '../../../kinds/record-key.ts';
import { sqlService } from '../../../kinds/sql/sql.ts';
import { toThumbprint } from '../../../model/certificates/thumbprint.ts';
import { serviceAccount } from '../../../model/windows/service-account.ts';
import type { Outcome } from '../answers.ts';
import type { LabState } from '../lab-state.ts';
import { sqlInstances } from '../roles.ts';
import type { Switches } from '../switches.ts';
import { refuse, windowsErrors } from '../windows-errors.ts';
import type { KindInLab } from './kind-in-lab.ts';

/** The program `icacls`, at the file of a key: gives an account the right to read, or takes every right that it was given. */
interface SetKeyAccess {
  readonly kind: 'set-key-access';
  readonly thumbprint: string;
  readonly sid: string;
  readonly access: 'read' | 'none';
}

/** Rights on the private keys of a lab. */
export const keyAccessInLab: KindInLab<'keyAccess', SetKeyAccess> = {
  value(state, key) {
    const thumbprint = toThumbprint(nameInKey(key));
    const sddl = thumbprint === null ? null : keySddl(state, thumbprint);
    return thumbprint === null || sddl === null ? null : keyAccess(thumbprint, sddl);
  },
  put: ({ thumbprint, asked }) =>
    asked.map(({ sid, reads }) => ({
      kind: 'set-key-access',
      thumbprint,
      sid,
      access: reads ? 'read' : 'none',
    })),
  own: { kind: 'set-key-access', about: (_state, { thumbprint }) => keyAccessKey(thumbprint), apply: setKeyAccess },
};

/** The providers behind the positions of the switch `key-storage`. */
export const keyProviders: Readonly<Record<Switches['key-storage'], string>> = {
  software: 'Microsoft Software Key Storage Provider',
  legacy: 'Microsoft RSA SChannel Cryptographic Provider',
  platform: 'Microsoft Platform Crypto Provider',
};

/** `null` if the key is not in a file, or if there is no such certificate. */
export function keySddl(state: LabState, thumbprint: string): string | null {
  if (state.switches['key-storage'] === 'platform') return null;
  if (!state.certificates.some((certificate) => certificate.thumbprint === thumbprint)) return null;
  const readers = Object.entries(rightsOf(state, thumbprint)).filter(([, reads]) => reads);
  const entries = readers.map(([sid]) => `(A;;FR;;;${sid === networkService ? 'NS' : sid})`);
  return `O:SYG:SYD:PAI(A;;FA;;;SY)(A;;FA;;;BA)${entries.join('')}`;
}

/** Whether an account may read a private key, wherever the key is stored. */
export function readsKey(state: LabState, thumbprint: string, sid: string): boolean {
  return rightsOf(state, thumbprint)[sid] === true;
}

function setKeyAccess(state: LabState, { thumbprint, sid, access }: SetKeyAccess): Outcome {
  if (keySddl(state, thumbprint) === null) return refuse(state, windowsErrors.notFound);
  const { keyAccess = {} } = state;
  const changed = { ...keyAccess[thumbprint], [sid]: access === 'read' };
  return { state: { ...state, keyAccess: { ...keyAccess, [thumbprint]: changed } } };
}

/**
 * NETWORK SERVICE, and services that would not start otherwise, can read every key except, by a switch, that of a
 * renewed certificate (fidelity: rdp-key-access, service-key).
 */
function rightsOf(state: LabState, thumbprint: string) {
  const { certificates, switches, keyAccess = {} } = state;
  const isRenewed = certificates.some(({ renewedTo }) => renewedTo === thumbprint);
  const reads = !isRenewed || switches['renewed-key-access'] === 'kept';
  const services = sqlInstances(state).map(({ instance }) => serviceAccount(sqlService(instance), '').serviceSid);
  const given = Object.fromEntries([networkService, ...services].map((sid) => [sid, reads]));
  const rights: Readonly<Record<string, boolean>> = { ...given, ...keyAccess[thumbprint] };
  return rights;
}
