import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer as createPlain, type Server as PlainServer } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { openFiles } from '../../src/certificates/certificate-file.ts';
import { openCertificate } from '../../src/certificates/certificate-with-key.ts';
import { withCertificate } from '../../src/certificates/java-keystore.ts';
import { itQuickly } from '../support/slow.ts';
import { configure as configureFiles, renewedElsewhere } from './certificate-files.ts';
import { openWorld, servers, type World } from './lab-world.ts';

for (const { kind, words } of servers) {
  describe(`the story of a certificate in files (server: ${kind})`, () => {
    let world: World;
    let service: Service;
    let [folder, old, successor, host, pfx] = ['', '', '', '', ''];
    const live = (end: string) => join(folder, `site.${end}`);

    before(async () => {
      world = await openWorld(words);
      [old, host] = [world.certificates[0]?.thumbprint ?? '', world.certificates[0]?.names[0] ?? ''];
      folder = join(world.folder, '..', 'nginx');
      await mkdir(folder, { mode: 0o755 });
      await writeFile(live('pem'), await readFile(`${world.folder}/stores/My/${old}.crt`), { mode: 0o644 });
      await writeFile(live('key'), await readFile(`${world.folder}/keys/${old}.key`), { mode: 0o600 });
      service = await startService(live('pem'), live('key'));
      pfx = join(world.folder, '..', 'renewed.pfx');
      successor = await renewedElsewhere(pfx);
      await configure();
    });
    after(async () => {
      service.close();
      await world.close();
    });

    async function configure(): Promise<void> {
      await configureWith({
        name: 'nginx',
        format: 'pem',
        certificate: live('pem'),
        key: live('key'),
        service: { name: 'nginx', do: 'reload', program: process.execPath, arguments: ['-e', service.reloadBy] },
        dial: { host, port: service.port },
      });
    }
    const configureWith = (file: object) => configureFiles(world, { files: [file] });
    const fileStep = (document: { steps: readonly { key: string; state: string }[] }) =>
      document.steps.find(({ key }) => key === 'file/nginx');

    itQuickly('is named among what uses its certificate', async () => {
      const usage = await world.json(['usage', old]);
      assert.match(JSON.stringify(usage.document), /file\/nginx/);
    });

    it('is replaced by an import with its key, told to its service, verified there, and undone', async () => {
      const { document, exitCode } = await world.json(['import', pfx, '--replace', old]);
      assert.deepEqual([exitCode, fileStep(document)?.state], [0, 'verified'], JSON.stringify(document));
      const { mode } = await stat(live('key'));
      assert.equal(mode & 0o777, 0o600);
      const names = (await readdir(folder)).sort();
      assert.deepEqual(names, ['site.key', `site.key.certrebind-${old}`, 'site.pem', `site.pem.certrebind-${old}`]);
      assert.equal((await stat(join(folder, `site.key.certrebind-${old}`))).mode & 0o777, 0o600);
      const undone = await world.json(['undo', document.run]);
      assert.deepEqual(
        [undone.exitCode, fileStep(undone.document)?.state],
        [0, 'verified'],
        JSON.stringify(undone.document),
      );
      assert.equal(await readFile(live('key'), 'utf8'), await readFile(`${world.folder}/keys/${old}.key`, 'utf8'));
    });

    it('has its key nowhere but beside its file, and in no capture', async () => {
      const capture = join(world.folder, '..', 'server.json');
      assert.equal((await world.certrebind(['capture', capture])).exitCode, 0);
      const line = (await readFile(join(folder, `site.key.certrebind-${successor}`), 'utf8')).split('\n')[1] ?? '-';
      const found = spawnSync('grep', ['-rlF', '-e', line, join(world.folder, 'certrebind'), capture]);
      assert.deepEqual([found.status, found.stdout.toString()], [1, '']);
    });

    itQuickly('that is a Java keystore gets it under the alias of the old one, and with its passwords', async () => {
      const empty = await readFile(join(import.meta.dirname, '..', 'fixtures', 'java', 'one.jks'));
      const secrets = { password: 'geheim', keyPassword: 'schluessel', alias: 'tomcat' };
      const pem = { bytes: await readFile(live('pem')), where: 'the file' };
      const key = { bytes: await readFile(live('key')), where: 'the key' };
      const keystore = live('jks');
      await writeFile(
        keystore,
        await withCertificate(empty, await openCertificate([pem, key], async () => ''), secrets),
        { mode: 0o600 },
      );
      await configureWith({
        name: 'store',
        format: 'jks',
        certificate: keystore,
        alias: 'tomcat',
        password: 'secret:store',
        keyPassword: 'secret:key',
        service: { name: 'x', do: 'none' },
      });
      for (const [name, input] of [
        ['store', secrets.password],
        ['key', secrets.keyPassword],
      ] as const)
        assert.equal((await world.certrebind(['secret', 'set', name], { input })).exitCode, 0);
      const { document } = await world.json(['import', pfx, '--replace', old]);
      const step = document.steps.find(({ key }: { key: string }) => key === 'file/store');
      assert.equal(step?.state, 'untested', JSON.stringify([step, document.blocked, document.notes]));
      const files = { certificate: await readFile(keystore), key: null };
      const keyPassword = async () => secrets.keyPassword;
      const { leaf, isPair } = await openFiles(files, async () => secrets.password, { alias: 'tomcat', keyPassword });
      assert.deepEqual([leaf.fingerprint.replaceAll(':', ''), isPair], [successor, true]);
      await configure();
    });

    it('that others could change is left alone', async () => {
      await chmod(live('key'), 0o666);
      const { document } = await world.json(['rebind', '--old', old, '--new', successor]);
      await chmod(live('key'), 0o600);
      const blocked = document.blocked.find(({ key }: { key: string }) => key === 'file/nginx');
      assert.equal(blocked?.reason, 'file-unfit', JSON.stringify(document.blocked));
      assert.match(blocked.detail, /site\.key/);
    });
  });
}

interface Service {
  readonly port: number;
  /** JavaScript that has it read its files again. */
  readonly reloadBy: string;
  close(): void;
}

/** A TLS server that reads its files when it is told to. */
async function startService(certificate: string, key: string): Promise<Service> {
  const read = async () => ({ cert: await readFile(certificate), key: await readFile(key) });
  const server: Server = createServer(await read(), (socket) => socket.end()).listen(0, '127.0.0.1');
  const control: PlainServer = createPlain((socket) => {
    read().then(
      (pair) => {
        server.setSecureContext(pair);
        socket.end('0');
      },
      () => socket.end('1'),
    );
  }).listen(0, '127.0.0.1');
  await Promise.all([once(server, 'listening'), once(control, 'listening')]);
  server.on('tlsClientError', () => {});
  return {
    port: portOf(server),
    reloadBy: `require('net').connect(${portOf(control)},'127.0.0.1').on('data',(b)=>process.exit(b[0]-48))`,
    close() {
      server.close();
      control.close();
    },
  };
}

function portOf(server: PlainServer): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
