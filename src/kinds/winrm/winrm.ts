import { normaliseHost } from '../../model/certificates/host-name.ts';
import { canonicalAddress } from '../../model/certificates/ip-address.ts';
import { toThumbprint } from '../../model/certificates/thumbprint.ts';
import type { RunState } from '../iis/binding.ts';
import {
  type CarriesRun,
  listening,
  type MovableKindRules,
  type NamesCertificate,
  type Standing,
} from '../kind-rules.ts';
import { holderKey, type KeyText } from '../record-key.ts';

/** A WinRM listener for HTTPS that names a certificate itself, usually `*+HTTPS`. */
export interface WinrmListener extends NamesCertificate {
  readonly listener: string;
  /** `null` if the listener has none. It is never changed. */
  readonly hostname: string | null;
  readonly port: number;
}

/** WinRM takes its certificate from the store My and from no other (fidelity: winrm-listener). */
const store = 'My';

/** Where the registry names no port (fidelity: winrm-listener). */
export const winrmPort = 5986;

/**
 * A listener without a hash follows the certificate binding of another product, and is not a holder (fidelity: winrm-listener).
 */
export const winrmRules: MovableKindRules<'winrm', WinrmListener> = {
  ...listening((listener) => `WinRM ${listener}`, undefined, hostOf),
  plural: 'WinRM listeners',
  isAdminChannel: true,
  anonymised: ({ listener, hostname, port }, names) => ({
    listener: names.text(listener),
    hostname: hostname === null ? null : names.host(hostname),
    port,
  }),
  owner: ({ listener }) => `The WinRM listener ${listener}`,
  differences: (wanted, found) =>
    (['listener', 'hostname', 'port'] as const).filter((name) => wanted[name] !== found[name]),
};

function hostOf({ hostname }: WinrmListener): string {
  return hostname === null ? '' : (normaliseHost(hostname) ?? hostname);
}

export function winrmHolder(
  value: WinrmListener,
  { state, carriesRun }: { readonly state: RunState; readonly carriesRun: CarriesRun },
): Standing<'winrm', WinrmListener> {
  const { listener, port } = value;
  const listens = { address: addressOfWinrm(listener), port, state };
  return { kind: 'winrm', key: winrmKey(listener), value, listens, carriesRun };
}

export function winrmKey(listener: string): KeyText {
  return holderKey('winrm', listener);
}

/** @param hash as it was read, in any letter case */
export function winrmListener(listener: string, hash: string, hostname: string | null, port: number): WinrmListener {
  return { listener, thumbprint: toThumbprint(hash), store, hostname, port };
}

/** The address of a listener such as `IP:192.0.2.1+HTTPS`; any address for `*+HTTPS` and for one by network card. */
export function addressOfWinrm(listener: string): string {
  const [, written = ''] = /^IP:(.*)\+HTTPS$/i.exec(listener) ?? [];
  return canonicalAddress(written) ?? '0.0.0.0';
}
