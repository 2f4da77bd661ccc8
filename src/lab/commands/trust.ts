import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CertRebindError, messageFrom } from '../../base/errors.ts';
import { toThumbprint } from '../../model/certificates/thumbprint.ts';
import { defineCommand } from '../../shell/command.ts';
import { flag } from '../../shell/options.ts';
import type { OpenLab } from '../host/channel.ts';
import { newCertificate, thumbprintOf } from '../kernel/certificates.ts';
import { labNamed, withLab } from './folder.ts';
import { performIn, stateOf } from './perform.ts';

export const trust = defineCommand({
  examples: [
    ['lab trust staging --lab my-lab', 'Its root into Root, its intermediates into CA'],
    ['lab trust root.pem --store CA --lab my-lab', 'Known to the server, and not trusted'],
    ['lab trust lab --remove --lab my-lab', 'Out of both stores'],
  ],
  build: (yargs) =>
    yargs
      .positional('dir', { type: 'string', describe: 'The folder of the lab (or --lab)' })
      .positional('what', {
        type: 'string',
        demandOption: true,
        describe: 'An authority of the lab, a file of certificates (PEM or DER), or with --remove a thumbprint',
      })
      .option('store', {
        choices: ['Root', 'CA'] as const,
        describe: 'Where to; Root for what is self-signed, else CA',
      })
      .option('remove', flag('Take them out of both stores')),
  run: (args, { shell }) =>
    withLab(labNamed(args), shell.env, async (lab) => {
      const moved: { thumbprint: string; store: 'Root' | 'CA' | null }[] = [];
      for (const der of await certificatesOf(args.what, lab)) {
        const thumbprint = thumbprintOf(der);
        const { roots, authorities } = await stateOf(lab);
        const isThere = authorities.some((one) => thumbprintOf(one) === thumbprint);
        if (isThere && (args.remove || args.store !== undefined)) {
          const store = roots.includes(thumbprint) ? 'Root' : 'CA';
          await performIn(lab, { kind: 'remove-certificate', thumbprint, store });
        }
        const store = args.remove ? null : (args.store ?? (isSelfSigned(der) ? 'Root' : 'CA'));
        if (store !== null) {
          const certificate = newCertificate(Buffer.from(der, 'base64'), { store, key: 'missing' });
          await performIn(lab, { kind: 'add-certificate', certificate });
        }
        moved.push({ thumbprint, store });
      }
      shell.result({ schema: 'certrebind/lab-trust/1', certificates: moved }, () =>
        moved
          .map(({ thumbprint, store }) => `${thumbprint} ${store === null ? 'is in no store' : `is in ${store}`}.`)
          .join('\n'),
      );
      return 0;
    }),
});

/** DER (base64). @throws CertRebindError `bad-input` */
async function certificatesOf(what: string, lab: OpenLab): Promise<readonly string[]> {
  const known = await lab.ask({ ask: 'authorities' });
  const authority = known.find(({ name }) => name === what);
  if (authority !== undefined) return authority.certificates;
  const stored = (await stateOf(lab)).authorities.filter((der) => thumbprintOf(der) === toThumbprint(what));
  if (stored.length > 0) return stored;
  const bytes = await readFile(what).catch((cause) => {
    const names = known.map(({ name }) => name).join(', ');
    const message = `${what} is not an authority of this lab, which has ${names}, nor a file that can be read: ${messageFrom(cause)}`;
    throw new CertRebindError('bad-input', { message, where: what, cause });
  });
  const pem = bytes.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END/g);
  if (pem !== null) return pem.map((block) => block.replace(/-----[A-Z ]+(?:-----)?|\s/g, ''));
  if (bytes[0] === 0x30) return [bytes.toString('base64')];
  throw new CertRebindError('bad-input', { message: `There is no certificate in ${what}.`, where: what });
}

/** Not checked, so that a certificate which nothing can read has a place too. */
function isSelfSigned(der: string): boolean {
  try {
    const { subject, issuer } = new X509Certificate(Buffer.from(der, 'base64'));
    return subject === issuer;
  } catch {
    return false;
  }
}
