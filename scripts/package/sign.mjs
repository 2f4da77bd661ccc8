// Files are signed only if a signer is configured; an unsigned build never claims to be signed.
//
//   CERTREBIND_SIGN_COMMAND        a program that signs, in place, the file whose path is its one argument
//   CERTREBIND_SIGN_FOLDER         or: a folder in which what is to be signed waits for somebody who signs it there, in place,
//                                  such as a service in another job; packaging ends until that is done, and is started again
//   CERTREBIND_SIGN_PFX            or: a PFX file, with which osslsigncode signs; for a private certificate, since the key of
//                                  a public one lies in hardware
//   CERTREBIND_SIGN_PASSWORD_FILE  the file with the password of the PFX; the tool reads it, so that no argument list has it
//   CERTREBIND_SIGN_TIMESTAMP_URL  a time stamp authority (RFC 3161), for osslsigncode

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** From this version on osslsigncode signs scripts of PowerShell. */
const SIGNS_SCRIPTS = [2, 8];

/**
 * What signs files in place, scripts too; or `null`. Says once, loudly, what the result will lack. `sign` says whether the file
 * is signed now; what is not stands in `waiting`, by its name in the folder.
 * @param env the environment that the settings above are read from
 * @throws Error where two of them are set, and when the signer cannot sign scripts: half a signature would be refused where it
 *   is asked for
 */
export function findSigner(env = process.env, say = (text) => process.stderr.write(`certrebind: ${text}\n`)) {
  const { CERTREBIND_SIGN_COMMAND: command, CERTREBIND_SIGN_FOLDER: folder, CERTREBIND_SIGN_PFX: pfx } = env;
  const ways = { CERTREBIND_SIGN_COMMAND: command, CERTREBIND_SIGN_FOLDER: folder, CERTREBIND_SIGN_PFX: pfx };
  const set = Object.keys(ways).filter((name) => isSet(ways[name]));
  if (set.length > 1) throw new Error(`${set.join(' and ')} are set, and only one of them can sign`);
  if (isSet(command)) return signerBy((path) => demand(command, [path], path));
  if (isSet(folder)) return signerElsewhere(folder);
  if (!isSet(pfx)) {
    say('NOT SIGNED: none of CERTREBIND_SIGN_COMMAND, CERTREBIND_SIGN_FOLDER and CERTREBIND_SIGN_PFX says with what');
    return null;
  }
  const timestamp = env.CERTREBIND_SIGN_TIMESTAMP_URL;
  if (!isSet(timestamp))
    say('NO TIME STAMP: the signatures end with their certificate, since CERTREBIND_SIGN_TIMESTAMP_URL is not set');
  assertScripts();
  return signerBy((path) => signWithPfx(path, pfx, env.CERTREBIND_SIGN_PASSWORD_FILE, timestamp));
}

function signerBy(work) {
  const sign = (path) => {
    work(path);
    return true;
  };
  return { sign, waiting: [] };
}

// A file waits under the hash of what it was without a signature: what comes back for one is taken for no other.
function signerElsewhere(folder) {
  const waiting = [];
  mkdirSync(folder, { recursive: true });
  const sign = (path) => {
    const unsigned = readFileSync(path);
    const name = `${createHash('sha256').update(unsigned).digest('hex').slice(0, 16)}-${basename(path)}`;
    const there = join(folder, name);
    if (!existsSync(there)) writeFileSync(there, unsigned);
    const signed = readFileSync(there);
    if (signed.equals(unsigned)) waiting.push(name);
    else writeFileSync(path, signed);
    return !signed.equals(unsigned);
  };
  return { sign, waiting };
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
 * Signs a script of text and returns what was added behind it: nothing while it waits.
 * @throws Error when the signer changed the text itself, since then it is no longer the one that was tested
 */
export function signatureOf({ sign }, path, text) {
  if (!sign(path)) return '';
  const signed = readFileSync(path, 'utf8');
  if (!signed.startsWith(text) || signed === text)
    throw new Error(`signing ${path} did not add a block behind its text`);
  return signed.slice(text.length);
}

/**
 * Signs a Windows executable.
 * @throws Error when anything but its signature, and what tells of it in the header, is other than before
 */
export function signExecutable({ sign }, path) {
  const before = readFileSync(path);
  if (!sign(path)) return;
  const after = readFileSync(path);
  const isSame = withoutSignature(before, before.length).equals(withoutSignature(after, before.length));
  if (!isSame || after.length <= before.length) throw new Error(`signing ${path} did not add a signature alone`);
}

// Offsets: Microsoft's "PE Format", of an image for 64 bits. The checksum, and where the table of certificates lies.
function withoutSignature(exe, length) {
  const bytes = Buffer.from(exe.subarray(0, length));
  const header = bytes.readUInt32LE(0x3c);
  bytes.fill(0, header + 88, header + 92);
  bytes.fill(0, header + 168, header + 176);
  return bytes;
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
