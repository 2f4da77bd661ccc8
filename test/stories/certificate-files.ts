import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect as connectPlain, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { runJson } from '../cli/run-program.ts';
import type { World } from './lab-world.ts';

/** The file of a certificate that another lab, of the same names, renewed just now; OpenSSL makes it. */
export async function renewedElsewhere(file: string, { withIssuer = false } = {}): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'crb-'));
  try {
    const lab = join(root, 'lab');
    const created = await runJson(['lab', 'create', lab]);
    const { document } = await runJson(['lab', 'renew', created.document.certificates[0].thumbprint, '--lab', lab]);
    const [leaf, key] = [`${lab}/stores/My/${document.new}.crt`, `${lab}/keys/${document.new}.key`];
    const issuer = withIssuer ? ['-certfile', `${lab}/ca/1.crt`] : [];
    const words = ['pkcs12', '-export', '-in', leaf, '-inkey', key, ...issuer, '-passout', 'pass:', '-out', file];
    assert.equal(spawnSync('openssl', words).status, 0);
    return document.new;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** The lab's first certificate and its key in PEM files of a new folder. */
export async function filesOf(world: World, name: string, { withIssuer = false } = {}) {
  const { thumbprint: old = '', names: [host = ''] = [] } = world.certificates[0] ?? {};
  const folder = join(world.folder, '..', name);
  await mkdir(join(folder, 'logs'), { recursive: true, mode: 0o755 });
  const [certificate, key] = [join(folder, 'site.pem'), join(folder, 'site.key')];
  const sent = [`stores/My/${old}.crt`, ...(withIssuer ? ['ca/1.crt'] : [])];
  const texts = await Promise.all(sent.map((file) => readFile(join(world.folder, file), 'utf8')));
  await writeFile(certificate, texts.join(''), { mode: 0o644 });
  await writeFile(key, await readFile(`${world.folder}/keys/${old}.key`), { mode: 0o600 });
  return { old, host, folder, certificate, key };
}

export async function configure(world: World, settings: object): Promise<void> {
  await mkdir(join(world.folder, 'certrebind'), { recursive: true });
  await writeFile(join(world.folder, 'certrebind', 'config.json'), JSON.stringify(settings));
}

/** A change window in which the turn of any server has come: its last hour. By the clock of the lab, which is UTC. */
export function openWindow() {
  const clock = (hours: number) => new Date(Date.now() + hours * 3600_000).toISOString().slice(11, 16);
  return { from: clock(-10), to: clock(0.9) };
}

/** A service of Windows whose program this lab runs while it is started; two clients are connected at its port. */
export async function addService(
  world: World,
  { name, line, port }: { readonly name: string; readonly line: string; readonly port: number },
): Promise<void> {
  const file = join(world.folder, 'lab.json');
  const lab = JSON.parse(await readFile(file, 'utf8'));
  const connection = { LocalPort: `${port}`, State: '5' };
  lab.server.roles = {
    registry: { [`SYSTEM\\CurrentControlSet\\Services\\${name}`]: { ImagePath: line } },
    classes: { 'root/StandardCimv2:MSFT_NetTCPConnection': [connection, connection] },
  };
  await writeFile(file, JSON.stringify(lab));
  await world.serveAgain({});
  await answering(port);
}

/** Of the step of a certificate file. */
export function fileStep(document: { readonly steps: readonly { readonly key: string }[] }) {
  // biome-ignore lint/suspicious/noExplicitAny: a story reads whatever the contract says is there
  return document.steps.find(({ key }) => key.startsWith('file/')) as any;
}

/** A port that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address !== null && typeof address === 'object' ? address.port : 0;
}

/** Until somebody listens there, for a minute at most. */
export async function answering(port: number): Promise<void> {
  for (let tries = 0; tries < 1200; tries++) {
    const socket = connectPlain(port, '127.0.0.1');
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isThere) return;
    await new Promise((awake) => setTimeout(awake, 50));
  }
  throw new Error(`nothing listens at ${port}`);
}

/** The thumbprint that a client gets which is none of this program. */
export async function servedBy(port: number, servername: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { fingerprint } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint.replaceAll(':', '');
}
