import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect as connectPlain, createServer } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { needProgram } from '../support/needed-program.ts';
import { renewedElsewhere } from './certificate-files.ts';
import { openWorld, serverKinds, type World } from './lab-world.ts';

describe('the certificate of a real nginx', () => {
  let world: World;
  let server: ReturnType<typeof spawn> | null = null;
  let [folder, old, successor, host, pfx] = ['', '', '', '', ''];
  let port = 0;

  before(async function () {
    needProgram(this, { program: 'nginx', asked: '-v', untested: 'a reload of nginx', from: 'nginx-light' });
    world = await openWorld(serverKinds[0]?.words ?? (() => []));
    [old, host] = [world.certificates[0]?.thumbprint ?? '', world.certificates[0]?.names[0] ?? ''];
    folder = join(world.folder, '..', 'nginx');
    await mkdir(join(folder, 'logs'), { recursive: true, mode: 0o755 });
    await copyFile(`${world.folder}/stores/My/${old}.crt`, join(folder, 'site.pem'));
    await copyFile(`${world.folder}/keys/${old}.key`, join(folder, 'site.key'));
    await chmod(join(folder, 'site.key'), 0o600);
    port = await freePort();
    const conf = `pid logs/nginx.pid; error_log logs/error.log; events {}
      http { access_log off; server { listen 127.0.0.1:${port} ssl; ssl_certificate ${folder}/site.pem; ssl_certificate_key ${folder}/site.key; } }`;
    await writeFile(join(folder, 'nginx.conf'), conf);
    const program = spawnSync('sh', ['-c', 'command -v nginx']).stdout.toString().trim();
    const words = ['-p', folder, '-c', join(folder, 'nginx.conf')];
    server = spawn(program, [...words, '-g', 'daemon off;'], { stdio: 'ignore' });
    await answering(port);
    pfx = join(world.folder, '..', 'renewed.pfx');
    successor = await renewedElsewhere(pfx);
    const service = { name: 'nginx', do: 'reload', program, arguments: [...words, '-s', 'reload'] };
    const [certificate, key] = ['pem', 'key'].map((end) => join(folder, `site.${end}`));
    const files = [{ name: 'nginx', format: 'pem', certificate, key, service, dial: { host, port } }];
    await mkdir(join(world.folder, 'certrebind'), { recursive: true });
    await writeFile(join(world.folder, 'certrebind', 'config.json'), JSON.stringify({ files }));
  });
  after(async () => {
    if (server !== null) {
      server.kill('SIGQUIT');
      await once(server, 'exit');
    }
    await world?.close();
  });

  it('is replaced, seen by a client of its own, and undone', async () => {
    assert.equal(await servedBy(port, host), old);
    const { document, exitCode } = await world.json(['import', pfx, '--replace', old]);
    const step = document.steps.find(({ key }: { key: string }) => key === 'file/nginx');
    assert.deepEqual([exitCode, step?.state], [0, 'verified'], JSON.stringify(document));
    assert.equal(await servedBy(port, host), successor);
    assert.equal((await world.json(['undo', document.run])).exitCode, 0);
    assert.equal(await servedBy(port, host), old);
  });

  it('is rolled back where nginx refuses its reload, and nginx goes on with the old one', async () => {
    const conf = join(folder, 'nginx.conf');
    const before = await readFile(conf, 'utf8');
    await writeFile(conf, `${before} nonsense`);
    const { document, exitCode } = await world.json(['rebind', '--old', old, '--new', successor]);
    const step = document.steps.find(({ key }: { key: string }) => key === 'file/nginx');
    // The service could not be told of the old one either, which a later run makes up for.
    assert.deepEqual([exitCode, step?.state], [5, 'rollback-failed'], JSON.stringify(step));
    assert.equal(await servedBy(port, host), old);
    await writeFile(conf, before);
    const { document: later } = await world.json(['reconcile']);
    const paid = later.steps.find(({ key }: { key: string }) => key === 'file/nginx');
    assert.equal(paid?.state, 'served-successor', JSON.stringify(later));
    assert.equal(await servedBy(port, host), old);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address !== null && typeof address === 'object' ? address.port : 0;
}

async function answering(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
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
async function servedBy(port: number, servername: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { fingerprint } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint.replaceAll(':', '');
}
