import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CertRebindError } from '../../../model/errors.ts';
import { isMissing, whyRefused } from '../../../model/file-error.ts';
import { formatRegistryExport, parseRegistryExport, type RegistryKey } from '../../../model/registry-export.ts';
import { decodeAs, sniffEncoding } from '../../../model/text-encoding.ts';
import type { HttpSysTables, LabCertificate, LabState, LabTask, RegistryEntry } from '../kernel/lab-state.ts';
import { toPem } from './authority.ts';

/** What a lab keeps beside the state of the server that it plays. */
export interface LabContents {
  readonly state: LabState;
  /** Private keys by thumbprint, PEM, whether or not the server is told that it has them. */
  readonly keys: ReadonlyMap<string, string>;
  readonly issuingKey: string;
  /** How `enable` was run (`CERTREBIND_LAB_SERVER`); `null` before the first time. */
  readonly enabledThrough: string | null;
}

/**
 * Writes what differs between two states of a lab. Every file appears whole, by rename; `lab.json` comes last, and what it
 * names is there by then.
 */
export async function saveLab(folder: string, before: LabContents | null, after: LabContents): Promise<void> {
  const was = before?.state ?? null;
  const { state } = after;
  await saveKeys(folder, before, after);
  await saveCertificates(folder, was?.certificates ?? [], state.certificates);
  if (was?.authorities !== state.authorities) await saveAuthorities(folder, state.authorities);
  if (before?.issuingKey !== after.issuingKey) {
    await writeWhole(join(folder, 'ca', 'issuing.key'), after.issuingKey, { secret: true });
  }
  if (was?.applicationHost !== state.applicationHost) {
    const declared = /^<\?xml[^>]*encoding=["']utf-16/i.test(state.applicationHost);
    const content = declared ? utf16(state.applicationHost) : state.applicationHost;
    await writeWhole(join(folder, files.applicationHost), content);
  }
  if (was?.httpSys !== state.httpSys) {
    await writeWhole(join(folder, files.httpSys), utf16(formatRegistryExport(registryKeys(state.httpSys))));
  }
  await saveTasks(folder, was?.tasks ?? [], state.tasks);
  await saveEvents(folder, was?.lifecycle.events ?? [], state.lifecycle.events);
  const text = labText(after);
  if (before === null || text !== labText(before)) await writeWhole(join(folder, files.lab), text);
}

/** @throws CertRebindError `not-a-lab`, `later-schema` or `bad-document` */
export async function loadLab(folder: string): Promise<LabContents> {
  const lab = await readLabFile(folder);
  const [certificates, authorities, tasks, events, keys, applicationHost, httpSys, issuingKey] = await Promise.all([
    loadCertificates(folder),
    loadAuthorities(folder),
    Promise.all(lab.tasks.map((task) => loadTask(folder, task))),
    loadEvents(folder),
    loadKeys(folder),
    readText(join(folder, files.applicationHost)),
    readFile(join(folder, files.httpSys)),
    readFile(join(folder, 'ca', 'issuing.key'), 'utf8'),
  ]);
  return {
    state: {
      ...lab.server,
      applicationHost,
      httpSys: tablesFrom(parseRegistryExport(httpSys, files.httpSys)),
      certificates,
      authorities,
      tasks,
      lifecycle: { ...lab.lifecycle, events },
    },
    keys,
    issuingKey,
    enabledThrough: lab.enabledThrough,
  };
}

/** @throws CertRebindError `not-a-lab` */
export async function requireLab(folder: string): Promise<void> {
  await readLabFile(folder);
}

/** Known without a request, which would count as a reading and could meet a fault. @throws CertRebindError `not-a-lab` */
export async function hasIis(folder: string): Promise<boolean> {
  return (await readLabFile(folder)).server.iis !== '';
}

const files = { lab: 'lab.json', applicationHost: 'applicationHost.config', httpSys: 'http-sys.reg' } as const;
const schema = 'certrebind/lab-folder/1';

// --- lab.json: whatever has no file of its own ---------------------------------------------------------------------

type Apart = 'applicationHost' | 'httpSys' | 'certificates' | 'authorities' | 'tasks' | 'lifecycle';

interface LabFile {
  readonly schema: typeof schema;
  readonly enabledThrough: string | null;
  readonly server: Omit<LabState, Apart>;
  readonly lifecycle: Omit<LabState['lifecycle'], 'events'>;
  readonly tasks: readonly Omit<LabTask, 'xml'>[];
}

function labText({ state, enabledThrough }: LabContents): string {
  const { applicationHost, httpSys, certificates, authorities, tasks, lifecycle, ...server } = state;
  const { events, ...channel } = lifecycle;
  const file: LabFile = {
    schema,
    enabledThrough,
    server,
    lifecycle: channel,
    tasks: tasks.map(({ xml, ...task }) => task),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

async function readLabFile(folder: string): Promise<LabFile> {
  const file = join(folder, files.lab);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new CertRebindError('not-a-lab', {
      message: `${folder} is not a lab: it has no ${files.lab}.`,
      where: file,
      cause,
    });
  }
  const lab = parseJson(text, file);
  if (lab?.schema === schema) return lab;
  if (/^certrebind\/lab-folder\/\d+$/.test(`${lab?.schema}`)) {
    const message = `${folder} was made by a later version of this program.`;
    throw new CertRebindError('later-schema', { message, where: file });
  }
  throw new CertRebindError('not-a-lab', {
    message: `${folder} is not a lab: its ${files.lab} is another program's.`,
    where: file,
  });
}

function parseJson(text: string, where: string) {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CertRebindError('bad-document', { message: `${where} is not whole JSON.`, where, cause });
  }
}

// --- HTTP.SYS tables -----------------------------------------------------------------------------------------------

const parameters = 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters';
const tableNames = ['SslBindingInfo', 'SslCcsBindingInfo', 'SslSniBindingInfo'] as const;

function registryKeys(tables: HttpSysTables): readonly RegistryKey[] {
  return tableNames.flatMap((name) => {
    const table = tables[name];
    if (table === null) return [];
    const path = `${parameters}\\${name}`;
    return [{ path, values: {} }, ...table.map(({ subKey, values }) => ({ path: `${path}\\${subKey}`, values }))];
  });
}

function tablesFrom(keys: readonly RegistryKey[]): HttpSysTables {
  const tableOf = (name: keyof HttpSysTables): readonly RegistryEntry[] | null => {
    const root = `${parameters}\\${name}`;
    const entries = keys
      .filter(({ path }) => path.startsWith(`${root}\\`))
      .map(({ path, values }) => ({ subKey: path.slice(root.length + 1), values }));
    return entries.length > 0 || keys.some(({ path }) => path === root) ? entries : null;
  };
  return {
    SslBindingInfo: tableOf('SslBindingInfo'),
    SslSniBindingInfo: tableOf('SslSniBindingInfo'),
    SslCcsBindingInfo: tableOf('SslCcsBindingInfo'),
  };
}

// --- certificate stores --------------------------------------------------------------------------------------------

type CertificateFile = Omit<LabCertificate, 'thumbprint' | 'store' | 'der'>;

async function saveCertificates(
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

async function loadCertificates(folder: string): Promise<LabCertificate[]> {
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
  const properties: CertificateFile = parseJson(await readFile(file, 'utf8'), file);
  return { thumbprint, store, der: await readPem(join(path, `${thumbprint}.crt`)), ...properties };
}

function certificatePath(folder: string, { store, thumbprint }: LabCertificate): string {
  return join(folder, 'stores', encodeName(store), thumbprint);
}

async function saveKeys(folder: string, before: LabContents | null, after: LabContents): Promise<void> {
  for (const [thumbprint, key] of after.keys) {
    if (before?.keys.get(thumbprint) === key) continue;
    await writeWhole(join(folder, 'keys', `${thumbprint}.key`), key, { secret: true });
  }
}

async function loadKeys(folder: string): Promise<ReadonlyMap<string, string>> {
  const root = join(folder, 'keys');
  const names = await listFolder(root);
  const keys = await Promise.all(
    names.map(async (name) => [name.replace(/\.key$/, ''), await readFile(join(root, name), 'utf8')] as const),
  );
  return new Map(keys);
}

async function saveAuthorities(folder: string, authorities: readonly string[]): Promise<void> {
  for (const [at, der] of authorities.entries()) {
    await writeWhole(join(folder, 'ca', `${at}.crt`), toPem(Buffer.from(der, 'base64')));
  }
}

async function loadAuthorities(folder: string): Promise<string[]> {
  const names = (await listFolder(join(folder, 'ca'))).filter((name) => name.endsWith('.crt'));
  const inOrder = names.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  return Promise.all(inOrder.map((name) => readPem(join(folder, 'ca', name))));
}

async function readPem(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).replace(/-----[^-]+-----|\s/g, '');
}

// --- tasks and events ----------------------------------------------------------------------------------------------

async function saveTasks(folder: string, before: readonly LabTask[], after: readonly LabTask[]): Promise<void> {
  if (before === after) return;
  const known = new Map(before.map((task) => [taskFile(folder, task), task.xml]));
  for (const task of after) {
    const file = taskFile(folder, task);
    if (known.get(file) !== task.xml) await writeWhole(file, utf16(task.xml));
    known.delete(file);
  }
  for (const file of known.keys()) await rm(file, { force: true });
}

async function loadTask(folder: string, task: Omit<LabTask, 'xml'>): Promise<LabTask> {
  const bytes = await readFile(taskFile(folder, task));
  return { ...task, xml: bytes.toString('utf16le').replace(/^\uFEFF/, '') };
}

function taskFile(folder: string, { path, name }: { readonly path: string; readonly name: string }): string {
  const folders = path.split('\\').filter((part) => part !== '');
  return `${join(folder, 'tasks', ...folders.map(encodeName), encodeName(name))}.xml`;
}

type Events = LabState['lifecycle']['events'];

async function saveEvents(folder: string, before: Events, after: Events): Promise<void> {
  if (before === after) return;
  const known = new Map(before.map(({ recordId, xml }) => [recordId, xml]));
  for (const { recordId, xml } of after) {
    if (known.get(recordId) !== xml) await writeWhole(eventFile(folder, recordId), xml);
    known.delete(recordId);
  }
  for (const recordId of known.keys()) await rm(eventFile(folder, recordId), { force: true });
}

async function loadEvents(folder: string): Promise<Events> {
  const names = (await listFolder(join(folder, 'events'))).filter((name) => /^\d+\.xml$/.test(name));
  const numbers = names.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b);
  return Promise.all(
    numbers.map(async (recordId) => ({ recordId, xml: await readFile(eventFile(folder, recordId), 'utf8') })),
  );
}

