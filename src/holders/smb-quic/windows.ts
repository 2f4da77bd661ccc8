import type { Row } from '../../windows/rows.ts';
import type { KindOnWindows } from '../kind-on-windows.ts';
import { nameOfSmbQuicKey, type SmbMapping, smbMapping, smbOptions, smbQuicHolder, smbQuicState } from './smb-quic.ts';
import script from './windows.ps1';

/** Certificates of SMB over QUIC: read from WMI, changed by the command of SmbShare. */
export const smbQuicOnWindows: KindOnWindows<'smb-quic', SmbMapping> = {
  script,
  partOfServer: 'smb-quic',
  reading: 'smb-quic',
  read(parts) {
    const mappings = new Map(parts.rows('smb-quic').map((row) => [row[0], mappingFrom(row)]));
    return (key) => {
      const value = mappings.get(nameOfSmbQuicKey(key));
      return value === undefined ? { state: 'absent' } : { state: 'holds', holder: { kind: 'smb-quic', key, value } };
    };
  },
  standing(parts) {
    const [enabled] = parts.first('smb-server') ?? [];
    return parts.rows('smb-quic').map((row) => smbQuicHolder(mappingFrom(row), smbQuicState(enabled)));
  },
  put: ({ name, thumbprint, store, options }, expected) => [
    'put-smb-quic',
    name,
    expected ?? '',
    thumbprint ?? '',
    store,
    ...smbOptions.map((option) => options[option] ?? ''),
  ],
};

/** A row `<name> <hash> <store> <option>...`. */
function mappingFrom([name = '', hash = '', store = '', ...options]: Row): SmbMapping {
  return smbMapping(name, hash, store, options);
}
