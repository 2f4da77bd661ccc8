import { serverAuthentication } from '../../model/certificates/usages.ts';
import { newCertificate } from '../kernel/certificates.ts';
import type { LabCertificate } from '../kernel/lab-state.ts';
import { issueLeaf } from './authority.ts';
import { unusedKey } from './keys.ts';
import type { LabHost } from './lab-host.ts';

const day = 24 * 3600_000;

/** A certificate of one day; the lab's authority issues it, since its clients trust nobody else. */
export async function issueForRehearsal(host: LabHost, name: string, friendlyName: string): Promise<LabCertificate> {
  const key = unusedKey('ec', new Set(host.contents().keys.values()));
  const now = Date.now();
  const leaf = await issueLeaf(host.authority(), {
    names: [name],
    notBefore: new Date(now - 10 * 60_000),
    notAfter: new Date(now + day),
    ekus: [serverAuthentication],
    key,
  });
  host.addKey(leaf.thumbprint, key);
  return newCertificate(leaf.der, { store: 'My', friendlyName });
}
