import { selectCertificate } from '../../engine/known/select-certificate.ts';
import { parseNamedSelector } from '../../model/certificates/selector.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { labFolderOf } from './folder.ts';

/**
 * The certificate of a lab that a person means, named as for every other command.
 * @throws CertRebindError `no-such-certificate`, `ambiguous-certificate`, `bad-thumbprint`
 */
export async function certificateOfLab(
  text: string,
  where: string,
  lab: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Thumbprint> {
  const selector = parseNamedSelector(text, where);
  if (selector.kind === 'thumbprint') return selector.thumbprint;
  const { openLabServer } = await import('../client/lab-server.ts');
  const { server } = await openLabServer(labFolderOf(lab, env));
  try {
    return selectCertificate(await server.snapshot(), selector, where);
  } finally {
    await server.close();
  }
}
