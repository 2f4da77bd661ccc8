import type { Certificate } from '../../src/model/certificates/certificate.ts';

/** Only the Windows side of a lab has private keys in the folders of Windows. */
export function withoutKeyFiles<Seen extends { readonly certificates: readonly Certificate[] }>(seen: Seen): Seen {
  const certificates = seen.certificates.map(({ keyRights, ...rest }) => {
    if (keyRights === undefined) return rest;
    if (!('file' in keyRights)) return { ...rest, keyRights };
    const { file: _, ...rights } = keyRights;
    return { ...rest, keyRights: rights };
  });
  return { ...seen, certificates };
}
