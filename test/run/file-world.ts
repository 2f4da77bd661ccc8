import type { KeyObject } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { openFiles } from '../../src/certificates/certificate-file.ts';
import type { Endpoint, Observation } from '../../src/certificates/handshake.ts';
import { toThumbprint } from '../../src/certificates/thumbprint.ts';
import { type Configuration, defaultConfiguration, type FileSettings } from '../../src/documents/configuration.ts';
import type { Change, ChangeReport, Server } from '../../src/server/server.ts';
import type { FileWork } from '../../src/session/files/look.ts';
import { withCertificateFiles } from '../../src/session/files/server.ts';
import { privateKeyOf } from '../builders/certificate-der.ts';
import { type LabBuilder, labState } from '../builders/lab.ts';
import type { Effect, World } from './world.ts';

const folder = '/srv/nginx';
/** By chance the test keys of the labels `old` and `new` are the same. */
const newKeySeed = 'new key';

export const fileLab = labState()
  .certificate('new', { names: ['shop.example.com'], notAfter: '2028-01-01T00:00:00Z', keySeed: newKeySeed })
  .certificate('old', { names: ['shop.example.com'], renewedTo: 'new' });

export const port = 8443;
export const nginx: FileSettings = {
  name: 'nginx',
  format: 'pem',
  certificate: join(folder, 'site.pem'),
  key: join(folder, 'site.key'),
  service: { name: 'nginx', do: 'reload', program: '/usr/sbin/nginx', arguments: ['-s', 'reload'] },
  dial: { host: 'shop.example.com', port },
};
/** The same of a program that reads its files only when it starts. */
export const tomcat: FileSettings = { ...nginx, name: 'tomcat', service: { name: 'Tomcat10', do: 'restart' } };
export const withFiles = (files: readonly FileSettings[]): Configuration => ({ ...defaultConfiguration, files });

/** Further files of the same service, or of another one, each met at a port of its own. */
export function another(of: FileSettings, name: string, at: number, service = of.service.name): FileSettings {
  const [certificate, key] = [join('/srv', name, 'site.pem'), join('/srv', name, 'site.key')];
  const dial = { host: 'shop.example.com', port: at };
  return { ...of, name, certificate, key, dial, service: { ...of.service, name: service } };
}

/** A window that is open when tests begin, and a policy that has services restarted in it. */
export function restarting(files: readonly FileSettings[]): Configuration {
  const configuration = withFiles(files);
  return {
    ...configuration,
    holders: { ...configuration.holders, file: { policy: 'replace', restart: 'window' } },
    window: { from: '10:30', to: '13:30', timeZone: 'UTC' },
  };
}

/** What a reload does: reads the files; fails and leaves the old certificate; or the server ends. */
export type Reload = 'reads' | 'fails' | 'ends';

/** A disk in memory, and a server that serves what it read from it last. */
export interface Machine {
  readonly disk: Map<string, Buffer>;
  reload: Reload;
  /** Where nothing listens with any other certificate than the old one, although its program runs. */
  readonly dead: readonly number[];
  /** The thumbprint that clients get at a port; `null`: nothing listens. */
  readonly clients: Map<number, string | null>;
  /** The same at the usual port. */
  readonly serves: string | null;
  reloads: number;
  /** How often a service was stopped. */
  stops: number;
  /** Changes of the server that the disk refuses. */
  refuses: (change: Change) => boolean;
}

