import { toThumbprint } from '../../model/certificates/thumbprint.ts';
import type { RunState } from '../iis/binding.ts';
import {
  type HolderContext,
  listening,
  type MovableKindRules,
  type NamesCertificate,
  type Standing,
} from '../kind-rules.ts';
import { holderKey, type KeyText } from '../record-key.ts';

/** A Remote Desktop listener, usually `RDP-Tcp`. */
export interface RdpListener extends NamesCertificate {
  readonly listener: string;
}

/** Remote Desktop takes its certificate from the store My and from no other (fidelity: rdp-store). */
const store = 'My';

/** Listeners whose certificate Windows or group policy chooses are managed there. */
export const rdpRules: MovableKindRules<'rdp', RdpListener> = {
  ...listening((listener) => `Remote Desktop ${listener}`, 'rdp'),
  plural: 'Remote Desktop listeners',
  isAdminChannel: true,
  anonymised: ({ listener }, names) => ({ listener: names.text(listener) }),
  owner: ({ listener }) => `The Remote Desktop listener ${listener}`,
  differences: (wanted, found) => (wanted.listener === found.listener ? [] : ['listener']),
};

/** @param hash as it was read, in any letter case */
export function rdpHolder(
  listener: string,
  hash: string,
  { port, state, chosenBy }: { readonly port: number; readonly state: RunState } & Pick<HolderContext, 'chosenBy'>,
): Standing<'rdp', RdpListener> {
  return {
    kind: 'rdp',
    key: rdpKey(listener),
    value: rdpListener(listener, hash),
    listens: { address: '*', port, state },
    ...(chosenBy === undefined ? {} : { chosenBy }),
  };
}

export function rdpKey(listener: string): KeyText {
  return holderKey('rdp', listener);
}

/** @param hash as it was read, in any letter case */
export function rdpListener(listener: string, hash: string): RdpListener {
  return { listener, thumbprint: toThumbprint(hash), store };
}