function eventFile(folder: string, recordId: number): string {
  return join(folder, 'events', `${recordId}.xml`);
}

// --- files ---------------------------------------------------------------------------------------------------------

/**
 * By rename, so that no reader sees half a file. Not flushed to the disk: a lab survives the end of its process, and need
 * not survive a power cut.
 */
async function writeWhole(file: string, content: string | Buffer, { secret = false } = {}): Promise<void> {
  const draft = `${file}.${randomBytes(4).toString('hex')}.draft`;
  const mode = secret ? 0o600 : 0o644;
  try {
    try {
      await writeFile(draft, content, { mode });
    } catch (error) {
      if (!isMissing(error)) throw error;
      await mkdir(dirname(file), { recursive: true });
      await writeFile(draft, content, { mode });
    }
    await rename(draft, file);
  } catch (error) {
    const why = whyRefused(error);
    if (why === null) throw error;
    throw new CertRebindError('not-writable', {
      message: `${file} cannot be written: ${why}.`,
      where: file,
      cause: error,
    });
  }
}

/** UTF-8 or UTF-16, as the file itself shows; without its byte order mark. */
export async function readText(file: string): Promise<string> {
  const bytes = await readFile(file);
  return decodeAs(sniffEncoding(bytes) ?? 'utf-8', bytes) ?? bytes.toString('latin1');
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.endsWith('.draft')).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function utf16(text: string): Buffer {
  return Buffer.from(`\uFEFF${text}`, 'utf16le');
}

/** A name from the server as the name of a file: separators and dots that would lead elsewhere are written as `%xx`. */
function encodeName(name: string): string {
  return encodeURIComponent(name)
    .replace(/%20/g, ' ')
    .replace(/^\.+$/, (dots) => dots.replaceAll('.', '%2E'))
    .replaceAll('*', '%2A');
}

function decodeName(name: string): string {
  return decodeURIComponent(name);
}

/** Absolute, so that a program started elsewhere finds the lab. */
export function labFolder(folder: string): string {
  return resolve(folder);
}
