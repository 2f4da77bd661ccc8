import { basename, dirname } from 'node:path';
import { type FileContents, inOrder, pemFiles } from '../../certificates/certificate-file.ts';
import { withCertificate } from '../../certificates/java-keystore.ts';
import { type CertificateWithKey, wrapPfx } from '../../certificates/pfx.ts';
import type { Renewal } from '../../certificates/renewal.ts';
import type { FileSettings } from '../../documents/configuration.ts';
import { besidePath } from '../../holders/file/file.ts';
import { changeOne, type Server } from '../../server/server.ts';
import { CertRebindError, messageFrom } from '../../text/errors.ts';
import { type FileWork, look, secretsOf } from './look.ts';

/**
 * Writes a certificate with its key beside every listed file that holds the old one, ready to take its place; what lay
 * there of other certificates goes.
 * @returns for people: why it was not done, for each file where it was not
 */
export async function stageFiles(
  {
    server,
    files,
    work,
  }: { readonly server: Server; readonly files: readonly FileSettings[]; readonly work: FileWork },
  found: CertificateWithKey,
  pair: Pick<Renewal, 'old' | 'new'>,
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const settings of files) {
    try {
      const seen = await look(settings, work);
      if (seen === null || seen.thumbprint !== pair.old) continue;
      await stage(settings, await contentsOf(settings, found, work));
    } catch (thrown) {
      failures.push(`${settings.certificate} does not get the new certificate: ${messageFrom(thrown)}`);
    }
  }
  return failures;

  async function stage(settings: FileSettings, { certificate, key }: FileContents): Promise<void> {
    for (const [path, content] of [
      [settings.key, key],
      [settings.certificate, certificate],
    ] as const) {
      if (path === undefined || content === null) continue;
      const names = await work.list(dirname(path));
      const old = names.filter((name) => name.startsWith(`${basename(path)}.certrebind-`) && !name.endsWith('.due'));
      for (const name of old) await work.remove(`${path}${name.slice(basename(path).length)}`);
      const unfinished = besidePath(path, pair.new, 'unfinished');
      const written = {
        do: 'write-beside',
        path: unfinished,
        like: path,
        content: content.toString('base64'),
      } as const;
      const error = await changeOne(server, written);
      if (error !== null) throw new CertRebindError('bad-input', { message: error.message });
      await work.rename(unfinished, besidePath(path, pair.new));
    }
  }
}

async function contentsOf(settings: FileSettings, found: CertificateWithKey, work: FileWork): Promise<FileContents> {
  const password = settings.password === undefined ? null : await work.password(settings);
  const ordered = inOrder(found);
  if (settings.format === 'pem') return pemFiles(ordered, { isSplit: settings.key !== undefined, password });
  if (settings.format === 'pfx') return { certificate: (await wrapPfx(ordered, password ?? '')).pfx, key: null };
  const live = (await work.read(settings.certificate)) ?? Buffer.alloc(0);
  return { certificate: await withCertificate(live, ordered, await secretsOf(settings, work)), key: null };
}
