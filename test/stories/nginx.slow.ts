import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { needProgram } from '../support/needed-program.ts';
import { answering, configure, fileStep, filesOf, freePort, renewedElsewhere, servedBy } from './certificate-files.ts';
import { eventually } from './eventually.ts';
import { openWorld, serverKinds, type World } from './lab-world.ts';

describe('the certificate of a real nginx', () => {
  let world: World;
  let server: ReturnType<typeof spawn> | null = null;
  let [folder, old, successor, host, pfx] = ['', '', '', '', ''];
  let port = 0;

  before(async function () {
    needProgram(this, { program: 'nginx', asked: '-v', untested: 'a reload of nginx', from: 'nginx-light' });
    world = await openWorld(serverKinds[0]?.words ?? (() => []));
    const files = await filesOf(world, 'nginx');
    ({ old, host, folder } = files);
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
    const { certificate, key } = files;
    await configure(world, {
      files: [{ name: 'nginx', format: 'pem', certificate, key, service, dial: { host, port } }],
    });
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
    const step = fileStep(document);
    assert.deepEqual([exitCode, step?.state], [0, 'verified'], JSON.stringify(document));
    await untilServed(successor);
    assert.equal((await world.json(['undo', document.run])).exitCode, 0);
    await untilServed(old);
  });

  it('is rolled back where nginx refuses its reload, and nginx goes on with the old one', async () => {
    const conf = join(folder, 'nginx.conf');
    const before = await readFile(conf, 'utf8');
    await writeFile(conf, `${before} nonsense`);
    const { document, exitCode } = await world.json(['rebind', '--old', old, '--new', successor]);
    const step = fileStep(document);
    // The service could not be told of the old one either, which a later run makes up for.
    assert.deepEqual([exitCode, step?.state], [5, 'rollback-failed'], JSON.stringify(step));
    assert.equal(await servedBy(port, host), old);
    await writeFile(conf, before);
    const { document: later } = await world.json(['reconcile']);
    const paid = fileStep(later);
    assert.equal(paid?.state, 'served-successor', JSON.stringify(later));
    await untilServed(old);
  });

  /** For a tenth of a second after a reload, the worker of before it and the new one answer by turns. */
  async function untilServed(thumbprint: string): Promise<void> {
    await eventually(async () => {
      if ((await servedBy(port, host)) !== thumbprint) return undefined;
      const workers = await readFile(`/proc/${server?.pid}/task/${server?.pid}/children`, 'utf8');
      return workers.trim().includes(' ') ? undefined : true;
    });
  }
});
