import { CertRebindError } from '../../base/errors.ts';
import { type Arriving, isSameEntry } from '../../model/certificates/certificate-with-key.ts';
import { type CertificateWithKey, wrapPfx } from '../../model/certificates/pfx.ts';
import { changeOne } from '../../server/server.ts';
import type { Session } from '../session.ts';

/** A file that was opened, and the certificate it will be in the store. */
export interface Arrival extends Arriving {
  readonly found: CertificateWithKey;
}

/** Both are in every Windows; the legacy one is that which Windows itself chooses for TLS. */
export const providers = {
  csp: 'Microsoft RSA SChannel Cryptographic Provider',
  ksp: 'Microsoft Software Key Storage Provider',
} as const;

/** The file names the provider that Windows takes (fidelity: pfx-provider). @throws CertRebindError `bad-input` */
export function withProvider(
  found: CertificateWithKey,
  wanted: keyof typeof providers | undefined,
): CertificateWithKey {
  if (wanted === undefined) return found;
  if (wanted === 'csp' && found.key.asymmetricKeyType !== 'rsa')
    throw new CertRebindError('bad-input', {
      message: 'Its key is not an RSA key, and a legacy provider keeps only those.',
      hint: 'Leave out --provider, or use --provider ksp.',
      where: '--provider',
    });
  return { ...found, provider: providers[wanted] };
}

/**
 * Windows reporting success is not enough: the certificate is read back with its key. One that is there with its key is
 * not imported again, which would leave a second key file.
 */
export async function bringIn({ found, certificate }: Arrival, { server }: Session): Promise<void> {
  const { thumbprint, store } = certificate;
  const stored = async () =>
    (await server.certificates([thumbprint])).find((one) => isSameEntry(one, certificate))?.key ?? 'absent';
  if ((await stored()) === 'usable') return;
  const { pfx, password } = await wrapPfx(found);
  const sent = { do: 'import-certificate', pfx: pfx.toString('base64'), password, thumbprint, store } as const;
  const error = await changeOne(server, sent);
  if (error !== null) throw new CertRebindError('import-refused', { message: error.message, where: 'file' });
  const key = await stored();
  if (key === 'absent' || key === 'missing')
    throw new CertRebindError('import-refused', {
      message: `${thumbprint} is ${key === 'absent' ? 'not in' : 'without its private key in'} ${store}, although Windows reported no error.`,
      where: 'file',
    });
}
