// Signing happens when a certificate is configured, and is never claimed otherwise.

import { spawnSync } from 'node:child_process';
import { renameSync } from 'node:fs';

/**
 * Signs a file in place with osslsigncode when CERTREBIND_SIGN_PFX names a PFX file.
 * Its password is read by the tool from the file that CERTREBIND_SIGN_PASSWORD_FILE names, so that it stands in no
 * argument list.
 * @returns whether the file is signed now
 */
export function signed(path) {
  const pfx = process.env.CERTREBIND_SIGN_PFX;
  if (pfx === undefined || pfx === '') {
    process.stderr.write(`certrebind: NOT SIGNED: ${path}, because CERTREBIND_SIGN_PFX names no certificate\n`);
    return false;
  }
  const password = process.env.CERTREBIND_SIGN_PASSWORD_FILE;
  const temporary = `${path}.signed`;
  const args = [
    'sign',
    '-pkcs12',
    pfx,
    ...(password === undefined ? [] : ['-readpass', password]),
    '-n',
    'CertRebind',
    '-h',
    'sha256',
    '-in',
    path,
    '-out',
    temporary,
  ];
  const { status, stdout, stderr, error } = spawnSync('osslsigncode', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`signing ${path} failed: ${error?.message ?? ''}${stdout}${stderr}`);
  renameSync(temporary, path);
  return true;
}