export function pemOf(lab: LabBuilder, label: string): { readonly certificate: Buffer; readonly key: Buffer } {
  const der = lab.build().certificates.find(({ thumbprint }) => thumbprint === lab.thumbprint(label))?.der ?? '';
  const pem = `-----BEGIN CERTIFICATE-----\n${der.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  return { certificate: Buffer.from(pem), key: pemKey(privateKeyOf(label === 'new' ? newKeySeed : label)) };
}

function pemKey(key: KeyObject): Buffer {
  return Buffer.from(key.export({ type: 'pkcs8', format: 'pem' }));
}

/** The pair of one certificate in the files, and that of another beside them, where one is named. */
export function machineOf(lab: LabBuilder, live: string, ready: string | null, ...files: FileSettings[]): Machine {
  const disk = new Map<string, Buffer>();
  const clients = new Map<number, string | null>();
  for (const settings of files.length === 0 ? [nginx] : files) {
    const { certificate, key = '' } = settings;
    const pair = pemOf(lab, live);
    disk.set(certificate, pair.certificate).set(key, pair.key);
    clients.set(portOf(settings), lab.thumbprint(live));
    if (ready === null) continue;
    const beside = pemOf(lab, ready);
    disk.set(`${certificate}.certrebind-${lab.thumbprint(ready)}`, beside.certificate);
    disk.set(`${key}.certrebind-${lab.thumbprint(ready)}`, beside.key);
  }
  return machineWith({ disk, clients, reload: 'reads', dead: [], reloads: 0, stops: 0, refuses: () => false });
}

export function machineWith(parts: Omit<Machine, 'serves'>): Machine {
  return {
    ...parts,
    get serves() {
      return this.clients.get(port) ?? null;
    },
  };
}

function portOf({ dial }: FileSettings): number {
  return dial?.port ?? port;
}

/** A world whose server has these files besides. */
export function fileWorld(world: World, machine: Machine, settings: readonly FileSettings[] = [nginx]): World {
  const around = (server: Server, effect: Effect) =>
    withCertificateFiles(withDisk(server, machine, settings, effect), settings, workOn(machine, settings, effect));
  const { handshake } = world.context;
  return {
    ...world,
    around,
    context: {
      ...world.context,
      server: around(world.context.server, (work) => work()),
      handshake: async (endpoint) =>
        machine.clients.has(endpoint.port) ? met(endpoint, machine) : handshake(endpoint),
    },
    fork: (parts) => {
      const { disk, clients } = machine;
      const copy = machineWith({ ...machine, disk: new Map(disk), clients: new Map(clients) });
      return fileWorld(world.fork(parts), copy, settings);
    },
    text: () => {
      const files = [...machine.disk].map(([path, bytes]) => [path, bytes.toString()]).sort();
      return `${world.text()}${JSON.stringify([files, machine.reload, [...machine.clients]])}`;
    },
  };
}

function withDisk(server: Server, machine: Machine, settings: readonly FileSettings[], effect: Effect): Server {
  const { disk } = machine;
  return {
    ...server,
    change: async (changes) => {
      const [change, ...more] = changes;
      if (changes.every((one) => one.do === 'control-service')) return control(server, machine, settings, changes);
      if (change === undefined || (change.do !== 'write-beside' && change.do !== 'replace-file'))
        return server.change(changes);
      if (more.length > 0) throw new TypeError('files change one by one');
      if (machine.refuses(change))
        return [
          { do: change.do, error: { code: 'refused', message: 'The process cannot access the file.' }, now: null },
        ];
      await effect(async () => {
        if (change.do === 'write-beside') disk.set(change.path, Buffer.from(change.content, 'base64'));
        else replace(disk, change);
      });
      return [{ do: change.do, error: null, now: null }];
    },
  };
}

/** A program that can read none of its files ends at once. */
async function control(
  server: Server,
  machine: Machine,
  settings: readonly FileSettings[],
  changes: readonly Change[],
): Promise<readonly ChangeReport[]> {
  const reports: ChangeReport[] = [];
  for (const change of changes) {
    reports.push(...(await server.change([change])));
    if (change.do !== 'control-service') continue;
    const name = change.service;
    const own = settings.filter(({ service }) => service.name === name);
    const [seen] = await server.services([{ name, port: null }]);
    machine.stops += change.order === 'stop' ? 1 : 0;
    const isUp = seen?.state === 'started';
    const wasUp = own.some((one) => machine.clients.get(portOf(one)) !== null);
    for (const one of isUp && wasUp ? [] : own)
      machine.clients.set(portOf(one), isUp ? await readPair(machine, one) : null);
    if (isUp && own.every((one) => machine.clients.get(portOf(one)) === null))
      await server.change([{ do: 'control-service', service: name, order: 'stop' }]);
  }
  return reports;
}

/** The thumbprint of what a program reads; `null` where the files are no pair, or it fails. */
async function readPair({ disk, reload, dead }: Machine, settings: FileSettings): Promise<string | null> {
  const { certificate, key, format, alias = null } = settings;
  const [first, second] = [disk.get(certificate), key === undefined ? null : disk.get(key)];
  if (first === undefined || second === undefined) return null;
  const password = async () => 'geheim';
  const keystore = format === 'jks' ? { alias, keyPassword: password } : null;
  const { leaf, isPair } = await openFiles({ certificate: first, key: second }, password, keystore);
  const found = toThumbprint(leaf.fingerprint.replaceAll(':', ''));
  const isRefused = reload === 'ends' || dead.includes(portOf(settings));
  return !isPair || (isRefused && found !== fileLab.thumbprint('old')) ? null : found;
}

function replace(disk: Machine['disk'], { from, live, kept }: Extract<Change, { do: 'replace-file' }>): void {
  const [fresh, old] = [disk.get(from), disk.get(live)];
  if (fresh === undefined) throw new TypeError(`there is no ${from}`);
  if (old !== undefined) disk.set(kept, old);
  disk.set(live, fresh);
  disk.delete(from);
}

function workOn(machine: Machine, settings: readonly FileSettings[], effect: Effect): FileWork {
  const { disk } = machine;
  return {
    read: async (path) => disk.get(path) ?? null,
    list: async (of) => [...disk.keys()].filter((path) => dirname(path) === of).map((path) => basename(path)),
    rename: (from, to) =>
      effect(async () => {
        const bytes = disk.get(from);
        if (bytes === undefined) throw new TypeError(`there is no ${from}`);
        disk.set(to, bytes);
        disk.delete(from);
      }),
    remove: (path) => effect(async () => void disk.delete(path)),
    password: async () => 'geheim',
    whyNoProgram: async () => null,
    tell: ({ service }) =>
      effect(async () => {
        if (service.do !== 'reload') return null;
        machine.reloads += 1;
        if (machine.reload === 'fails') return 'nginx ended with exit code 1';
        const own = settings.filter((one) => one.service.name === service.name);
        const read = new Map<number, string | null>();
        for (const one of own) read.set(portOf(one), machine.reload === 'ends' ? null : await readPair(machine, one));
        if (machine.reload !== 'ends' && [...read.values()].includes(null)) return 'the key does not match';
        for (const [at, thumbprint] of read) machine.clients.set(at, thumbprint);
        return null;
      }),
  };
}

function met(endpoint: Endpoint, { clients }: Machine): Observation {
  const serves = clients.get(endpoint.port) ?? null;
  const result = serves === null ? 'not-listening' : 'served';
  const shared = { notAfter: null, reason: null, attempts: 1, durationMs: 1 };
  return {
    handshake: { endpoint, result, thumbprint: serves === null ? null : toThumbprint(serves), ...shared },
    covers: serves === null ? null : true,
  };
}
