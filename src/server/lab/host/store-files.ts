import { readFile, rm } from 'node:fs/promises';
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

export async function loadCertificates(folder: string): Promise<LabCertificate[]> {
  const root = join(folder, 'stores');
  const stores = await listFolder(root);
  const found = await Promise.all(
    stores.map(async (name) => {
      const names = (await listFolder(join(root, name))).filter((file) => file.endsWith('.json'));
      return Promise.all(names.map((file) => loadCertificate(join(root, name), decodeName(name), file.slice(0, -5))));
    }),
  );
  return found.flat();
}

async function loadCertificate(path: string, store: string, thumbprint: string): Promise<LabCertificate> {
  const file = join(path, `${thumbprint}.json`);
  const properties: CertificateFile = parseOwnJson(await readFile(file, 'utf8'), file);
  return { thumbprint, store, der: await readPem(join(path, `${thumbprint}.crt`)), ...properties };
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

export async function loadKeys(folder: string): Promise<Keys> {
  const root = join(folder, 'keys');
  const names = await listFolder(root);
  const keys = await Promise.all(
    names.map(async (name) => [name.replace(/\.key$/, ''), await readFile(join(root, name), 'utf8')] as const),
  );
  return new Map(keys);
}

export async function saveAuthorities(folder: string, authorities: readonly string[]): Promise<void> {
  for (const [at, der] of authorities.entries()) {
    await writeWhole(join(folder, 'ca', `${at}.crt`), toPem(Buffer.from(der, 'base64')));
  }
}

export async function loadAuthorities(folder: string): Promise<string[]> {
  const names = (await listFolder(join(folder, 'ca'))).filter((name) => name.endsWith('.crt'));
  const inOrder = names.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  return Promise.all(inOrder.map((name) => readPem(join(folder, 'ca', name))));
}

async function readPem(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).replace(/-----[^-]+-----|\s/g, '');
}
