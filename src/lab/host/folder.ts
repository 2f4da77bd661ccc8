import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CertRebindError } from '../../base/errors.ts';
import { httpParametersPath } from '../../kinds/tls/http-sys-tables.ts';
import type { RegistryKey } from '../../model/windows/raw-value.ts';
import type { HttpSysTables, LabState, LabTask, RegistryEntry } from '../kernel/lab-state.ts';
import type { LabAuthority } from './authority.ts';
import { formatRegistryExport, parseRegistryExport } from './registry-export.ts';
import {
  loadAuthorities,
  loadCertificates,
  loadEvents,
  loadIssuers,
  loadKeys,
  loadTask,
  saveAuthorities,
  saveCertificates,
  saveEvents,
  saveIssuers,
  saveKeys,
  saveTasks,
} from './store-files.ts';
import { parseOwnJson, readText, utf16, writeWhole } from './whole-file.ts';

/** The name of the authority that a lab is made with. */
export const ownAuthority = 'lab';

/** What a lab stores besides the state of its server. */
export interface LabContents {
  readonly state: LabState;
  /** Private keys by thumbprint, PEM, whether or not the server is told that it has them. */
  readonly keys: ReadonlyMap<string, string>;
  /** By name; the lab's own issued what it was made with. */
  readonly issuers: ReadonlyMap<string, LabAuthority>;
  /** How `enable` was run (`CERTREBIND_LAB_SERVER`); `null` before the first time. */
  readonly enabledThrough: string | null;
}

/**
 * Writes what differs between two states of a lab. Every file is complete from the start, by rename; `lab.json` comes
 * last, when everything it names exists.
 */
export async function saveLab(folder: string, before: LabContents | null, after: LabContents): Promise<void> {
  const was = before?.state ?? null;
  const { state } = after;
  await saveKeys(folder, before?.keys ?? new Map(), after.keys);
  await saveCertificates(folder, was?.certificates ?? [], state.certificates);
  if (was?.authorities !== state.authorities) await saveAuthorities(folder, state.authorities);
  if (before?.issuers !== after.issuers) await saveIssuers(folder, after.issuers);
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

/**
 * One file after the other, which for files of this size takes less than to have other threads read them.
 * @throws CertRebindError `not-a-lab`, `other-version` or `bad-document`
 */
export function loadLab(folder: string): LabContents {
  const lab = readLabFile(folder);
  const httpSys = parseRegistryExport(readFileSync(join(folder, files.httpSys)), files.httpSys);
  return {
    state: {
      ...lab.server,
      applicationHost: readText(join(folder, files.applicationHost)),
      httpSys: tablesFrom(httpSys),
      certificates: loadCertificates(folder),
      authorities: loadAuthorities(folder),
      tasks: lab.tasks.map((task) => loadTask(folder, task)),
      lifecycle: { ...lab.lifecycle, events: loadEvents(folder) },
    },
    keys: loadKeys(folder),
    issuers: loadIssuers(folder),
    enabledThrough: lab.enabledThrough,
  };
}

/** @throws CertRebindError `not-a-lab` */
export function requireLab(folder: string): void {
  readLabFile(folder);
}

/**
 * Read without a request, which would count as a reading and could trigger a fault. @throws CertRebindError `not-a-lab`
 */
export function labSettings(folder: string): Pick<LabState, 'iis' | 'switches' | 'roles'> {
  const { iis, switches, roles } = readLabFile(folder).server;
  return { iis, switches, ...(roles === undefined ? {} : { roles }) };
}

const files = { lab: 'lab.json', applicationHost: 'applicationHost.config', httpSys: 'http-sys.reg' } as const;
const schema = 'certrebind/lab-folder/1';

/** Absolute, so that a program started elsewhere finds the lab. */
export function labFolder(folder: string): string {
  return resolve(folder);
}

/** The parts that have their own files; the rest is in lab.json. */
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

function readLabFile(folder: string): LabFile {
  const file = join(folder, files.lab);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CertRebindError('not-a-lab', {
      message: `${folder} is not a lab: it has no ${files.lab}.`,
      where: file,
      cause,
    });
  }
  const lab = parseOwnJson(text, file);
  if (lab?.schema === schema) return lab;
  if (/^certrebind\/lab-folder\/\d+$/.test(`${lab?.schema}`)) {
    const message = `${folder} was created by another version of CertRebind.`;
    throw new CertRebindError('other-version', { message, where: file, hint: 'Create the lab again.' });
  }
  throw new CertRebindError('not-a-lab', {
    message: `${folder} is not a lab: its ${files.lab} belongs to another program.`,
    where: file,
  });
}

const tableNames = ['SslBindingInfo', 'SslCcsBindingInfo', 'SslSniBindingInfo'] as const;

/** The tables as keys of a registry export, which stock tools read and write. */
function registryKeys(tables: HttpSysTables): readonly RegistryKey[] {
  return tableNames.flatMap((name) => {
    const table = tables[name];
    if (table === null) return [];
    const path = `${httpParametersPath}\\${name}`;
    return [{ path, values: {} }, ...table.map(({ subKey, values }) => ({ path: `${path}\\${subKey}`, values }))];
  });
}

export function tablesFrom(keys: readonly RegistryKey[]): HttpSysTables {
  const tableOf = (name: keyof HttpSysTables): readonly RegistryEntry[] | null => {
    const root = `${httpParametersPath}\\${name}`;
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
