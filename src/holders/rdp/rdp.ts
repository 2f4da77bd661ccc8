import { toThumbprint } from '../../certificates/thumbprint.ts';
import type { MovableKindRules, NamesCertificate } from '../kind-rules.ts';
import type { KeyText } from '../record-key.ts';

/** A Remote Desktop listener whose certificate a person chose, usually `RDP-Tcp`. */
export interface RdpListener extends NamesCertificate {
  readonly listener: string;
}

/** Remote Desktop takes its certificate from the store My and from no other (fidelity: rdp-store). */
const store = 'My';

/** Listeners whose certificate Windows or group policy chooses are managed there, and are not holders. */
export const rdpRules: MovableKindRules<'rdp', RdpListener> = {
  prefix: 'rdp/',
  plural: 'Remote Desktop listeners',
  part: 'others',
  stores: [store],
  isAdminChannel: true,
  differences: (wanted, found) => (wanted.listener === found.listener ? [] : ['listener']),
  withCertificate: (value, thumbprint) => ({ ...value, thumbprint }),
  standing: ({ others }) =>
    others.flatMap(({ thumbprint, consumer, listener }) => {
      if (consumer.kind !== 'rdp' || listener?.chosenBy !== 'person') return [];
      const endpoint = { address: '0.0.0.0', port: listener.port, serverName: null, startTls: 'rdp' } as const;
      return [
        {
          holder: { kind: 'rdp', key: rdpKey(consumer.detail), value: rdpListener(consumer.detail, thumbprint) },
          consumer,
          places: [{ endpoint, host: '', site: consumer.detail, state: listener.state }],
        },
      ];
    }),
};

export function rdpKey(listener: string): KeyText {
  return `rdp/${listener}` as KeyText;
}

export function listenerOfRdpKey(key: KeyText): string {
  return key.slice('rdp/'.length);
}

/** @param hash as it was read, in any letter case */
export function rdpListener(listener: string, hash: string): RdpListener {
  return { listener, thumbprint: toThumbprint(hash), store };
}
