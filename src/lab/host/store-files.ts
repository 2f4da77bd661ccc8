import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabCertificate, LabState, LabTask } from '../kernel/lab-state.ts';
import type { LabAuthority } from './authority.ts';
import { decodeName, encodeName, listFolder, parseOwnJson, toPem, utf16, writeWhole } from './whole-file.ts';

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

type Issuers = ReadonlyMap<string, LabAuthority>;
/** Certificates as DER (base64). */
type IssuerFile = { readonly [Part in keyof LabAuthority]: Part extends 'crossed' ? string | null : string };

/** The authorities that the lab can issue from, with their keys: what the server has of them lies beside it. */
export async function saveIssuers(folder: string, issuers: Issuers): Promise<void> {
  const file = Object.fromEntries(
    [...issuers].map(([name, { root, intermediate, renewing, crossed, ...keys }]): [string, IssuerFile] => [
      name,
      {
        root: root.toString('base64'),
        intermediate: intermediate.toString('base64'),
        renewing: renewing.toString('base64'),
        crossed: crossed?.toString('base64') ?? null,
        ...keys,
      },
    ]),
  );
  await writeWhole(join(folder, 'ca', 'issuers.json'), `${JSON.stringify(file, null, 2)}\n`, { secret: true });
}

export function loadIssuers(folder: string): Issuers {
  const file = join(folder, 'ca', 'issuers.json');
  const issuers: Record<string, IssuerFile> = parseOwnJson(readFileSync(file, 'utf8'), file);
  return new Map(Object.entries(issuers).map(([name, issuer]) => [name, issuerFrom(issuer)]));
}

function issuerFrom({ root, intermediate, renewing, crossed, ...keys }: IssuerFile): LabAuthority {
  return {
    root: Buffer.from(root, 'base64'),
    intermediate: Buffer.from(intermediate, 'base64'),
    renewing: Buffer.from(renewing, 'base64'),
    crossed: crossed === null ? null : Buffer.from(crossed, 'base64'),
    ...keys,
  };
}

function readPem(file: string): string {
  return readFileSync(file, 'utf8').replace(/-----[^-]+-----|\s/g, '');
}

export async function saveTasks(folder: string, before: readonly LabTask[], after: readonly LabTask[]): Promise<void> {
  if (before === after) return;
  const known = new Map(before.map((task) => [taskFile(folder, task), task.xml]));
  for (const task of after) {
    const file = taskFile(folder, task);
    if (known.get(file) !== task.xml) await writeWhole(file, utf16(task.xml));
    known.delete(file);
  }
  for (const file of known.keys()) await rm(file, { force: true });
}

export function loadTask(folder: string, task: Omit<LabTask, 'xml'>): LabTask {
  const bytes = readFileSync(taskFile(folder, task));
  return { ...task, xml: bytes.toString('utf16le').replace(/^\uFEFF/, '') };
}

function taskFile(folder: string, { path, name }: { readonly path: string; readonly name: string }): string {
  const folders = path.split('\\').filter((part) => part !== '');
  return `${join(folder, 'tasks', ...folders.map(encodeName), encodeName(name))}.xml`;
}

type Events = LabState['lifecycle']['events'];

export async function saveEvents(folder: string, before: Events, after: Events): Promise<void> {
  if (before === after) return;
  const known = new Map(before.map(({ recordId, xml }) => [recordId, xml]));
  for (const { recordId, xml } of after) {
    if (known.get(recordId) !== xml) await writeWhole(eventFile(folder, recordId), xml);
    known.delete(recordId);
  }
  for (const recordId of known.keys()) await rm(eventFile(folder, recordId), { force: true });
}

export function loadEvents(folder: string): Events {
  const names = listFolder(join(folder, 'events')).filter((name) => /^\d+\.xml$/.test(name));
  const numbers = names.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b);
  return numbers.map((recordId) => ({ recordId, xml: readFileSync(eventFile(folder, recordId), 'utf8') }));
}

function eventFile(folder: string, recordId: number): string {
  return join(folder, 'events', `${recordId}.xml`);
}
