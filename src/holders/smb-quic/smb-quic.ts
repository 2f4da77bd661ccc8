import { normaliseHost } from '../../certificates/host-name.ts';
import { normaliseStore } from '../../certificates/store-name.ts';
import { toThumbprint } from '../../certificates/thumbprint.ts';
import type { RunState } from '../iis/binding.ts';
import type { MovableKindRules, NamesCertificate, Standing } from '../kind-rules.ts';
import type { KeyText } from '../record-key.ts';

/** The certificate of SMB over QUIC for one name that clients ask for. */
export interface SmbMapping extends NamesCertificate {
  readonly name: string;
  /** As Windows writes them, by their names there; only those that this Windows has. They are never changed. */
  readonly options: Readonly<Partial<Record<SmbOption, string>>>;
}

/** What a mapping holds besides, and a change of it can lose (fidelity: quic-mapping-params). */
export const smbOptions = ['Flags', 'RequireClientAuthentication', 'SkipClientCertificateAccessCheck'] as const;
export type SmbOption = (typeof smbOptions)[number];

/** The port of QUIC (MS-SMB2). */
export const smbQuicPort = 443;

export const smbQuicRules: MovableKindRules<'smb-quic', SmbMapping> = {
  prefix: 'smb-quic/',
  plural: 'SMB over QUIC',
  part: 'others',
  stores: ['My'],
  startTls: 'smb',
  disguised: ({ name, options }, names) => ({ name: names.host(name), options }),
  disguisedName: (name, names) => names.host(name),
  user: (name) => `SMB over QUIC ${name}`,
  owner: ({ name }) => `SMB over QUIC (${name})`,
  host: ({ name }) => normaliseHost(name) ?? name,
  differences: (wanted, found) => [
    ...(wanted.name === found.name ? [] : ['name']),
    ...smbOptions.filter((option) => wanted.options[option] !== found.options[option]),
  ],
  withCertificate: (value, thumbprint, store) => ({ ...value, thumbprint, store }),
};

/** @param state of QUIC in the SMB server */
export function smbQuicHolder(value: SmbMapping, state: RunState): Standing<'smb-quic', SmbMapping> {
  return { kind: 'smb-quic', key: smbQuicKey(value.name), value, listens: { address: '*', port: smbQuicPort, state } };
}

export function smbQuicKey(name: string): KeyText {
  return `smb-quic/${name}` as KeyText;
}

/** @param written the properties of a mapping in WMI as text; empty for one that this Windows does not have */
export function smbMapping(name: string, hash: string, store: string, written: readonly string[]): SmbMapping {
  const options = smbOptions.flatMap((option, at) => (written[at] ? [[option, written[at]]] : []));
  return { name, thumbprint: toThumbprint(hash), store: normaliseStore(store), options: Object.fromEntries(options) };
}

/** Whether QUIC is enabled, as the configuration of the SMB server says it (fidelity: smb-quic-mapping). */
export function smbQuicState(enabled: string | undefined): RunState {
  if (enabled === 'True') return 'started';
  return enabled === 'False' ? 'stopped' : 'unknown';
}
