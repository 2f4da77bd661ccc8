import { sameHolder, tlsHolder } from '../../src/kinds/holder.ts';
import type { CertificateBinding } from '../../src/kinds/tls/certificate-binding.ts';

/** Whether nothing at all differs: hash, store and every option. */
export function sameRecord(a: CertificateBinding, b: CertificateBinding): boolean {
  return sameHolder(tlsHolder(a), tlsHolder(b));
}
