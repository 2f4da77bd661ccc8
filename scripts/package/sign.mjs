// Files are signed only if a signer is configured; an unsigned build never claims to be signed.
//
//   CERTREBIND_SIGN_COMMAND        a program that signs, in place, the file whose path is its one argument
//   CERTREBIND_SIGN_PFX            else: a PFX file, with which osslsigncode signs; for a private certificate, since the key of
//                                  a public one lies in hardware
//   CERTREBIND_SIGN_PASSWORD_FILE  the file with the password of the PFX; the tool reads it, so that no argument list has it
//   CERTREBIND_SIGN_TIMESTAMP_URL  a time stamp authority (RFC 3161), for osslsigncode

import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync } from 'node:fs';

/** From this version on osslsigncode signs scripts of PowerShell. */
const SIGNS_SCRIPTS = [2, 8];

/**
 * What signs files in place, scripts too; or `null`. Says once, loudly, what the result will lack.
 * @param env the environment that the settings above are read from
 * @throws Error when the signer cannot sign scripts: half a signature would be refused where it is asked for
 */
export function findSigner(env = process.env, say = (text) => process.stderr.write(`certrebind: ${text}\n`)) {
  const { CERTREBIND_SIGN_COMMAND: command, CERTREBIND_SIGN_PFX: pfx } = env;
  if (isSet(command)) return { sign: (path) => demand(command, [path], path) };
  if (!isSet(pfx)) {
    say('NOT SIGNED: neither CERTREBIND_SIGN_COMMAND nor CERTREBIND_SIGN_PFX says with what');
    return null;
  }
  const timestamp = env.CERTREBIND_SIGN_TIMESTAMP_URL;
  if (!isSet(timestamp))
    say('NO TIME STAMP: the signatures end with their certificate, since CERTREBIND_SIGN_TIMESTAMP_URL is not set');
  assertScripts();
  return { sign: (path) => signWithPfx(path, pfx, env.CERTREBIND_SIGN_PASSWORD_FILE, timestamp) };
}

// One that says no version is tried, and says itself what it cannot do.
function assertScripts() {
  const { stdout } = spawnSync('osslsigncode', ['--version'], { encoding: 'utf8' });
  const [, version, major, minor] = /osslsigncode ((\d+)\.(\d+)[\d.]*)/.exec(stdout ?? '') ?? [];
  const [leastMajor, leastMinor] = SIGNS_SCRIPTS;
  if (Number(major) < leastMajor || (Number(major) === leastMajor && Number(minor) < leastMinor))
    throw new Error(`osslsigncode ${version} cannot sign scripts, ${SIGNS_SCRIPTS.join('.')} or later can`);
}

/**
 * Signs a script of text and returns what was added behind it.
 * @throws Error when the signer changed the text itself, since then it is no longer the one that was tested
 */
export function signatureOf({ sign }, path, text) {
  sign(path);
  const signed = readFileSync(path, 'utf8');
  if (!signed.startsWith(text) || signed === text)
    throw new Error(`signing ${path} did not add a block behind its text`);
  return signed.slice(text.length);
}

function signWithPfx(path, pfx, passwordFile, timestamp) {
  const temporary = `${path}.signed`;
  const args = [
    ...['sign', '-pkcs12', pfx],
    ...(isSet(passwordFile) ? ['-readpass', passwordFile] : []),
    ...['-n', 'CertRebind', '-h', 'sha256'],
    ...(isSet(timestamp) ? ['-ts', timestamp] : []),
    ...['-in', path, '-out', temporary],
  ];
  demand('osslsigncode', args, path);
  renameSync(temporary, path);
}

function demand(program, args, path) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`signing ${path} failed: ${error?.message ?? ''}${stdout}${stderr}`);
}

function isSet(value) {
  return value !== undefined && value !== '';
}
