import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabCertificate } from '../kernel/lab-state.ts';
import { toPem } from './pem.ts';
import { decodeName, encodeName, listFolder, parseOwnJson, writeWhole } from './whole-file.ts';

type CertificateFile = Omit<LabCertificate, 'thumbprint' | 'store' | 'der'>;

export async function saveCertificates(
  folder: string,
  before: readonly LabCertificate[],
  after: readonly LabCertificate[],
): Promise<void> {
  if (before === after) return;
  const known = new Map(before.map((certificate) => [certificatePath(folder, certificate), certificate]));
  for (const certificate of after) {
    const path = certificatePath(folder, certificate);
    const old = known.get(path);
    known.delete(path);
    if (old === certificate) continue;
    const { thumbprint, store, der, ...properties } = certificate;
    if (old?.der !== der) await writeWhole(`${path}.crt`, toPem(Buffer.from(der, 'base64')));
    await writeWhole(`${path}.json`, `${JSON.stringify(properties satisfies CertificateFile, null, 2)}\n`);
  }
  for (const path of known.keys()) {
    await rm(`${path}.json`, { force: true });
    await rm(`${path}.crt`, { force: true });
  }
}

export function loadCertificates(folder: string): LabCertificate[] {
  const root = join(folder, 'stores');
  return listFolder(root).flatMap((name) => {
    const names = listFolder(join(root, name)).filter((file) => file.endsWith('.json'));
    return names.map((file) => loadCertificate(join(root, name), decodeName(name), file.slice(0, -5)));
  });
}

function loadCertificate(path: string, store: string, thumbprint: string): LabCertificate {
  const file = join(path, `${thumbprint}.json`);
  const properties: CertificateFile = parseOwnJson(readFileSync(file, 'utf8'), file);
  return { thumbprint, store, der: readPem(join(path, `${thumbprint}.crt`)), ...properties };
}

function certificatePath(folder: string, { store, thumbprint }: LabCertificate): string {
  return join(folder, 'stores', encodeName(store), thumbprint);
}

type Keys = ReadonlyMap<string, string>;

/** A key is never removed: its certificate may be added again. */
export async function saveKeys(folder: string, before: Keys, after: Keys): Promise<void> {
  for (const [thumbprint, key] of after) {
    if (before.get(thumbprint) === key) continue;
    await writeWhole(join(folder, 'keys', `${thumbprint}.key`), key, { secret: true });
  }
}

export function loadKeys(folder: string): Keys {
  const root = join(folder, 'keys');
  return new Map(listFolder(root).map((name) => [name.replace(/\.key$/, ''), readFileSync(join(root, name), 'utf8')]));
}

export async function saveAuthorities(folder: string, authorities: readonly string[]): Promise<void> {
  for (const name of listFolder(join(folder, 'ca'))) {
    if (Number.parseInt(name, 10) >= authorities.length) await rm(join(folder, 'ca', name));
  }
  for (const [at, der] of authorities.entries()) {
    await writeWhole(join(folder, 'ca', `${at}.crt`), toPem(Buffer.from(der, 'base64')));
  }
}

export function loadAuthorities(folder: string): string[] {
  const names = listFolder(join(folder, 'ca')).filter((name) => name.endsWith('.crt'));
  const inOrder = names.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  return inOrder.map((name) => readPem(join(folder, 'ca', name)));
}

function readPem(file: string): string {
  return readFileSync(file, 'utf8').replace(/-----[^-]+-----|\s/g, '');
}
