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

/** What a reload does: reads the files; fails and leaves the old certificate; or the server ends. */
export type Reload = 'reads' | 'fails' | 'ends';

/** A disk in memory, and a server that serves what it read from it last. */
export interface Machine {
  readonly disk: Map<string, Buffer>;
  reload: Reload;
  /** The thumbprint that clients get; `null`: nothing listens. */
  serves: string | null;
  reloads: number;
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
export function machineOf(lab: LabBuilder, live: string, ready: string | null, settings = nginx): Machine {
  const { certificate, key = '' } = settings;
  const pair = pemOf(lab, live);
  const disk = new Map([
    [certificate, pair.certificate],
    [key, pair.key],
  ]);
  if (ready !== null) {
    const beside = pemOf(lab, ready);
    disk.set(`${certificate}.certrebind-${lab.thumbprint(ready)}`, beside.certificate);
    disk.set(`${key}.certrebind-${lab.thumbprint(ready)}`, beside.key);
  }
  return { disk, reload: 'reads', serves: lab.thumbprint(live), reloads: 0, refuses: () => false };
}

/** A world whose server has these files besides. */
export function fileWorld(world: World, machine: Machine, settings: readonly FileSettings[] = [nginx]): World {
  const around = (server: Server, effect: Effect) =>
    withCertificateFiles(withDisk(server, machine, effect), settings, workOn(machine, effect));
  const { handshake } = world.context;
  return {
    ...world,
    around,
    context: {
      ...world.context,
      server: around(world.context.server, (work) => work()),
      handshake: async (endpoint) => (endpoint.port === port ? met(endpoint, machine) : handshake(endpoint)),
    },
    fork: (parts) => fileWorld(world.fork(parts), { ...machine, disk: new Map(machine.disk) }, settings),
    text: () => {
      const { disk, reload, serves } = machine;
      return `${world.text()}${JSON.stringify([[...disk].map(([path, bytes]) => [path, bytes.toString()]).sort(), reload, serves])}`;
    },
  };
}

function withDisk(server: Server, machine: Machine, effect: Effect): Server {
  const { disk } = machine;
  return {
    ...server,
    change: async (changes) => {
      const [change, ...more] = changes;
      if (changes.every((one) => one.do === 'control-service')) return control(server, machine, changes);
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

/** A program that cannot read its files ends at once. */
async function control(server: Server, machine: Machine, changes: readonly Change[]): Promise<readonly ChangeReport[]> {
  const reports: ChangeReport[] = [];
  for (const change of changes) {
    reports.push(...(await server.change([change])));
    const [service] = await server.services([{ name: tomcat.service.name, port: null }]);
    if (service?.state !== 'started') machine.serves = null;
    else if (machine.serves === null) machine.serves = await readPair(machine, tomcat);
    if (service?.state === 'started' && machine.serves === null)
      await server.change([{ do: 'control-service', service: tomcat.service.name, order: 'stop' }]);
  }
  return reports;
}

/** The thumbprint of what a program reads; `null` where the files are no pair, or it fails. */
async function readPair({ disk, reload }: Machine, settings: FileSettings): Promise<string | null> {
  const { certificate, key, format, alias = null } = settings;
  const [first, second] = [disk.get(certificate), key === undefined ? null : disk.get(key)];
  if (first === undefined || second === undefined) return null;
  const password = async () => 'geheim';
  const keystore = format === 'jks' ? { alias, keyPassword: password } : null;
  const { leaf, isPair } = await openFiles({ certificate: first, key: second }, password, keystore);
  const found = toThumbprint(leaf.fingerprint.replaceAll(':', ''));
  return !isPair || (reload === 'ends' && found !== fileLab.thumbprint('old')) ? null : found;
}

function replace(disk: Machine['disk'], { from, live, kept }: Extract<Change, { do: 'replace-file' }>): void {
  const [fresh, old] = [disk.get(from), disk.get(live)];
  if (fresh === undefined) throw new TypeError(`there is no ${from}`);
  if (old !== undefined) disk.set(kept, old);
  disk.set(live, fresh);
  disk.delete(from);
}

function workOn(machine: Machine, effect: Effect): FileWork {
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
    tell: (settings) =>
      effect(async () => {
        if (settings.service.do !== 'reload') return null;
        machine.reloads += 1;
        if (machine.reload === 'fails') return 'nginx ended with exit code 1';
        if (machine.reload === 'ends') machine.serves = null;
        else {
          const read = await readPair(machine, settings);
          if (read === null) return 'the key does not match';
          machine.serves = read;
        }
        return null;
      }),
  };
}

function met(endpoint: Endpoint, { serves }: Machine): Observation {
  const result = serves === null ? 'not-listening' : 'served';
  const shared = { notAfter: null, reason: null, attempts: 1, durationMs: 1 };
  return {
    handshake: { endpoint, result, thumbprint: serves === null ? null : toThumbprint(serves), ...shared },
    covers: serves === null ? null : true,
  };
}
