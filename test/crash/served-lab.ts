import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileState } from '../../src/engine/state/file-state.ts';
import type { State } from '../../src/engine/state/state.ts';
import { recordsOf } from '../../src/kinds/holder.ts';
import { formatRecordKey, type KeyText, parseRecordKey } from '../../src/kinds/record-key.ts';
import type { CertificateBinding } from '../../src/kinds/tls/certificate-binding.ts';
import { openLabServer } from '../../src/lab/client/lab-server.ts';
import { formatApplicationHost } from '../../src/lab/host/application-host-text.ts';
import { openLab } from '../../src/lab/host/channel.ts';
import { createLab } from '../../src/lab/host/create.ts';
import { serveLab } from '../../src/lab/host/serve.ts';
import type { LabResult } from '../../src/lab/kernel/answers.ts';
import type { LabState } from '../../src/lab/kernel/lab-state.ts';
import type { LabRequest } from '../../src/lab/kernel/requests.ts';
import { defaultSwitches } from '../../src/lab/kernel/switches.ts';
import { parseThumbprint, type Thumbprint } from '../../src/model/certificates/thumbprint.ts';
import { https, sni } from '../builders/snapshot.ts';

export const hosts = ['mail.example.com', 'shop.example.com', 'www.example.com'];
export const keys: readonly KeyText[] = ['0.0.0.0:443', ...hosts.map((host) => `${host}:443`)].map((text) =>
  formatRecordKey(parseRecordKey(text, 'test')),
);

const bindings = [https('*:443:'), ...hosts.map(sni)];
const configuration = formatApplicationHost([{ name: 'Shop', bindings }]);
/** The same server when somebody has taken the binding of the shop away. */
export const configurationWithoutShop = formatApplicationHost([
  { name: 'Shop', bindings: bindings.filter(({ information }) => !information.includes('shop')) },
]);

/**
 * A lab of four records that hold one certificate, with its successor in the store; served by this process, worked on by
 * others. The records have options of their own, for which a change could cost them.
 */
export interface ServedLab {
  readonly folder: string;
  /** The state folder that the program uses here. */
  readonly home: string;
  readonly old: Thumbprint;
  readonly new: Thumbprint;
  /** Covers none of the names, and is under no record. */
  readonly other: Thumbprint;
  readonly state: State;
  perform(request: LabRequest): Promise<LabResult>;
  whole(): Promise<LabState>;
  records(): Promise<ReadonlyMap<KeyText, CertificateBinding>>;
  /** What tests arm, switch and delete is as in a new lab, and every record holds the old certificate. */
  restore(): Promise<void>;
  /** Every record holds this certificate again. */
  hold(thumbprint: Thumbprint): Promise<void>;
  /** The state folder is as it was kept; gone when nothing is given. */
  remember(kept: string | null): Promise<void>;
  /** A copy of the state folder for `remember`. */
  keep(): Promise<string>;
  /** Every file of the state folder with its text. */
  files(): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

export async function openServedLab(): Promise<ServedLab> {
  const root = await mkdtemp(join(tmpdir(), 'crb-'));
  const folder = join(root, 'lab');
  const home = join(folder, 'certrebind');
  const created = await createLab({ folder, from: { where: 'a test', bytes: Buffer.from(configuration) } });
  const serving = await serveLab(folder);
  const lab = await openLab(folder);
  const { server } = await openLabServer(folder);
  const perform = async (request: LabRequest) => (await lab.send(request)).result;
  const old = parseThumbprint(created.certificates[0]?.thumbprint ?? '', 'lab');
  const renewed = await lab.ask({
    ask: 'renew',
    options: { thumbprint: old, event: false, archiveOld: false },
  });
  const another = await lab.ask({
    ask: 'renew',
    options: { thumbprint: old, names: ['other.example.com'], event: false, archiveOld: false, renewalProperty: false },
  });
  await perform({ kind: 'netsh', args: [...update('hostnameport=shop.example.com:443'), `certhash=${old}`] });
  let copies = 0;

  async function hold(thumbprint: Thumbprint): Promise<void> {
    const requests = bindings.map(({ information }): LabRequest => {
      return { kind: 'binding-method', method: 'RebindSslCertificate', site: 'Shop', information, hash: thumbprint };
    });
    await perform({ kind: 'batch', requests });
  }

  return {
    folder,
    home,
    old,
    new: parseThumbprint(renewed.new, 'lab'),
    other: parseThumbprint(another.new, 'lab'),
    state: fileState(home),
    perform,
    async whole() {
      const result = await perform({ kind: 'read' });
      if (result.kind !== 'state') throw new Error(`the lab answered ${result.kind}`);
      return result.state;
    },
    async records() {
      const records = recordsOf(await server.snapshot());
      return new Map(records.map((record) => [record.key, record]));
    },
    hold,
    async restore() {
      await perform({ kind: 'disarm-faults' });
      for (const name of ['rebind-options', 'wire-follows-renewal'] as const) {
        await perform({ kind: 'set-switch', name, position: defaultSwitches[name] });
      }
      await perform({ kind: 'set-configuration', applicationHost: configuration });
      await perform({ kind: 'set-key', thumbprint: renewed.new, key: 'usable' });
      await hold(old);
    },
    async remember(kept) {
      await rm(home, { recursive: true, force: true });
      if (kept !== null) await cp(kept, home, { recursive: true });
    },
    async keep() {
      const copy = join(root, `kept-${++copies}`);
      await cp(home, copy, { recursive: true });
      return copy;
    },
    async files() {
      const entries = await readdir(home, { recursive: true, withFileTypes: true });
      const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      return Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await readFile(name, 'utf8')] as const)),
      );
    },
    async close() {
      await server.close();
      await lab.close();
      await serving.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

function update(key: string): readonly string[] {
  const options = ['verifyclientcertrevocation=disable', 'clientcertnegotiation=enable', 'revocationfreshnesstime=60'];
  return [
    'http',
    'update',
    'sslcert',
    key,
    'appid={4dc3e181-e14b-4a21-b022-59fc669b0914}',
    'certstorename=My',
    ...options,
  ];
}
