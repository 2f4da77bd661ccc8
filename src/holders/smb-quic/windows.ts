import type { Parts } from '../../windows/rows.ts';
import { type KindOnWindows, nowAmong } from '../kind-on-windows.ts';
import { type SmbMapping, smbMapping, smbOptions, smbQuicHolder, smbQuicState } from './smb-quic.ts';
import script from './windows.ps1';

/** Certificates of SMB over QUIC: read from WMI, changed by the command of SmbShare. */
export const smbQuicOnWindows: KindOnWindows<'smb-quic', SmbMapping> = {
  script,
  partOfServer: 'smb-quic',
  reading: 'smb-quic',
  read: (parts) => nowAmong(mappingsIn(parts)),
  standing: mappingsIn,
  put: ({ name, thumbprint, store, options }, expected) => [
    'put-smb-quic',
    name,
    expected ?? '',
    thumbprint ?? '',
    store,
    ...smbOptions.map((option) => options[option] ?? ''),
  ],
};

/** From rows `<name> <hash> <store> <option>...`. */
function mappingsIn(parts: Parts) {
  const [enabled] = parts.first('smb-server') ?? [];
  return parts
    .rows('smb-quic')
    .map(([name = '', hash = '', store = '', ...options]) =>
      smbQuicHolder(smbMapping(name, hash, store, options), smbQuicState(enabled)),
    );
}
